//! HTTP of API keys. They are made and revoked by administrators who signed in, never by a key.

use actix_web::{delete, get, post};

use super::model::{ApiKey, ApiKeyQuery, MadeApiKey, NewApiKey};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest};
use crate::error::Result;
use crate::http::extract::{Id, Json};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Admin, AdminSession};

/// A page of API keys.
pub type ApiKeyPage = Page<ApiKey>;

/// List API keys.
///
/// For administrators. The newest first, revoked and expired ones among them.
#[utoipa::path(tag = "identity", params(ApiKeyQuery), responses((status = 200, description = "A page of API keys.", body = ApiKeyPage)), security(("bearer" = [])))]
#[get("/api-keys")]
pub async fn list_api_keys(_admin: Admin, app: State, query: Query<ApiKeyQuery>, url: PageUrl) -> Result<Reply> {
    let question = format!("api keys {:?} {:?} {:?} {:?}", query.q, query.role, query.status, query.created_by);
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), question, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Create an API key.
///
/// For administrators who signed in. The secret is shown this once and used as a Bearer credential. The key acts for your account: it stops when you are disabled or deleted, and never may do more than you may.
#[utoipa::path(tag = "identity", request_body(content = NewApiKey, example = json!({"name": "Front end, production", "role": "contributor", "expires_at": "2027-01-01T00:00:00Z"})),
    responses((status = 201, description = "The new key, with its secret.", body = MadeApiKey)), security(("bearer" = [])))]
#[post("/api-keys")]
pub async fn create_api_key(actor: AdminSession, app: State, new: Json<NewApiKey>) -> Result<Reply> {
    let Json { value: new, once } = new;
    app.db
        .write_once(once, move |tx| {
            let made = store::insert(tx, &actor, &new)?;
            let kept = MadeApiKey { secret: None, ..made.clone() };
            Reply::created_plain(&format!("/v1/editorial/api-keys/{}", made.key.row.id), &made)?.kept_as(&kept)
        })
        .await
}

/// Read an API key.
///
/// For administrators.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 200, description = "The key, without its secret.", body = ApiKey)), security(("bearer" = [])))]
#[get("/api-keys/{id}")]
pub async fn get_api_key(_admin: Admin, app: State, id: Id) -> Result<Reply> {
    let key = app.db.snapshot(move |conn| store::get(conn, id.0)).await?;
    Reply::ok(&key)
}

/// Revoke an API key.
///
/// For administrators who signed in. It is refused from the next request on; it stays in the list.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 204, description = "It works no more.")), security(("bearer" = [])))]
#[delete("/api-keys/{id}")]
pub async fn revoke_api_key(actor: AdminSession, app: State, id: Id) -> Result<Reply> {
    app.db.write(move |tx| store::revoke(tx, &actor, id.0)).await?;
    Ok(Reply::no_content())
}
