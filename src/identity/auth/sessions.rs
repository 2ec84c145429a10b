//! SQL of sessions: opening, renewing, listing, ending. A session that has ended never lives again.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::model::{Session, SessionRow};
use crate::config::Config;
use crate::db::page::{Page, PageRequest, Signer};
use crate::error::{Code, Error, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::origin::Origin;
use crate::identity::principal::Principal;
use crate::identity::secrets::{Minted, Purpose};
use crate::identity::users::model::{User, UserRow};
use crate::schema::{refresh_tokens, sessions, users};
use crate::timestamp::Timestamp;

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Seconds after the last renewal.
    idle: i64,
    /// Seconds after signing in.
    whole: i64,
}

impl Terms {
    /// As configured.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self { idle: config.refresh_ttl, whole: config.session_ttl }
    }

    fn end(self, began: Timestamp, now: Timestamp) -> Timestamp {
        now.plus(chrono::Duration::seconds(self.idle)).min(began.plus(chrono::Duration::seconds(self.whole)))
    }
}

/// A session that has just been opened or renewed.
#[derive(Debug)]
pub struct Opened {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user: User,
    /// What renews it next.
    pub refresh_token: String,
}

/// The key a list of sessions is sorted by: beginning, then id.
pub type Key = (Timestamp, Uuid);

fn hand_out(tx: &mut PgConnection, session: Uuid, now: Timestamp) -> Result<String> {
    let minted = Minted::new(Purpose::Refresh);
    diesel::insert_into(refresh_tokens::table)
        .values((refresh_tokens::hash.eq(&minted.digest), refresh_tokens::session_id.eq(session), refresh_tokens::created_at.eq(now)))
        .execute(tx)?;
    Ok(minted.secret)
}

/// Opens a session for an account whose row the caller has locked.
///
/// # Errors
/// What the database says.
pub fn open(tx: &mut PgConnection, user: User, origin: &Origin, terms: Terms, now: Timestamp) -> Result<Opened> {
    let id = Uuid::now_v7();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::user_id.eq(user.row.id),
            sessions::created_at.eq(now),
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(terms.end(now, now)),
            sessions::user_agent.eq(&origin.user_agent),
            sessions::address.eq(&origin.address),
        ))
        .execute(tx)?;
    Ok(Opened { id, user, refresh_token: hand_out(tx, id, now)? })
}

/// Renews a session: the token with this digest is spent and another handed out. A token that is spent already was
/// stolen, or its thief has been here first: the whole session ends. `None` where nothing was renewed; what was written
/// about it must be committed all the same.
///
/// # Errors
/// What the database says.
pub fn rotate(tx: &mut PgConnection, digest: &[u8], origin: &Origin, terms: Terms, now: Timestamp) -> Result<Option<Opened>> {
    // Locked, so that of two at once the second sees the first.
    let token = refresh_tokens::table.find(digest).select((refresh_tokens::session_id, refresh_tokens::used_at)).for_update();
    let Some((id, used_at)) = token.first::<(Uuid, Option<Timestamp>)>(tx).optional()? else { return Ok(None) };
    let session = sessions::table.find(id).filter(sessions::ended_at.is_null()).filter(sessions::expires_at.gt(now));
    let Some((user_id, began)) = session.select((sessions::user_id, sessions::created_at)).for_update().first::<(Uuid, Timestamp)>(tx).optional()? else { return Ok(None) };
    let user = users::table.find(user_id).filter(users::disabled_at.is_null()).filter(users::deleted_at.is_null());
    let Some(row) = user.select(UserRow::as_select()).first(tx).optional()? else { return Ok(None) };
    if used_at.is_some() {
        diesel::update(sessions::table.find(id)).set(sessions::ended_at.eq(now)).execute(tx)?;
        let deed = Deed { action: "reuse_refresh_token", resource: "session", target: Some(id) };
        audit::record_for(tx, Some(user_id), &row.name, Some((&origin.request_id, &origin.address)), deed, None, Some(json!({ "ended": true })))?;
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(digest)).set(refresh_tokens::used_at.eq(now)).execute(tx)?;
    diesel::update(sessions::table.find(id))
        .set((sessions::last_used_at.eq(now), sessions::expires_at.eq(terms.end(began, now)), sessions::user_agent.eq(&origin.user_agent), sessions::address.eq(&origin.address)))
        .execute(tx)?;
    Ok(Some(Opened { id, user: row.into(), refresh_token: hand_out(tx, id, now)? }))
}

/// A page of somebody's sessions that have not ended, the newest first.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, user: Uuid, current: Uuid, page: &PageRequest<Key>, signer: &Signer, now: Timestamp) -> Result<Page<Session>> {
    let mut rows = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null()).filter(sessions::expires_at.gt(now)).into_boxed();
    let back = page.backwards();
    if let Some((began, id)) = page.key().copied() {
        rows = if back {
            rows.filter(sessions::created_at.ge(began).and(sessions::created_at.gt(began).or(sessions::id.gt(id))))
        } else {
            rows.filter(sessions::created_at.le(began).and(sessions::created_at.lt(began).or(sessions::id.lt(id))))
        };
    }
    rows = if back { rows.order((sessions::created_at.asc(), sessions::id.asc())) } else { rows.order((sessions::created_at.desc(), sessions::id.desc())) };
    let rows = rows.limit(page.take()).select(SessionRow::as_select()).load(conn)?;
    let (rows, info) = page.finish(rows, signer, |row| (row.created_at, row.id))?;
    Ok(Page { data: rows.into_iter().map(|row| Session { current: row.id == current, row }).collect(), page: info })
}

/// Ends one of the caller's own sessions.
///
/// # Errors
/// 404.
pub fn end(tx: &mut PgConnection, actor: &Principal, id: Uuid, action: &str) -> Result<()> {
    let own = sessions::table.filter(sessions::id.eq(id)).filter(sessions::user_id.eq(actor.user_id)).filter(sessions::ended_at.is_null());
    if diesel::update(own).set(sessions::ended_at.eq(crate::app::now())).execute(tx)? == 0 {
        return Err(Error::new(Code::NotFound, "You have no session with this id."));
    }
    audit::record(tx, actor, Deed { action, resource: "session", target: Some(id) }, None, None)
}

/// Ends all of the caller's own sessions.
///
/// # Errors
/// What the database says.
pub fn end_own(tx: &mut PgConnection, actor: &Principal) -> Result<()> {
    let ended = end_all(tx, actor.user_id, None, crate::app::now())?;
    audit::record(tx, actor, Deed { action: "logout_everywhere", resource: "user", target: Some(actor.user_id) }, None, Some(json!({ "sessions": ended })))
}

/// Ends an account's sessions, but for one. Returns how many.
///
/// # Errors
/// What the database says.
pub fn end_all(tx: &mut PgConnection, user: Uuid, but: Option<Uuid>, now: Timestamp) -> Result<usize> {
    let all = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null()).filter(sessions::id.ne(but.unwrap_or_default()));
    Ok(diesel::update(all).set(sessions::ended_at.eq(now)).execute(tx)?)
}
