//! HTTP of signing in and out, of sessions, and of one's own account.

use actix_web::{delete, get, patch, post};

use super::model::{Grant, Login, MePatch, PasswordChange, PasswordReset, Refresh, Session, SessionQuery, TokenType};
use super::resets;
use super::sessions::{self, Opened, Terms};
use super::store::{self, Credentials};
use crate::app::{App, State, now};
use crate::db::page::{Page, PageRequest};
use crate::error::{Error, Result};
use crate::http::extract::{Id, NoBody, Verbatim};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::middleware::refused;
use crate::identity::origin::Origin;
use crate::identity::passwords::Verdict;
use crate::identity::principal::{Contributor, Principal, SignedIn};
use crate::identity::secrets::{Purpose, digest_of};
use crate::identity::users;
use crate::identity::users::model::User;
use crate::text::{Email, Password, PasswordAttempt};

/// A page of sessions.
pub type SessionPage = Page<Session>;

fn grant(app: &App, opened: Opened) -> Result<Grant> {
    let access_token = app.keys.sign(opened.user.row.id, opened.user.row.role, opened.id, now())?;
    Ok(Grant { access_token, token_type: TokenType::Bearer, expires_in: app.keys.ttl, refresh_token: opened.refresh_token, user: opened.user })
}

/// Compares a password under the throttle. That somebody has to wait is written down once.
async fn checked(app: &App, account: &str, origin: &Origin, password: PasswordAttempt, hash: Option<String>) -> Result<Verdict> {
    let attempt = match app.throttle.admit(account, &origin.address, now()) {
        Ok(attempt) => attempt,
        Err(refusal) => {
            if refusal.is_first {
                let (account, origin) = (account.to_owned(), origin.clone());
                app.db.write(move |tx| store::record_throttling(tx, &account, &origin)).await?;
            }
            return Err(refusal.error);
        }
    };
    let verdict = app.passwords.check(password, hash).await;
    app.throttle.settle(attempt, verdict.as_ref().ok().map(|verdict| verdict.matches));
    verdict
}

/// Sign in.
///
/// Every failure has the same answer, whether the account exists or not. After several wrong passwords from one address, for one account, or both, the answer is 429, also to the right one, until `Retry-After` has passed.
#[utoipa::path(tag = "identity", security(()), request_body(content = Login, example = json!({"email": "ann@example.org", "password": "correct otter bridge lamp"})),
    responses((status = 200, description = "Signed in.", body = Grant), (status = 401, description = "The address or the password is wrong.", body = crate::error::Problem, content_type = "application/problem+json")))]
#[post("/login")]
pub async fn login(app: State, origin: Origin, form: Verbatim<Login>) -> Result<Reply> {
    let Login { email, password } = form.value;
    let key = email.key();
    let found = app.db.snapshot(move |conn| store::credentials_of(conn, &email)).await?;
    let verdict = checked(&app, &key, &origin, password.clone(), found.as_ref().and_then(|f| f.hash.clone())).await?;
    let Some(found) = found.clone().filter(|_| verdict.matches) else {
        let account = found.map(|f| f.id);
        app.db.write(move |tx| store::record_failure(tx, &key, account, &origin)).await?;
        return Err(store::wrong_credentials());
    };
    let rehashed = if verdict.outdated { Some(app.passwords.hash_anew(password).await?) } else { None };
    let terms = Terms::of(&app.config);
    let opened = app.db.write(move |tx| store::sign_in(tx, &found, rehashed.as_deref(), &origin, terms)).await?;
    Reply::ok(&grant(&app, opened)?)
}

/// Renew a session.
///
/// Takes the refresh token that came last and gives another one. A refresh token that is used a second time ends its session at once, because one of its two users has stolen it.
#[utoipa::path(tag = "identity", security(()), request_body = Refresh, responses((status = 200, description = "Renewed.", body = Grant)))]
#[post("/refresh")]
pub async fn refresh(app: State, origin: Origin, form: Verbatim<Refresh>) -> Result<Reply> {
    let digest = digest_of(Purpose::Refresh, &form.value.refresh_token).ok_or_else(refused)?;
    let terms = Terms::of(&app.config);
    let opened = app.db.write(move |tx| sessions::rotate(tx, &digest, &origin, terms, now())).await?;
    Reply::ok(&grant(&app, opened.ok_or_else(refused)?)?)
}

/// Sign out.
///
/// Ends this session: its access and refresh tokens are refused from the next request on.
#[utoipa::path(tag = "identity", responses((status = 204, description = "Signed out.")), security(("bearer" = [])))]
#[post("/logout")]
pub async fn logout(actor: SignedIn, app: State, _body: NoBody) -> Result<Reply> {
    let SignedIn(actor, session) = actor;
    app.db.write(move |tx| sessions::end(tx, &actor, session, "logout")).await?;
    Ok(Reply::no_content())
}

/// Change one's password.
///
/// Needs the current one. All other sessions end at once; API keys stay.
#[utoipa::path(tag = "identity", request_body(content = PasswordChange, example = json!({"current_password": "correct otter bridge lamp", "new_password": "seven umbrellas by the stove"})),
    responses((status = 204, description = "The new password counts.")), security(("bearer" = [])))]
#[post("/password")]
pub async fn change_password(actor: SignedIn, app: State, form: Verbatim<PasswordChange>) -> Result<Reply> {
    let SignedIn(actor, session) = actor;
    let PasswordChange { current_password, new_password } = form.value;
    let found = proven(&app, &actor, current_password).await?;
    refuse_address(&new_password, &found)?;
    let hash = app.passwords.hash(new_password).await?;
    app.db.write(move |tx| store::change_password(tx, &actor, session, &found, &hash)).await?;
    Ok(Reply::no_content())
}

