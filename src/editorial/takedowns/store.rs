//! SQL of takedowns: the record, and the status of credits and pictures. Withdrawing those touches no story, because
//! whether a picture may be shown is decided when it is read.

use diesel::dsl::{count_star, exists};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::model::{NewTakedown, ReachedArticle, Selector, Takedown, TakedownKind, TakedownQuery, TakedownRow};
use super::{articles, reach};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::error::{Code, Error, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::publishing::generation;
use crate::schema::{articles as stories, media, media_credits, takedown_articles, takedowns};
use crate::timestamp::Timestamp;

/// The key a list of takedowns is sorted by: when it was made, then the id.
pub type Key = (Timestamp, Uuid);

fn matching(query: &TakedownQuery) -> takedowns::BoxedQuery<'_, Pg> {
    let mut rows = takedowns::table.into_boxed();
    if let Some(kind) = query.kind {
        rows = rows.filter(takedowns::kind.eq(kind));
    }
    if let Some(target) = query.target {
        rows = rows.filter(takedowns::target_id.eq(target));
    }
    if let Some(article) = query.article {
        rows = rows.filter(exists(takedown_articles::table.filter(takedown_articles::takedown_id.eq(takedowns::id)).filter(takedown_articles::article_id.eq(article))));
    }
    match query.standing {
        Some(true) => rows.filter(takedowns::reversed_at.is_null()),
        Some(false) => rows.filter(takedowns::reversed_at.is_not_null()),
        None => rows,
    }
}

/// A page of takedowns, the newest first.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &TakedownQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<Takedown>> {
    let rows = match (page.key().copied(), page.backwards()) {
        (Some((at, id)), true) => matching(query)
            .filter(takedowns::created_at.ge(at).and(takedowns::created_at.gt(at).or(takedowns::id.gt(id))))
            .order((takedowns::created_at.asc(), takedowns::id.asc())),
        (Some((at, id)), false) => matching(query)
            .filter(takedowns::created_at.le(at).and(takedowns::created_at.lt(at).or(takedowns::id.lt(id))))
            .order((takedowns::created_at.desc(), takedowns::id.desc())),
        (None, _) => matching(query).order((takedowns::created_at.desc(), takedowns::id.desc())),
    };
    let rows = rows.limit(page.take()).select(TakedownRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| (row.created_at, row.id))?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query).select(count_star()).first(conn)?);
    }
    Ok(Page { data: rows.into_iter().map(Takedown::from).collect(), page: info })
}

/// One takedown.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<Takedown> {
    let row: Option<TakedownRow> = takedowns::table.find(id).select(TakedownRow::as_select()).first(conn).optional()?;
    row.map(Takedown::from).ok_or_else(|| Error::not_found("takedown"))
}

/// The articles of a takedown: those that it took down; for a credit or picture, live and planned ones that use it now.
///
/// # Errors
/// 404; what the database says.
pub fn list_articles(conn: &mut PgConnection, id: Uuid, page: &PageRequest<Uuid>, signer: &Signer) -> Result<Page<ReachedArticle>> {
    let selector = get(conn, id)?.selector;
    let rows: Vec<ReachedArticle> = match selector {
        Selector::Credit(_) | Selector::Media(_) => reach::list(conn, selector, page.key().copied(), page.take())?,
        Selector::Author(_) | Selector::Article(_) => stories::table
            .inner_join(takedown_articles::table)
            .filter(takedown_articles::takedown_id.eq(id))
            .filter(stories::id.gt(page.key().copied().unwrap_or_default()))
            .order(stories::id)
            .limit(page.take())
            .select((stories::id, stories::headline, stories::slug, stories::status, stories::publish_at))
            .load(conn)?,
    };
    let (data, mut info) = page.finish(rows, signer, |row| row.id)?;
    // This list is walked forwards alone.
    info.previous = None;
    Ok(Page { data, page: info })
}

