//! Who did what to what, when, from where: rows written in the transaction that they tell of, never changed.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::Value;
use uuid::Uuid;

use super::principal::Principal;
use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::schema::audit_events as events;

#[diesel::declare_sql_function]
extern "SQL" {
    fn clock_timestamp() -> diesel::sql_types::Timestamptz;
    fn date_trunc(unit: diesel::sql_types::Text, time: diesel::sql_types::Timestamptz) -> diesel::sql_types::Timestamptz;
}

/// The time by the database's clock: several processes write the trail, and its order must be that of the deeds. To the
/// millisecond, as everything that is paged by.
fn time() -> date_trunc<&'static str, clock_timestamp> {
    date_trunc("milliseconds", clock_timestamp())
}

/// What an event is about.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// A verb: `create`, `update`, `delete`, `publish`, `login`.
    pub action: &'a str,
    /// The kind of thing: `article`, `tag`, `user`.
    pub resource: &'a str,
    /// Which one.
    pub target: Option<Uuid>,
}

/// Writes an event down. `before` and `after` hold what changed; secrets must not be in them.
///
/// # Errors
/// What the database says.
pub fn record(tx: &mut PgConnection, actor: &Principal, deed: Deed<'_>, before: Option<Value>, after: Option<Value>) -> Result<()> {
    record_for(tx, Some(actor.user_id), &actor.name, Some((&actor.request_id, &actor.address)), deed, before, after)
}

/// Writes an event of the service's own, or of somebody who is not signed in.
///
/// # Errors
/// What the database says.
pub fn record_for(tx: &mut PgConnection, actor: Option<Uuid>, name: &str, origin: Option<(&str, &str)>, deed: Deed<'_>, before: Option<Value>, after: Option<Value>) -> Result<()> {
    diesel::insert_into(events::table)
        .values((
            events::id.eq(Uuid::now_v7()),
            events::at.eq(time()),
            events::actor_id.eq(actor),
            events::actor.eq(name),
            events::action.eq(deed.action),
            events::resource.eq(deed.resource),
            events::target_id.eq(deed.target),
            events::request_id.eq(origin.map(|o| o.0)),
            events::address.eq(origin.map(|o| o.1)),
            events::before.eq(before),
            events::after.eq(after),
        ))
        .execute(tx)?;
    let (request_id, address) = origin.unwrap_or_default();
    let (action, resource, subject) = (deed.action, deed.resource, deed.target.unwrap_or_default());
    if request_id.is_empty() {
        // The service's own deeds, a newsroom's worth of them at a first start.
        tracing::debug!(action, resource, %subject, "{action} {resource} {subject}");
    } else {
        tracing::info!(request_id, address, actor = %actor.unwrap_or_default(), action, resource, %subject, "{action} {resource} {subject}");
    }
    Ok(())
}

/// Something that the service did to one thing, with what changed.
#[derive(Debug)]
pub struct Done {
    /// Which one.
    pub target: Uuid,
    /// What changed, as it was.
    pub before: Value,
    /// What changed, as it is.
    pub after: Value,
}

/// Writes down that the service itself has done the same to many things.
///
/// # Errors
/// What the database says.
pub fn record_all(tx: &mut PgConnection, name: &str, action: &str, resource: &str, done: &[Done]) -> Result<()> {
    let row = |done: &Done| {
        (
            (events::id.eq(Uuid::now_v7()), events::at.eq(time()), events::actor.eq(name.to_owned()), events::action.eq(action.to_owned())),
            (events::resource.eq(resource.to_owned()), events::target_id.eq(done.target), events::before.eq(done.before.clone()), events::after.eq(done.after.clone())),
        )
    };
    diesel::insert_into(events::table).values(done.iter().map(row).collect::<Vec<_>>()).execute(tx)?;
    for done in done {
        tracing::debug!(action, resource, subject = %done.target, "{action} {resource} {}", done.target);
    }
    Ok(())
}

/// Writes down that somebody has done the same to any number of things.
///
/// # Errors
/// What the database says.
pub fn record_deeds(tx: &mut PgConnection, actor: &Principal, action: &str, resource: &str, done: &[Done]) -> Result<()> {
    let texts = |value: fn(&Done) -> &Value| Bind::Texts(done.iter().map(|done| value(done).to_string()).collect());
    let mut sql = Statement::<BigInt>::new("INSERT INTO audit_events (actor_id, actor, action, resource, request_id, address, id, at, target_id, before, after) SELECT ");
    sql.bind(Bind::Id(actor.user_id));
    for text in [&actor.name, action, resource, &actor.request_id, &actor.address] {
        sql.sql(", ").bind(Bind::Text(text.to_owned()));
    }
    sql.sql(", n.id, date_trunc('milliseconds', clock_timestamp()), n.target, n.before::jsonb, n.after::jsonb FROM unnest(");
    sql.bind(Bind::Ids(done.iter().map(|_| Uuid::now_v7()).collect())).sql(", ").bind(Bind::Ids(done.iter().map(|done| done.target).collect())).sql(", ");
    sql.bind(texts(|done| &done.before)).sql(", ").bind(texts(|done| &done.after)).sql(") AS n (id, target, before, after)");
    sql.execute(tx)?;
    Ok(())
}

/// The members in which two JSON objects differ, as they were and as they are: what an update changed.
#[must_use]
pub fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let mut was = serde_json::Map::new();
    let mut is = serde_json::Map::new();
    if let (Value::Object(old), Value::Object(new)) = (before, after) {
        for (name, value) in new {
            let earlier = old.get(name).unwrap_or(&Value::Null);
            if earlier != value && !matches!(name.as_str(), "version" | "updated_at") {
                was.insert(name.clone(), earlier.clone());
                is.insert(name.clone(), value.clone());
            }
        }
    }
    (Value::Object(was), Value::Object(is))
}
