//! HTTP of takedowns.

use actix_web::{delete, get, post};

use super::model::{NewTakedown, ReachQuery, ReachedArticle, Takedown, TakedownQuery, TakedownRehearsal};
use super::{reach, store};
use crate::app::State;
use crate::db::page::{Page, PageRequest, question};
use crate::error::{Error, Result};
use crate::http::extract::{Id, Json};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::Editor;

/// A page of takedowns.
pub type TakedownPage = Page<Takedown>;
/// A page of stories that a takedown reaches.
pub type ReachedArticlePage = Page<ReachedArticle>;

/// List takedowns.
///
/// For editors. The newest first, reversed ones among them.
#[utoipa::path(tag = "takedowns", params(TakedownQuery), responses((status = 200, description = "A page of takedowns.", body = TakedownPage)), security(("bearer" = [])))]
#[get("/takedowns")]
pub async fn list_takedowns(_editor: Editor, app: State, query: Query<TakedownQuery>, url: PageUrl) -> Result<Reply> {
    let asked = question("takedowns", &format!("{:?} {:?} {:?} {:?}", query.kind, query.target, query.article, query.standing));
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), asked, &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list(conn, &query, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Take down.
///
/// For editors. A credit or a picture is withdrawn: its pictures are withheld everywhere at once, and their files answer 410. The stories of an
/// author, or one story, are gone from the world at once and answer 410. All or nothing, however many; with `dry_run` nothing is done and
/// everything is told. While it stands, what it holds cannot be put back but by its reversal.
#[utoipa::path(tag = "takedowns", request_body = NewTakedown,
    responses((status = 200, description = "What it would do (`dry_run`).", body = TakedownRehearsal), (status = 201, description = "It is done.", body = Takedown)), security(("bearer" = [])))]
#[post("/takedowns")]
pub async fn create_takedown(actor: Editor, app: State, new: Json<NewTakedown>) -> Result<Reply> {
    let Json { value: new, once } = new;
    if new.dry_run {
        return app.db.snapshot(move |conn| Reply::ok(&reach::rehearse(conn, new.selector, new.after)?)).await;
    }
    if new.after.is_some() {
        return Err(Error::invalid_field("/after", "invalid", "after goes on with the list of a dry run."));
    }
    app.db
        .write_once(once, move |tx| {
            let made = store::insert(tx, &actor, &new)?;
            Reply::created_plain(&format!("/v1/editorial/takedowns/{}", made.id), &made)
        })
        .await
}

/// Read a takedown.
///
/// For editors.
#[utoipa::path(tag = "takedowns", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 200, description = "The takedown.", body = Takedown)), security(("bearer" = [])))]
#[get("/takedowns/{id}")]
pub async fn get_takedown(_editor: Editor, app: State, id: Id) -> Result<Reply> {
    let takedown = app.db.snapshot(move |conn| store::get(conn, id.0)).await?;
    Reply::ok(&takedown)
}

/// List the articles of a takedown.
///
/// For editors. Those that it took down; for a credit or a picture, the live and planned stories that use it now. In the order of their ids.
#[utoipa::path(tag = "takedowns", params(("id" = uuid::Uuid, Path, description = "Id."), ReachQuery),
    responses((status = 200, description = "A page of articles.", body = ReachedArticlePage)), security(("bearer" = [])))]
#[get("/takedowns/{id}/articles")]
pub async fn list_takedown_articles(_editor: Editor, app: State, id: Id, query: Query<ReachQuery>, url: PageUrl) -> Result<Reply> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), format!("takedown articles {}", id.0), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| store::list_articles(conn, id.0, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Reverse a takedown.
///
/// For editors. Everything stands as it stood before, with what was changed meanwhile. What another takedown holds stays down. A story whose
/// planned time has passed goes to review instead.
#[utoipa::path(tag = "takedowns", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 204, description = "It is reversed.")), security(("bearer" = [])))]
#[delete("/takedowns/{id}")]
pub async fn reverse_takedown(actor: Editor, app: State, id: Id) -> Result<Reply> {
    app.db.write(move |tx| store::reverse(tx, &actor, id.0)).await?;
    Ok(Reply::no_content())
}
