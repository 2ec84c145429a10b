//! HTTP of the audit trail: one list, for administrators.

use actix_web::get;

use super::model::{AuditEvent, AuditQuery};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest};
use crate::error::Result;
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::Admin;

/// A page of audit events.
pub type AuditEventPage = Page<AuditEvent>;

/// Read the audit trail.
///
/// For administrators. The newest first. Nothing changes or deletes an event, and none holds a secret.
#[utoipa::path(tag = "identity", params(AuditQuery), responses((status = 200, description = "A page of events.", body = AuditEventPage)), security(("bearer" = [])))]
#[get("/audit-events")]
pub async fn list_audit_events(_admin: Admin, app: State, query: Query<AuditQuery>, url: PageUrl) -> Result<Reply> {
    let question = format!("audit {:?} {:?} {:?} {:?} {:?} {:?}", query.actor, query.action, query.resource, query.target, query.since, query.until);
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), question, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}
