//! Revisions on the desk: list, read, compare, go back to.

use actix_web::{get, post, web};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::diff::{self, Difference};
use super::model::{EditorialArticle, Head};
use super::saves::{self, Change, Saved};
use super::{store, view};
use crate::app::State;
use crate::db::page::{Page, PageRequest, Signer};
use crate::error::{Error, Result};
use crate::http::extract::{Id, IfMatch, NoBody, Target};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Contributor, Principal};
use crate::publishing::content;
use crate::rendering::{BodyFormat, BodyOut};
use crate::schema::article_revisions as revisions;
use crate::text::Line;
use crate::timestamp::Timestamp;
use crate::vocabulary::ArticleKind;

/// A save.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = revisions)]
pub struct Revision {
    /// Counts the saves of its article, from 1.
    pub number: i32,
    /// When it was saved.
    pub created_at: Timestamp,
    /// Who saved it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// Why.
    #[schema(required = true)]
    pub note: Option<String>,
}

/// What a revision says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisionContent {
    /// At the top of the story.
    pub headline: String,
    /// Its slug.
    pub slug: String,
    /// What sort of story.
    pub kind: ArticleKind,
    /// BCP 47.
    pub language: String,
    /// Above the headline.
    #[schema(required = true)]
    pub kicker: Option<String>,
    /// Below the headline.
    #[schema(required = true)]
    pub standfirst: Option<String>,
    /// Where it was written.
    #[schema(required = true)]
    pub dateline: Option<String>,
    /// Instead of the byline made from the authors.
    #[schema(required = true)]
    pub byline: Option<String>,
    /// Who did what.
    pub authors: Vec<content::Contribution>,
    /// Ids of its tags.
    pub tags: Vec<Uuid>,
    /// The lead picture.
    #[schema(required = true)]
    pub lead_media: Option<content::LeadMedia>,
    /// The text.
    pub body: BodyOut,
    /// Where it was first published.
    #[schema(required = true)]
    pub source: Option<content::Source>,
    /// What search engines are told.
    pub seo: content::Seo,
}

/// A save and what it says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FullRevision {
    /// The save.
    #[serde(flatten)]
    pub revision: Revision,
    /// What it says.
    pub content: RevisionContent,
}

/// Which part of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevisionQuery {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
}

/// In which form the body comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevisionView {
    /// Form of the body; `html` by default.
    pub body: Option<BodyFormat>,
}

/// Against what to compare.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// The number of the other revision; the one before by default.
    #[param(minimum = 1)]
    pub against: Option<i32>,
}

/// An article and one of its revisions, by the path.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct RevisionPath {
    id: Uuid,
    number: i32,
}

/// Revisions are as visible as what is being written: to those who may see the article's head.
fn head(conn: &mut PgConnection, reader: &Principal, id: Uuid) -> Result<Head> {
    let head = store::head(conn, reader, id)?;
    if store::sees_head(reader, &head) { Ok(head) } else { Err(Error::not_found("article")) }
}

fn list(conn: &mut PgConnection, reader: &Principal, id: Uuid, page: &PageRequest<i32>, signer: &Signer) -> Result<Page<Revision>> {
    head(conn, reader, id)?;
    let mut rows = revisions::table.filter(revisions::article_id.eq(id)).into_boxed();
    rows = match (page.key(), page.backwards()) {
        (Some(number), true) => rows.filter(revisions::number.gt(*number)).order(revisions::number.asc()),
        (Some(number), false) => rows.filter(revisions::number.lt(*number)).order(revisions::number.desc()),
        (None, _) => rows.order(revisions::number.desc()),
    };
    let rows: Vec<Revision> = rows.limit(page.take()).select(Revision::as_select()).load(conn)?;
    let (data, page) = page.finish(rows, signer, |row| row.number)?;
    Ok(Page { data, page })
}

fn read(conn: &mut PgConnection, reader: &Principal, path: RevisionPath, format: BodyFormat, base: &str) -> Result<FullRevision> {
    head(conn, reader, path.id)?;
    let revision: Option<Revision> = revisions::table.find((path.id, path.number)).select(Revision::as_select()).first(conn).optional()?;
    let revision = revision.ok_or_else(|| Error::not_found("revision"))?;
    let content = content::load(conn, path.id, path.number)?;
    let body = view::body(conn, &content.body, format, base)?;
    let content = RevisionContent {
        headline: content.headline,
        slug: content.slug,
        kind: content.kind,
        language: content.language,
        kicker: content.kicker,
        standfirst: content.standfirst,
        dateline: content.dateline,
        byline: content.byline,
        authors: content.authors,
        tags: content.tags,
        lead_media: content.lead_media,
        body,
        source: content.source,
        seo: content.seo,
    };
    Ok(FullRevision { revision, content })
}

