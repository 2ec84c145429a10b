//! Forgets audit events that are older than the operators want. The database refuses every other deletion of them.

use chrono::Duration;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::error::Result;
use crate::schema::audit_events as events;
use crate::timestamp::Timestamp;

/// Events that one transaction forgets: short enough to be in nobody's way.
const AT_ONCE: i64 = 5_000;

/// Forgets some of the events of more than `days` days before `now`, the oldest first; with 0 days, none. Says how many:
/// call again until it is none.
///
/// # Errors
/// What the database says.
pub fn forget_events(tx: &mut PgConnection, days: u32, now: Timestamp) -> Result<usize> {
    if days == 0 {
        return Ok(0);
    }
    let before = now.plus(Duration::days(-i64::from(days)));
    // Holds until the transaction ends, and lets its deletions pass.
    diesel::sql_query("SELECT set_config('masthead.forget_events_before', $1, true)").bind::<Text, _>(before.to_string()).execute(tx)?;
    let oldest = events::table.filter(events::at.lt(before)).order((events::at.asc(), events::id.asc())).limit(AT_ONCE).select(events::id).for_update().skip_locked();
    let ids: Vec<uuid::Uuid> = oldest.load(tx)?;
    Ok(diesel::delete(events::table.filter(events::id.eq_any(ids))).execute(tx)?)
}
