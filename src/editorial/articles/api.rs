//! HTTP of articles on the desk.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{ArticlePatch, ArticleQuery, ArticleView, EditorialArticle, NewArticle};
use super::{store, workflow};
use crate::app::State;
use crate::db::page::{Page, PageRequest};
use crate::error::{FieldError, Result};
use crate::http::extract::{Id, IfMatch, Json, NoBody, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Author, Contributor};

/// A page of articles.
pub type EditorialArticlePage = Page<EditorialArticle>;

/// List articles.
///
/// Contributors see what is live and what is theirs; authors and above see everything.
#[utoipa::path(tag = "articles", params(ArticleQuery), responses((status = 200, description = "A page of articles.", body = EditorialArticlePage)), security(("bearer" = [])))]
#[get("/articles")]
pub async fn list_editorial_articles(reader: Contributor, app: State, query: Query<ArticleQuery>, url: PageUrl) -> Result<Reply> {
    let asked = crate::db::page::question(
        "editorial articles",
        &format!("{} {:?}", reader.user_id, ArticleQuery { limit: None, cursor: None, count: None, include: None, body: None, ..query.0.clone() }),
    );
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let (cursors, base) = (app.cursors.clone(), app.base.clone());
    let page = app.db.snapshot(move |conn| store::list(conn, &reader, &query, &page, &cursors, &base)).await?;
    Reply::page(&url, &page)
}

/// Create an article.
///
/// It begins as a draft; only a headline is needed.
#[utoipa::path(tag = "articles", request_body = NewArticle, responses((status = 201, description = "The new article.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles")]
pub async fn create_article(actor: Contributor, app: State, new: Json<NewArticle>) -> Result<Reply> {
    let (Json { value: new, once }, base) = (new, app.base.clone());
    app.db
        .write_once(once, move |tx| {
            let id = store::insert(tx, &actor, &new)?;
            Reply::created(&format!("/v1/editorial/articles/{id}"), &store::reread(tx, id, &base)?)
        })
        .await
}

/// Read an article.
#[utoipa::path(tag = "articles", params(("id" = String, Path, description = "Id or slug."), ArticleView), responses((status = 200, description = "The article.", body = EditorialArticle)), security(("bearer" = [])))]
#[get("/articles/{id}")]
pub async fn get_editorial_article(reader: Contributor, app: State, target: Target, view: Query<ArticleView>) -> Result<Reply> {
    let (format, base) = (view.body.unwrap_or_default(), app.base.clone());
    let article = app.db.snapshot(move |conn| store::get(conn, &reader, &target, format, &base)).await?;
    Reply::current(&article)
}

/// Change an article.
///
/// Makes a new revision. A live story stays as it is for readers until it is published again.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((ArticlePatch = "application/merge-patch+json"), (ArticlePatch = "application/json"))), responses((status = 200, description = "The article as it is now.", body = EditorialArticle)), security(("bearer" = [])))]
#[patch("/articles/{id}")]
pub async fn update_article(actor: Contributor, app: State, id: Id, seen: IfMatch, patch: Json<ArticlePatch>) -> Result<Reply> {
    let base = app.base.clone();
    let article = app
        .db
        .write(move |tx| {
            store::update(tx, &actor, id.0, &seen, &patch.value)?;
            store::reread(tx, id.0, &base)
        })
        .await?;
    Reply::current(&article)
}

/// Delete an article that is not live.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "It is gone, with its revisions.")), security(("bearer" = [])))]
#[delete("/articles/{id}")]
pub async fn delete_article(actor: Contributor, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen)).await?;
    Ok(Reply::no_content())
}

/// How to publish.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublishQuery {
    /// `true` changes nothing and lists what would stop it.
    pub dry_run: Option<bool>,
}

/// What a rehearsal found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rehearsal {
    /// Whether it could be published now.
    pub publishable: bool,
    /// What would stop it.
    pub obstacles: Vec<FieldError>,
}

/// Either the article or what would stop it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, dead_code, reason = "only describes the two answers of one operation")]
pub enum Published {
    /// The article, live.
    Article(EditorialArticle),
    /// With `dry_run=true`.
    Rehearsal(Rehearsal),
}

/// Publish an article.
///
/// Puts the head revision before the world. Needs a headline, a slug, an author, a tag, a body, alt text and a valid credit on every
/// picture, and the embargo passed. Authors publish what is theirs, editors everything.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *."), PublishQuery),
    responses((status = 200, description = "The article, live; with `dry_run=true` the obstacles.", body = Published)), security(("bearer" = [])))]
#[post("/articles/{id}/publish")]
pub async fn publish_article(actor: Author, app: State, id: Id, seen: IfMatch, query: Query<PublishQuery>, body: NoBody) -> Result<Reply> {
    let base = app.base.clone();
    if query.dry_run == Some(true) {
        let obstacles = app.db.write(move |tx| workflow::rehearse(tx, &actor, id.0, &seen)).await?;
        return Reply::ok(&Rehearsal { publishable: obstacles.is_empty(), obstacles });
    }
    app.db
        .write_once(body.once, move |tx| {
            workflow::publish(tx, &actor, id.0, &seen)?;
            Reply::current(&store::reread(tx, id.0, &base)?)
        })
        .await
}

/// Take an article off.
///
/// It is gone from the world at once. Authors do it with what is theirs, editors with everything.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 200, description = "The article, no longer live.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/unpublish")]
pub async fn unpublish_article(actor: Author, app: State, id: Id, seen: IfMatch, body: NoBody) -> Result<Reply> {
    let base = app.base.clone();
    app.db
        .write_once(body.once, move |tx| {
            workflow::unpublish(tx, &actor, id.0, &seen)?;
            Reply::current(&store::reread(tx, id.0, &base)?)
        })
        .await
}
