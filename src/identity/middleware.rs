//! Resolves who is asking before any body is read: a bad credential is 401 everywhere, and never "anonymous".

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::audit::{self, Deed};
use super::origin::Origin;
use super::principal::{Credential, Principal, unauthenticated};
use super::role::Role;
use super::secrets::{Purpose, digest_of};
use super::tokens::Claims;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::http::extract::Caller;
use crate::schema::{api_keys, sessions, users};
use crate::timestamp::Timestamp;

/// Characters kept of the path of what was denied.
const LONGEST_PATH: usize = 300;

/// The middleware: without an Authorization header the request goes on as nobody's. What somebody who is known is not
/// allowed to do is written down; credentials that are nobody's are logged, for there is no end to them.
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
            Err(error) => {
                log_refusal(request.request(), &error);
                return Ok(request.error_response(error).map_into_boxed_body());
            }
        }
    }
    let response = next.call(request).await?;
    record_denial(&response).await;
    Ok(response.map_into_boxed_body())
}

fn log_refusal(request: &HttpRequest, error: &Error) {
    if error.code == Code::Unauthenticated
        && let Some(app) = request.app_data::<web::Data<App>>()
    {
        let Origin { address, request_id, .. } = Origin::of(request, &app.config);
        tracing::info!(request_id, address, "credentials that are not valid were refused");
    }
}

/// Writes down that somebody was not allowed to do something. They are told so in any case.
async fn record_denial<B>(response: &ServiceResponse<B>) {
    if response.status() != StatusCode::FORBIDDEN {
        return;
    }
    // A wrong password is written down as what it is, where it is found.
    let of_password = response.response().error().and_then(|error| error.as_error::<Error>()).is_some_and(|error| error.errors.iter().any(|fault| fault.code == "wrong_password"));
    let request = response.request();
    let (principal, app) = (request.extensions().get::<Principal>().cloned(), request.app_data::<web::Data<App>>().cloned());
    let (Some(principal), Some(app), false) = (principal, app, of_password) else { return };
    let path: String = request.path().chars().take(LONGEST_PATH).collect();
    let wanted = json!({ "method": request.method().as_str(), "path": path });
    let deed = Deed { action: "denied", resource: "request", target: None };
    if let Err(error) = app.db.write(move |tx| audit::record(tx, &principal, deed, None, Some(wanted.clone()))).await {
        tracing::warn!(cause = %error, "a denial could not be written down: {error}");
    }
}

/// 401 for credentials that are not, or no longer, valid (RFC 6750 section 3.1).
pub(super) fn refused() -> Error {
    unauthenticated("The credentials are not valid, or not any more. Sign in again.").header("www-authenticate", "Bearer realm=\"masthead\", error=\"invalid_token\"")
}

async fn principal_of(request: &HttpRequest) -> Result<Principal> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?.clone();
    let token = bearer(request)?;
    let now = crate::app::now();
    let origin = Origin::of(request, &app.config);
    if token.starts_with(Purpose::ApiKey.prefix()) {
        let digest = digest_of(Purpose::ApiKey, &token).ok_or_else(refused)?;
        return app.db.write(move |tx| by_key(tx, &digest, now, &origin)).await;
    }
    let claims = app.keys.verify(&token, now).ok_or_else(refused)?;
    app.db.glance(move |conn| by_session(conn, &claims, now, &origin)).await
}

fn bearer(request: &HttpRequest) -> Result<String> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
    let (scheme, token) = value.to_str().ok().and_then(|v| v.split_once(' ')).ok_or_else(refused)?;
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() < 4_096 { Ok(token.to_owned()) } else { Err(refused()) }
}

fn by_session(conn: &mut PgConnection, claims: &Claims, now: Timestamp, origin: &Origin) -> Result<Principal> {
    let found: Option<(Uuid, String, Role)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(claims.sid))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(users::id.eq(claims.sub))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .select((users::id, users::name, users::role))
        .first(conn)
        .optional()?;
    let (user_id, name, role) = found.ok_or_else(refused)?;
    Ok(Principal { user_id, name, role, credential: Credential::Session(claims.sid), address: origin.address.clone(), request_id: origin.request_id.clone() })
}

fn by_key(tx: &mut PgConnection, digest: &[u8], now: Timestamp, origin: &Origin) -> Result<Principal> {
    let found: Option<(Uuid, String, Role, Uuid, Role, Option<Timestamp>)> = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::secret_hash.eq(digest))
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
    Ok(Principal { user_id, name, role: role.min(owner_role), credential: Credential::ApiKey(key), address: origin.address.clone(), request_id: origin.request_id.clone() })
}
