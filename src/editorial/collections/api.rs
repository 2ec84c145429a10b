//! HTTP of collections on the desk.

use actix_web::{delete, get, patch, post};

use super::model::{Collection, CollectionPatch, CollectionQuery, CollectionSort, NewCollection};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest, question};
use crate::editorial::slugs::{self, Kind};
use crate::error::{Error, Result};
use crate::http::extract::{Id, IfMatch, Json, NoBody, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Contributor, Editor};

/// A page of collections.
pub type EditorialCollectionPage = Page<Collection>;

/// List collections.
#[utoipa::path(tag = "collections", params(CollectionQuery), responses((status = 200, description = "A page of collections.", body = EditorialCollectionPage)), security(("bearer" = [])))]
#[get("/collections")]
pub async fn list_editorial_collections(_staff: Contributor, app: State, query: Query<CollectionQuery>, url: PageUrl) -> Result<Reply> {
    let sort = query.sort.unwrap_or(CollectionSort::Name);
    let asked = question("editorial collections", &format!("{:?} {:?} {sort:?}", query.q, query.status));
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Create a collection.
///
/// Chosen stories in their slots come first, each for as long as it is live and pinned; then the newest stories that fit `fill`, none
/// twice, up to `size`. The world sees it once it is published.
#[utoipa::path(tag = "collections", request_body = NewCollection, responses((status = 201, description = "The new collection.", body = Collection)), security(("bearer" = [])))]
#[post("/collections")]
pub async fn create_collection(actor: Editor, app: State, new: Json<NewCollection>) -> Result<Reply> {
    let Json { value: new, once } = new;
    app.db
        .write_once(once, move |tx| {
            let collection = store::insert(tx, &actor, &new)?;
            Reply::created(&format!("/v1/editorial/collections/{}", collection.id), &collection)
        })
        .await
}

/// Read a collection.
#[utoipa::path(tag = "collections", params(("id" = String, Path, description = "Id or slug. A slug that it was live under earlier answers 308.")),
    responses((status = 200, description = "The collection.", body = Collection), (status = 308, description = "The slug is an earlier one; Location has the present address.")), security(("bearer" = [])))]
#[get("/collections/{id}")]
pub async fn get_editorial_collection(_staff: Contributor, app: State, target: Target) -> Result<Reply> {
    app.db
        .snapshot(move |conn| match store::find(conn, &target)? {
            Some(collection) => Reply::current(&collection),
            None => match slugs::moved(conn, Kind::Collection, &target)? {
                Some(slug) => Ok(Reply::moved(&format!("/v1/editorial/collections/{slug}"))),
                None => Err(Error::not_found("collection")),
            },
        })
        .await
}

/// Change a collection.
///
/// Makes a new revision. What is live stays as it is until the collection is published again.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((CollectionPatch = "application/merge-patch+json"), (CollectionPatch = "application/json"))), responses((status = 200, description = "The collection as it is now.", body = Collection)), security(("bearer" = [])))]
#[patch("/collections/{id}")]
pub async fn update_collection(actor: Editor, app: State, id: Id, seen: IfMatch, patch: Json<CollectionPatch>) -> Result<Reply> {
    let collection = app.db.write(move |tx| store::update(tx, &actor, id.0, &seen, &patch.value)).await?;
    Reply::current(&collection)
}

/// Delete a collection that is not live.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "It is gone, with its revisions.")), security(("bearer" = [])))]
#[delete("/collections/{id}")]
pub async fn delete_collection(actor: Editor, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen)).await?;
    Ok(Reply::no_content())
}

/// Publish a collection.
///
/// Puts the head revision before the world.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 200, description = "The collection, live.", body = Collection)), security(("bearer" = [])))]
#[post("/collections/{id}/publish")]
pub async fn publish_collection(actor: Editor, app: State, id: Id, seen: IfMatch, body: NoBody) -> Result<Reply> {
    app.db.write_once(body.once, move |tx| Reply::current(&store::publish(tx, &actor, id.0, &seen)?)).await
}

/// Take a collection off.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 200, description = "The collection, no longer live.", body = Collection)), security(("bearer" = [])))]
#[post("/collections/{id}/unpublish")]
pub async fn unpublish_collection(actor: Editor, app: State, id: Id, seen: IfMatch, body: NoBody) -> Result<Reply> {
    app.db.write_once(body.once, move |tx| Reply::current(&store::unpublish(tx, &actor, id.0, &seen)?)).await
}
