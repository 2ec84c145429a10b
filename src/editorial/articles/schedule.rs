//! What is timed: claimed with SKIP LOCKED, so that several processes share it, decided by the database's clock, done once
//! however many look. Many due at once go together; one that cannot holds up and undoes none of the others.

use std::time::Duration;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use serde_json::{Value, json};

use super::model::{Head, Status};
use super::workflow::{self, Going};
use crate::db::statement::Statement;
use crate::error::{Code, Error, FieldError, Result};
use crate::identity::audit::{self, Deed, Done};
use crate::publishing::obstacles::Known;
use crate::publishing::story::Subject;
use crate::publishing::{content, projection};
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// The name under which the audit trail has these deeds.
const ACTOR: &str = "schedule";
/// Stories that go live in one transaction: others wait for its locks, and its texts are in memory.
const ON_AT_ONCE: i64 = 50;
/// Stories that go off in one transaction.
const OFF_AT_ONCE: i64 = 20;

/// Does what has been due longest, a bounded number of stories of each kind, so that many of one do not hold up the other.
/// Says how many: call again until there are none.
///
/// # Errors
/// What the database says; then nothing was done.
pub fn run_due(tx: &mut PgConnection) -> Result<usize> {
    let now = crate::db::now(tx)?;
    let on: Vec<Head> =
        articles::table.filter(articles::publish_at.le(now)).order(articles::publish_at).limit(ON_AT_ONCE).select(Head::as_select()).for_no_key_update().skip_locked().load(tx)?;
    go_live(tx, &on, now)?;
    // Read after the others are live: what is due to go on and off goes on, then off.
    let off: Vec<Head> = articles::table
        .filter(articles::unpublish_at.le(now))
        .order(articles::unpublish_at)
        .limit(OFF_AT_ONCE)
        .select(Head::as_select())
        .for_no_key_update()
        .skip_locked()
        .load(tx)?;
    for head in &off {
        go_off(tx, head, now)?;
    }
    Ok(on.len() + off.len())
}

/// How long it is until something is due by the database's clock; `None` when nothing is planned.
///
/// # Errors
/// What the database says.
pub fn until_next(tx: &mut PgConnection) -> Result<Option<Duration>> {
    let next = Statement::<Nullable<BigInt>>::new(
        "SELECT ceil(extract(epoch FROM least((SELECT min(publish_at) FROM articles), (SELECT min(unpublish_at) FROM articles)) - clock_timestamp()) * 1000)::bigint",
    );
    let millis: Option<i64> = next.get_result(tx)?;
    Ok(millis.map(|millis| Duration::from_millis(millis.max(0).unsigned_abs())))
}

/// All together; where that fails, each by itself.
fn go_live(tx: &mut PgConnection, heads: &[Head], now: Timestamp) -> Result<()> {
    match (tx.transaction(|tx| go_live_together(tx, heads, now)), heads) {
        (Ok(()), _) => Ok(()),
        // Only what may pass by itself is tried again: one story that cannot go live must not hold up all others.
        (Err(error), _) if error.code == Code::Unavailable => Err(error),
        (Err(error), [head]) => give_up(tx, head, now, error),
        (Err(_), heads) => heads.iter().try_for_each(|head| go_live(tx, std::slice::from_ref(head), now)),
    }
}

fn go_live_together(tx: &mut PgConnection, heads: &[Head], now: Timestamp) -> Result<()> {
    if heads.is_empty() {
        return Ok(());
    }
    let contents = content::load_all(tx, &heads.iter().map(|head| (head.id, head.revision)).collect::<Vec<_>>())?;
    let subjects: Vec<_> = heads.iter().zip(&contents).map(|(head, content)| Subject { id: head.id, group: head.translation_group, content }).collect();
    let around = projection::gather(tx, &subjects)?;
    let known = Known::among(tx, &around, &contents)?;
    let mut going = Vec::new();
    for (head, content) in heads.iter().zip(&contents) {
        // The story bears the time it was planned for, also when we come late.
        let at = head.publish_at.unwrap_or(now);
        let obstacles = known.obstacles(content, head.embargo_until, at);
        if obstacles.is_empty() {
            going.push(Going { head, content, at, by: None });
        } else {
            give_up(tx, head, now, crate::publishing::obstacles::refusal(obstacles))?;
        }
    }
    if going.is_empty() {
        return Ok(());
    }
    workflow::put_live(tx, &going, &around)?;
    let done = |Going { head, at, .. }: &Going<'_>| Done {
        target: head.id,
        before: json!({ "status": head.status, "live_revision": head.live_revision, "publish_at": head.publish_at }),
        after: json!({ "status": Status::Published, "revision": head.revision, "published_at": at }),
    };
    audit::record_all(tx, ACTOR, "publish", "article", &going.iter().map(done).collect::<Vec<_>>())
}

/// What became impossible since it was planned is told to the desk, not tried for ever.
fn give_up(tx: &mut PgConnection, head: &Head, now: Timestamp, error: Error) -> Result<()> {
    let status = if head.live_revision.is_some() { Status::Published } else { Status::InReview };
    let obstacles = told(head, error, "could not go live as planned");
    diesel::update(articles::table.find(head.id))
        .set((
            articles::status.eq(status),
            articles::publish_at.eq(None::<Timestamp>),
            articles::schedule_failure.eq(&obstacles),
            articles::version.eq(head.version + 1),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    let before = json!({ "status": head.status, "live_revision": head.live_revision, "publish_at": head.publish_at });
    note(tx, "schedule_failed", head, before, json!({ "status": status, "obstacles": obstacles }))
}

/// What stood in the way, for the desk; what only operators can mend, for them.
fn told(head: &Head, error: Error, what: &str) -> Value {
    if error.code == Code::Internal {
        tracing::error!(article = %head.id, %error, "article {} {what}: {error}", head.id);
    }
    json!(if error.errors.is_empty() { vec![FieldError::body("", error.code.slug(), error.code.title())] } else { error.errors })
}

fn go_off(tx: &mut PgConnection, head: &Head, now: Timestamp) -> Result<()> {
    let before = json!({ "status": head.status, "unpublish_at": head.unpublish_at });
    if head.live_revision.is_none() {
        // It never went live: there is nothing to take off, and the plan is done with.
        drop_end(tx, head, now, None)?;
        return note(tx, "unschedule", head, before, json!({ "status": head.status }));
    }
    match tx.transaction(|tx| workflow::go_off(tx, head, now)) {
        Ok(()) => note(tx, "unpublish", head, before, json!({ "status": Status::Unpublished })),
        Err(error) if error.code == Code::Unavailable => Err(error),
        Err(error) => {
            let obstacles = told(head, error, "could not go off as planned");
            drop_end(tx, head, now, Some(&obstacles))?;
            note(tx, "schedule_failed", head, before, json!({ "status": head.status, "obstacles": obstacles }))
        }
    }
}

fn drop_end(tx: &mut PgConnection, head: &Head, now: Timestamp, failure: Option<&Value>) -> Result<()> {
    diesel::update(articles::table.find(head.id))
        .set((
            articles::unpublish_at.eq(None::<Timestamp>),
            articles::schedule_failure.eq(failure.or(head.schedule_failure.as_ref())),
            articles::version.eq(head.version + 1),
            articles::updated_at.eq(now),
        ))
        .execute(tx)?;
    Ok(())
}

fn note(tx: &mut PgConnection, action: &'static str, head: &Head, before: Value, after: Value) -> Result<()> {
    audit::record_for(tx, None, ACTOR, None, Deed { action, resource: "article", target: Some(head.id) }, Some(before), Some(after))
}
