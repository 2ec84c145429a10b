//! SQL of authors.

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::model::{Author, AuthorPatch, AuthorQuery, AuthorRow, AuthorSort, BylineReach, NewAuthor, OldByline, check_lists, derived_sort_name};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::images;
use crate::editorial::lists::{Key, MOST_USERS, UsedBy, by_text, containing, newest_first, refuse_if_used};
use crate::editorial::slugs::{self, Kind};
use crate::error::{Error, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::pictures;
use crate::publishing::bylines::{self, Naming, Outdated};
use crate::publishing::generation;
use crate::schema::{article_authors, articles, authors, live_article_authors, users};
use crate::vocabulary::display_title;

fn matching(query: &AuthorQuery) -> authors::BoxedQuery<'_, Pg> {
    let mut rows = authors::table.into_boxed();
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("lower(authors.name) LIKE ").bind::<Text, _>(containing(q.as_str())));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(authors::kind.eq(kind));
    }
    if let Some(former) = query.former {
        rows = rows.filter(authors::former.eq(former));
    }
    rows
}

/// A page of authors.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &AuthorQuery, page: &PageRequest<Key>, signer: &Signer, base: &str) -> Result<Page<Author>> {
    let sort = query.sort.unwrap_or(AuthorSort::Name);
    let rows = match sort {
        AuthorSort::Name => by_text!(matching(query), page, authors::sort_name, authors::id),
        AuthorSort::Updated => newest_first!(matching(query), page, authors::updated_at, authors::id),
    };
    let rows = rows.limit(page.take()).select(AuthorRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| match sort {
        AuthorSort::Name => (row.sort_name.clone(), row.id),
        AuthorSort::Updated => (row.updated_at.to_string(), row.id),
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    Ok(Page { data: complete(conn, rows, base)?, page: info })
}

/// Adds to rows what they refer to and what is computed.
fn complete(conn: &mut PgConnection, rows: Vec<AuthorRow>, base: &str) -> Result<Vec<Author>> {
    let portraits: Vec<_> = rows.iter().filter_map(|row| row.avatar_media_id).collect();
    let pictures = pictures::load(conn, &portraits, base)?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let accounts: Vec<(Option<Uuid>, Uuid)> = users::table.filter(users::author_id.eq_any(&ids)).select((users::author_id, users::id)).load(conn)?;
    let now = crate::app::now();
    let avatar = |row: &AuthorRow| -> Result<Option<Box<RawValue>>> {
        let Some(picture) = row.avatar_media_id.and_then(|id| pictures.get(&id)) else { return Ok(None) };
        let mut json = String::new();
        picture.write_json(now, &mut json);
        RawValue::from_string(json).map(Some).map_err(Error::internal)
    };
    rows.into_iter()
        .map(|row| {
            Ok(Author {
                display_title: display_title(row.job_title.as_deref(), row.former),
                avatar: avatar(&row)?,
                user_id: accounts.iter().find(|(author, _)| *author == Some(row.id)).map(|(_, user)| *user),
                row,
            })
        })
        .collect()
}

fn row(conn: &mut PgConnection, target: &Target) -> Result<AuthorRow> {
    let rows = authors::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(authors::id.eq(*id)),
        Target::Slug(slug) => rows.filter(authors::slug.eq(slug.clone())),
    };
    rows.select(AuthorRow::as_select()).first(conn).optional()?.ok_or_else(|| Error::not_found("author"))
}

/// One author.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, target: &Target, base: &str) -> Result<Author> {
    let row = row(conn, target)?;
    complete(conn, vec![row], base)?.pop().ok_or_else(|| Error::not_found("author"))
}

