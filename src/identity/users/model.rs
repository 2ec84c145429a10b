//! The shapes of an account. None of them can hold a password's hash.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::identity::role::Role;
use crate::schema::users;
use crate::text::{Email, Line, Password};
use crate::timestamp::Timestamp;

crate::words! {
    /// Whether an account can be used.
    UserStatus {
        /// It can.
        Active = "active",
        /// It has no password yet.
        Invited = "invited",
        /// An administrator has shut it.
        Disabled = "disabled",
    }
}

/// An account's row, without what is secret.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = users)]
pub struct UserRow {
    /// Its id.
    pub id: Uuid,
    /// The address it signs in with.
    #[schema(example = "ann@example.org")]
    pub email: String,
    /// The person's name.
    #[schema(example = "Ann Okafor")]
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The author that this person is.
    #[schema(required = true)]
    pub author_id: Option<Uuid>,
    #[serde(skip)]
    pub(in crate::identity) disabled_at: Option<Timestamp>,
    #[serde(skip)]
    #[diesel(select_expression = users::password_hash.is_not_null())]
    pub(in crate::identity) has_password: bool,
    /// Counts the writes to it.
    #[schema(minimum = 1)]
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct User {
    /// The row.
    #[serde(flatten)]
    pub row: UserRow,
    /// Whether it can be used.
    pub status: UserStatus,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let status = match (row.disabled_at, row.has_password) {
            (Some(_), _) => UserStatus::Disabled,
            (None, true) => UserStatus::Active,
            (None, false) => UserStatus::Invited,
        };
        Self { row, status }
    }
}

impl Versioned for User {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A new account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The address it signs in with; no other account may have it.
    pub email: Email,
    /// The person's name.
    pub name: Line<200>,
    /// What it may do.
    pub role: Role,
    /// A first password. Better leave it out, and send the person the token of a password reset.
    pub password: Option<Password>,
    /// The author that this person is.
    pub author_id: Option<Uuid>,
}

/// A change to an account (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// The person's name.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// What it may do. A change ends its sessions.
    #[serde(default, deserialize_with = "present")]
    pub role: Option<Role>,
    /// The author that this person is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub author_id: Option<Option<Uuid>>,
    /// Shuts the account, or opens it again. Shutting ends its sessions, and its API keys do nothing meanwhile.
    #[serde(default, deserialize_with = "present")]
    pub disabled: Option<bool>,
}

/// A password-reset token, shown once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssuedReset {
    /// For `POST /v1/auth/password-reset`. Null when a repeated request (`Idempotency-Key`) gets the first answer again: only a digest is kept.
    #[schema(required = true, example = "mhs_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z")]
    pub token: Option<String>,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Which accounts.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// Part of the name or of the address.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they can be used.
    pub status: Option<UserStatus>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}
