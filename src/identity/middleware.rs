//! Resolves who is asking before any body is read: a bad credential is 401 everywhere, and never "anonymous".

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::principal::{Credential, Principal, unauthenticated};
use super::role::Role;
use super::tokens::Claims;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::envelope::RequestId;
use crate::http::extract::Caller;
use crate::schema::{api_keys, sessions, users};
use crate::timestamp::Timestamp;

/// What every API key begins with.
pub const KEY_PREFIX: &str = "mhk_";

/// The middleware: without an Authorization header the request goes on as nobody's.
///
/// # Errors
/// 401 for credentials that are not valid now.
pub async fn identify(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        match principal_of(request.request()).await {
            Ok(principal) => {
                let caller = match principal.credential {
                    Credential::Session(_) => format!("user {}", principal.user_id),
                    Credential::ApiKey(id) => format!("key {id}"),
                };
                request.extensions_mut().insert(Caller(caller));
                request.extensions_mut().insert(principal);
            }
            Err(error) => return Ok(request.error_response(error).map_into_boxed_body()),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

fn refused() -> Error {
    unauthenticated("The credentials are not valid, or not any more. Sign in again.").header("www-authenticate", "Bearer realm=\"masthead\", error=\"invalid_token\"")
}

async fn principal_of(request: &HttpRequest) -> Result<Principal> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?.clone();
    let token = bearer(request)?;
    let now = crate::app::now();
    let origin = (address_of(request, &app.config), request_id(request));
    if token.starts_with(KEY_PREFIX) {
        let hash = Sha256::digest(token.as_bytes()).to_vec();
        return app.db.write(move |tx| by_key(tx, &hash, now, &origin)).await;
    }
    let claims = app.keys.verify(&token, now).ok_or_else(refused)?;
    app.db.snapshot(move |tx| by_session(tx, &claims, now, &origin)).await
}

fn bearer(request: &HttpRequest) -> Result<String> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
    let (scheme, token) = value.to_str().ok().and_then(|v| v.split_once(' ')).ok_or_else(refused)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() < 4_096 { Ok(token.to_owned()) } else { Err(refused()) }
}

/// The id of a request, as the envelope gave it.
#[must_use]
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// Where a request comes from: the peer, or, behind trusted proxies, the right-most hop that is not one of them.
#[must_use]
pub fn address_of(request: &HttpRequest, config: &crate::config::Config) -> String {
    let Some(peer) = request.peer_addr().map(|a| a.ip()) else { return "unknown".to_owned() };
    let trusted = |ip: IpAddr| config.trusted_proxies.iter().any(|net| net.contains(ip));
    if !trusted(peer) {
        return peer.to_canonical().to_string();
    }
    let hops = request.headers().get_all("x-forwarded-for").filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let hops: Vec<_> = hops.map(|hop| hop.trim().parse::<IpAddr>().ok()).collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        let Some(hop) = hop else { break };
        nearest = hop;
        if !trusted(hop) {
            break;
        }
    }
    nearest.to_canonical().to_string()
}

fn by_session(tx: &mut PgConnection, claims: &Claims, now: Timestamp, origin: &(String, String)) -> Result<Principal> {
    let found: Option<(Uuid, String, Role)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(claims.sid))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(users::id.eq(claims.sub))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .select((users::id, users::name, users::role))
        .first(tx)
        .optional()?;
    let (user_id, name, role) = found.ok_or_else(refused)?;
    Ok(Principal { user_id, name, role, credential: Credential::Session(claims.sid), address: origin.0.clone(), request_id: origin.1.clone() })
}

fn by_key(tx: &mut PgConnection, hash: &[u8], now: Timestamp, origin: &(String, String)) -> Result<Principal> {
    let found: Option<(Uuid, String, Role, Uuid, Role, Option<Timestamp>)> = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::secret_hash.eq(hash))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .select((api_keys::id, api_keys::name, api_keys::role, users::id, users::role, api_keys::last_used_at))
        .first(tx)
        .optional()?;
    let (key, name, role, user_id, owner_role, last_used) = found.ok_or_else(refused)?;
    // To the minute is enough, and spares a write a request.
    if last_used.is_none_or(|t| now.millis() - t.millis() > 60_000) {
        diesel::update(api_keys::table.find(key)).set(api_keys::last_used_at.eq(now)).execute(tx)?;
    }
    Ok(Principal { user_id, name, role: role.min(owner_role), credential: Credential::ApiKey(key), address: origin.0.clone(), request_id: origin.1.clone() })
}
