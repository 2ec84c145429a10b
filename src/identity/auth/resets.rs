//! SQL of password-reset tokens: one an account, used once, kept as a digest, gone when anything about the account's
//! credentials changes.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::sessions;
use crate::error::{Code, Error, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::origin::Origin;
use crate::identity::secrets::{Minted, Purpose};
use crate::schema::{password_resets as resets, users};
use crate::text::Email;
use crate::timestamp::Timestamp;

/// Hours a token is good for.
const HOURS: i64 = 24;

/// A token that has just been made.
#[derive(Debug)]
pub struct Issued {
    /// Shown once.
    pub token: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// Makes a token, in place of an earlier one.
///
/// # Errors
/// What the database says.
pub fn issue(tx: &mut PgConnection, user: Uuid, now: Timestamp) -> Result<Issued> {
    let (minted, expires_at) = (Minted::new(Purpose::PasswordReset), now.plus(chrono::Duration::hours(HOURS)));
    let row = (resets::user_id.eq(user), resets::hash.eq(&minted.digest), resets::created_at.eq(now), resets::expires_at.eq(expires_at));
    withdraw(tx, user)?;
    diesel::insert_into(resets::table).values(row).execute(tx)?;
    Ok(Issued { token: minted.secret, expires_at })
}

/// Makes an account's token worthless.
///
/// # Errors
/// What the database says.
pub fn withdraw(tx: &mut PgConnection, user: Uuid) -> Result<()> {
    diesel::delete(resets::table.find(user)).execute(tx)?;
    Ok(())
}

/// The one answer to every token that does not work.
#[must_use]
pub fn refused() -> Error {
    Error::new(Code::TokenNotValid, "The token is wrong, was used, has expired or was replaced.")
}

/// The address of the account that a token is for.
///
/// # Errors
/// 400.
pub fn owner(conn: &mut PgConnection, digest: &[u8], now: Timestamp) -> Result<Email> {
    let found: Option<String> = resets::table
        .inner_join(users::table)
        .filter(resets::hash.eq(digest))
        .filter(resets::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .select(users::email)
        .first(conn)
        .optional()?;
    Email::parse(&found.ok_or_else(refused)?).map_err(Error::internal)
}

/// Spends a token: its account has the new password, and all its sessions end. Nobody is signed in by it.
///
/// # Errors
/// 400.
pub fn redeem(tx: &mut PgConnection, digest: &[u8], password_hash: &str, origin: &Origin, now: Timestamp) -> Result<()> {
    let user: Option<Uuid> = resets::table.filter(resets::hash.eq(digest)).select(resets::user_id).first(tx).optional()?;
    let user = user.ok_or_else(refused)?;
    // The account first, as everywhere, so that nobody waits in a circle; then the token, which may be gone by now.
    let account = users::table.find(user).filter(users::disabled_at.is_null()).filter(users::deleted_at.is_null());
    let name: Option<String> = account.select(users::name).for_no_key_update().first(tx).optional()?;
    let name = name.ok_or_else(refused)?;
    if diesel::delete(resets::table.filter(resets::hash.eq(digest)).filter(resets::expires_at.gt(now))).execute(tx)? == 0 {
        return Err(refused());
    }
    diesel::update(users::table.find(user)).set((users::password_hash.eq(password_hash), users::version.eq(users::version + 1), users::updated_at.eq(now))).execute(tx)?;
    sessions::end_all(tx, user, None, now)?;
    let deed = Deed { action: "reset_password", resource: "user", target: Some(user) };
    audit::record_for(tx, Some(user), &name, Some((&origin.request_id, &origin.address)), deed, None, None)
}
