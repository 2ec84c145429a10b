//! HTTP of articles on the desk.

use actix_web::{delete, get, patch, post};

use super::model::{ArticlePatch, ArticleQuery, ArticleView, EditorialArticle, NewArticle};
use super::{bodies, finding, saves, store, view};
use crate::app::State;
use crate::body::Body;
use crate::db::page::{Page, PageRequest};
use crate::error::Result;
use crate::http::extract::{Id, IfMatch, Json, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::Contributor;

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
    let page = app.db.snapshot(move |conn| finding::list(conn, &reader, &query, &page, &cursors, &base)).await?;
    Reply::page(&url, &page)
}

/// Create an article.
///
/// It begins as a draft; only a headline is needed.
#[utoipa::path(tag = "articles", request_body = NewArticle, responses((status = 201, description = "The new article.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles")]
pub async fn create_article(actor: Contributor, app: State, new: Json<NewArticle>) -> Result<Reply> {
    let (Json { value: mut new, once }, base) = (new, app.base.clone());
    let body = bodies::read(new.body.take()).await?;
    app.db
        .write_once(once, move |tx| {
            let id = saves::insert(tx, &actor, &new, &body)?;
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
    let (mut patch, base) = (patch.value, app.base.clone());
    let body: Option<Body> = match patch.body.take() {
        Some(input) => Some(bodies::read(input).await?),
        None => None,
    };
    let article = app
        .db
        .by_key()
        .write(move |tx| {
            let saved = saves::update(tx, &actor, id.0, &seen, &patch, body.as_ref())?;
            view::written(tx, saved.head, saved.content, &base)
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