/// Withdraws what it reaches.
///
/// # Errors
/// 409 when a takedown of this stands; 422 where there is no such thing.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewTakedown) -> Result<Takedown> {
    let (id, now, selector) = (Uuid::now_v7(), crate::db::now(tx)?, new.selector);
    let (subject, earlier) = (reach::subject(tx, selector)?, withdraw(tx, selector, now)?);
    let (kind, target) = selector.parts();
    diesel::insert_into(takedowns::table)
        .values((
            (takedowns::id.eq(id), takedowns::kind.eq(kind), takedowns::target_id.eq(target), takedowns::subject.eq(subject), takedowns::reason.eq(new.reason.as_str())),
            (takedowns::legal_reference.eq(new.legal_reference.as_ref().map(AsRef::<str>::as_ref)), takedowns::earlier_status.eq(earlier)),
            (takedowns::articles.eq(0), takedowns::pictures.eq(0), takedowns::created_by.eq(actor.user_id), takedowns::created_at.eq(now)),
        ))
        .execute(tx)?;
    let reached = match kind {
        TakedownKind::Credit | TakedownKind::Media => {
            generation::references_changed(tx)?;
            let (live, other) = reach::count(tx, selector)?;
            live + other
        }
        TakedownKind::Author | TakedownKind::Article => i64::try_from(articles::take_down(tx, actor, id, selector, now)?).map_err(Error::internal)?,
    };
    let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let pictures = reach::pictures(tx, selector)?;
    diesel::update(takedowns::table.find(id)).set((takedowns::articles.eq(number(reached)), takedowns::pictures.eq(number(pictures)))).execute(tx)?;
    let made = get(tx, id)?;
    audit::record(tx, actor, Deed { action: "create", resource: "takedown", target: Some(id) }, None, Some(json!(made)))?;
    Ok(made)
}

/// Withdraws a credit or a picture; says how it stood.
fn withdraw(tx: &mut PgConnection, selector: Selector, now: Timestamp) -> Result<Option<String>> {
    let earlier = match selector {
        Selector::Credit(id) => media_credits::table.find(id).select(media_credits::status).for_update().first::<String>(tx)?,
        Selector::Media(id) => media::table.find(id).select(media::status).for_update().first::<String>(tx)?,
        Selector::Author(_) | Selector::Article(_) => return Ok(None),
    };
    set_status(tx, selector, "withdrawn", now)?;
    Ok(Some(earlier))
}

fn set_status(tx: &mut PgConnection, selector: Selector, status: &str, now: Timestamp) -> Result<()> {
    match selector {
        Selector::Credit(id) => diesel::update(media_credits::table.find(id))
            .set((media_credits::status.eq(status), media_credits::version.eq(media_credits::version + 1), media_credits::updated_at.eq(now)))
            .execute(tx)?,
        Selector::Media(id) => {
            diesel::update(media::table.find(id)).set((media::status.eq(status), media::version.eq(media::version + 1), media::updated_at.eq(now))).execute(tx)?
        }
        Selector::Author(_) | Selector::Article(_) => 0,
    };
    Ok(())
}

/// Puts everything back as it stood.
///
/// # Errors
/// 404; 409 when it was reversed before.
pub fn reverse(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<()> {
    let row: Option<TakedownRow> = takedowns::table.find(id).select(TakedownRow::as_select()).for_update().first(tx).optional()?;
    let row = row.ok_or_else(|| Error::not_found("takedown"))?;
    if row.reversed_at.is_some() {
        return Err(Error::new(Code::Conflict, "This takedown was reversed before."));
    }
    let (now, selector) = (crate::db::now(tx)?, Selector::of(row.kind, row.target_id));
    diesel::update(takedowns::table.find(id)).set((takedowns::reversed_at.eq(now), takedowns::reversed_by.eq(actor.user_id))).execute(tx)?;
    let articles = match &row.earlier_status {
        Some(status) => {
            set_status(tx, selector, status, now)?;
            generation::references_changed(tx)?;
            0
        }
        None => articles::put_back(tx, actor, id, now)?,
    };
    audit::record(tx, actor, Deed { action: "reverse", resource: "takedown", target: Some(id) }, None, Some(json!({ "reversed_at": now, "articles": articles })))
}

/// Refuses to change what a standing takedown holds as it is.
///
/// # Errors
/// 409 with the takedown's id.
pub fn refuse_while_standing(tx: &mut PgConnection, selector: Selector) -> Result<()> {
    let (kind, target) = selector.parts();
    let standing: Option<Uuid> = takedowns::table
        .filter(takedowns::kind.eq(kind))
        .filter(takedowns::target_id.eq(target))
        .filter(takedowns::reversed_at.is_null())
        .select(takedowns::id)
        .first(tx)
        .optional()?;
    match standing {
        None => Ok(()),
        Some(id) => Err(Error::new(Code::Conflict, format!("The takedown {id} stands. Reverse it first.")).with("takedown_id", id.to_string())),
    }
}
