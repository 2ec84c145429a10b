//! HTTP of accounts. Changes need an administrator who signed in: no API key makes or changes accounts.

use actix_web::{delete, get, patch, post};

use super::model::{IssuedReset, NewUser, User, UserPatch, UserQuery};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest};
use crate::error::{Error, Result};
use crate::http::extract::{Id, IfMatch, Json, NoBody, Verbatim};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Admin, AdminSession};

/// A page of accounts.
pub type UserPage = Page<User>;

/// List accounts.
///
/// For administrators. Sorted by name; deleted accounts are not listed.
#[utoipa::path(tag = "identity", params(UserQuery), responses((status = 200, description = "A page of accounts.", body = UserPage)), security(("bearer" = [])))]
#[get("/users")]
pub async fn list_users(_admin: Admin, app: State, query: Query<UserQuery>, url: PageUrl) -> Result<Reply> {
    let question = format!("users {:?} {:?} {:?}", query.q, query.role, query.status);
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), question, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Create an account.
///
/// For administrators who signed in. Without a password the account is `invited`: make a password-reset token for it and hand that to the person.
#[utoipa::path(tag = "identity", request_body(content = NewUser, example = json!({"email": "ann@example.org", "name": "Ann Okafor", "role": "author"})),
    responses((status = 201, description = "The new account.", body = User)), security(("bearer" = [])))]
#[post("/users")]
pub async fn create_user(actor: AdminSession, app: State, new: Verbatim<NewUser>) -> Result<Reply> {
    let Verbatim { value: mut new, once } = new;
    let hash = match new.password.take() {
        Some(password) => {
            password.differs_from(&new.email).map_err(|fault| Error::invalid_field("/password", fault.code, fault.detail))?;
            Some(app.passwords.hash(password).await?)
        }
        None => None,
    };
    app.db
        .write_once(once, move |tx| {
            let user = store::insert(tx, &actor, &new, hash.as_deref())?;
            Reply::created(&format!("/v1/editorial/users/{}", user.row.id), &user)
        })
        .await
}

/// Read an account.
///
/// For administrators.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 200, description = "The account.", body = User)), security(("bearer" = [])))]
#[get("/users/{id}")]
pub async fn get_user(_admin: Admin, app: State, id: Id) -> Result<Reply> {
    let user = app.db.snapshot(move |conn| store::get(conn, id.0)).await?;
    Reply::current(&user)
}

/// Change an account.
///
/// For administrators who signed in. A new role and `disabled` act on the next request: all its sessions end. The last administrator who can sign in can be neither demoted nor disabled.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((UserPatch = "application/merge-patch+json", example = json!({"role": "editor"})), (UserPatch = "application/json", example = json!({"disabled": true})))),
    responses((status = 200, description = "The account as it is now.", body = User)), security(("bearer" = [])))]
#[patch("/users/{id}")]
pub async fn update_user(actor: AdminSession, app: State, id: Id, seen: IfMatch, patch: Json<UserPatch>) -> Result<Reply> {
    let user = app.db.write(move |tx| store::update(tx, &actor, id.0, &seen, &patch.value)).await?;
    Reply::current(&user)
}

/// Delete an account.
///
/// For administrators who signed in. Its sessions end, its API keys are revoked, its address may be used again. What it wrote and did stays.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "It is gone.")), security(("bearer" = [])))]
#[delete("/users/{id}")]
pub async fn delete_user(actor: AdminSession, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen)).await?;
    Ok(Reply::no_content())
}

/// Make a password-reset token.
///
/// For administrators who signed in. The token is shown this once, works once and for 24 hours, and replaces an earlier one. The account's sessions end at once; its old password works until the token is used.
/// Hand it to the person, who chooses a password with `POST /v1/auth/password-reset`: no administrator ever knows it.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id.")),
    responses((status = 201, description = "The token.", body = IssuedReset, example = json!({"token": "mhs_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z", "expires_at": "2026-03-02T07:00:00.000Z"}))), security(("bearer" = [])))]
#[post("/users/{id}/password-reset")]
pub async fn create_password_reset(actor: AdminSession, app: State, id: Id, body: NoBody) -> Result<Reply> {
    app.db
        .write_once(body.once, move |tx| {
            let issued = store::issue_reset(tx, &actor, id.0)?;
            let answer = IssuedReset { token: Some(issued.token), expires_at: issued.expires_at };
            let kept = IssuedReset { token: None, ..answer.clone() };
            Reply::created_plain(&format!("/v1/editorial/users/{}", id.0), &answer)?.kept_as(&kept)
        })
        .await
}
