//! Saving: every save that says something new is a revision, every write that changes anything moves the version.

use diesel::dsl::exists;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{ArticlePatch, Head, NewArticle, Status, check};
use super::{locks, references, store};
use crate::body::Body;
use crate::db::statement::{Bind, Statement};
use crate::editorial::slugs::first_free;
use crate::error::{Error, Result};
use crate::http::extract::IfMatch;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::publishing::content::{self, ArticleKind, Content};
use crate::publishing::revisions::{self, Base, Kept};
use crate::schema::{article_revisions, article_slugs, articles, site};
use crate::text::{Line, Slug};
use crate::timestamp::Timestamp;

/// Makes an article with its first revision, which has this body.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewArticle, body: &Body) -> Result<Uuid> {
    let (id, now) = (Uuid::now_v7(), crate::db::now(tx)?);
    let language = match &new.language {
        Some(language) => language.to_string(),
        None => first_language(tx)?,
    };
    let slug = choose_slug(tx, id, new.slug.as_ref(), new.headline.as_str(), &language)?;
    let content = first_content(new, body.clone(), slug, language);
    check(&content)?;
    let group = match new.translation_of {
        Some(original) => group_of(tx, original)?,
        None => id,
    };
    diesel::insert_into(articles::table)
        .values((
            (articles::id.eq(id), articles::status.eq(Status::Draft), articles::revision.eq(1)),
            (articles::slug.eq(&content.slug), articles::kind.eq(content.kind), articles::language.eq(&content.language), articles::headline.eq(&content.headline)),
            (articles::embargo_until.eq(new.embargo_until), articles::notes.eq(new.notes.as_ref().map(AsRef::<str>::as_ref)), articles::translation_group.eq(group)),
            (articles::created_by.eq(actor.user_id), articles::updated_by.eq(actor.user_id), articles::created_at.eq(now), articles::updated_at.eq(now)),
        ))
        .execute(tx)?;
    hold_slug(tx, id, &content.slug)?;
    insert_revision(tx, (actor, now), Revision { article: id, number: 1, kept: revisions::whole(&content)?, note: new.revision_note.as_ref() })?;
    references::write(tx, id, None, &content)?;
    audit::record(tx, actor, Deed { action: "create", resource: "article", target: Some(id) }, None, Some(json!({ "headline": content.headline, "slug": content.slug })))?;
    Ok(id)
}

fn first_content(new: &NewArticle, body: Body, slug: String, language: String) -> Content {
    let new = new.clone();
    Content {
        headline: new.headline.into(),
        slug,
        kind: new.kind.unwrap_or(ArticleKind::News),
        language,
        kicker: new.kicker.map(Into::into),
        standfirst: new.standfirst.map(Into::into),
        dateline: new.dateline.map(Into::into),
        byline: new.byline.map(Into::into),
        authors: new.authors,
        tags: new.tags,
        lead_media: new.lead_media,
        body,
        source: new.source,
        seo: new.seo.unwrap_or_default(),
    }
}

fn first_language(tx: &mut PgConnection) -> Result<String> {
    let languages: Option<Vec<Option<String>>> = site::table.select(site::languages).first(tx).optional()?;
    Ok(languages.unwrap_or_default().into_iter().flatten().next().unwrap_or_else(|| "en".to_owned()))
}

fn group_of(tx: &mut PgConnection, original: Uuid) -> Result<Uuid> {
    let group = articles::table.find(original).select(articles::translation_group).first(tx).optional()?;
    group.ok_or_else(|| Error::invalid_field("/translation_of", "unknown_reference", "There is no such article."))
}

/// The group of an article that stands alone: its present one if nobody else is in it, else one that nobody was ever in.
fn group_of_its_own(tx: &mut PgConnection, head: &Head) -> Result<Uuid> {
    let others = articles::table.filter(articles::translation_group.eq(head.translation_group)).filter(articles::id.ne(head.id));
    let shared: bool = diesel::select(exists(others)).get_result(tx)?;
    Ok(if shared { Uuid::now_v7() } else { head.translation_group })
}

fn choose_slug(tx: &mut PgConnection, id: Uuid, given: Option<&Slug>, headline: &str, language: &str) -> Result<String> {
    if let Some(slug) = given {
        return Ok(slug.to_string());
    }
    let Some(base) = Slug::from_text(headline, Some(language)) else {
        let id = id.simple().to_string();
        return Ok(format!("story-{}", id.get(20..).unwrap_or(&id)));
    };
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind::<Text, _>(format!("slug article {base}")).execute(tx)?;
    let taken: Vec<String> =
        article_slugs::table.filter(article_slugs::slug.eq(base.as_str()).or(article_slugs::slug.like(format!("{base}-%")))).select(article_slugs::slug).load(tx)?;
    Ok(first_free(&base, &taken).to_string())
}

fn hold_slug(tx: &mut PgConnection, id: Uuid, slug: &str) -> Result<()> {
    diesel::insert_into(article_slugs::table).values((article_slugs::slug.eq(slug), article_slugs::article_id.eq(id))).execute(tx)?;
    Ok(())
}

/// The head's slug changes: the new one is held, the old one given up unless the world has known it.
fn change_slug(tx: &mut PgConnection, id: Uuid, old: &str, new: &str) -> Result<()> {
    diesel::delete(article_slugs::table.find(old).filter(article_slugs::article_id.eq(id)).filter(article_slugs::was_live.eq(false))).execute(tx)?;
    let own: bool = diesel::select(exists(article_slugs::table.find(new).filter(article_slugs::article_id.eq(id)))).get_result(tx)?;
    if own { Ok(()) } else { hold_slug(tx, id, new) }
}

