//! What is timed: claimed row by row with SKIP LOCKED, decided by the database's clock, done once however many look.

use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use serde_json::json;

use super::model::{Head, Status};
use super::workflow;
use crate::error::{Code, Error, FieldError, Result};
use crate::identity::audit::{self, Deed};
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// The name under which the audit trail has these deeds.
const ACTOR: &str = "schedule";

fn database_now(tx: &mut PgConnection) -> Result<Timestamp> {
    Ok(diesel::select(sql::<Timestamptz>("clock_timestamp()")).get_result(tx)?)
}

/// Does the one thing that has been due longest. Says whether there was one: call again until there is not.
///
/// # Errors
/// What the database says; then nothing was done.
pub fn run_one(tx: &mut PgConnection) -> Result<bool> {
    let now = database_now(tx)?;
    let on: Option<Head> =
        articles::table.filter(articles::publish_at.le(now)).order(articles::publish_at).select(Head::as_select()).for_no_key_update().skip_locked().first(tx).optional()?;
    let off: Option<Head> =
        articles::table.filter(articles::unpublish_at.le(now)).order(articles::unpublish_at).select(Head::as_select()).for_no_key_update().skip_locked().first(tx).optional()?;
    // Whichever was due first, so that many of one kind do not hold up the other.
    match (on, off) {
        (Some(on), Some(off)) if off.unpublish_at < on.publish_at => go_off(tx, &off, now)?,
        (Some(on), _) => go_live(tx, &on, now)?,
        (None, Some(off)) => go_off(tx, &off, now)?,
        (None, None) => return Ok(false),
    }
    Ok(true)
}

/// The story bears the time it was planned for, also when we come late.
fn go_live(tx: &mut PgConnection, head: &Head, now: Timestamp) -> Result<()> {
    let at = head.publish_at.unwrap_or(now);
    let outcome = tx.transaction(|tx| workflow::go_live(tx, head, at));
    let (action, after) = match outcome {
        Ok(()) => ("publish", json!({ "status": Status::Published, "revision": head.revision, "published_at": at })),
        // Only what may pass by itself is tried again: one story that cannot go live must not hold up all others.
        Err(error) if error.code == Code::Unavailable => return Err(error),
        Err(error) => ("schedule_failed", give_up(tx, head, now, error)?),
    };
    let before = json!({ "status": head.status, "live_revision": head.live_revision, "publish_at": head.publish_at });
    audit::record_for(tx, None, ACTOR, None, Deed { action, resource: "article", target: Some(head.id) }, Some(before), Some(after))
}

/// What became impossible since it was planned is told to the desk, not tried for ever.
fn give_up(tx: &mut PgConnection, head: &Head, now: Timestamp, error: Error) -> Result<serde_json::Value> {
    let status = if head.live_revision.is_some() { Status::Published } else { Status::InReview };
    if error.code == Code::Internal {
        tracing::error!(article = %head.id, %error, "article {} could not go live as planned: {error}", head.id);
    }
    let obstacles = if error.errors.is_empty() { vec![FieldError::body("", error.code.slug(), error.code.title())] } else { error.errors };
    let obstacles = json!(obstacles);
    diesel::update(articles::table.find(head.id))
        .set((
            articles::status.eq(status),
            articles::publish_at.eq(None::<Timestamp>),
            articles::schedule_failure.eq(&obstacles),
            articles::version.eq(head.version + 1),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    Ok(json!({ "status": status, "obstacles": obstacles }))
}

fn go_off(tx: &mut PgConnection, head: &Head, now: Timestamp) -> Result<()> {
    let (action, status) = if head.live_revision.is_some() {
        workflow::go_off(tx, head, now)?;
        ("unpublish", Status::Unpublished)
    } else {
        // It never went live: there is nothing to take off, and the plan is done with.
        diesel::update(articles::table.find(head.id))
            .set((articles::unpublish_at.eq(None::<Timestamp>), articles::version.eq(head.version + 1), articles::updated_at.eq(now)))
            .execute(tx)?;
        ("unschedule", head.status)
    };
    let before = json!({ "status": head.status, "unpublish_at": head.unpublish_at });
    audit::record_for(tx, None, ACTOR, None, Deed { action, resource: "article", target: Some(head.id) }, Some(before), Some(json!({ "status": status })))
}
