//! SQL of credentials: who an address belongs to, signing in, and changes to one's own account.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::model::MePatch;
use super::resets;
use super::sessions::{self, Opened, Terms};
use crate::app::now;
use crate::error::{Code, Error, FieldError, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::origin::Origin;
use crate::identity::principal::Principal;
use crate::identity::users::model::{User, UserRow};
use crate::schema::users;
use crate::text::Email;

/// What a password is compared with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub id: Uuid,
    /// Its address.
    pub email: String,
    /// Its password's hash; `None` as well where it cannot be used.
    pub hash: Option<String>,
}

/// The credentials of the account with this address, if it can be used.
///
/// # Errors
/// What the database says.
pub fn credentials_of(conn: &mut PgConnection, email: &Email) -> Result<Option<Credentials>> {
    let found = users::table.filter(users::email_key.eq(email.key())).filter(users::disabled_at.is_null()).filter(users::deleted_at.is_null());
    let found: Option<(Uuid, String, Option<String>)> = found.select((users::id, users::email, users::password_hash)).first(conn).optional()?;
    Ok(found.map(|(id, email, hash)| Credentials { id, email, hash }))
}

/// The caller's own credentials.
///
/// # Errors
/// What the database says.
pub fn own_credentials(conn: &mut PgConnection, actor: &Principal) -> Result<Credentials> {
    let (id, email, hash) = users::table.find(actor.user_id).select((users::id, users::email, users::password_hash)).first(conn)?;
    Ok(Credentials { id, email, hash })
}

/// 401, the same for every reason.
#[must_use]
pub fn wrong_credentials() -> Error {
    Error::new(Code::InvalidCredentials, "No account has this address with this password.").header("www-authenticate", "Bearer realm=\"masthead\"")
}

/// 403 where an operation needs the password once more.
#[must_use]
pub fn wrong_password(detail: &str) -> Error {
    Error { errors: vec![FieldError::body("/current_password", "wrong_password", detail)], ..Error::new(Code::Forbidden, detail) }
}

/// Opens a session for an account whose password has been found right, unless it has changed since. `rehashed` takes
/// the place of a hash with outdated parameters.
///
/// # Errors
/// 401.
pub fn sign_in(tx: &mut PgConnection, found: &Credentials, rehashed: Option<&str>, origin: &Origin, terms: Terms) -> Result<Opened> {
    let row = still(tx, found)?.ok_or_else(wrong_credentials)?;
    if let Some(hash) = rehashed {
        diesel::update(users::table.find(found.id)).set(users::password_hash.eq(hash)).execute(tx)?;
    }
    let opened = sessions::open(tx, row.into(), origin, terms, now())?;
    let deed = Deed { action: "login", resource: "session", target: Some(opened.id) };
    audit::record_for(tx, Some(found.id), &opened.user.row.name, Some((&origin.request_id, &origin.address)), deed, None, None)?;
    Ok(opened)
}

/// Locks the account, if it can still be used and its password is the one that was checked.
fn still(tx: &mut PgConnection, found: &Credentials) -> Result<Option<UserRow>> {
    let row = users::table.find(found.id).filter(users::disabled_at.is_null()).filter(users::deleted_at.is_null()).filter(users::password_hash.is_not_distinct_from(&found.hash));
    Ok(row.select(UserRow::as_select()).for_no_key_update().first(tx).optional()?)
}

/// Writes down a wrong password. Whose account it was, if anybody's, stands in the record alone.
///
/// # Errors
/// What the database says.
pub fn record_failure(tx: &mut PgConnection, email: &str, account: Option<Uuid>, origin: &Origin) -> Result<()> {
    let deed = Deed { action: "login_failed", resource: "user", target: account };
    audit::record_for(tx, None, "anonymous", Some((&origin.request_id, &origin.address)), deed, None, Some(json!({ "email": email })))
}

/// Writes down that no more passwords are tried for this account, from this address, or both, until some time has passed.
///
/// # Errors
/// What the database says.
pub fn record_throttling(tx: &mut PgConnection, email: &str, origin: &Origin) -> Result<()> {
    let deed = Deed { action: "login_throttled", resource: "user", target: None };
    audit::record_for(tx, None, "anonymous", Some((&origin.request_id, &origin.address)), deed, None, Some(json!({ "email": email })))
}

/// Writes down that somebody who is signed in gave a wrong password.
///
/// # Errors
/// What the database says.
pub fn record_wrong_password(tx: &mut PgConnection, actor: &Principal) -> Result<()> {
    audit::record(tx, actor, Deed { action: "wrong_password", resource: "user", target: Some(actor.user_id) }, None, None)
}

/// Sets a new password for the caller, whose current one has been found right. All other sessions end.
///
/// # Errors
/// 403 when the password has changed meanwhile.
pub fn change_password(tx: &mut PgConnection, actor: &Principal, session: Uuid, found: &Credentials, password_hash: &str) -> Result<()> {
    let now = now();
    still(tx, found)?.ok_or_else(|| wrong_password("The password has just been changed."))?;
    diesel::update(users::table.find(found.id)).set((users::password_hash.eq(password_hash), users::version.eq(users::version + 1), users::updated_at.eq(now))).execute(tx)?;
    let ended = sessions::end_all(tx, found.id, Some(session), now)?;
    resets::withdraw(tx, found.id)?;
    audit::record(tx, actor, Deed { action: "change_password", resource: "user", target: Some(found.id) }, None, Some(json!({ "sessions_ended": ended })))
}

/// Changes the caller's own account. For a new address `proven` holds the credentials that have been found right.
///
/// # Errors
/// 403 for a new address without them; 409 for one that another account has.
pub fn change_me(tx: &mut PgConnection, actor: &Principal, patch: &MePatch, proven: Option<&Credentials>) -> Result<User> {
    let before: UserRow = users::table.find(actor.user_id).select(UserRow::as_select()).for_no_key_update().first(tx)?;
    let email = patch.email.as_ref().filter(|email| email.as_str() != before.email);
    if email.is_some() {
        let proven = proven.ok_or_else(|| wrong_password("A new address needs current_password."))?;
        still(tx, proven)?.ok_or_else(|| wrong_password("The password has just been changed."))?;
        resets::withdraw(tx, actor.user_id)?;
    }
    diesel::update(users::table.find(actor.user_id))
        .set((
            patch.name.as_ref().map(|v| users::name.eq(v.as_str())),
            email.map(|v| users::email.eq(v.as_str())),
            email.map(|v| users::email_key.eq(v.key())),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now()),
        ))
        .execute(tx)?;
    let after = User::from(users::table.find(actor.user_id).select(UserRow::as_select()).first::<UserRow>(tx)?);
    let (was, is) = audit::difference(&json!(User::from(before)), &json!(after));
    audit::record(tx, actor, Deed { action: "update", resource: "user", target: Some(actor.user_id) }, Some(was), Some(is))?;
    Ok(after)
}
