//! HTTP of the site's settings.

use actix_web::{get, patch};

use super::model::{Site, SitePatch};
use super::store;
use crate::app::State;
use crate::error::Result;
use crate::http::extract::{IfMatch, Json};
use crate::http::reply::Reply;
use crate::identity::principal::{Admin, Contributor};

/// Read the site's settings.
#[utoipa::path(tag = "site", responses((status = 200, description = "The settings.", body = Site)), security(("bearer" = [])))]
#[get("/site")]
pub async fn get_editorial_site(_staff: Contributor, app: State) -> Result<Reply> {
    let site = app.db.snapshot(store::get).await?;
    Reply::current(&site)
}

/// Change the site's settings.
#[utoipa::path(tag = "site", params(("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((SitePatch = "application/merge-patch+json"), (SitePatch = "application/json"))), responses((status = 200, description = "The settings as they are now.", body = Site)), security(("bearer" = [])))]
#[patch("/site")]
pub async fn update_site(actor: Admin, app: State, seen: IfMatch, patch: Json<SitePatch>) -> Result<Reply> {
    let site = app.db.write(move |tx| store::update(tx, &actor, &seen, &patch.value)).await?;
    Reply::current(&site)
}