/// A revision that is to be kept.
struct Revision<'a> {
    article: Uuid,
    number: i32,
    kept: Kept,
    note: Option<&'a Line<500>>,
}

fn insert_revision(tx: &mut PgConnection, (actor, now): (&Principal, Timestamp), new: Revision<'_>) -> Result<()> {
    use article_revisions as r;
    diesel::insert_into(r::table)
        .values((
            r::article_id.eq(new.article),
            r::number.eq(new.number),
            r::created_at.eq(now),
            r::created_by.eq(actor.user_id),
            r::note.eq(new.note.map(AsRef::<str>::as_ref)),
            r::base.eq(new.kept.base),
            r::content.eq(new.kept.bytes),
        ))
        .execute(tx)?;
    Ok(())
}

/// An article as it is after a write.
#[derive(Debug)]
pub struct Saved {
    /// Its row.
    pub head: Head,
    /// What its head revision says.
    pub content: Content,
}

/// A head revision as it was read, and what it is to become.
#[derive(Debug)]
pub struct Change {
    /// What it says.
    pub old: Content,
    /// What the next revision may be kept as a difference from.
    pub base: Base,
    /// What it is to say.
    pub new: Content,
}

/// Saves a change: a new revision where it says something new, a new version where anything is new. `body` is the new one,
/// if the change has one.
///
/// # Errors
/// 403, 404, 409, 412, 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &ArticlePatch, body: Option<&Body>) -> Result<Saved> {
    let (head, now) = (store::lock(tx, actor, id)?, crate::db::now(tx)?);
    store::may_edit(actor, &head, seen, now)?;
    let (old, base) = content::load_with_base(tx, id, head.revision)?;
    let new = patch.apply(old.clone(), body)?;
    let mut after = head.clone();
    after.translation_group = match patch.translation_of {
        Some(Some(original)) => group_of(tx, original)?,
        Some(None) => group_of_its_own(tx, &head)?,
        None => head.translation_group,
    };
    after.embargo_until = patch.embargo_until.unwrap_or(head.embargo_until);
    after.notes = patch.notes.clone().map_or_else(|| head.notes.clone(), |notes| notes.map(Into::into));
    after.assignee_id = patch.assignee.unwrap_or(head.assignee_id);
    if after.assignee_id != head.assignee_id && !actor.is(Role::Editor) && after.assignee_id.is_some_and(|user| user != actor.user_id) {
        return Err(forbidden("Only editors assign articles to others."));
    }
    save(tx, (actor, now), (&head, &after), Change { old, base, new }, patch.revision_note.as_ref())
}

/// Writes the row as a save leaves it. By hand, because an update that diesel makes is parsed and planned each time.
fn write_head(tx: &mut PgConnection, saved: &Head, says: &Content) -> Result<()> {
    let mut sql = Statement::<BigInt>::new("UPDATE articles SET revision = ");
    sql.bind(Bind::Int(saved.revision)).sql(", version = ").bind(Bind::Int(saved.version));
    sql.sql(", slug = ").bind(Bind::Text(says.slug.clone())).sql(", kind = ").bind(Bind::Text(says.kind.as_str().to_owned()));
    sql.sql(", language = ").bind(Bind::Text(says.language.clone())).sql(", headline = ").bind(Bind::Text(says.headline.clone()));
    sql.sql(", embargo_until = ").bind(Bind::MaybeTime(saved.embargo_until)).sql(", notes = ").bind(Bind::MaybeText(saved.notes.clone()));
    sql.sql(", translation_group = ").bind(Bind::Id(saved.translation_group)).sql(", assignee_id = ").bind(Bind::MaybeId(saved.assignee_id));
    sql.sql(", updated_by = ").bind(Bind::MaybeId(saved.updated_by)).sql(", updated_at = ").bind(Bind::Time(saved.updated_at));
    sql.sql(", lock_expires_at = ").bind(Bind::MaybeTime(saved.lock_expires_at)).sql(" WHERE id = ").bind(Bind::Id(saved.id));
    sql.execute(tx)?;
    Ok(())
}

/// Writes what differs between two states of an article, and nothing where nothing does. `now` is the database's.
///
/// # Errors
/// 409 for a taken slug; 422.
pub fn save(tx: &mut PgConnection, (actor, now): (&Principal, Timestamp), (head, after): (&Head, &Head), change: Change, note: Option<&Line<500>>) -> Result<Saved> {
    let (id, Change { old, base, new }) = (head.id, change);
    let (says_new, group_moved) = (new != old, after.translation_group != head.translation_group);
    if !says_new && !group_moved && after.embargo_until == head.embargo_until && after.notes == head.notes && after.assignee_id == head.assignee_id {
        return Ok(Saved { head: head.clone(), content: old });
    }
    let revision = if says_new { head.revision + 1 } else { head.revision };
    if new.slug != old.slug {
        change_slug(tx, id, &old.slug, &new.slug)?;
    }
    if says_new {
        insert_revision(tx, (actor, now), Revision { article: id, number: revision, kept: revisions::after(&base, &new)?, note })?;
        references::write(tx, id, Some(&old), &new)?;
    }
    let saved = Head { revision, version: head.version + 1, updated_by: Some(actor.user_id), updated_at: now, lock_expires_at: locks::renewed(actor, head, now), ..after.clone() };
    write_head(tx, &saved, &new)?;
    if group_moved {
        crate::publishing::projection::regroup(tx, id, after.translation_group)?;
    }
    audit::record(tx, actor, Deed { action: "update", resource: "article", target: Some(id) }, Some(json!({ "revision": head.revision })), Some(json!({ "revision": revision })))?;
    Ok(Saved { head: saved, content: new })
}
