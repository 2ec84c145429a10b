//! The shapes of signing in, of sessions, and of changes to one's own account.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::json::present;
use crate::identity::users::model::User;
use crate::schema::sessions;
use crate::text::{Email, Line, Password, PasswordAttempt};
use crate::timestamp::Timestamp;

/// Who signs in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The account's address.
    pub email: Email,
    /// Its password.
    pub password: PasswordAttempt,
}

/// What renews a session.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token that came last; it works once.
    #[schema(example = "mhr_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z")]
    pub refresh_token: String,
}

crate::words! {
    /// How an access token is sent (RFC 6750).
    TokenType {
        /// In the Authorization header.
        Bearer = "Bearer",
    }
}

/// Signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub struct Grant {
    /// A JWT for the Authorization header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// Seconds the access token is good for.
    #[schema(example = 900, minimum = 1)]
    pub expires_in: i64,
    /// For `POST /v1/auth/refresh`, once. Used a second time it ends the session.
    #[schema(example = "mhr_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z")]
    pub refresh_token: String,
    /// The account.
    pub user: User,
}

/// A new password for one's own account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    pub current_password: PasswordAttempt,
    /// The password from now on.
    pub new_password: Password,
}

/// A new password by a token that an administrator made.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The token, which works once.
    #[schema(example = "mhs_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z")]
    pub token: String,
    /// The password from now on.
    pub new_password: Password,
}

/// A change to one's own account (RFC 7396). Role and status are for administrators.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    /// One's name.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// The address to sign in with. Needs `current_password`.
    #[serde(default, deserialize_with = "present")]
    pub email: Option<Email>,
    /// The password, to change the address.
    #[serde(default, deserialize_with = "present")]
    pub current_password: Option<PasswordAttempt>,
}

/// A session's row.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// Its id.
    pub id: Uuid,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub last_used_at: Timestamp,
    /// When it ends by itself unless it is renewed.
    pub expires_at: Timestamp,
    /// What the client called itself.
    #[schema(required = true, example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    pub user_agent: Option<String>,
    /// Where it was last renewed from.
    #[schema(required = true, example = "203.0.113.7")]
    pub address: Option<String>,
}

/// A session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// The row.
    #[serde(flatten)]
    pub row: SessionRow,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Which sessions.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionQuery {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
}
