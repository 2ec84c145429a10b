//! The permission is in the handler's signature: each type here can only be had by somebody who holds it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use uuid::Uuid;

use super::role::Role;
use crate::error::{Code, Error, Result};

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Signed in; the session's id.
    Session(Uuid),
    /// An API key; its id.
    ApiKey(Uuid),
}

/// Somebody who is known: read afresh from the database for every request, so that a revocation acts on the next one.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The account; for an API key, that of its maker.
    pub user_id: Uuid,
    /// Its name, for the audit trail.
    pub name: String,
    /// What it may do: for an API key the lesser of the key's role and its maker's.
    pub role: Role,
    /// How it came in.
    pub credential: Credential,
    /// Where from, as far as trusted proxies tell.
    pub address: String,
    /// The request's id.
    pub request_id: String,
}

impl Principal {
    /// Whether the role is this one or one that may do more.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.role >= role
    }

    /// Passes editors, and others for what is their own.
    ///
    /// # Errors
    /// 403.
    pub fn may_change(&self, owner: Option<Uuid>) -> Result<()> {
        if self.is(Role::Editor) || owner == Some(self.user_id) { Ok(()) } else { Err(forbidden("This belongs to somebody else; only editors may change it.")) }
    }
}

/// 403 with a sentence.
#[must_use]
pub fn forbidden(detail: &str) -> Error {
    Error::new(Code::Forbidden, detail)
}

/// 401 for a request without credentials.
#[must_use]
pub fn unauthenticated(detail: &str) -> Error {
    Error::new(Code::Unauthenticated, detail).header("www-authenticate", "Bearer realm=\"masthead\"")
}

fn require(request: &HttpRequest, role: Role) -> Result<Principal> {
    let known = request.extensions().get::<Principal>().cloned();
    let principal = known.ok_or_else(|| unauthenticated("This operation needs an access token or an API key."))?;
    if principal.is(role) {
        return Ok(principal);
    }
    Err(forbidden(&format!("This needs the role {} or one above it; yours is {}.", role.as_str(), principal.role.as_str())))
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $role:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Principal);

        impl std::ops::Deref for $name {
            type Target = Principal;
            fn deref(&self) -> &Principal { &self.0 }
        }

        impl FromRequest for $name {
            type Error = Error;
            type Future = Ready<Result<Self>>;
            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(require(request, Role::$role).map(Self))
            }
        }
    )*};
}

permissions! {
    /// Anybody with an account.
    Contributor: Contributor;
    /// An author or above.
    Author: Author;
    /// An editor or above.
    Editor: Editor;
    /// An administrator.
    Admin: Admin;
}

/// An administrator who signed in: what an API key may never do, such as making keys and accounts.
#[derive(Debug, Clone)]
pub struct AdminSession(pub Principal);

/// Somebody who signed in, as against an API key.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Principal, pub Uuid);

impl std::ops::Deref for AdminSession {
    type Target = Principal;
    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl FromRequest for AdminSession {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session_of(request, Role::Admin).map(|(principal, _)| Self(principal)))
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session_of(request, Role::Contributor).map(|(principal, session)| Self(principal, session)))
    }
}

fn session_of(request: &HttpRequest, role: Role) -> Result<(Principal, Uuid)> {
    let principal = require(request, role)?;
    match principal.credential {
        Credential::Session(id) => Ok((principal, id)),
        Credential::ApiKey(_) => Err(forbidden("An API key cannot do this; sign in.")),
    }
}
