//! HTTP of authors on the desk.

use actix_web::{delete, get, patch, post};

use super::model::{Author, AuthorChangeQuery, AuthorPatch, AuthorQuery, AuthorSort, Bylines, ChangedAuthor, NewAuthor};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest, question};
use crate::editorial::slugs::{self, Kind};
use crate::error::Result;
use crate::http::extract::{Id, IfMatch, Json, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Contributor, Editor};

/// A page of authors.
pub type EditorialAuthorPage = Page<Author>;

/// List authors.
#[utoipa::path(tag = "authors", params(AuthorQuery), responses((status = 200, description = "A page of authors.", body = EditorialAuthorPage)), security(("bearer" = [])))]
#[get("/authors")]
pub async fn list_editorial_authors(_staff: Contributor, app: State, query: Query<AuthorQuery>, url: PageUrl) -> Result<Reply> {
    let sort = query.sort.unwrap_or(AuthorSort::Name);
    let asked = question("editorial authors", &format!("{:?} {:?} {:?} {sort:?}", query.q, query.kind, query.former));
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let (cursors, base) = (app.cursors.clone(), app.base.clone());
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors, &base)).await?;
    Reply::page(&url, &page)
}

/// Create an author.
#[utoipa::path(tag = "authors", request_body = NewAuthor, responses((status = 201, description = "The new author.", body = Author)), security(("bearer" = [])))]
#[post("/authors")]
pub async fn create_author(actor: Editor, app: State, new: Json<NewAuthor>) -> Result<Reply> {
    let (Json { value: new, once }, base) = (new, app.base.clone());
    app.db
        .write_once(once, move |tx| {
            let author = store::insert(tx, &actor, &new, &base)?;
            Reply::created(&format!("/v1/editorial/authors/{}", author.row.id), &author)
        })
        .await
}

/// Read an author.
#[utoipa::path(tag = "authors", params(("id" = String, Path, description = "Id or slug. A slug that they bore earlier answers 308.")),
    responses((status = 200, description = "The author.", body = Author), (status = 308, description = "The slug is an earlier one; Location has the present address.")), security(("bearer" = [])))]
#[get("/authors/{id}")]
pub async fn get_editorial_author(_staff: Contributor, app: State, target: Target) -> Result<Reply> {
    let base = app.base.clone();
    app.db
        .snapshot(move |conn| match slugs::moved(conn, Kind::Author, &target)? {
            Some(slug) => Ok(Reply::moved(&format!("/v1/editorial/authors/{slug}"))),
            None => Reply::current(&store::get(conn, &target, &base)?),
        })
        .await
}

/// Change an author.
///
/// Editors change all of it. Anybody else changes the author that their own account is linked to: `bio`, `bio_long`,
/// `avatar_media_id`, `links`, `location` and `languages`. Name and job title under stories that have been live stay as they
/// stood, unless `rewrite_bylines=true`; `rewrite_bylines=preview` tells beforehand what that would reach.
#[utoipa::path(tag = "authors", params(("id" = uuid::Uuid, Path, description = "Id."), AuthorChangeQuery, ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((AuthorPatch = "application/merge-patch+json"), (AuthorPatch = "application/json"))), responses((status = 200, description = "The author as they are now; with `rewrite_bylines=preview` what it would reach.", body = ChangedAuthor)), security(("bearer" = [])))]
#[patch("/authors/{id}")]
pub async fn update_author(actor: Contributor, app: State, id: Id, seen: IfMatch, query: Query<AuthorChangeQuery>, patch: Json<AuthorPatch>) -> Result<Reply> {
    let bylines = query.rewrite_bylines.unwrap_or(Bylines::Keep);
    if bylines == Bylines::Preview {
        return Reply::ok(&app.db.snapshot(move |conn| store::reach(conn, &actor, id.0, &seen, &patch.value)).await?);
    }
    let base = app.base.clone();
    let author = app.db.write(move |tx| store::update(tx, &actor, id.0, &seen, &patch.value, bylines == Bylines::Rewrite, &base)).await?;
    Reply::current(&author)
}

/// Delete an author whom nothing uses.
#[utoipa::path(tag = "authors", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "They are gone.")), security(("bearer" = [])))]
#[delete("/authors/{id}")]
pub async fn delete_author(actor: Editor, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen)).await?;
    Ok(Reply::no_content())
}
