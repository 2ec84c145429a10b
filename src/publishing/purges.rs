//! What is still to be purged from the caches in front: rows that the database writes with every change of the world, taken
//! away as they are sent. Sends nothing itself.
//!
//! Each is sent twice, the second time a little later: a replica that had not heard of the change when the first was sent
//! may have filled the cache with what was before.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};

use crate::db::statement::Statement;
use crate::error::Result;
use crate::schema::purges;

/// Rows taken at one go.
pub const AT_ONCE: usize = 200;

/// A purge that is due.
#[derive(Debug, Queryable)]
pub struct Purge {
    /// Its id.
    pub id: i64,
    /// What to forget.
    pub keys: Vec<String>,
    /// Whether this is the second time.
    pub sent: bool,
}

/// Takes those that are due; for ten seconds nobody else does. Whatever was not sent by then is due again.
///
/// # Errors
/// What the database says.
pub fn claim(tx: &mut PgConnection) -> Result<Vec<Purge>> {
    let mut sql = Statement::<(BigInt, Array<Text>, Bool)>::new(
        "UPDATE purges SET due_at = now() + interval '10 s' \
         WHERE id IN (SELECT id FROM purges WHERE due_at <= now() ORDER BY id LIMIT ",
    );
    sql.literal(i64::try_from(AT_ONCE).unwrap_or(1)).sql(" FOR UPDATE SKIP LOCKED) RETURNING id, keys, sent");
    Ok(sql.load(tx)?)
}

/// These have been sent: for the first time, or for the last.
///
/// # Errors
/// What the database says.
pub fn settle(tx: &mut PgConnection, done: &[Purge]) -> Result<()> {
    let ids = |sent: bool| done.iter().filter(move |purge| purge.sent == sent).map(|purge| purge.id);
    diesel::delete(purges::table.filter(purges::id.eq_any(ids(true)))).execute(tx)?;
    let again = diesel::dsl::sql::<diesel::sql_types::Timestamptz>("now() + interval '2 s'");
    diesel::update(purges::table.filter(purges::id.eq_any(ids(false)))).set((purges::sent.eq(true), purges::due_at.eq(again))).execute(tx)?;
    Ok(())
}

/// Forgets those of which nobody has told a cache within a day: no answer is kept longer.
///
/// # Errors
/// What the database says.
pub fn forget(tx: &mut PgConnection) -> Result<usize> {
    let a_day_ago = diesel::dsl::sql::<diesel::sql_types::Timestamptz>("now() - interval '1 day'");
    Ok(diesel::delete(purges::table.filter(purges::at.lt(a_day_ago))).execute(tx)?)
}
