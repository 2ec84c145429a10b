//! HTTP of tags on the desk.

use actix_web::{delete, get, patch, post};

use super::model::{Merge, NewTag, Tag, TagPatch, TagQuery, TagSort};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest};
use crate::editorial::slugs::{self, Kind};
use crate::error::Result;
use crate::http::extract::{Id, IfMatch, Json, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Contributor, Editor};

/// A page of tags.
pub type EditorialTagPage = Page<Tag>;

/// List tags.
#[utoipa::path(tag = "tags", params(TagQuery), responses((status = 200, description = "A page of tags.", body = EditorialTagPage)), security(("bearer" = [])))]
#[get("/tags")]
pub async fn list_editorial_tags(_staff: Contributor, app: State, query: Query<TagQuery>, url: PageUrl) -> Result<Reply> {
    let sort = query.sort.unwrap_or(TagSort::Name);
    let question = format!("editorial tags {:?} {:?} {:?} {sort:?}", query.q, query.kind, query.parent_id);
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), question, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Create a tag.
#[utoipa::path(tag = "tags", request_body = NewTag, responses((status = 201, description = "The new tag.", body = Tag)), security(("bearer" = [])))]
#[post("/tags")]
pub async fn create_tag(actor: Contributor, app: State, new: Json<NewTag>) -> Result<Reply> {
    let Json { value: new, once } = new;
    app.db
        .write_once(once, move |tx| {
            let tag = store::insert(tx, &actor, &new)?;
            Reply::created(&format!("/v1/editorial/tags/{}", tag.row.id), &tag)
        })
        .await
}

/// Read a tag.
#[utoipa::path(tag = "tags", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier, and the id of a tag that was merged into it, answer 308.")),
    responses((status = 200, description = "The tag.", body = Tag), (status = 308, description = "It is elsewhere now; Location has the present address.")), security(("bearer" = [])))]
#[get("/tags/{id}")]
pub async fn get_editorial_tag(_staff: Contributor, app: State, target: Target) -> Result<Reply> {
    app.db
        .snapshot(move |conn| match slugs::moved(conn, Kind::Tag, &target)? {
            Some(slug) => Ok(Reply::moved(&format!("/v1/editorial/tags/{slug}"))),
            None => Reply::current(&store::get(conn, &target)?),
        })
        .await
}

/// Change a tag.
///
/// Contributors and authors change the tags that they made, editors all.
#[utoipa::path(tag = "tags", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((TagPatch = "application/merge-patch+json"), (TagPatch = "application/json"))), responses((status = 200, description = "The tag as it is now.", body = Tag)), security(("bearer" = [])))]
#[patch("/tags/{id}")]
pub async fn update_tag(actor: Contributor, app: State, id: Id, seen: IfMatch, patch: Json<TagPatch>) -> Result<Reply> {
    let tag = app.db.write(move |tx| store::update(tx, &actor, id.0, &seen, &patch.value)).await?;
    Reply::current(&tag)
}

/// Delete a tag that nothing uses.
#[utoipa::path(tag = "tags", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "It is gone.")), security(("bearer" = [])))]
#[delete("/tags/{id}")]
pub async fn delete_tag(actor: Editor, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen)).await?;
    Ok(Reply::no_content())
}

/// Merge a tag into another.
///
/// Every article that had it has the other one from now on, and its slug leads there.
#[utoipa::path(tag = "tags", params(("id" = uuid::Uuid, Path, description = "The tag that goes."), ("If-Match" = String, Header, description = "The ETag of the tag that goes, or *.")),
    request_body = Merge, responses((status = 200, description = "The tag that stays.", body = Tag)), security(("bearer" = [])))]
#[post("/tags/{id}/merge")]
pub async fn merge_tag(actor: Editor, app: State, id: Id, seen: IfMatch, merge: Json<Merge>) -> Result<Reply> {
    let Json { value: merge, once } = merge;
    app.db.write_once(once, move |tx| Reply::current(&store::merge(tx, &actor, id.0, merge.into, &seen)?)).await
}
