//! What the operator of the service does with accounts, at the command line and at the start: no principal, no version.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;
use uuid::Uuid;

use super::model::{NewUser, User, UserRow};
use super::store::{insert_row, lock, refuse_last};
use crate::app::now;
use crate::error::Result;
use crate::identity::audit::{self, Deed};
use crate::identity::auth::{resets, sessions};
use crate::identity::role::Role;
use crate::schema::users;
use crate::text::{Email, Line};

/// The name under which the operator's deeds stand in the audit trail.
const OPERATOR: &str = "operator";
/// The advisory lock for making the first administrator.
const FIRST_ADMIN: i64 = 0x6d61_7374_6164_6d31;

/// Makes the first administrator; does nothing when there is one. However many instances start at once, one is made.
///
/// # Errors
/// 409 when an account that is no administrator has the address.
pub fn insert_first_admin(tx: &mut PgConnection, email: &Email, name: &Line<200>, password_hash: &str) -> Result<Option<User>> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(FIRST_ADMIN).execute(tx)?;
    if has_admin(tx)? {
        return Ok(None);
    }
    let new = NewUser { email: email.clone(), name: name.clone(), role: Role::Admin, password: None, author_id: None };
    let user = insert_row(tx, &new, Some(password_hash))?;
    audit::record_for(tx, None, OPERATOR, None, Deed { action: "create", resource: "user", target: Some(user.row.id) }, None, Some(json!(user)))?;
    Ok(Some(user))
}

/// Whether there is an administrator, disabled or not.
///
/// # Errors
/// What the database says.
pub fn has_admin(conn: &mut PgConnection) -> Result<bool> {
    let admins = users::table.filter(users::role.eq(Role::Admin)).filter(users::deleted_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(admins)).get_result(conn)?)
}

/// The account with this address.
///
/// # Errors
/// What the database says.
pub fn find_by_email(conn: &mut PgConnection, email: &Email) -> Result<Option<User>> {
    let found = users::table.filter(users::email_key.eq(email.key())).filter(users::deleted_at.is_null()).select(UserRow::as_select()).first(conn);
    Ok(found.optional()?.map(User::from))
}

/// All accounts, by name.
///
/// # Errors
/// What the database says.
pub fn list_all(conn: &mut PgConnection) -> Result<Vec<User>> {
    let rows = users::table.filter(users::deleted_at.is_null()).order((users::name, users::id)).select(UserRow::as_select()).load(conn)?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Gives an account a new password and ends its sessions: the way back in for an administrator who has lost theirs.
///
/// # Errors
/// 404.
pub fn set_password(tx: &mut PgConnection, id: Uuid, password_hash: &str) -> Result<()> {
    lock(tx, id)?;
    let now = now();
    diesel::update(users::table.find(id)).set((users::password_hash.eq(password_hash), users::version.eq(users::version + 1), users::updated_at.eq(now))).execute(tx)?;
    sessions::end_all(tx, id, None, now)?;
    resets::withdraw(tx, id)?;
    audit::record_for(tx, None, OPERATOR, None, Deed { action: "set_password", resource: "user", target: Some(id) }, None, None)
}

/// Shuts an account and ends its sessions.
///
/// # Errors
/// 404; 409 for the last administrator.
pub fn disable(tx: &mut PgConnection, id: Uuid) -> Result<()> {
    let (user, only_admin) = lock(tx, id)?;
    if only_admin {
        return Err(refuse_last());
    }
    let now = now();
    if user.row.disabled_at.is_none() {
        diesel::update(users::table.find(id)).set((users::disabled_at.eq(now), users::version.eq(users::version + 1), users::updated_at.eq(now))).execute(tx)?;
    }
    sessions::end_all(tx, id, None, now)?;
    resets::withdraw(tx, id)?;
    audit::record_for(tx, None, OPERATOR, None, Deed { action: "disable", resource: "user", target: Some(id) }, None, None)
}

/// Makes an account.
///
/// # Errors
/// 409 when the address is taken; 422 when the author is somebody else or nobody.
pub fn add(tx: &mut PgConnection, new: &NewUser, password_hash: Option<&str>) -> Result<User> {
    let user = insert_row(tx, new, password_hash)?;
    audit::record_for(tx, None, OPERATOR, None, Deed { action: "create", resource: "user", target: Some(user.row.id) }, None, Some(json!(user)))?;
    Ok(user)
}
