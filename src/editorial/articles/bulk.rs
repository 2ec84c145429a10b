//! The same done to many articles: each with a result of its own, or all or nothing.

use actix_web::post;
use diesel::connection::Connection;
use diesel::pg::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::ArticlePatch;
use super::{saves, store, workflow};
use crate::app::State;
use crate::error::{Code, Error, Problem, Result};
use crate::http::extract::{IfMatch, Json};
use crate::http::reply::Reply;
use crate::identity::principal::{Author, Principal};
use crate::publishing::content;

/// Articles that one request may name.
const MOST: usize = 200;

/// What is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "action", deny_unknown_fields)]
pub enum BulkAction {
    /// Adds a tag, last.
    Tag {
        /// Which.
        tag_id: Uuid,
    },
    /// Removes a tag.
    Untag {
        /// Which.
        tag_id: Uuid,
    },
    /// Takes them off.
    Unpublish {},
    /// Puts them away.
    Archive {},
    /// Puts somebody on them; `null` nobody.
    Assign {
        /// Whom.
        assignee: Option<Uuid>,
    },
}

/// Many articles and what is done to them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// Which articles.
    #[schema(min_items = 1, max_items = 200)]
    pub ids: Vec<Uuid>,
    /// What is done.
    pub operation: BulkAction,
    /// `true`: nothing is done to any when one cannot be done.
    #[serde(default)]
    pub all_or_nothing: bool,
}

/// What came of one article.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// Which.
    pub id: Uuid,
    /// As the status of a request for this one would have been.
    #[schema(minimum = 200, maximum = 599)]
    pub status: u16,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// What came of each article, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResults {
    /// One an article.
    pub results: Vec<BulkResult>,
}

fn one(tx: &mut PgConnection, actor: &Principal, id: Uuid, action: &BulkAction) -> Result<()> {
    let any = IfMatch::any();
    match action {
        BulkAction::Unpublish {} => workflow::unpublish(tx, actor, id, &any),
        BulkAction::Archive {} => workflow::step(tx, actor, id, &any, "archive", None),
        BulkAction::Assign { assignee } => saves::update(tx, actor, id, &any, &ArticlePatch { assignee: Some(*assignee), ..ArticlePatch::default() }, None).map(drop),
        BulkAction::Tag { tag_id } => retag(tx, actor, id, |tags| {
            if !tags.contains(tag_id) {
                tags.push(*tag_id)
            }
        }),
        BulkAction::Untag { tag_id } => retag(tx, actor, id, |tags| tags.retain(|tag| tag != tag_id)),
    }
}

fn retag(tx: &mut PgConnection, actor: &Principal, id: Uuid, change: impl FnOnce(&mut Vec<Uuid>)) -> Result<()> {
    let head = store::lock(tx, actor, id)?;
    let mut tags = content::load(tx, id, head.revision)?.tags;
    change(&mut tags);
    saves::update(tx, actor, id, &IfMatch::any(), &ArticlePatch { tags: Some(tags), ..ArticlePatch::default() }, None).map(drop)
}

fn all(tx: &mut PgConnection, actor: &Principal, bulk: &Bulk) -> Result<BulkResults> {
    // In one order, so that two such requests cannot wait for each other.
    let mut order: Vec<_> = bulk.ids.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, id)| *id);
    let mut results = Vec::with_capacity(order.len());
    for (at, id) in order {
        let outcome = tx.transaction(|tx| one(tx, actor, id, &bulk.operation));
        match outcome {
            Ok(()) => results.push((at, BulkResult { id, status: 200, problem: None })),
            Err(error) if error.code.status() >= 500 => return Err(error),
            Err(error) if bulk.all_or_nothing => {
                let problem = serde_json::to_value(error.problem(&actor.request_id)).unwrap_or_default();
                return Err(Error::new(Code::Conflict, format!("Nothing was done, because article {id} could not be: {}", error.detail))
                    .with("id", id.to_string())
                    .with("problem", problem));
            }
            Err(error) => results.push((at, BulkResult { id, status: error.code.status(), problem: Some(error.problem(&actor.request_id)) })),
        }
    }
    results.sort_by_key(|(at, _)| *at);
    Ok(BulkResults { results: results.into_iter().map(|(_, result)| result).collect() })
}

/// Do the same to many articles.
///
/// Up to 200. Each has its own result; with `all_or_nothing` nothing is done when one cannot be. Versions are not compared.
#[utoipa::path(tag = "articles", request_body = Bulk, responses((status = 200, description = "What came of each.", body = BulkResults)), security(("bearer" = [])))]
#[post("/articles/bulk")]
pub async fn change_articles(actor: Author, app: State, bulk: Json<Bulk>) -> Result<Reply> {
    let Json { value: bulk, once } = bulk;
    if bulk.ids.is_empty() || bulk.ids.len() > MOST {
        return Err(Error::invalid_field("/ids", "out_of_range", format!("Between 1 and {MOST} ids.")));
    }
    app.db.write_once(once, move |tx| Reply::ok(&all(tx, &actor, &bulk)?)).await
}
