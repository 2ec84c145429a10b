//! The shape of an audit event.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::schema::audit_events;
use crate::text::Line;
use crate::timestamp::Timestamp;

/// Who did what to what, when, from where.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = audit_events)]
pub struct AuditEvent {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The account that did it; null for the service itself, the operator, and those not signed in.
    #[schema(required = true)]
    pub actor_id: Option<Uuid>,
    /// The account's or key's name at the time; `operator`, `anonymous`.
    #[schema(example = "Ann Okafor")]
    pub actor: String,
    /// What was done: `create`, `update`, `delete`, `publish`, `login`, `login_failed`, `login_throttled`, `denied`.
    #[schema(example = "update")]
    pub action: String,
    /// To what kind of thing: `article`, `tag`, `user`, `session`, `api_key`; `request` for what was denied.
    #[schema(example = "user")]
    pub resource: String,
    /// To which one.
    #[schema(required = true)]
    pub target_id: Option<Uuid>,
    /// The request's id.
    #[schema(required = true)]
    pub request_id: Option<String>,
    /// The address it came from.
    #[schema(required = true, example = "203.0.113.7")]
    pub address: Option<String>,
    /// What changed, as it was.
    #[schema(required = true, value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// What changed, as it is since.
    #[schema(required = true, value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
}

/// Which events.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Those of this account.
    pub actor: Option<Uuid>,
    /// What was done.
    #[param(max_length = 60, example = "update")]
    pub action: Option<Line<60>>,
    /// To what kind of thing.
    #[param(max_length = 60, example = "user")]
    pub resource: Option<Line<60>>,
    /// To which one.
    pub target: Option<Uuid>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}
