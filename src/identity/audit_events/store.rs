//! SQL of the audit trail: reading only.

use diesel::dsl::count_star;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use uuid::Uuid;

use super::model::{AuditEvent, AuditQuery};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::error::Result;
use crate::schema::audit_events as events;
use crate::timestamp::Timestamp;

/// The key the trail is sorted by: time, then id.
pub type Key = (Timestamp, Uuid);

fn matching(query: &AuditQuery) -> events::BoxedQuery<'_, Pg> {
    let mut rows = events::table.into_boxed();
    if let Some(actor) = query.actor {
        rows = rows.filter(events::actor_id.eq(actor));
    }
    if let Some(action) = &query.action {
        rows = rows.filter(events::action.eq(action.as_str()));
    }
    if let Some(resource) = &query.resource {
        rows = rows.filter(events::resource.eq(resource.as_str()));
    }
    if let Some(target) = query.target {
        rows = rows.filter(events::target_id.eq(target));
    }
    if let Some(since) = query.since {
        rows = rows.filter(events::at.ge(since));
    }
    if let Some(until) = query.until {
        rows = rows.filter(events::at.lt(until));
    }
    rows
}

/// A page of the trail, the newest first.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &AuditQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<AuditEvent>> {
    let mut rows = matching(query);
    let back = page.backwards();
    if let Some((at, id)) = page.key().copied() {
        rows = if back {
            rows.filter(events::at.ge(at).and(events::at.gt(at).or(events::id.gt(id))))
        } else {
            rows.filter(events::at.le(at).and(events::at.lt(at).or(events::id.lt(id))))
        };
    }
    rows = if back { rows.order((events::at.asc(), events::id.asc())) } else { rows.order((events::at.desc(), events::id.desc())) };
    let rows = rows.limit(page.take()).select(AuditEvent::as_select()).load(conn)?;
    let (data, mut info) = page.finish(rows, signer, |event| (event.at, event.id))?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    Ok(Page { data, page: info })
}
