//! Revisions of collections: list, read, go back to.

use actix_web::{get, post, web};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::model::{Collection, Head};
use super::store;
use crate::app::State;
use crate::db::page::{Page, PageRequest, Signer};
use crate::error::{Error, Result};
use crate::http::extract::{Id, IfMatch, NoBody};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::{Contributor, Editor, Principal};
use crate::schema::{collection_revisions as revisions, collections};
use crate::text::Line;
use crate::timestamp::Timestamp;
use crate::vocabulary::{CollectionFill, CollectionSlot};

/// A save.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = revisions)]
pub struct CollectionRevision {
    /// Counts the saves of its collection, from 1.
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
pub struct CollectionContent {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Chosen stories, in order.
    pub slots: Vec<CollectionSlot>,
    /// Which stories fill it up.
    #[schema(required = true)]
    pub fill: Option<CollectionFill>,
    /// Stories it has at the most.
    #[schema(minimum = 1, maximum = 100)]
    pub size: u8,
}

/// A save and what it says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FullCollectionRevision {
    /// The save.
    #[serde(flatten)]
    pub revision: CollectionRevision,
    /// What it says.
    pub content: CollectionContent,
}

/// Which part of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollectionRevisionQuery {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
}

/// A collection and one of its revisions, by the path.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct CollectionRevisionPath {
    id: Uuid,
    number: i32,
}

fn list(conn: &mut PgConnection, id: Uuid, page: &PageRequest<i32>, signer: &Signer) -> Result<Page<CollectionRevision>> {
    collections::table.find(id).select(collections::id).first::<Uuid>(conn).optional()?.ok_or_else(|| Error::not_found("collection"))?;
    let mut rows = revisions::table.filter(revisions::collection_id.eq(id)).into_boxed();
    rows = match (page.key(), page.backwards()) {
        (Some(number), true) => rows.filter(revisions::number.gt(*number)).order(revisions::number.asc()),
        (Some(number), false) => rows.filter(revisions::number.lt(*number)).order(revisions::number.desc()),
        (None, _) => rows.order(revisions::number.desc()),
    };
    let rows: Vec<CollectionRevision> = rows.limit(page.take()).select(CollectionRevision::as_select()).load(conn)?;
    let (data, page) = page.finish(rows, signer, |row| row.number)?;
    Ok(Page { data, page })
}

fn read(conn: &mut PgConnection, path: CollectionRevisionPath) -> Result<FullCollectionRevision> {
    let revision: Option<CollectionRevision> = revisions::table.find((path.id, path.number)).select(CollectionRevision::as_select()).first(conn).optional()?;
    let revision = revision.ok_or_else(|| Error::not_found("revision"))?;
    let content = store::content(conn, path.id, path.number)?;
    let content = CollectionContent { slug: content.slug, name: content.name, description: content.description, slots: content.slots, fill: content.fill, size: content.size };
    Ok(FullCollectionRevision { revision, content })
}

/// What an earlier revision said becomes the head again, as a new revision. The slug stays: others may hold the earlier one.
fn restore(tx: &mut PgConnection, actor: &Principal, path: CollectionRevisionPath, seen: &IfMatch) -> Result<Collection> {
    let head: Head = store::lock(tx, path.id)?;
    seen.check(head.version)?;
    let old = store::content(tx, path.id, head.revision)?;
    let mut new = store::content(tx, path.id, path.number)?;
    new.slug.clone_from(&old.slug);
    let note = Line::parse(&format!("Restored from revision {}", path.number)).ok();
    store::save(tx, actor, &head, (&old, &new), note.as_ref())
}

/// A page of revisions.
pub type CollectionRevisionPage = Page<CollectionRevision>;

/// List the revisions of a collection.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), CollectionRevisionQuery), responses((status = 200, description = "A page of revisions, the last first.", body = CollectionRevisionPage)), security(("bearer" = [])))]
#[get("/collections/{id}/revisions")]
pub async fn list_collection_revisions(_staff: Contributor, app: State, id: Id, query: Query<CollectionRevisionQuery>, url: PageUrl) -> Result<Reply> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), format!("collection revisions {}", id.0), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| list(conn, id.0, &page, &cursors)).await?;
    Reply::page(&url, &page)
}

/// Read a revision of a collection.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), ("number" = i32, Path, description = "The revision's number.", minimum = 1)),
    responses((status = 200, description = "The revision and what it says.", body = FullCollectionRevision)), security(("bearer" = [])))]
#[get("/collections/{id}/revisions/{number}")]
pub async fn get_collection_revision(_staff: Contributor, app: State, path: web::Path<CollectionRevisionPath>) -> Result<Reply> {
    let path = path.into_inner();
    Reply::ok(&app.db.snapshot(move |conn| read(conn, path)).await?)
}

/// Go back to a revision of a collection.
///
/// What it says becomes a new revision; nothing is lost. The slug stays as it is.
#[utoipa::path(tag = "collections", params(("id" = uuid::Uuid, Path, description = "Id."), ("number" = i32, Path, description = "The revision to go back to.", minimum = 1), ("If-Match" = String, Header, description = "The collection's ETag, or *.")),
    responses((status = 200, description = "The collection as it is now.", body = Collection)), security(("bearer" = [])))]
#[post("/collections/{id}/revisions/{number}/restore")]
pub async fn restore_collection_revision(actor: Editor, app: State, path: web::Path<CollectionRevisionPath>, seen: IfMatch, body: NoBody) -> Result<Reply> {
    let path = path.into_inner();
    app.db.write_once(body.once, move |tx| Reply::current(&restore(tx, &actor, path, &seen)?)).await
}
