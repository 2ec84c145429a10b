//! SQL of accounts, and the rule that there is always an administrator who can sign in.

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{NewUser, User, UserPatch, UserQuery, UserRow, UserStatus};
pub use super::operator::{add, disable, find_by_email, has_admin, insert_first_admin, list_all, set_password};
use crate::app::now;
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::error::{Code, Error, Result};
use crate::http::extract::IfMatch;
use crate::identity::audit::{self, Deed};
use crate::identity::auth::{resets, sessions};
use crate::identity::principal::Principal;
use crate::identity::role::Role;
use crate::schema::{api_keys, users};

/// The key a list of accounts is sorted by: name, then id.
pub type Key = (String, Uuid);

fn matching(query: &UserQuery) -> users::BoxedQuery<'_, Pg> {
    let mut rows = users::table.filter(users::deleted_at.is_null()).into_boxed();
    if let Some(q) = &query.q {
        let part = q.as_str().to_lowercase();
        rows = rows.filter(sql::<Bool>("strpos(lower(users.name || ' ' || users.email), ").bind::<Text, _>(part).sql(") > 0"));
    }
    if let Some(role) = query.role {
        rows = rows.filter(users::role.eq(role));
    }
    match query.status {
        None => rows,
        Some(UserStatus::Disabled) => rows.filter(users::disabled_at.is_not_null()),
        Some(UserStatus::Active) => rows.filter(users::disabled_at.is_null().and(users::password_hash.is_not_null())),
        Some(UserStatus::Invited) => rows.filter(users::disabled_at.is_null().and(users::password_hash.is_null())),
    }
}

/// A page of accounts, by name.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &UserQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<User>> {
    let mut rows = matching(query);
    let back = page.backwards();
    if let Some((name, id)) = page.key().cloned() {
        rows = if back {
            rows.filter(users::name.le(name.clone()).and(users::name.lt(name).or(users::id.lt(id))))
        } else {
            rows.filter(users::name.ge(name.clone()).and(users::name.gt(name).or(users::id.gt(id))))
        };
    }
    rows = if back { rows.order((users::name.desc(), users::id.desc())) } else { rows.order((users::name.asc(), users::id.asc())) };
    let rows = rows.limit(page.take()).select(UserRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| (row.name.clone(), row.id))?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    Ok(Page { data: rows.into_iter().map(User::from).collect(), page: info })
}

/// One account.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<User> {
    let row = users::table.find(id).filter(users::deleted_at.is_null()).select(UserRow::as_select()).first(conn).optional()?;
    row.map(User::from).ok_or_else(missing)
}

fn missing() -> Error {
    Error::new(Code::NotFound, "There is no account with this id.")
}

/// Makes an account; `password_hash` is of the password in `new`, where there is one.
///
/// # Errors
/// 409 for an address or author that another account has; 422.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewUser, password_hash: Option<&str>) -> Result<User> {
    let user = insert_row(tx, new, password_hash)?;
    audit::record(tx, actor, Deed { action: "create", resource: "user", target: Some(user.row.id) }, None, Some(json!(user)))?;
    Ok(user)
}

/// Makes an account's row, and nothing else.
///
/// # Errors
/// 409 for an address or author that another account has; 422.
pub(super) fn insert_row(tx: &mut PgConnection, new: &NewUser, password_hash: Option<&str>) -> Result<User> {
    let (id, now) = (Uuid::now_v7(), now());
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(new.email.as_str()),
            users::email_key.eq(new.email.key()),
            users::name.eq(new.name.as_str()),
            users::role.eq(new.role),
            users::password_hash.eq(password_hash),
            users::author_id.eq(new.author_id),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(tx)?;
    get(tx, id)
}

/// Locks all administrators who can sign in, then the account: always in this order, so that two who would remove each
/// other wait, and the second finds itself the last. Returns the account, and whether it is an administrator without another one who can sign in.
pub(super) fn lock(tx: &mut PgConnection, id: Uuid) -> Result<(User, bool)> {
    let admins: Vec<Uuid> = users::table
        .filter(users::role.eq(Role::Admin))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .filter(users::password_hash.is_not_null())
        .order(users::id)
        .select(users::id)
        .for_update()
        .load(tx)?;
    users::table.find(id).select(users::id).for_update().first::<Uuid>(tx).optional()?.ok_or_else(missing)?;
    let user = get(tx, id)?;
    let only_admin = user.row.role == Role::Admin && user.row.disabled_at.is_none() && admins.iter().all(|admin| *admin == id);
    Ok((user, only_admin))
}

pub(super) fn refuse_last() -> Error {
    Error::new(Code::LastAdmin, "This is the only administrator who can sign in. Make another one first.")
}

/// Changes an account. A new role and shutting end its sessions at once.
///
/// # Errors
/// 404; 409 for the last administrator and for an author that another account has; 412; 422.
pub fn update(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, patch: &UserPatch) -> Result<User> {
    let (before, only_admin) = lock(tx, id)?;
    seen.check(before.row.version)?;
    let new_role = patch.role.is_some_and(|role| role != before.row.role);
    let was_disabled = before.row.disabled_at.is_some();
    let shut = patch.disabled == Some(true) && !was_disabled;
    if only_admin && (new_role || shut) {
        return Err(refuse_last());
    }
    let now = now();
    diesel::update(users::table.find(id))
        .set((
            patch.name.as_ref().map(|v| users::name.eq(v.as_str())),
            patch.role.map(|v| users::role.eq(v)),
            patch.author_id.map(|v| users::author_id.eq(v)),
            patch.disabled.filter(|v| *v != was_disabled).map(|v| users::disabled_at.eq(v.then_some(now))),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx)?;
    if new_role || shut {
        sessions::end_all(tx, id, None, now)?;
    }
    if shut {
        resets::withdraw(tx, id)?;
    }
    let after = get(tx, id)?;
    let (was, is) = audit::difference(&json!(before), &json!(after));
    audit::record(tx, actor, Deed { action: "update", resource: "user", target: Some(id) }, Some(was), Some(is))?;
    Ok(after)
}

/// Deletes an account: its address is free again, its sessions are ended, its keys revoked. What it did stays on record.
///
/// # Errors
/// 404, 409 for the last administrator, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let (before, only_admin) = lock(tx, id)?;
    seen.check(before.row.version)?;
    if only_admin {
        return Err(refuse_last());
    }
    let now = now();
    diesel::update(users::table.find(id))
        .set((
            users::email_key.eq(None::<String>),
            users::password_hash.eq(None::<String>),
            users::author_id.eq(None::<Uuid>),
            users::deleted_at.eq(now),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx)?;
    sessions::end_all(tx, id, None, now)?;
    resets::withdraw(tx, id)?;
    diesel::update(api_keys::table.filter(api_keys::created_by.eq(id)).filter(api_keys::revoked_at.is_null())).set(api_keys::revoked_at.eq(now)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "user", target: Some(id) }, Some(json!(before)), None)
}

/// Makes a password-reset token for an account and ends its sessions. The old password works until the token is used.
///
/// # Errors
/// 404; 409 for a disabled account.
pub fn issue_reset(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<resets::Issued> {
    let (user, _) = lock(tx, id)?;
    if user.status == UserStatus::Disabled {
        return Err(Error::new(Code::Conflict, "The account is disabled. Open it first."));
    }
    let now = now();
    let issued = resets::issue(tx, id, now)?;
    sessions::end_all(tx, id, None, now)?;
    audit::record(tx, actor, Deed { action: "issue_password_reset", resource: "user", target: Some(id) }, None, Some(json!({ "expires_at": issued.expires_at })))?;
    Ok(issued)
}
