//! HTTP of media credits on the desk.

use actix_web::{delete, get, patch, post};

use super::model::{CreditQuery, CreditSort, MediaCredit, MediaCreditPatch, NewMediaCredit};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest, question};
use crate::editorial::slugs::{self, Kind};
use crate::error::Result;
use crate::http::extract::{Id, IfMatch, Json, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Contributor, Editor};

/// A page of credits.
pub type EditorialMediaCreditPage = Page<MediaCredit>;

/// List media credits.
#[utoipa::path(tag = "media credits", params(CreditQuery), responses((status = 200, description = "A page of credits.", body = EditorialMediaCreditPage)), security(("bearer" = [])))]
#[get("/media-credits")]
pub async fn list_editorial_media_credits(_staff: Contributor, app: State, query: Query<CreditQuery>, url: PageUrl) -> Result<Reply> {
    let sort = query.sort.unwrap_or(CreditSort::Name);
    let asked = question("editorial media credits", &format!("{:?} {:?} {:?} {sort:?}", query.q, query.kind, query.status));
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Create a media credit.
#[utoipa::path(tag = "media credits", request_body = NewMediaCredit, responses((status = 201, description = "The new credit.", body = MediaCredit)), security(("bearer" = [])))]
#[post("/media-credits")]
pub async fn create_media_credit(actor: Contributor, app: State, new: Json<NewMediaCredit>) -> Result<Reply> {
    let Json { value: new, once } = new;
    app.db
        .write_once(once, move |tx| {
            let credit = store::insert(tx, &actor, &new)?;
            Reply::created(&format!("/v1/editorial/media-credits/{}", credit.row.id), &credit)
        })
        .await
}

/// Read a media credit.
#[utoipa::path(tag = "media credits", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.")),
    responses((status = 200, description = "The credit.", body = MediaCredit), (status = 308, description = "The slug is an earlier one; Location has the present address.")), security(("bearer" = [])))]
#[get("/media-credits/{id}")]
pub async fn get_editorial_media_credit(_staff: Contributor, app: State, target: Target) -> Result<Reply> {
    app.db
        .snapshot(move |conn| match slugs::moved(conn, Kind::MediaCredit, &target)? {
            Some(slug) => Ok(Reply::moved(&format!("/v1/editorial/media-credits/{slug}"))),
            None => Reply::current(&store::get(conn, &target)?),
        })
        .await
}

/// Change a media credit, and with it the line under every picture that has it.
///
/// Contributors and authors change the credits that they made, editors all.
#[utoipa::path(tag = "media credits", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((MediaCreditPatch = "application/merge-patch+json"), (MediaCreditPatch = "application/json"))), responses((status = 200, description = "The credit as it is now.", body = MediaCredit)), security(("bearer" = [])))]
#[patch("/media-credits/{id}")]
pub async fn update_media_credit(actor: Contributor, app: State, id: Id, seen: IfMatch, patch: Json<MediaCreditPatch>) -> Result<Reply> {
    let credit = app.db.write(move |tx| store::update(tx, &actor, id.0, &seen, &patch.value)).await?;
    Reply::current(&credit)
}

/// Delete a media credit that nothing uses.
#[utoipa::path(tag = "media credits", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "It is gone.")), security(("bearer" = [])))]
#[delete("/media-credits/{id}")]
pub async fn delete_media_credit(actor: Editor, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen)).await?;
    Ok(Reply::no_content())
}