/// The caller's credentials, once the password given with the request has been found to be theirs.
async fn proven(app: &App, actor: &Principal, password: PasswordAttempt) -> Result<Credentials> {
    let who = actor.clone();
    let found = app.db.snapshot(move |conn| store::own_credentials(conn, &who)).await?;
    let origin = Origin { address: actor.address.clone(), request_id: actor.request_id.clone(), user_agent: None };
    if checked(app, &found.email.to_ascii_lowercase(), &origin, password, found.hash.clone()).await?.matches {
        return Ok(found);
    }
    let who = actor.clone();
    app.db.write(move |tx| store::record_wrong_password(tx, &who)).await?;
    Err(store::wrong_password("The current password is wrong."))
}

fn refuse_address(password: &Password, owner: &Credentials) -> Result<()> {
    let email = Email::parse(&owner.email).map_err(Error::internal)?;
    password.differs_from(&email).map_err(|fault| Error::invalid_field("/new_password", fault.code, fault.detail))
}

/// Set a password by a reset token.
///
/// The token comes from an administrator (`POST /v1/editorial/users/{id}/password-reset`). All sessions of the account end, and nobody is signed in by this.
#[utoipa::path(tag = "identity", security(()), request_body(content = PasswordReset, example = json!({"token": "mhs_Nn2hGm1QmZ2v2p9oT1mX9b5l1oY3k2c8r0s7u4w6x8z", "new_password": "seven umbrellas by the stove"})),
    responses((status = 204, description = "The new password counts.")))]
#[post("/password-reset")]
pub async fn reset_password(app: State, origin: Origin, form: Verbatim<PasswordReset>) -> Result<Reply> {
    let PasswordReset { token, new_password } = form.value;
    let digest = digest_of(Purpose::PasswordReset, &token).ok_or_else(resets::refused)?;
    let looked_up = digest.clone();
    let owner = app.db.snapshot(move |conn| resets::owner(conn, &looked_up, now())).await?;
    new_password.differs_from(&owner).map_err(|fault| Error::invalid_field("/new_password", fault.code, fault.detail))?;
    let hash = app.passwords.hash(new_password).await?;
    app.db.write(move |tx| resets::redeem(tx, &digest, &hash, &origin, now())).await?;
    Ok(Reply::no_content())
}

/// Read one's own account.
///
/// For an API key this is the account of its maker.
#[utoipa::path(tag = "identity", responses((status = 200, description = "The account.", body = User)), security(("bearer" = [])))]
#[get("/me")]
pub async fn get_me(actor: Contributor, app: State) -> Result<Reply> {
    let user = app.db.snapshot(move |conn| users::store::get(conn, actor.user_id)).await?;
    Reply::ok(&user)
}

/// Change one's own account.
///
/// A new address needs `current_password`.
#[utoipa::path(tag = "identity", request_body(content((MePatch = "application/merge-patch+json", example = json!({"name": "Ann Okafor-Lind"})), (MePatch = "application/json", example = json!({"email": "ann.lind@example.org", "current_password": "correct otter bridge lamp"})))),
    responses((status = 200, description = "The account as it is now.", body = User)), security(("bearer" = [])))]
#[patch("/me")]
pub async fn update_me(actor: SignedIn, app: State, patch: Verbatim<MePatch>) -> Result<Reply> {
    let SignedIn(actor, _) = actor;
    let mut patch = patch.value;
    let found = match patch.current_password.take() {
        Some(password) => Some(proven(&app, &actor, password).await?),
        None => None,
    };
    let user = app.db.write(move |tx| store::change_me(tx, &actor, &patch, found.as_ref())).await?;
    Reply::ok(&user)
}

/// List one's own sessions.
///
/// The newest first; those that have ended are not listed.
#[utoipa::path(tag = "identity", params(SessionQuery), responses((status = 200, description = "A page of sessions.", body = SessionPage)), security(("bearer" = [])))]
#[get("/sessions")]
pub async fn list_sessions(actor: SignedIn, app: State, query: Query<SessionQuery>, url: PageUrl) -> Result<Reply> {
    let SignedIn(actor, current) = actor;
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), format!("sessions {}", actor.user_id), &app.cursors)?;
    let cursors = app.cursors.clone();
    let page = app.db.snapshot(move |conn| sessions::list(conn, actor.user_id, current, &page, &cursors, now())).await?;
    Reply::page(&url, &page)
}

/// Sign out everywhere.
///
/// Ends all of one's own sessions, this one too. API keys stay.
#[utoipa::path(tag = "identity", responses((status = 204, description = "Signed out everywhere.")), security(("bearer" = [])))]
#[delete("/sessions")]
pub async fn delete_sessions(actor: SignedIn, app: State) -> Result<Reply> {
    let SignedIn(actor, _) = actor;
    app.db.write(move |tx| sessions::end_own(tx, &actor)).await?;
    Ok(Reply::no_content())
}

/// End one of one's own sessions.
#[utoipa::path(tag = "identity", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 204, description = "It has ended.")), security(("bearer" = [])))]
#[delete("/sessions/{id}")]
pub async fn delete_session(actor: SignedIn, app: State, id: Id) -> Result<Reply> {
    let SignedIn(actor, _) = actor;
    app.db.write(move |tx| sessions::end(tx, &actor, id.0, "end_session")).await?;
    Ok(Reply::no_content())
}
