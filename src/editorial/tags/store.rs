//! SQL of tags.

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{NewTag, Tag, TagKind, TagPatch, TagQuery, TagRef, TagRow, TagSort, check_country, check_lists};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::{Key, MOST_USERS, UsedBy, by_text, containing, newest_first, refuse_if_used};
use crate::editorial::slugs::{self, Kind};
use crate::error::{Code, Error, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::publishing::generation;
use crate::schema::{article_tags, articles, live_article_tags, tags};
use crate::text::{LanguageTag, Line};

fn matching(query: &TagQuery) -> tags::BoxedQuery<'_, Pg> {
    let mut rows = tags::table.into_boxed();
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("lower(tags.name) LIKE ").bind::<Text, _>(containing(q.as_str())));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(tags::kind.eq(kind));
    }
    if let Some(parent) = query.parent_id {
        rows = rows.filter(tags::parent_id.eq(parent));
    }
    rows
}

/// A page of tags.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &TagQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<Tag>> {
    let sort = query.sort.unwrap_or(TagSort::Name);
    let rows = match sort {
        TagSort::Name => by_text!(matching(query), page, tags::name, tags::id),
        TagSort::Updated => newest_first!(matching(query), page, tags::updated_at, tags::id),
    };
    let rows = rows.limit(page.take()).select(TagRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| match sort {
        TagSort::Name => (row.name.clone(), row.id),
        TagSort::Updated => (row.updated_at.to_string(), row.id),
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    Ok(Page { data: with_parents(conn, rows)?, page: info })
}

fn with_parents(conn: &mut PgConnection, rows: Vec<TagRow>) -> Result<Vec<Tag>> {
    let ids: Vec<_> = rows.iter().filter_map(|row| row.parent_id).collect();
    let parents = if ids.is_empty() { Vec::new() } else { tags::table.filter(tags::id.eq_any(&ids)).select(TagRef::as_select()).load(conn)? };
    let parent = |id: Option<Uuid>| parents.iter().find(|p| Some(p.id) == id).cloned();
    Ok(rows.into_iter().map(|row| Tag { parent: parent(row.parent_id), row }).collect())
}

/// One tag.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, target: &Target) -> Result<Tag> {
    let rows = tags::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(tags::id.eq(*id)),
        Target::Slug(slug) => rows.filter(tags::slug.eq(slug.clone())),
    };
    let row = rows.select(TagRow::as_select()).first(conn).optional()?.ok_or_else(|| Error::not_found("tag"))?;
    with_parents(conn, vec![row])?.pop().ok_or_else(|| Error::not_found("tag"))
}

/// Makes a tag.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewTag) -> Result<Tag> {
    check_country(new.kind, new.country_code.is_some())?;
    check_lists(new.names.len(), new.external_ids.len())?;
    let slug = slugs::choose(tx, Kind::Tag, new.slug.as_ref(), new.name.as_str(), None)?;
    let (id, now) = (Uuid::now_v7(), crate::app::now());
    diesel::insert_into(tags::table)
        .values((
            tags::id.eq(id),
            tags::slug.eq(slug.as_str()),
            tags::name.eq(new.name.as_str()),
            tags::kind.eq(new.kind),
            tags::description.eq(new.description.as_ref().map(AsRef::<str>::as_ref)),
            tags::parent_id.eq(new.parent_id),
            tags::country_code.eq(new.country_code.as_ref().map(AsRef::<str>::as_ref)),
            tags::names.eq(json!(new.names)),
            tags::external_ids.eq(json!(new.external_ids)),
            tags::created_by.eq(actor.user_id),
            tags::created_at.eq(now),
            tags::updated_at.eq(now),
        ))
        .execute(tx)?;
    let tag = get(tx, &Target::Id(id))?;
    audit::record(tx, actor, Deed { action: "create", resource: "tag", target: Some(id) }, None, Some(json!(tag)))?;
    Ok(tag)
}

