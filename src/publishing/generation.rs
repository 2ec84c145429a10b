//! Counters that tell every process that something changed. A transaction moves them; others hear of it by NOTIFY at commit.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db::statement::{Bind, Statement};
use crate::error::Result;

/// An author, tag, credit, picture or the site has changed: what cards refer to must be read again.
///
/// # Errors
/// What the database says.
pub fn references_changed(tx: &mut PgConnection) -> Result<()> {
    Statement::<BigInt>::new("UPDATE generations SET value = value + 1 WHERE name = 'references' RETURNING value").get_result::<i64>(tx)?;
    content_changed(tx)?;
    Ok(())
}

/// The world has changed. Returns the new generation; nobody else gets the same, and they become visible in order.
///
/// # Errors
/// What the database says.
pub fn content_changed(tx: &mut PgConnection) -> Result<i64> {
    content_changed_by(tx, 1)
}

/// The world has changed in so many steps at once. Returns the last of the new generations; the ones before it are the
/// caller's too. The one place where the number moves: whoever moves it tells this process (which then reads what it
/// wrote) and all others.
///
/// # Errors
/// What the database says.
pub fn content_changed_by(tx: &mut PgConnection, steps: i64) -> Result<i64> {
    content_changed_with(tx, steps, |_| {})
}

/// The same, with what is written of those steps in the same statement: further `WITH` queries, each after a comma, that
/// may read the last of the new generations from `moved`.
///
/// # Errors
/// What the database says.
pub fn content_changed_with(tx: &mut PgConnection, steps: i64, note: impl FnOnce(&mut Statement<BigInt>)) -> Result<i64> {
    let mut sql = Statement::<BigInt>::new("WITH moved AS (UPDATE generations SET value = value + ");
    sql.bind(Bind::Big(steps)).sql(" WHERE name = 'content' RETURNING value)");
    note(&mut sql);
    sql.sql(" SELECT value FROM moved, LATERAL (SELECT pg_notify('masthead_generation', value::text)) AS told");
    let number = sql.get_result(tx)?;
    crate::db::note_generation(number);
    Ok(number)
}
