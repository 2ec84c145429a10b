//! Corrections: added, never changed; before the world at once, without any other change that may be waiting.

use actix_web::{get, post};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Head, Status};
use super::{store, workflow};
use crate::app::State;
use crate::error::Result;
use crate::http::extract::{Id, IfMatch, Json};
use crate::http::reply::Reply;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Contributor, Editor, Principal};
use crate::publishing::projection;
use crate::schema::{articles, corrections};
use crate::text::Prose;
use crate::timestamp::Timestamp;
use crate::vocabulary::CorrectionKind;

/// A new correction.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "correction", "text": "An earlier version gave the wrong year for the bridge."}))]
pub struct NewCorrection {
    /// What sort.
    pub kind: CorrectionKind,
    /// What was wrong and what is right.
    pub text: Prose<5_000>,
}

/// A correction as the desk sees it.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = corrections)]
pub struct EditorialCorrection {
    /// Its id.
    pub id: Uuid,
    /// Of which article.
    pub article_id: Uuid,
    /// What sort.
    pub kind: CorrectionKind,
    /// What was wrong and what is right.
    pub text: String,
    /// Who added it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: Timestamp,
}

/// All corrections of an article.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditorialCorrections {
    /// The newest first.
    pub data: Vec<EditorialCorrection>,
}

fn add(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch, new: &NewCorrection) -> Result<EditorialCorrection> {
    let (head, now) = (store::lock(tx, actor, id)?, crate::db::now(tx)?);
    // A correction is no save: that somebody is editing does not keep it waiting.
    seen.check(head.version)?;
    if !workflow::legal_moves(head.status).contains(&"correct") {
        return Err(workflow::illegal(head.status, "correct"));
    }
    write(tx, actor, &head, new, now)
}

/// The correction itself, without asking who makes it. `now` is the moment that it bears.
///
/// # Errors
/// What the database says.
pub fn write(tx: &mut PgConnection, actor: &Principal, head: &Head, new: &NewCorrection, now: Timestamp) -> Result<EditorialCorrection> {
    let id = head.id;
    let row = EditorialCorrection { id: Uuid::now_v7(), article_id: id, kind: new.kind, text: new.text.to_string(), created_by: Some(actor.user_id), created_at: now };
    diesel::insert_into(corrections::table)
        .values((
            corrections::id.eq(row.id),
            corrections::article_id.eq(id),
            corrections::kind.eq(row.kind),
            corrections::text.eq(&row.text),
            corrections::created_by.eq(row.created_by),
            corrections::created_at.eq(now),
        ))
        .execute(tx)?;
    diesel::update(articles::table.find(id)).set((articles::version.eq(head.version + 1), articles::updated_by.eq(actor.user_id), articles::updated_at.eq(now))).execute(tx)?;
    if head.status == Status::Published {
        projection::correct(tx, id, now)?;
    }
    audit::record(tx, actor, Deed { action: "correct", resource: "article", target: Some(id) }, None, Some(json!(row)))?;
    Ok(row)
}

/// Correct an article.
///
/// Corrections are added, never changed or removed. On a live story it shows at once, without publishing other changes that wait.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The article's ETag, or *.")),
    request_body = NewCorrection, responses((status = 201, description = "The correction.", body = EditorialCorrection)), security(("bearer" = [])))]
#[post("/articles/{id}/corrections")]
pub async fn create_correction(actor: Editor, app: State, id: Id, seen: IfMatch, new: Json<NewCorrection>) -> Result<Reply> {
    let Json { value: new, once } = new;
    app.db
        .write_once(once, move |tx| {
            let row = add(tx, &actor, id.0, &seen, &new)?;
            Reply::created_plain(&format!("/v1/editorial/articles/{}/corrections", row.article_id), &row)
        })
        .await
}

/// List the corrections of an article.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 200, description = "Its corrections, the newest first.", body = EditorialCorrections)), security(("bearer" = [])))]
#[get("/articles/{id}/corrections")]
pub async fn list_article_corrections(reader: Contributor, app: State, id: Id) -> Result<Reply> {
    let data = app
        .db
        .snapshot(move |conn| {
            store::head(conn, &reader, id.0)?;
            let rows = corrections::table.filter(corrections::article_id.eq(id.0)).order((corrections::created_at.desc(), corrections::id.desc()));
            Ok(rows.select(EditorialCorrection::as_select()).load(conn)?)
        })
        .await?;
    Reply::ok(&EditorialCorrections { data })
}
