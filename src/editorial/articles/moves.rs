//! HTTP of the moves between states.

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::EditorialArticle;
use super::{store, view, workflow};
use crate::app::State;
use crate::db::once::Once;
use crate::error::{FieldError, Result};
use crate::http::extract::{Id, IfMatch, Json, NoBody, OptionalJson};
use crate::http::json::present;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::identity::principal::{Author, Contributor, Editor, Principal};
use crate::text::Line;
use crate::timestamp::Timestamp;

/// What is said with a submission or return.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveNote {
    /// For whoever takes it from here.
    #[serde(default)]
    pub note: Option<Line<1_000>>,
}

/// How to publish.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublishQuery {
    /// `true` changes nothing and lists what would stop it.
    pub dry_run: Option<bool>,
}

/// When an article was published, where that is not now.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishInput {
    /// The date of publication that the story bears; not in the future; editors only.
    #[serde(default)]
    pub published_at: Option<Timestamp>,
}

/// When an article goes live, and when it goes off.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"publish_at": "2027-03-01T06:00:00Z"}))]
pub struct ScheduleInput {
    /// When the head revision goes live; for a live story, in the place of what is live.
    #[serde(default)]
    pub publish_at: Option<Timestamp>,
    /// When it goes off; `null` for never.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub unpublish_at: Option<Option<Timestamp>>,
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
pub enum Published {
    /// The article, live.
    Article(Box<EditorialArticle>),
    /// With `dry_run=true`.
    Rehearsal(Rehearsal),
}

/// One move in one transaction, answered with the article as it is then.
async fn moved(app: State, once: Option<Once>, id: Id, work: impl Fn(&mut diesel::pg::PgConnection) -> Result<()> + Send + 'static) -> Result<Reply> {
    let base = app.base.clone();
    app.db
        .write_once(once, move |tx| {
            work(tx)?;
            Reply::current(&store::reread(tx, id.0, &base)?)
        })
        .await
}

async fn step(actor: Principal, app: State, id: Id, seen: IfMatch, note: OptionalJson<MoveNote>, wanted: &'static str) -> Result<Reply> {
    let OptionalJson { value, once } = note;
    moved(app, once, id, move |tx| workflow::step(tx, &actor, id.0, &seen, wanted, value.note.as_ref().map(AsRef::as_ref))).await
}

/// Submit an article for review.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body = Option<MoveNote>, responses((status = 200, description = "The article, in review.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/submit")]
pub async fn submit_article(actor: Contributor, app: State, id: Id, seen: IfMatch, note: OptionalJson<MoveNote>) -> Result<Reply> {
    step(actor.0, app, id, seen, note, "submit").await
}

/// Return an article to its writer.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body = Option<MoveNote>, responses((status = 200, description = "The article, a draft again.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/return")]
pub async fn return_article(actor: Editor, app: State, id: Id, seen: IfMatch, note: OptionalJson<MoveNote>) -> Result<Reply> {
    step(actor.0, app, id, seen, note, "return").await
}

/// Archive an article.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body = Option<MoveNote>, responses((status = 200, description = "The article, put away.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/archive")]
pub async fn archive_article(actor: Contributor, app: State, id: Id, seen: IfMatch, note: OptionalJson<MoveNote>) -> Result<Reply> {
    step(actor.0, app, id, seen, note, "archive").await
}

/// Take an article out of the archive.
///
/// It is a draft again, or, if the world has seen it, unpublished.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body = Option<MoveNote>, responses((status = 200, description = "The article, in work again.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/restore")]
pub async fn restore_article(actor: Contributor, app: State, id: Id, seen: IfMatch, note: OptionalJson<MoveNote>) -> Result<Reply> {
    step(actor.0, app, id, seen, note, "restore").await
}

/// Publish an article.
///
/// Puts the head revision before the world. Needs a headline, a slug, an author, a tag, a body, alt text and a valid credit on every
/// picture, and the embargo passed. Authors publish what is theirs, editors everything.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *."), PublishQuery),
    request_body = Option<PublishInput>, responses((status = 200, description = "The article, live; with `dry_run=true` the obstacles.", body = Published)), security(("bearer" = [])))]
#[post("/articles/{id}/publish")]
pub async fn publish_article(actor: Author, app: State, id: Id, seen: IfMatch, query: Query<PublishQuery>, input: OptionalJson<PublishInput>) -> Result<Reply> {
    if query.dry_run == Some(true) {
        let obstacles = app.db.write(move |tx| workflow::rehearse(tx, &actor, id.0, &seen)).await?;
        return Reply::ok(&Rehearsal { publishable: obstacles.is_empty(), obstacles });
    }
    let OptionalJson { value, once } = input;
    let base = app.base.clone();
    app.db
        .by_key()
        .write_once(once, move |tx| {
            let saved = workflow::publish(tx, &actor, id.0, &seen, value.published_at)?;
            Reply::current(&view::written(tx, saved.head, saved.content, &base)?)
        })
        .await
}

/// Schedule an article.
///
/// `publish_at` is decided by the database's clock: never early, and at most two seconds late. For a live story it is the time at which
/// its head revision takes the place of what is live. Calling it again changes the plan.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body = ScheduleInput, responses((status = 200, description = "The article, planned.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/schedule")]
pub async fn schedule_article(actor: Author, app: State, id: Id, seen: IfMatch, plan: Json<ScheduleInput>) -> Result<Reply> {
    let Json { value: plan, once } = plan;
    let plan = workflow::Plan { publish_at: plan.publish_at, unpublish_at: plan.unpublish_at };
    moved(app, once, id, move |tx| workflow::schedule(tx, &actor, id.0, &seen, plan)).await
}

/// Give up what was scheduled.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 200, description = "The article, with nothing planned.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/unschedule")]
pub async fn unschedule_article(actor: Author, app: State, id: Id, seen: IfMatch, body: NoBody) -> Result<Reply> {
    moved(app, body.once, id, move |tx| workflow::unschedule(tx, &actor, id.0, &seen)).await
}

/// Take an article off.
///
/// It is gone from the world at once. Authors do it with what is theirs, editors with everything.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 200, description = "The article, no longer live.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/unpublish")]
pub async fn unpublish_article(actor: Author, app: State, id: Id, seen: IfMatch, body: NoBody) -> Result<Reply> {
    moved(app, body.once, id, move |tx| workflow::unpublish(tx, &actor, id.0, &seen)).await
}