fn lock(tx: &mut PgConnection, id: Uuid) -> Result<Tag> {
    tags::table.find(id).select(tags::id).for_update().first::<Uuid>(tx).optional()?.ok_or_else(|| Error::not_found("tag"))?;
    get(tx, &Target::Id(id))
}

/// Changes a tag. Its makers may, and editors.
///
/// # Errors
/// 403, 404, 409 for a taken slug, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &TagPatch) -> Result<Tag> {
    let before = lock(tx, id)?;
    actor.may_change(before.row.created_by)?;
    seen.check(before.row.version)?;
    let kind = patch.kind.unwrap_or(before.row.kind);
    let coded = patch.country_code.as_ref().map_or(before.row.country_code.is_some(), Option::is_some);
    check_country(kind, coded)?;
    let names = patch.names.as_ref().map(|names| merged_names(&before.row.names, names));
    check_lists(names.as_ref().map_or(0, serde_json::Map::len), patch.external_ids.as_ref().map_or(0, Vec::len))?;
    if kind == TagKind::Internal && before.row.kind != TagKind::Internal {
        refuse_if_live(tx, id)?;
    }
    if let Some(Some(parent)) = patch.parent_id {
        refuse_cycle(tx, id, parent)?;
    }
    if let Some(slug) = patch.slug.as_ref().filter(|slug| slug.as_str() != before.row.slug) {
        slugs::free(tx, Kind::Tag, slug.as_str())?;
        slugs::retire(tx, Kind::Tag, &before.row.slug, id)?;
    }
    diesel::update(tags::table.find(id))
        .set((
            patch.name.as_ref().map(|v| tags::name.eq(v.as_str())),
            patch.slug.as_ref().map(|v| tags::slug.eq(v.as_str())),
            patch.kind.map(|v| tags::kind.eq(v)),
            patch.description.as_ref().map(|v| tags::description.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.parent_id.map(|v| tags::parent_id.eq(v)),
            patch.country_code.as_ref().map(|v| tags::country_code.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            names.map(|v| tags::names.eq(json!(v))),
            patch.external_ids.as_ref().map(|v| tags::external_ids.eq(json!(v))),
            tags::version.eq(tags::version + 1),
            tags::updated_at.eq(crate::app::now()),
        ))
        .execute(tx)?;
    let after = get(tx, &Target::Id(id))?;
    let (was, is) = audit::difference(&json!(before), &json!(after));
    audit::record(tx, actor, Deed { action: "update", resource: "tag", target: Some(id) }, Some(was), Some(is))?;
    generation::references_changed(tx)?;
    Ok(after)
}

/// Merges names as RFC 7396 merges objects.
fn merged_names(before: &serde_json::Value, patch: &std::collections::BTreeMap<LanguageTag, Option<Line<200>>>) -> serde_json::Map<String, serde_json::Value> {
    let mut names = before.as_object().cloned().unwrap_or_default();
    for (language, name) in patch {
        match name {
            Some(name) => names.insert(language.to_string(), json!(name)),
            None => names.remove(language.as_str()),
        };
    }
    names
}

/// A tag must not belong to itself, however indirectly.
fn refuse_cycle(tx: &mut PgConnection, id: Uuid, parent: Uuid) -> Result<()> {
    let mut above = Some(parent);
    for _ in 0..32 {
        match above {
            None => return Ok(()),
            Some(tag) if tag == id => break,
            Some(tag) => above = tags::table.find(tag).select(tags::parent_id).first::<Option<Uuid>>(tx).optional()?.flatten(),
        }
    }
    Err(Error::invalid_field("/parent_id", "cycle", "A tag cannot belong to itself, nor to what belongs to it."))
}

fn users(tx: &mut PgConnection, id: Uuid) -> Result<Vec<UsedBy>> {
    let stories: Vec<(Uuid, String)> = article_tags::table
        .inner_join(articles::table)
        .filter(article_tags::tag_id.eq(id))
        .select((articles::id, articles::headline))
        .order(articles::id)
        .limit(MOST_USERS)
        .load(tx)?;
    let children: Vec<(Uuid, String)> = tags::table.filter(tags::parent_id.eq(id)).select((tags::id, tags::name)).limit(MOST_USERS).load(tx)?;
    let known: Vec<_> = stories.iter().map(|(id, _)| *id).collect();
    let mut users: Vec<_> = stories.into_iter().map(|(id, name)| UsedBy { resource: "article", id: Some(id), name }).collect();
    users.extend(live_users(tx, id)?.into_iter().filter(|user| user.id.is_none_or(|id| !known.contains(&id))));
    users.extend(children.into_iter().map(|(id, name)| UsedBy { resource: "tag", id: Some(id), name }));
    users.extend(crate::editorial::collections::store::filled_by(tx, id)?);
    Ok(users)
}

fn live_users(tx: &mut PgConnection, id: Uuid) -> Result<Vec<UsedBy>> {
    let live: Vec<Uuid> =
        live_article_tags::table.filter(live_article_tags::tag_id.eq(id)).select(live_article_tags::article_id).order(live_article_tags::article_id).limit(MOST_USERS).load(tx)?;
    Ok(live.into_iter().map(|id| UsedBy { resource: "article", id: Some(id), name: "(as it is live)".to_owned() }).collect())
}

/// What readers can see under a tag must not lose it unseen: the story that has no other would break the rule it went live by.
fn refuse_if_live(tx: &mut PgConnection, id: Uuid) -> Result<()> {
    let users = live_users(tx, id)?;
    if users.is_empty() {
        return Ok(());
    }
    Err(Error::new(Code::InUse, "Live articles have this tag, so it cannot become internal. Take it off those that used_by lists, then publish them again.")
        .with("used_by", json!(users)))
}

/// Deletes a tag that nothing uses.
///
/// # Errors
/// 404, 409 with `used_by`, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let before = lock(tx, id)?;
    seen.check(before.row.version)?;
    refuse_if_used("tag", &users(tx, id)?)?;
    slugs::forget(tx, Kind::Tag, id)?;
    diesel::delete(tags::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "tag", target: Some(id) }, Some(json!(before)), None)
}

