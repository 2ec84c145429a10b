//! SQL of API keys.

use diesel::dsl::{count_star, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::json;
use uuid::Uuid;

use super::model::{ApiKey, ApiKeyQuery, ApiKeyRow, ApiKeyStatus, MadeApiKey, NewApiKey};
use crate::app::now;
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::error::{Code, Error, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::identity::secrets::{Minted, Purpose};
use crate::schema::api_keys as keys;
use crate::timestamp::Timestamp;

/// The key a list of API keys is sorted by: making, then id.
pub type Key = (Timestamp, Uuid);

fn matching(query: &ApiKeyQuery, now: Timestamp) -> keys::BoxedQuery<'_, Pg> {
    let mut rows = keys::table.into_boxed();
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("strpos(lower(api_keys.name), ").bind::<Text, _>(q.as_str().to_lowercase()).sql(") > 0"));
    }
    if let Some(role) = query.role {
        rows = rows.filter(keys::role.eq(role));
    }
    if let Some(maker) = query.created_by {
        rows = rows.filter(keys::created_by.eq(maker));
    }
    match query.status {
        None => rows,
        Some(ApiKeyStatus::Revoked) => rows.filter(keys::revoked_at.is_not_null()),
        Some(ApiKeyStatus::Expired) => rows.filter(keys::revoked_at.is_null()).filter(keys::expires_at.le(now)),
        Some(ApiKeyStatus::Active) => rows.filter(keys::revoked_at.is_null()).filter(keys::expires_at.is_null().or(keys::expires_at.gt(now))),
    }
}

/// A page of API keys, the newest first.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, query: &ApiKeyQuery, page: &PageRequest<Key>, signer: &Signer) -> Result<Page<ApiKey>> {
    let now = now();
    let mut rows = matching(query, now);
    let back = page.backwards();
    if let Some((made, id)) = page.key().copied() {
        rows = if back {
            rows.filter(keys::created_at.ge(made).and(keys::created_at.gt(made).or(keys::id.gt(id))))
        } else {
            rows.filter(keys::created_at.le(made).and(keys::created_at.lt(made).or(keys::id.lt(id))))
        };
    }
    rows = if back { rows.order((keys::created_at.asc(), keys::id.asc())) } else { rows.order((keys::created_at.desc(), keys::id.desc())) };
    let rows = rows.limit(page.take()).select(ApiKeyRow::as_select()).load(conn)?;
    let (rows, mut info) = page.finish(rows, signer, |row| (row.created_at, row.id))?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query, now).select(count_star()).first(conn)?);
    }
    Ok(Page { data: rows.into_iter().map(|row| ApiKey::at(row, now)).collect(), page: info })
}

/// One API key.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<ApiKey> {
    let row = keys::table.find(id).select(ApiKeyRow::as_select()).first(conn).optional()?;
    row.map(|row| ApiKey::at(row, now())).ok_or_else(|| Error::new(Code::NotFound, "There is no API key with this id."))
}

/// Makes an API key.
///
/// # Errors
/// 403 for a role above the maker's; 422 for an end in the past.
pub fn insert(tx: &mut PgConnection, actor: &Principal, new: &NewApiKey) -> Result<MadeApiKey> {
    let (id, now, minted) = (Uuid::now_v7(), now(), Minted::new(Purpose::ApiKey));
    new.check(actor, now)?;
    diesel::insert_into(keys::table)
        .values((
            keys::id.eq(id),
            keys::name.eq(new.name.as_str()),
            keys::role.eq(new.role),
            keys::prefix.eq(minted.shown()),
            keys::secret_hash.eq(&minted.digest),
            keys::created_by.eq(actor.user_id),
            keys::created_at.eq(now),
            keys::expires_at.eq(new.expires_at),
        ))
        .execute(tx)?;
    let key = get(tx, id)?;
    audit::record(tx, actor, Deed { action: "create", resource: "api_key", target: Some(id) }, None, Some(json!(key)))?;
    Ok(MadeApiKey { key, secret: Some(minted.secret) })
}

/// Revokes an API key; does nothing to one that is revoked already.
///
/// # Errors
/// 404.
pub fn revoke(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<()> {
    let before = get(tx, id)?;
    let working = keys::table.find(id).filter(keys::revoked_at.is_null());
    if diesel::update(working).set(keys::revoked_at.eq(now())).execute(tx)? == 0 {
        return Ok(());
    }
    audit::record(tx, actor, Deed { action: "revoke", resource: "api_key", target: Some(id) }, Some(json!(before)), None)
}
