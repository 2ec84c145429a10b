//! What can go wrong and how it is told: one table from code to status and title, one problem document (RFC 9457).

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Everything that fails fails with this.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($name:ident $slug:literal $status:literal $title:literal $help:literal;)*) => {
        /// Why a request was refused; each has a page under `/problems/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The last part of the problem's `type`.
            #[must_use] pub const fn slug(self) -> &'static str { match self { $(Self::$name => $slug,)* } }
            /// The HTTP status it is answered with.
            #[must_use] pub const fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }
            /// A short sentence that never changes.
            #[must_use] pub const fn title(self) -> &'static str { match self { $(Self::$name => $title,)* } }
            /// What to do about it.
            #[must_use] pub const fn help(self) -> &'static str { match self { $(Self::$name => $help,)* } }
        }
    };
}

codes! {
    MalformedRequest "malformed-request" 400 "The request could not be read" "Check that the body is valid JSON in UTF-8 without NUL characters, that no member or parameter is unknown or given twice, and that every parameter has the form the documentation names.";
    InvalidParameter "invalid-parameter" 400 "A query parameter is not valid" "The errors list names the parameter and what it takes.";
    InvalidCursor "invalid-cursor" 400 "The cursor is not valid here" "Cursors are opaque and belong to the very filter and sort that made them. Start again from the first page.";
    TokenNotValid "token-not-valid" 400 "The token is not valid, or not any more" "A password-reset token works once, for a day, until the password or the address is changed or a newer one is made. Ask an administrator for another.";
    Unauthenticated "unauthenticated" 401 "Valid credentials are needed" "Send an access token or an API key as a Bearer credential in the Authorization header. Sign in again where the token has expired or the session has ended.";
    InvalidCredentials "invalid-credentials" 401 "The e-mail address or the password is wrong" "Check both. After several wrong tries the account has to wait.";
    Forbidden "forbidden" 403 "Your role does not allow this" "The table of roles in the documentation says who may do what.";
    NotFound "not-found" 404 "There is nothing here" "Check the address. What is not published is not here for readers.";
    MethodNotAllowed "method-not-allowed" 405 "This method is not offered here" "The Allow header names those that are.";
    NotAcceptable "not-acceptable" 406 "None of the accepted formats can be produced" "Accept application/json, or leave the Accept header out.";
    RequestTimeout "request-timeout" 408 "The request took too long to arrive" "Send the whole body without pauses.";
    SlugTaken "slug-taken" 409 "The slug is taken" "Choose another slug, or leave it out and one is made.";
    EmailTaken "email-taken" 409 "The e-mail address is taken" "Each account has an address of its own.";
    AlreadyExists "already-exists" 409 "This exists already" "Something else holds what must be unique.";
    InUse "in-use" 409 "It is still in use" "used_by lists what uses it. Change those first.";
    IllegalStateChange "illegal-state-change" 409 "The article is not in a state that allows this" "legal_moves lists what is possible now.";
    Locked "locked" 409 "Somebody else is editing this" "Wait for the lock to end, or ask an editor to break it.";
    LastAdmin "last-admin" 409 "There must be an active administrator" "Make another administrator first.";
    Conflict "conflict" 409 "The request conflicts with another one" "Read the resource again and repeat the request if it still applies.";
    Gone "gone" 410 "This was taken down" "It will not come back under this address.";
    PreconditionFailed "precondition-failed" 412 "The resource has changed since you read it" "Read it again, apply your change to what is there now, and send the new ETag in If-Match.";
    PayloadTooLarge "payload-too-large" 413 "The body is too large" "The README lists the limits.";
    UnsupportedMediaType "unsupported-media-type" 415 "The body's media type is not supported" "Send application/json, or for uploads a picture of a supported kind.";
    RangeNotSatisfiable "range-not-satisfiable" 416 "The range lies outside the file" "Content-Range says how long the file is.";
    Invalid "invalid" 422 "The content is not valid" "The errors list says where and why.";
    NotPublishable "not-publishable" 422 "The article cannot be published yet" "The errors list names every obstacle.";
    IdempotencyKeyReused "idempotency-key-reused" 422 "The Idempotency-Key was used for another request" "Use a new key for a new request.";
    PreconditionRequired "precondition-required" 428 "If-Match is required" "Read the resource and send its ETag in If-Match, so that nobody's work is overwritten unseen.";
    TooManyRequests "too-many-requests" 429 "Too many requests" "Wait as many seconds as Retry-After says.";
    HeadTooLarge "head-too-large" 431 "The head of the request is too large" "Send fewer or shorter headers.";
    Internal "internal" 500 "Something went wrong here" "It has been logged under the request id. Try again; if it persists, tell the operator that id.";
    Unavailable "unavailable" 503 "The service is not available just now" "Try again after as many seconds as Retry-After says.";
    InsufficientStorage "insufficient-storage" 507 "There is no room left" "The operator has to make room.";
}

