//! What happened to the world, in order: for mirrors and search indexes. A story that is gone is told of as gone, without
//! a word of what it said.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::State;
use crate::db::page::{Page, PageInfo, PageRequest, Signer};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::http::deliver::Answer;
use crate::http::query::Query;
use crate::http::reply::PageUrl;
use crate::timestamp::Timestamp;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    /// It went live.
    Published,
    /// What it says changed.
    Updated,
    /// A correction was added.
    Corrected,
    /// It was taken off.
    Unpublished,
    /// It was taken down.
    TakenDown,
}

/// Something that happened to a story.
#[derive(Debug, Clone, Queryable, Serialize, ToSchema)]
pub struct ChangeItem {
    /// Counts what happened; a later one is greater.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    #[schema(value_type = ChangeWord)]
    pub kind: String,
    /// To which story.
    pub article_id: Uuid,
    /// Its slug then; null once the story is not live any more.
    #[schema(required = true)]
    pub slug: Option<String>,
    /// The revision that is live since; null for a story that is gone.
    #[schema(required = true)]
    pub revision: Option<i32>,
    /// What a cache has to forget: the surrogate keys of the answers that it made stale.
    #[schema(example = json!(["article-0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11", "feed"]))]
    pub surrogate_keys: Vec<String>,
}

type Columns = (BigInt, Timestamptz, Text, SqlUuid, Nullable<Text>, Nullable<Integer>, Array<Text>);

/// A change makes stale what the story shows since, and what it showed until then.
const SELECT: &str = "SELECT c.generation, c.at, c.kind, c.article_id, \
     CASE WHEN EXISTS (SELECT FROM live_articles l WHERE l.id = c.article_id) THEN c.slug END, c.revision, \
     ARRAY(SELECT unnest(ARRAY['article-' || c.article_id, 'changes', 'corrections', 'feed']) UNION SELECT unnest(c.surrogate_keys) UNION SELECT unnest(b.surrogate_keys) ORDER BY 1) \
     FROM changes c LEFT JOIN LATERAL (SELECT surrogate_keys FROM changes WHERE article_id = c.article_id AND generation < c.generation ORDER BY generation DESC LIMIT 1) b ON true \
     WHERE c.generation > ";

/// Which part of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Go on after what was read: the `page.next` of the last answer, which is there also when nothing has happened since.
    pub cursor: Option<String>,
}

fn list(conn: &mut PgConnection, page: &PageRequest<i64>, signer: &Signer) -> Result<Page<ChangeItem>> {
    let after = page.key().copied().unwrap_or(0);
    let mut sql = Statement::<Columns>::new(SELECT);
    sql.bind(Bind::Big(after)).sql(" ORDER BY c.generation LIMIT ").literal(page.take() - 1);
    let mut rows: Vec<ChangeItem> = sql.load(conn)?;
    rows.truncate(usize::from(page.limit));
    let last = rows.last().map_or(after, |row| row.sequence);
    let next = page.cursor_at(&last, signer)?;
    Ok(Page { data: rows, page: PageInfo { limit: page.limit, next: Some(next), previous: None, total: None, top: None } })
}

/// A page of changes.
pub type ChangePage = Page<ChangeItem>;

/// Follow what happens to live articles.
///
/// The oldest first. `page.next` is always there: ask again with it for what has happened since.
#[utoipa::path(tag = "delivery", params(ChangesQuery), responses((status = 200, description = "What happened, in order.", body = ChangePage)), security(()))]
#[get("/changes")]
pub async fn list_changes(app: State, query: Query<ChangesQuery>, url: PageUrl) -> Result<Answer> {
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), "changes".to_owned(), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.read(move |conn| list(conn, &page, &cursors)).await?;
    let mut answer = Answer::json(serde_json::to_vec(&page).map_err(Error::internal)?);
    answer.keys = vec!["changes".to_owned()];
    Ok(match url.links(&page.page) {
        Some(links) => answer.header("link", links),
        None => answer,
    })
}