/// Merges a tag into another: every use is rewritten, and the old slug and id lead to the one that stays.
///
/// # Errors
/// 404, 412; 422 for a merge into itself or of an internal tag with a public one.
pub fn merge(tx: &mut PgConnection, actor: &Principal, id: Uuid, into: Uuid, seen: &IfMatch) -> Result<Tag> {
    if id == into {
        return Err(Error::invalid_field("/into", "same", "A tag cannot be merged into itself."));
    }
    // In the order of their ids, so that two merges cannot wait for each other.
    tags::table.filter(tags::id.eq_any([id, into])).order(tags::id).select(tags::id).for_update().load::<Uuid>(tx)?;
    let gone = lock(tx, id)?;
    seen.check(gone.row.version)?;
    let stays = get(tx, &Target::Id(into)).map_err(|_missing| Error::invalid_field("/into", "unknown_reference", "There is no such tag."))?;
    if (gone.row.kind == TagKind::Internal) != (stays.row.kind == TagKind::Internal) {
        return Err(Error::invalid_field("/into", "internal", "An internal tag and a public one cannot be merged."));
    }
    refuse_cycle(tx, id, into)?;
    diesel::update(tags::table.filter(tags::parent_id.eq(id))).set(tags::parent_id.eq(into)).execute(tx)?;
    slugs::redirect_all(tx, Kind::Tag, id, into)?;
    slugs::retire(tx, Kind::Tag, &gone.row.slug, into)?;
    slugs::retire(tx, Kind::Tag, &id.to_string(), into)?;
    crate::editorial::articles::references::replace_tag(tx, id, into)?;
    diesel::delete(tags::table.find(id)).execute(tx)?;
    diesel::update(tags::table.find(into)).set((tags::version.eq(tags::version + 1), tags::updated_at.eq(crate::app::now()))).execute(tx)?;
    audit::record(tx, actor, Deed { action: "merge", resource: "tag", target: Some(id) }, Some(json!(gone)), Some(json!({ "into": into })))?;
    generation::references_changed(tx)?;
    get(tx, &Target::Id(into))
}