/// One fault in the input and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// A JSON Pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/headline")]
    pub pointer: Option<String>,
    /// The query parameter or header, where it is not the body that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A stable word for programs.
    #[schema(example = "required")]
    pub code: String,
    /// A sentence for people.
    #[schema(example = "A headline is needed.")]
    pub detail: String,
}

impl FieldError {
    /// A fault in the body.
    pub fn body(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code: code.to_owned(), detail: detail.into() }
    }

    /// A fault in a query parameter or header.
    pub fn parameter(name: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.into()), code: code.to_owned(), detail: detail.into() }
    }
}

/// An answer that is an error: application/problem+json (RFC 9457).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem; the path is served and explains it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    /// A short sentence, the same for every problem of this kind.
    #[schema(example = "There is nothing here")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time.
    #[schema(example = "No live article has this id or slug.")]
    pub detail: String,
    /// The request id, as in `X-Request-Id` and the log.
    #[schema(example = "0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11")]
    pub instance: String,
    /// The faults of the input, where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
    /// More that helps with this kind: `used_by`, `legal_moves`, `current_version`, `retry_after`.
    #[serde(flatten)]
    pub more: serde_json::Map<String, Value>,
}

/// A refusal, or a failure of ours.
#[derive(Debug)]
pub struct Error {
    /// Which kind.
    pub code: Code,
    /// What happened this time, for the caller to read.
    pub detail: String,
    /// The faults of the input.
    pub errors: Vec<FieldError>,
    /// More members of the problem document.
    pub more: serde_json::Map<String, Value>,
    /// Headers that belong to the answer.
    pub headers: Vec<(&'static str, String)>,
    /// An answer given earlier, to be given again (see `db::once`). Not an error at all; it ends the transaction.
    pub replay: Option<Box<crate::http::reply::Reply>>,
    /// Why it happened, for the log alone.
    pub cause: Option<String>,
}

impl Error {
    /// A refusal of the given kind.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), more: serde_json::Map::new(), headers: Vec::new(), replay: None, cause: None }
    }

    /// 404 for the named thing.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no {what} with this id or slug."))
    }

    /// 422 with the faults.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Code::Invalid, "The errors list says what to change.") }
    }

    /// 422 with one fault in the body.
    pub fn invalid_field(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::body(pointer, code, detail)])
    }

    /// 400 with one faulty query parameter.
    pub fn parameter(name: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        let mut error = Self::new(Code::InvalidParameter, "The errors list says what to change.");
        error.errors.push(FieldError::parameter(name, code, detail));
        error
    }

    /// A failure of ours. The cause is logged once, where the answer is made, with the request id; the caller never sees it.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal, "The failure has been logged under the request id.") }
    }

    /// 503: worth another try soon.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, detail).header("retry-after", "2")
    }

    /// Adds a member to the problem document; its name must not be one that every problem has.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Its problem document for the request with this id.
    #[must_use]
    pub fn problem(&self, request_id: &str) -> Problem {
        Problem {
            kind: format!("/problems/{}", self.code.slug()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            instance: request_id.to_owned(),
            errors: self.errors.clone(),
            more: self.more.clone(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.title(), self.detail)?;
        self.errors.iter().try_for_each(|e| write!(f, " [{}: {}]", e.pointer.as_deref().or(e.parameter.as_deref()).unwrap_or(""), e.detail))?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl std::error::Error for Error {}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        crate::db::refusal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_page_and_a_status_that_is_an_error() {
        let slugs: std::collections::HashSet<_> = Code::ALL.iter().map(|c| c.slug()).collect();
        assert_eq!(slugs.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|c| (400..600).contains(&c.status()) && c.title().len() > 5 && c.help().ends_with('.')));
    }
}
