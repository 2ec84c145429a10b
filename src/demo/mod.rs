//! Sample content: the demo newsroom that a first run shows, and a corpus of any size to measure with.
//! Goes through the same store and publishing code as the desk; nothing else may depend on it.

pub mod corpus;
pub mod newsroom;
pub mod photos;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::identity::principal::{Credential, Principal};
use crate::identity::role::Role;
use crate::schema::users;

/// Whom sample content belongs to: the first administrator, under the name of what is loaded.
fn owner(tx: &mut PgConnection, name: &str) -> Result<Principal> {
    let first: Option<Uuid> = users::table
        .filter(users::role.eq(Role::Admin))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .order((users::created_at, users::id))
        .select(users::id)
        .first(tx)
        .optional()?;
    let user_id = first.ok_or_else(|| Error::new(Code::Conflict, "Sample content needs an administrator to belong to. Make one first."))?;
    Ok(Principal { user_id, name: name.to_owned(), role: Role::Admin, credential: Credential::Session(Uuid::nil()), address: String::new(), request_id: String::new() })
}