/// Makes an author.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewAuthor, base: &str) -> Result<Author> {
    check_lists(Some(&new.links), Some(&new.languages), Some(&new.job_titles))?;
    images::check(tx, "/avatar_media_id", new.avatar_media_id)?;
    let slug = slugs::choose(tx, Kind::Author, new.slug.as_ref(), new.name.as_str(), new.languages.first().map(AsRef::as_ref))?;
    let (id, now) = (Uuid::now_v7(), crate::app::now());
    let sort_name = new.sort_name.as_ref().map_or_else(|| derived_sort_name(new.name.as_str(), new.kind), ToString::to_string);
    diesel::insert_into(authors::table)
        .values((
            (authors::id.eq(id), authors::slug.eq(slug.as_str()), authors::name.eq(new.name.as_str()), authors::sort_name.eq(sort_name), authors::kind.eq(new.kind)),
            (authors::job_title.eq(new.job_title.as_ref().map(AsRef::<str>::as_ref)), authors::former.eq(new.former), authors::job_titles.eq(json!(new.job_titles))),
            (authors::bio.eq(new.bio.as_ref().map(AsRef::<str>::as_ref)), authors::bio_long.eq(new.bio_long.as_ref().map(AsRef::<str>::as_ref))),
            (authors::avatar_media_id.eq(new.avatar_media_id), authors::links.eq(json!(new.links)), authors::location.eq(new.location.as_ref().map(AsRef::<str>::as_ref))),
            authors::languages.eq(new.languages.iter().map(AsRef::<str>::as_ref).collect::<Vec<&str>>()),
            authors::email.eq(new.email.as_ref().map(AsRef::<str>::as_ref)),
            (authors::created_by.eq(actor.user_id), authors::created_at.eq(now), authors::updated_at.eq(now)),
        ))
        .execute(tx)?;
    let author = get(tx, &Target::Id(id), base)?;
    audit::record(tx, actor, Deed { action: "create", resource: "author", target: Some(id) }, None, Some(json!(author.row)))?;
    Ok(author)
}

fn lock(tx: &mut PgConnection, id: Uuid) -> Result<AuthorRow> {
    authors::table.find(id).select(AuthorRow::as_select()).for_update().first(tx).optional()?.ok_or_else(|| Error::not_found("author"))
}

/// Editors change everybody; others change themselves, as far as it is theirs to say.
fn may_change(tx: &mut PgConnection, actor: &Principal, id: Uuid, patch: &AuthorPatch) -> Result<()> {
    if actor.is(Role::Editor) {
        return Ok(());
    }
    let own: Option<Option<Uuid>> = users::table.find(actor.user_id).select(users::author_id).first(tx).optional()?;
    if own.flatten() != Some(id) {
        return Err(forbidden("Only editors may change authors other than the one your own account is linked to."));
    }
    match patch.newsroom_members().as_slice() {
        [] => Ok(()),
        members => Err(forbidden(&format!("Only editors may change {}.", members.join(", ")))),
    }
}

/// Old bylines are the newsroom's, also those of the author's own.
fn may_rewrite(actor: &Principal) -> Result<()> {
    if actor.is(Role::Editor) { Ok(()) } else { Err(forbidden("Only editors rewrite bylines.")) }
}

/// What a rewriting of bylines would reach after this change; changes nothing.
///
/// # Errors
/// 403, 404, 412.
pub fn reach(conn: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &AuthorPatch) -> Result<BylineReach> {
    may_rewrite(actor)?;
    let author = row(conn, &Target::Id(id))?;
    seen.check(author.version)?;
    let name = patch.name.as_ref().map_or(author.name.as_str(), AsRef::as_ref);
    let job_title = patch.job_title.as_ref().map_or(author.job_title.as_deref(), |title| title.as_ref().map(AsRef::as_ref));
    let (articles, newest) = bylines::reach(conn, Naming { author: id, name, job_title }, MOST_USERS)?;
    let shown = |old: Outdated| OldByline { id: old.id, headline: old.headline, name: old.name, job_title: old.job_title, live: old.live_revision.is_some() };
    Ok(BylineReach { articles, sample: newest.into_iter().map(shown).collect() })
}

