//! Forgets what nobody can use any more: ended sessions, spent refresh tokens, reset tokens that have run out.

use diesel::pg::PgConnection;
use diesel::prelude::*;

use crate::app::now;
use crate::error::Result;
use crate::schema::{password_resets, refresh_tokens, sessions};

/// Days for which what has ended is kept, so that a late reuse is still recognised.
const RETENTION_DAYS: i64 = 30;

/// Deletes what ended more than thirty days ago, and reset tokens that have run out. Returns how many rows.
///
/// # Errors
/// What the database says.
pub fn sweep(conn: &mut PgConnection) -> Result<usize> {
    let (now, past) = (now(), now().plus(chrono::Duration::days(-RETENTION_DAYS)));
    let dead = diesel::delete(sessions::table.filter(sessions::ended_at.lt(past).or(sessions::expires_at.lt(past)))).execute(conn)?;
    let spent = diesel::delete(refresh_tokens::table.filter(refresh_tokens::used_at.lt(past))).execute(conn)?;
    let stale = diesel::delete(password_resets::table.filter(password_resets::expires_at.lt(now))).execute(conn)?;
    Ok(dead + spent + stale)
}
