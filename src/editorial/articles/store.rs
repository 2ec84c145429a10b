//! SQL of articles on the desk: every save is a revision, every write moves the version.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::model::{EditorialArticle, Head, Status};
use super::{view, workflow};
use crate::error::{Error, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::rendering::BodyFormat;
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// Whom a reader on the desk is: contributors see what is theirs.
fn visible(reader: &Principal, head: &Head) -> bool {
    reader.is(Role::Author) || head.created_by == Some(reader.user_id) || head.live_revision.is_some()
}

/// Who may see what is being written: contributors what is theirs, authors and above everything.
#[must_use]
pub fn sees_head(reader: &Principal, head: &Head) -> bool {
    reader.is(Role::Author) || head.created_by == Some(reader.user_id)
}

/// The row as this reader may know it: of other people's live stories contributors learn what the world does.
#[must_use]
pub fn as_seen_by(reader: &Principal, head: Head) -> Head {
    match head.live_revision {
        Some(live) if !sees_head(reader, &head) => Head {
            revision: live,
            publish_at: None,
            unpublish_at: None,
            embargo_until: None,
            assignee_id: None,
            notes: None,
            review_note: None,
            schedule_failure: None,
            lock_user_id: None,
            ..head
        },
        _ => head,
    }
}

/// An article's row, if this reader may know of it.
///
/// # Errors
/// 404.
pub fn head(conn: &mut PgConnection, reader: &Principal, id: Uuid) -> Result<Head> {
    let head: Option<Head> = articles::table.find(id).select(Head::as_select()).first(conn).optional()?;
    head.filter(|head| visible(reader, head)).ok_or_else(|| Error::not_found("article"))
}

/// One article that this reader may see.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, reader: &Principal, target: &Target, format: BodyFormat, base: &str) -> Result<EditorialArticle> {
    let rows = articles::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(articles::id.eq(*id)),
        Target::Slug(slug) => rows.filter(articles::slug.eq(slug.clone())),
    };
    let head: Option<Head> = rows.select(Head::as_select()).first(conn).optional()?;
    let head = head.filter(|head| visible(reader, head)).ok_or_else(|| Error::not_found("article"))?;
    let sees_head = sees_head(reader, &head);
    let article = one(conn, as_seen_by(reader, head), format, base)?;
    // A slug that waits to go live is not to be found out by trying.
    if matches!(target, Target::Slug(slug) if !sees_head && *slug != article.slug) {
        return Err(Error::not_found("article"));
    }
    Ok(article)
}

fn one(conn: &mut PgConnection, head: Head, format: BodyFormat, base: &str) -> Result<EditorialArticle> {
    view::articles(conn, vec![head], Some(format), base)?.pop().ok_or_else(|| Error::not_found("article"))
}

/// The article as it is after a write.
///
/// # Errors
/// What the database says.
pub fn reread(tx: &mut PgConnection, id: Uuid, base: &str) -> Result<EditorialArticle> {
    let head = articles::table.find(id).select(Head::as_select()).first(tx)?;
    one(tx, head, BodyFormat::default(), base)
}

/// An article, held for a write until the transaction ends, if this person may know of it.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<Head> {
    let head: Option<Head> = articles::table.find(id).select(Head::as_select()).for_no_key_update().first(tx).optional()?;
    head.filter(|head| visible(actor, head)).ok_or_else(|| Error::not_found("article"))
}

/// Contributors change their own drafts, authors what is theirs, editors everything; nobody what is put away or taken
/// down, an older version than the present one, or past somebody else's lock. `now` is the database's.
///
/// # Errors
/// 403; 412; 409 where its state allows no edit, or while somebody else is editing.
pub fn may_edit(actor: &Principal, head: &Head, seen: &IfMatch, now: Timestamp) -> Result<()> {
    may_touch(actor, head)?;
    workflow::allow(actor, head, seen, "edit", now)
}

fn may_touch(actor: &Principal, head: &Head) -> Result<()> {
    actor.may_change(head.created_by)?;
    if !actor.is(Role::Author) && !matches!(head.status, Status::Draft | Status::InReview) {
        return Err(forbidden("Contributors change drafts; this article is past that."));
    }
    Ok(())
}

/// Deletes an article that is not live, with its revisions.
///
/// # Errors
/// 403, 404, 409 while it is live, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let (head, now) = (lock(tx, actor, id)?, crate::db::now(tx)?);
    may_touch(actor, &head)?;
    if head.first_published_at.is_some() && !actor.is(Role::Editor) {
        return Err(forbidden("Only editors delete what the world has seen."));
    }
    workflow::allow(actor, &head, seen, "delete", now)?;
    let headline: String = articles::table.find(id).select(articles::headline).first(tx)?;
    diesel::delete(articles::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "article", target: Some(id) }, Some(json!({ "headline": headline, "status": head.status })), None)
}
