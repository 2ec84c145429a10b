//! Links that show what is not published yet: for one article, for a while, until revoked, and no longer than their maker's account.

use actix_web::{delete, post, web};
use chrono::Duration;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::Status;
use super::{store, workflow};
use crate::app::State;
use crate::error::{Error, Result};
use crate::http::extract::{Id, OptionalJson};
use crate::http::reply::Reply;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Contributor, Principal};
use crate::identity::secrets::{Minted, Purpose};
use crate::schema::previews;
use crate::timestamp::Timestamp;

/// Hours that a link lasts unless it is said otherwise, and at the most.
const HOURS: i64 = 24;
const MOST_HOURS: i64 = 24 * 30;

/// How long a preview lasts.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreview {
    /// Hours; 24 by default.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 720)]
    pub expires_in_hours: Option<i64>,
}

/// A link to what is not published yet. The address is shown this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Preview {
    /// By which it is revoked.
    pub id: Uuid,
    /// Whoever has it can read the article's head revision.
    pub url: String,
    /// Until when.
    pub expires_at: Timestamp,
}

fn create(tx: &mut PgConnection, actor: &Principal, id: Uuid, new: &NewPreview, base: &str) -> Result<Preview> {
    let head = store::lock(tx, actor, id)?;
    if !store::sees_head(actor, &head) {
        return Err(Error::not_found("article"));
    }
    if head.status == Status::TakenDown {
        return Err(workflow::illegal(head.status, "preview"));
    }
    let hours = new.expires_in_hours.unwrap_or(HOURS);
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(Error::invalid_field("/expires_in_hours", "out_of_range", format!("Between 1 and {MOST_HOURS} hours.")));
    }
    let now = crate::db::now(tx)?;
    let minted = Minted::new(Purpose::Preview);
    let preview = Preview { id: Uuid::now_v7(), url: format!("{base}/v1/preview/{}", minted.secret), expires_at: now.plus(Duration::hours(hours)) };
    diesel::insert_into(previews::table)
        .values((
            previews::id.eq(preview.id),
            previews::article_id.eq(id),
            previews::token_hash.eq(&minted.digest),
            previews::created_by.eq(actor.user_id),
            previews::created_at.eq(now),
            previews::expires_at.eq(preview.expires_at),
        ))
        .execute(tx)?;
    audit::record(tx, actor, Deed { action: "preview", resource: "article", target: Some(id) }, None, Some(json!({ "preview_id": preview.id, "expires_at": preview.expires_at })))?;
    Ok(preview)
}

/// Make a preview link.
///
/// Whoever has the link reads the head revision as it would look live, until it expires or is revoked. It dies with the account that made it.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id.")), request_body = Option<NewPreview>,
    responses((status = 201, description = "The link, shown this once.", body = Preview)), security(("bearer" = [])))]
#[post("/articles/{id}/preview")]
pub async fn create_preview(actor: Contributor, app: State, id: Id, new: OptionalJson<NewPreview>) -> Result<Reply> {
    let (base, value) = (app.base.clone(), new.value);
    // The secret is not kept for a retry: a repeated request makes another link.
    app.db
        .write(move |tx| {
            let preview = create(tx, &actor, id.0, &value, &base)?;
            Reply::created_plain(&format!("/v1/editorial/articles/{}/preview/{}", id.0, preview.id), &preview)
        })
        .await
}

/// A preview of an article, by the path.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct PreviewPath {
    id: Uuid,
    preview_id: Uuid,
}

/// Revoke a preview link.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "The article's id."), ("preview_id" = uuid::Uuid, Path, description = "The preview's id.")),
    responses((status = 204, description = "The link shows nothing any more.")), security(("bearer" = [])))]
#[delete("/articles/{id}/preview/{preview_id}")]
pub async fn revoke_preview(actor: Contributor, app: State, path: web::Path<PreviewPath>) -> Result<Reply> {
    let path = path.into_inner();
    app.db
        .write(move |tx| {
            let head = store::lock(tx, &actor, path.id)?;
            let this = previews::table.find(path.preview_id).filter(previews::article_id.eq(path.id));
            let maker: Uuid = this.select(previews::created_by).first(tx).optional()?.ok_or_else(|| Error::not_found("preview"))?;
            if maker != actor.user_id {
                actor.may_change(head.created_by)?;
            }
            let now = crate::db::now(tx)?;
            diesel::update(this).set(previews::revoked_at.eq(now)).execute(tx)?;
            audit::record(tx, &actor, Deed { action: "revoke_preview", resource: "article", target: Some(path.id) }, Some(json!({ "preview_id": path.preview_id })), None)
        })
        .await?;
    Ok(Reply::no_content())
}