fn compare(conn: &mut PgConnection, reader: &Principal, path: RevisionPath, against: Option<i32>) -> Result<Difference> {
    head(conn, reader, path.id)?;
    let other = against.unwrap_or_else(|| path.number.saturating_sub(1).max(1));
    let (newer, older) = (content::load(conn, path.id, path.number)?, content::load(conn, path.id, other)?);
    diff::between((other, &older), (path.number, &newer))
}

/// What an earlier revision said becomes the head again, as a new revision. The slug stays: others may hold the earlier one.
fn restore(tx: &mut PgConnection, actor: &Principal, path: RevisionPath, seen: &IfMatch) -> Result<Saved> {
    let (head, now) = (store::lock(tx, actor, path.id)?, crate::db::now(tx)?);
    store::may_edit(actor, &head, seen, now)?;
    let (old, base) = content::load_with_base(tx, path.id, head.revision)?;
    let mut new = content::load(tx, path.id, path.number)?;
    new.slug.clone_from(&old.slug);
    let note = Line::parse(&format!("Restored from revision {}", path.number)).ok();
    saves::save(tx, (actor, now), (&head, &head), Change { old, base, new }, note.as_ref())
}

/// A page of revisions.
pub type RevisionPage = Page<Revision>;

/// List the revisions of an article.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), RevisionQuery), responses((status = 200, description = "A page of revisions, the last first.", body = RevisionPage)), security(("bearer" = [])))]
#[get("/articles/{id}/revisions")]
pub async fn list_revisions(reader: Contributor, app: State, id: Id, query: Query<RevisionQuery>, url: PageUrl) -> Result<Reply> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), format!("revisions {}", id.0), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| list(conn, &reader, id.0, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Read a revision.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("number" = i32, Path, description = "The revision's number.", minimum = 1), RevisionView),
    responses((status = 200, description = "The revision and what it says.", body = FullRevision)), security(("bearer" = [])))]
#[get("/articles/{id}/revisions/{number}")]
pub async fn get_revision(reader: Contributor, app: State, path: web::Path<RevisionPath>, view: Query<RevisionView>) -> Result<Reply> {
    let (path, format, base) = (path.into_inner(), view.body.unwrap_or_default(), app.base.clone());
    Reply::ok(&app.db.snapshot(move |conn| read(conn, &reader, path, format, &base)).await?)
}

/// Compare two revisions.
///
/// Fields that differ, and the body block by block with words added and removed.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("number" = i32, Path, description = "The newer side.", minimum = 1), DiffQuery),
    responses((status = 200, description = "What differs.", body = Difference)), security(("bearer" = [])))]
#[get("/articles/{id}/revisions/{number}/diff")]
pub async fn diff_revisions(reader: Contributor, app: State, path: web::Path<RevisionPath>, query: Query<DiffQuery>) -> Result<Reply> {
    let (path, against) = (path.into_inner(), query.against);
    Reply::ok(&app.db.snapshot(move |conn| compare(conn, &reader, path, against)).await?)
}

/// Go back to a revision.
///
/// What it says becomes a new revision; nothing is lost. The slug stays as it is.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("number" = i32, Path, description = "The revision to go back to.", minimum = 1), ("If-Match" = String, Header, description = "The article's ETag, or *.")),
    responses((status = 200, description = "The article as it is now.", body = EditorialArticle)), security(("bearer" = [])))]
#[post("/articles/{id}/revisions/{number}/restore")]
pub async fn restore_revision(actor: Contributor, app: State, path: web::Path<RevisionPath>, seen: IfMatch, body: NoBody) -> Result<Reply> {
    let (path, base) = (path.into_inner(), app.base.clone());
    app.db
        .write_once(body.once, move |tx| {
            restore(tx, &actor, path, &seen)?;
            Reply::current(&store::get(tx, &actor, &Target::Id(path.id), BodyFormat::default(), &base)?)
        })
        .await
}
