//! Advisory locks: somebody says that they are editing, and others are told. They end by themselves.

use actix_web::{delete, put};
use chrono::Duration;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::model::{EditorialArticle, Head};
use super::store;
use crate::app::State;
use crate::error::{Code, Error, Result};
use crate::http::extract::{Id, NoBody};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Contributor, Principal};
use crate::identity::role::Role;
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// Minutes that a lock lasts unless it is renewed; every save renews it.
const MINUTES: i64 = 30;

/// The refusal that tells who is editing, and until when.
///
/// # Errors
/// 409 while somebody else holds the lock.
pub fn refuse_others(actor: &Principal, head: &Head, now: Timestamp) -> Result<()> {
    match holder(head, now).filter(|(user, _)| *user != actor.user_id) {
        Some((user, until)) => {
            Err(Error::new(Code::Locked, format!("Somebody else is editing this until {until}.")).with("locked_by", user.to_string()).with("locked_until", until.to_string()))
        }
        None => Ok(()),
    }
}

fn holder(head: &Head, now: Timestamp) -> Option<(Uuid, Timestamp)> {
    head.lock_user_id.zip(head.lock_expires_at.filter(|until| *until > now))
}

/// When the lock ends after a save: later, where whoever saves holds it.
#[must_use]
pub fn renewed(actor: &Principal, head: &Head, now: Timestamp) -> Option<Timestamp> {
    let holds = holder(head, now).is_some_and(|(user, _)| user == actor.user_id);
    if holds { Some(now.plus(Duration::minutes(MINUTES))) } else { head.lock_expires_at }
}

fn take(tx: &mut PgConnection, actor: &Principal, id: Uuid, break_other: bool) -> Result<()> {
    let (head, now) = (store::lock(tx, actor, id)?, crate::db::now(tx)?);
    actor.may_change(head.created_by)?;
    let other = holder(&head, now).filter(|(user, _)| *user != actor.user_id);
    if other.is_some() && !(break_other && actor.is(Role::Editor)) {
        refuse_others(actor, &head, now)?;
    }
    let since = if other.is_none() && head.lock_user_id == Some(actor.user_id) { head.lock_since.unwrap_or(now) } else { now };
    write(tx, id, Some((actor.user_id, since, now.plus(Duration::minutes(MINUTES)))))?;
    if let Some((user, _)) = other {
        audit::record(tx, actor, Deed { action: "break_lock", resource: "article", target: Some(id) }, Some(json!({ "locked_by": user })), None)?;
    }
    Ok(())
}

fn give_up(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<()> {
    let (head, now) = (store::lock(tx, actor, id)?, crate::db::now(tx)?);
    if !actor.is(Role::Editor) {
        refuse_others(actor, &head, now)?;
    }
    write(tx, id, None)
}

fn write(tx: &mut PgConnection, id: Uuid, lock: Option<(Uuid, Timestamp, Timestamp)>) -> Result<()> {
    diesel::update(articles::table.find(id))
        .set((articles::lock_user_id.eq(lock.map(|l| l.0)), articles::lock_since.eq(lock.map(|l| l.1)), articles::lock_expires_at.eq(lock.map(|l| l.2))))
        .execute(tx)?;
    Ok(())
}

/// Whether to break somebody else's lock.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LockQuery {
    /// `true` takes the lock from whoever holds it; editors only.
    #[serde(rename = "break")]
    pub break_other: Option<bool>,
}

/// Lock an article.
///
/// For 30 minutes, renewed by every save and by asking again. A save against somebody else's lock is 409. Locks do not move the version.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id."), LockQuery), responses((status = 200, description = "The article with its lock.", body = EditorialArticle)), security(("bearer" = [])))]
#[put("/articles/{id}/lock")]
pub async fn lock_article(actor: Contributor, app: State, id: Id, query: Query<LockQuery>, _body: NoBody) -> Result<Reply> {
    let base = app.base.clone();
    let article = app
        .db
        .write(move |tx| {
            take(tx, &actor, id.0, query.break_other == Some(true))?;
            store::reread(tx, id.0, &base)
        })
        .await?;
    Reply::current(&article)
}

/// Unlock an article.
#[utoipa::path(tag = "articles", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 204, description = "Nobody holds the lock.")), security(("bearer" = [])))]
#[delete("/articles/{id}/lock")]
pub async fn unlock_article(actor: Contributor, app: State, id: Id) -> Result<Reply> {
    app.db.write(move |tx| give_up(tx, &actor, id.0)).await?;
    Ok(Reply::no_content())
}
