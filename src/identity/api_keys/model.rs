//! The shapes of an API key. The secret is in none but the answer to its making.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::error::{Error, Result};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::schema::api_keys;
use crate::text::Line;
use crate::timestamp::Timestamp;

crate::words! {
    /// Whether a key works.
    ApiKeyStatus {
        /// It does, while its maker's account can be used.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It was revoked.
        Revoked = "revoked",
    }
}

/// An API key's row, without what is secret.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = api_keys)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    #[schema(example = "Front end, production")]
    pub name: String,
    /// What it may do, as long as its maker may.
    pub role: Role,
    /// How the secret begins, to tell keys apart.
    #[schema(example = "mhk_Nn2hGm")]
    pub prefix: String,
    /// The account that made it.
    pub created_by: Uuid,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    #[schema(required = true)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(required = true)]
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(required = true)]
    pub last_used_at: Option<Timestamp>,
}

/// An API key.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApiKey {
    /// The row.
    #[serde(flatten)]
    pub row: ApiKeyRow,
    /// Whether it works.
    pub status: ApiKeyStatus,
}

impl ApiKey {
    /// The key as it stands at this time.
    #[must_use]
    pub fn at(row: ApiKeyRow, now: Timestamp) -> Self {
        let status = match (row.revoked_at, row.expires_at) {
            (Some(_), _) => ApiKeyStatus::Revoked,
            (None, Some(end)) if end <= now => ApiKeyStatus::Expired,
            _ => ApiKeyStatus::Active,
        };
        Self { row, status }
    }
}

/// An API key that has just been made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MadeApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The secret, for the Authorization header. Null when a repeated request (`Idempotency-Key`) gets the first answer again: only a digest is kept.
    #[schema(required = true, example = "mhk_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z")]
    pub secret: Option<String>,
}

/// A new API key.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is for.
    pub name: Line<200>,
    /// What it may do; not more than you may.
    pub role: Role,
    /// Until when it works; without it, until it is revoked.
    pub expires_at: Option<Timestamp>,
}

impl NewApiKey {
    /// Refuses what cannot be.
    ///
    /// # Errors
    /// 403 for a role above the maker's; 422 for an end in the past.
    pub fn check(&self, maker: &Principal, now: Timestamp) -> Result<()> {
        if !maker.is(self.role) {
            return Err(forbidden("A key cannot have a role above yours."));
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::invalid_field("/expires_at", "in_the_past", "Give a time that is still to come."));
        }
        Ok(())
    }
}

/// Which API keys.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApiKeyQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they work.
    pub status: Option<ApiKeyStatus>,
    /// Those that this account made.
    pub created_by: Option<Uuid>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}
