//! Moves between states: who may make them, from where, and what they do to the world.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::model::{Head, Status};
use super::store;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::extract::IfMatch;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::publishing::content;
use crate::publishing::obstacles;
use crate::publishing::projection::{self, ChangeKind, Live};
use crate::publishing::story::Times;
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// What can be done with an article in this state.
#[must_use]
pub const fn legal_moves(status: Status) -> &'static [&'static str] {
    match status {
        Status::Draft | Status::InReview | Status::Scheduled | Status::Unpublished => &["edit", "publish", "delete"],
        Status::Published => &["edit", "publish", "unpublish"],
        Status::Archived => &["delete"],
        Status::TakenDown => &[],
    }
}

/// The refusal of a move that this state does not allow.
#[must_use]
pub fn illegal(status: Status, wanted: &str) -> Error {
    let legal = legal_moves(status);
    Error::new(Code::IllegalStateChange, format!("An article that is {} cannot {wanted}.", status.as_str().replace('_', " ")))
        .with("status", status.as_str())
        .with("legal_moves", json!(legal))
}

fn may_publish(actor: &Principal, head: &Head) -> Result<()> {
    if !actor.is(Role::Author) {
        return Err(forbidden("Contributors submit; authors and editors publish."));
    }
    actor.may_change(head.created_by)
}

/// Puts the head revision before the world.
///
/// # Errors
/// 403, 404, 409, 412; 422 with every obstacle.
pub fn publish(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let (head, now) = (store::lock(tx, actor, id)?, crate::app::now());
    may_publish(actor, &head)?;
    seen.check(head.version)?;
    if !legal_moves(head.status).contains(&"publish") {
        return Err(illegal(head.status, "be published"));
    }
    store::may_edit(actor, &head, now)?;
    if head.live_revision == Some(head.revision) {
        return Ok(());
    }
    go_live(tx, &head, now)?;
    let after = json!({ "status": Status::Published, "revision": head.revision });
    audit::record(
        tx,
        actor,
        Deed { action: "publish", resource: "article", target: Some(id) },
        Some(json!({ "status": head.status, "live_revision": head.live_revision })),
        Some(after),
    )
}

/// The move itself, without asking who makes it: `now` is the moment that the story bears.
///
/// # Errors
/// 422 with every obstacle.
pub fn go_live(tx: &mut PgConnection, head: &Head, now: Timestamp) -> Result<()> {
    let content = content::load(tx, head.id, head.revision)?;
    let obstacles = obstacles::find(tx, &content, head.embargo_until, now)?;
    if !obstacles.is_empty() {
        return Err(obstacles::refusal(obstacles));
    }
    let times = Times { first_published: head.first_published_at.unwrap_or(now), published: head.published_at.unwrap_or(now), updated: now };
    diesel::update(articles::table.find(head.id))
        .set((
            articles::status.eq(Status::Published),
            articles::version.eq(head.version + 1),
            articles::live_revision.eq(head.revision),
            articles::publish_at.eq(None::<Timestamp>),
            articles::first_published_at.eq(times.first_published),
            articles::published_at.eq(times.published),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    projection::show(tx, &Live { id: head.id, group: head.translation_group, revision: head.revision, content: &content, times })
}

/// Everything that would stop a publish now; changes nothing.
///
/// # Errors
/// 403, 404, 409, 412.
pub fn rehearse(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<Vec<FieldError>> {
    let head = store::lock(tx, actor, id)?;
    may_publish(actor, &head)?;
    seen.check(head.version)?;
    if !legal_moves(head.status).contains(&"publish") {
        return Err(illegal(head.status, "be published"));
    }
    let content = content::load(tx, id, head.revision)?;
    obstacles::find(tx, &content, head.embargo_until, crate::app::now())
}

/// Takes a story from the world.
///
/// # Errors
/// 403, 404, 409, 412.
pub fn unpublish(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let (head, now) = (store::lock(tx, actor, id)?, crate::app::now());
    may_publish(actor, &head)?;
    seen.check(head.version)?;
    if !legal_moves(head.status).contains(&"unpublish") {
        return Err(illegal(head.status, "be unpublished"));
    }
    projection::remove(tx, id, ChangeKind::Unpublished, now)?;
    diesel::update(articles::table.find(id))
        .set((
            articles::status.eq(Status::Unpublished),
            articles::live_revision.eq(None::<i32>),
            articles::unpublish_at.eq(None::<Timestamp>),
            articles::version.eq(head.version + 1),
            articles::updated_by.eq(actor.user_id),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    audit::record(
        tx,
        actor,
        Deed { action: "unpublish", resource: "article", target: Some(id) },
        Some(json!({ "status": head.status })),
        Some(json!({ "status": Status::Unpublished })),
    )
}
