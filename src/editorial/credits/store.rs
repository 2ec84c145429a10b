//! SQL of media credits.

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{
    CreditQuery, CreditRow, CreditSort, CreditStatus, DEFAULT_TEMPLATE, LicenceInput, MediaCredit, MediaCreditPatch, NewMediaCredit, check_template, check_validity,
};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::{Key, MOST_USERS, UsedBy, by_text, containing, newest_first, refuse_if_used};
use crate::editorial::slugs::{self, Kind};
use crate::editorial::takedowns::model::Selector;
use crate::editorial::takedowns::store as takedowns;
use crate::error::{Error, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::publishing::generation;
use crate::schema::{media, media_credits};

fn matching(query: &CreditQuery) -> media_credits::BoxedQuery<'_, Pg> {
    let mut rows = media_credits::table.into_boxed();
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("lower(media_credits.name) LIKE ").bind::<Text, _>(containing(q.as_str())));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(media_credits::kind.eq(kind));
    }
    if let Some(status) = query.status {
        rows = rows.filter(media_credits::status.eq(status));
    }
    rows
}

/// A page of credits.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &CreditQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<MediaCredit>> {
    let sort = query.sort.unwrap_or(CreditSort::Name);
    let rows = match sort {
        CreditSort::Name => by_text!(matching(query), page, media_credits::name, media_credits::id),
        CreditSort::Updated => newest_first!(matching(query), page, media_credits::updated_at, media_credits::id),
    };
    let rows = rows.limit(page.take()).select(CreditRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| match sort {
        CreditSort::Name => (row.name.clone(), row.id),
        CreditSort::Updated => (row.updated_at.to_string(), row.id),
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    Ok(Page { data: rows.into_iter().map(MediaCredit::from).collect(), page: info })
}

/// One credit.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, target: &Target) -> Result<MediaCredit> {
    let rows = media_credits::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(media_credits::id.eq(*id)),
        Target::Slug(slug) => rows.filter(media_credits::slug.eq(slug.clone())),
    };
    let row: Option<CreditRow> = rows.select(CreditRow::as_select()).first(conn).optional()?;
    row.map(MediaCredit::from).ok_or_else(|| Error::not_found("media credit"))
}

/// Makes a credit.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewMediaCredit) -> Result<MediaCredit> {
    let template = new.credit_template.as_ref().map_or(DEFAULT_TEMPLATE, AsRef::as_ref);
    check_template(template)?;
    check_validity(new.valid_from, new.valid_until)?;
    let slug = slugs::choose(tx, Kind::MediaCredit, new.slug.as_ref(), new.name.as_str(), None)?;
    let (id, now) = (Uuid::now_v7(), crate::app::now());
    let licence = new.licence.clone().unwrap_or_default();
    diesel::insert_into(media_credits::table)
        .values((
            (media_credits::id.eq(id), media_credits::slug.eq(slug.as_str()), media_credits::name.eq(new.name.as_str()), media_credits::kind.eq(new.kind)),
            media_credits::credit_line.eq(new.credit_line.as_ref().map_or(new.name.as_str(), AsRef::as_ref)),
            media_credits::credit_template.eq(template),
            media_credits::source.eq(new.source.as_ref().map(AsRef::<str>::as_ref)),
            media_credits::copyright_notice.eq(new.copyright_notice.as_ref().map(AsRef::<str>::as_ref)),
            media_credits::licence_code.eq(licence.code.flatten().map(String::from)),
            media_credits::licence_name.eq(licence.name.flatten().map(String::from)),
            media_credits::licence_url.eq(licence.url.flatten().map(String::from)),
            media_credits::usage_terms.eq(new.usage_terms.as_ref().map(AsRef::<str>::as_ref)),
            media_credits::acquire_licence_url.eq(new.acquire_licence_url.as_ref().map(AsRef::<str>::as_ref)),
            media_credits::url.eq(new.url.as_ref().map(AsRef::<str>::as_ref)),
            (media_credits::valid_from.eq(new.valid_from), media_credits::valid_until.eq(new.valid_until)),
            media_credits::status.eq(new.status.unwrap_or(CreditStatus::Active)),
            (media_credits::created_by.eq(actor.user_id), media_credits::created_at.eq(now), media_credits::updated_at.eq(now)),
        ))
        .execute(tx)?;
    let credit = get(tx, &Target::Id(id))?;
    audit::record(tx, actor, Deed { action: "create", resource: "media_credit", target: Some(id) }, None, Some(json!(credit)))?;
    Ok(credit)
}