/// Changes an author, and if it is asked for what stands under their old stories.
///
/// # Errors
/// 403, 404, 409 for a taken slug, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &AuthorPatch, rewrite: bool, base: &str) -> Result<Author> {
    let before = lock(tx, id)?;
    may_change(tx, actor, id, patch)?;
    if rewrite {
        may_rewrite(actor)?;
    }
    seen.check(before.version)?;
    check_lists(patch.links.as_deref(), patch.languages.as_deref(), patch.job_titles.as_deref())?;
    images::check(tx, "/avatar_media_id", patch.avatar_media_id.flatten())?;
    if let Some(slug) = patch.slug.as_ref().filter(|slug| slug.as_str() != before.slug) {
        slugs::free(tx, Kind::Author, slug.as_str())?;
        slugs::retire(tx, Kind::Author, &before.slug, id)?;
    }
    diesel::update(authors::table.find(id))
        .set((
            (patch.name.as_ref().map(|v| authors::name.eq(v.as_str())), sort_name(&before, patch).map(|v| authors::sort_name.eq(v))),
            (patch.slug.as_ref().map(|v| authors::slug.eq(v.as_str())), patch.kind.map(|v| authors::kind.eq(v)), patch.former.map(|v| authors::former.eq(v))),
            patch.job_title.as_ref().map(|v| authors::job_title.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.job_titles.as_ref().map(|v| authors::job_titles.eq(json!(v))),
            patch.bio.as_ref().map(|v| authors::bio.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.bio_long.as_ref().map(|v| authors::bio_long.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.avatar_media_id.map(|v| authors::avatar_media_id.eq(v)),
            patch.links.as_ref().map(|v| authors::links.eq(json!(v))),
            patch.location.as_ref().map(|v| authors::location.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            patch.languages.as_ref().map(|v| authors::languages.eq(v.iter().map(AsRef::<str>::as_ref).collect::<Vec<&str>>())),
            patch.email.as_ref().map(|v| authors::email.eq(v.as_ref().map(AsRef::<str>::as_ref))),
            (authors::version.eq(authors::version + 1), authors::updated_at.eq(crate::app::now())),
        ))
        .execute(tx)?;
    let after = get(tx, &Target::Id(id), base)?;
    let (was, mut is) = audit::difference(&json!(before), &json!(after.row));
    if rewrite {
        let stories = bylines::rewrite(tx, Naming { author: id, name: &after.row.name, job_title: after.row.job_title.as_deref() })?;
        if let Some(members) = is.as_object_mut() {
            members.insert("bylines_rewritten".to_owned(), json!(stories));
        }
    }
    audit::record(tx, actor, Deed { action: "update", resource: "author", target: Some(id) }, Some(was), Some(is))?;
    generation::references_changed(tx)?;
    Ok(after)
}

/// The sort name as a change has it: given, or made anew where it was made from the name.
fn sort_name(before: &AuthorRow, patch: &AuthorPatch) -> Option<String> {
    if let Some(given) = &patch.sort_name {
        return Some(given.to_string());
    }
    let made = before.sort_name == derived_sort_name(&before.name, before.kind);
    let name = patch.name.as_ref().map_or(before.name.as_str(), AsRef::as_ref);
    made.then(|| derived_sort_name(name, patch.kind.unwrap_or(before.kind)))
}

fn uses(tx: &mut PgConnection, id: Uuid) -> Result<Vec<UsedBy>> {
    let stories: Vec<(Uuid, String)> = article_authors::table
        .inner_join(articles::table)
        .filter(article_authors::author_id.eq(id))
        .select((articles::id, articles::headline))
        .order(articles::id)
        .limit(MOST_USERS)
        .load(tx)?;
    let live: Vec<Uuid> = live_article_authors::table
        .filter(live_article_authors::author_id.eq(id))
        .select(live_article_authors::article_id)
        .order(live_article_authors::article_id)
        .limit(MOST_USERS)
        .load(tx)?;
    let accounts: Vec<(Uuid, String)> = users::table.filter(users::author_id.eq(id)).filter(users::deleted_at.is_null()).select((users::id, users::name)).load(tx)?;
    let known: Vec<_> = stories.iter().map(|(id, _)| *id).collect();
    let mut all: Vec<_> = stories.into_iter().map(|(id, name)| UsedBy { resource: "article", id: Some(id), name }).collect();
    all.extend(live.into_iter().filter(|id| !known.contains(id)).map(|id| UsedBy { resource: "article", id: Some(id), name: "(as it is live)".to_owned() }));
    all.extend(accounts.into_iter().map(|(id, name)| UsedBy { resource: "user", id: Some(id), name }));
    all.extend(crate::editorial::collections::store::filled_by(tx, id)?);
    Ok(all)
}

/// Deletes an author whom nothing uses.
///
/// # Errors
/// 404, 409 with `used_by`, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let before = lock(tx, id)?;
    seen.check(before.version)?;
    refuse_if_used("author", &uses(tx, id)?)?;
    slugs::forget(tx, Kind::Author, id)?;
    diesel::delete(authors::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "author", target: Some(id) }, Some(json!(before)), None)
}
