//! What is timed: claimed row by row with SKIP LOCKED, decided by the database's clock, done once however many look.

use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use serde_json::json;

use super::model::{Head, Status};
use super::workflow;
use crate::error::{Code, Error, Result};
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
    let due: Option<Head> =
        articles::table.filter(articles::publish_at.le(now)).order(articles::publish_at).select(Head::as_select()).for_no_key_update().skip_locked().first(tx).optional()?;
    if let Some(head) = due {
        go_live(tx, &head, now)?;
        return Ok(true);
    }
    let due: Option<Head> =
        articles::table.filter(articles::unpublish_at.le(now)).order(articles::unpublish_at).select(Head::as_select()).for_no_key_update().skip_locked().first(tx).optional()?;
    let Some(head) = due else { return Ok(false) };
    go_off(tx, &head, now)?;
    Ok(true)
}

/// The story bears the time it was planned for, also when we come late.
fn go_live(tx: &mut PgConnection, head: &Head, now: Timestamp) -> Result<()> {
    let at = head.publish_at.unwrap_or(now);
    let outcome = tx.transaction(|tx| workflow::go_live(tx, head, at));
    let after = match outcome {
        Ok(()) => json!({ "status": Status::Published, "revision": head.revision, "published_at": at }),
        Err(error) if error.code == Code::NotPublishable || error.code == Code::SlugTaken => give_up(tx, head, now, &error)?,
        Err(error) => return Err(error),
    };
    let action = if after.get("obstacles").is_some() { "schedule_failed" } else { "publish" };
    audit::record_for(
        tx,
        None,
        ACTOR,
        None,
        Deed { action, resource: "article", target: Some(head.id) },
        Some(json!({ "status": head.status, "publish_at": head.publish_at })),
        Some(after),
    )
}

/// What became impossible since it was planned is told to the desk, not tried for ever.
fn give_up(tx: &mut PgConnection, head: &Head, now: Timestamp, error: &Error) -> Result<serde_json::Value> {
    let status = if head.live_revision.is_some() { Status::Published } else { Status::InReview };
    let obstacles = json!(error.errors);
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
    if head.live_revision.is_some() {
        workflow::go_off(tx, head, now)?;
    } else {
        diesel::update(articles::table.find(head.id)).set(articles::unpublish_at.eq(None::<Timestamp>)).execute(tx)?;
    }
    let deed = Deed { action: "unpublish", resource: "article", target: Some(head.id) };
    audit::record_for(tx, None, ACTOR, None, deed, Some(json!({ "status": head.status, "unpublish_at": head.unpublish_at })), Some(json!({ "status": Status::Unpublished })))
}