fn lock(tx: &mut PgConnection, id: Uuid) -> Result<MediaCredit> {
    let row: Option<CreditRow> = media_credits::table.find(id).select(CreditRow::as_select()).for_update().first(tx).optional()?;
    row.map(MediaCredit::from).ok_or_else(|| Error::not_found("media credit"))
}

/// Changes a credit. Its makers may, and editors.
///
/// # Errors
/// 403, 404, 409 for a taken slug, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &MediaCreditPatch) -> Result<MediaCredit> {
    let before = lock(tx, id)?;
    actor.may_change(before.row.created_by)?;
    seen.check(before.row.version)?;
    if patch.status.is_some() {
        takedowns::refuse_while_standing(tx, Selector::Credit(id))?;
    }
    check_validity(patch.valid_from.unwrap_or(before.row.valid_from), patch.valid_until.unwrap_or(before.row.valid_until))?;
    let template = patch.credit_template.as_ref().map(|v| v.as_ref().map_or(DEFAULT_TEMPLATE, AsRef::as_ref));
    template.map_or(Ok(()), check_template)?;
    if let Some(slug) = patch.slug.as_ref().filter(|slug| slug.as_str() != before.row.slug) {
        slugs::free(tx, Kind::MediaCredit, slug.as_str())?;
        slugs::retire(tx, Kind::MediaCredit, &before.row.slug, id)?;
    }
    let licence = patch.licence.clone().map(|licence| licence.unwrap_or(LicenceInput::NONE)).unwrap_or_default();
    diesel::update(media_credits::table.find(id))
        .set((
            (patch.name.as_ref().map(|v| media_credits::name.eq(v.as_str())), patch.slug.as_ref().map(|v| media_credits::slug.eq(v.as_str()))),
            (patch.kind.map(|v| media_credits::kind.eq(v)), patch.status.map(|v| media_credits::status.eq(v))),
            (credit_line(&before.row, patch).map(|v| media_credits::credit_line.eq(v)), template.map(|v| media_credits::credit_template.eq(v))),
            patch.source.as_ref().map(|v| media_credits::source.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.copyright_notice.as_ref().map(|v| media_credits::copyright_notice.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            licence.code.map(|v| media_credits::licence_code.eq(v.map(String::from))),
            licence.name.map(|v| media_credits::licence_name.eq(v.map(String::from))),
            licence.url.map(|v| media_credits::licence_url.eq(v.map(String::from))),
            patch.usage_terms.as_ref().map(|v| media_credits::usage_terms.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.acquire_licence_url.as_ref().map(|v| media_credits::acquire_licence_url.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.url.as_ref().map(|v| media_credits::url.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            (patch.valid_from.map(|v| media_credits::valid_from.eq(v)), patch.valid_until.map(|v| media_credits::valid_until.eq(v))),
            (media_credits::version.eq(media_credits::version + 1), media_credits::updated_at.eq(crate::app::now())),
        ))
        .execute(tx)?;
    let after = get(tx, &Target::Id(id))?;
    let (was, is) = audit::difference(&json!(before), &json!(after));
    audit::record(tx, actor, Deed { action: "update", resource: "media_credit", target: Some(id) }, Some(was), Some(is))?;
    generation::references_changed(tx)?;
    Ok(after)
}

/// The credit line as a change has it: given, or the new name where it was the old one or is to be the name again.
fn credit_line(before: &CreditRow, patch: &MediaCreditPatch) -> Option<String> {
    let name = || patch.name.as_ref().map_or_else(|| before.name.clone(), ToString::to_string);
    match &patch.credit_line {
        Some(Some(given)) => Some(given.to_string()),
        Some(None) => Some(name()),
        None => (before.credit_line == before.name).then(name),
    }
}

/// Deletes a credit that nothing uses.
///
/// # Errors
/// 404, 409 with `used_by`, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let before = lock(tx, id)?;
    seen.check(before.row.version)?;
    let pictures: Vec<(Uuid, String)> =
        media::table.filter(media::credit_id.eq(id)).order((media::created_at.desc(), media::id.desc())).select((media::id, media::filename)).limit(MOST_USERS).load(tx)?;
    let users: Vec<_> = pictures.into_iter().map(|(id, name)| UsedBy { resource: "media", id: Some(id), name }).collect();
    refuse_if_used("media credit", &users)?;
    takedowns::refuse_while_standing(tx, Selector::Credit(id))?;
    slugs::forget(tx, Kind::MediaCredit, id)?;
    diesel::delete(media_credits::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "media_credit", target: Some(id) }, Some(json!(before)), None)
}
