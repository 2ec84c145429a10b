//! Extractors that parse: bodies, ids, preconditions, retries. Each refuses with a problem that says what to change.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::db::once::Once;
use crate::error::{Code, Error, FieldError, Result};
use crate::text::Slug;

type Pending<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// Who is asking, as far as retries are concerned: set by the identity middleware.
#[derive(Debug, Clone)]
pub struct Caller(pub String);

/// A JSON body, strict, its text in NFC. For a POST it also carries what makes a retry of it recognisable.
#[derive(Debug)]
pub struct Json<T> {
    /// What was sent.
    pub value: T,
    /// Set when the request has an Idempotency-Key.
    pub once: Option<Once>,
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = json_bytes(&request, &mut payload, usize::MAX).await?;
            let once = once_of(&request, &bytes)?;
            Ok(Self { value: super::json::parse(&bytes, true)?, once })
        })
    }
}

/// Bytes of a body that holds a password: what is larger is nobody's, and is not worth reading.
const VERBATIM_LIMIT: usize = 64 * 1024;

/// A JSON body of 64 KiB at the most whose text stays as it was sent: passwords are compared, not read.
#[derive(Debug)]
pub struct Verbatim<T> {
    /// What was sent.
    pub value: T,
    /// Set when the request has an Idempotency-Key. Its digest is keyed, because the content may hold a password.
    pub once: Option<Once>,
}

impl<T: DeserializeOwned + 'static> FromRequest for Verbatim<T> {
    type Error = Error;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = json_bytes(&request, &mut payload, VERBATIM_LIMIT).await?;
            let keyed = request.app_data::<web::Data<App>>().and_then(|app| app.cursors.digest(&bytes)).ok_or_else(|| Error::internal("no key"))?;
            Ok(Self { value: super::json::parse(&bytes, false)?, once: once_of(&request, &keyed)? })
        })
    }
}

/// A JSON body that may be left out; what it then means is the default.
#[derive(Debug)]
pub struct OptionalJson<T> {
    /// What was sent, or the default.
    pub value: T,
    /// Set when the request has an Idempotency-Key.
    pub once: Option<Once>,
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Error;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let typed = request.headers().contains_key(header::CONTENT_TYPE);
            let limit = request.app_data::<web::Data<App>>().map_or(2 << 20, |app| app.config.body_limit);
            let bytes = if typed { json_bytes(&request, &mut payload, usize::MAX).await? } else { body_bytes(&request, &mut payload, limit).await? };
            let value = if bytes.is_empty() {
                T::default()
            } else if typed {
                super::json::parse(&bytes, true)?
            } else {
                return Err(Error::new(Code::UnsupportedMediaType, "Send the body as application/json."));
            };
            Ok(Self { value, once: once_of(&request, &bytes)? })
        })
    }
}

/// A request that needs no body. An empty JSON object is taken, anything else refused.
#[derive(Debug)]
pub struct NoBody {
    /// Set when the request has an Idempotency-Key.
    pub once: Option<Once>,
}

impl FromRequest for NoBody {
    type Error = Error;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body_bytes(&request, &mut payload, 1_024).await?;
            if !bytes.trim_ascii().is_empty() && bytes.trim_ascii() != b"{}" {
                return Err(Error::new(Code::MalformedRequest, "This operation takes no body."));
            }
            Ok(Self { once: once_of(&request, b"")? })
        })
    }
}

/// What makes a retry of this request recognisable; `content` is what has to be the same.
///
/// # Errors
/// 400 for a key that is empty, too long or not visible ASCII.
pub fn once_of(request: &HttpRequest, content: &[u8]) -> Result<Option<Once>> {
    let Some(header) = request.headers().get("idempotency-key") else { return Ok(None) };
    let refused = || {
        let mut error = Error::new(Code::MalformedRequest, "The Idempotency-Key cannot be used.");
        error.errors.push(FieldError::parameter("Idempotency-Key", "invalid", "A key has 1 to 255 visible ASCII characters, and stands once."));
        error
    };
    let text = header.to_str().ok().ok_or_else(refused)?.trim();
    // The draft has a quoted string; the bare form is what most clients send.
    let key = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) || request.headers().get_all("idempotency-key").count() > 1 {
        return Err(refused());
    }
    let Some(caller) = request.extensions().get::<Caller>().cloned() else { return Ok(None) };
    let digest = Sha256::new().chain_update(request.query_string()).chain_update(b"\0").chain_update(content).finalize().to_vec();
    Ok(Some(Once { caller: caller.0, operation: format!("{} {}", request.method(), request.path()), key: key.to_owned(), digest }))
}

async fn json_bytes(request: &HttpRequest, payload: &mut Payload, most: usize) -> Result<web::BytesMut> {
    let kind = request.content_type();
    let patch = request.method() == actix_web::http::Method::PATCH;
    if !(kind.eq_ignore_ascii_case("application/json") || patch && kind.eq_ignore_ascii_case("application/merge-patch+json")) {
        let accepted = if patch { "application/merge-patch+json, application/json" } else { "application/json" };
        return Err(Error::new(Code::UnsupportedMediaType, format!("Send the body as {accepted}.")).header(if patch { "accept-patch" } else { "accept-post" }, accepted));
    }
    let limit = request.app_data::<web::Data<App>>().map_or(2 << 20, |app| app.config.body_limit).min(most);
    body_bytes(request, payload, limit).await
}

/// Reads a body into memory, within a limit and a time.
///
/// # Errors
/// 413, 408; 415 for a body with a content encoding; 400 when the client breaks off.
pub async fn body_bytes(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<web::BytesMut> {
    refuse_encoding(request)?;
    let too_large = || Error::new(Code::PayloadTooLarge, format!("The body may have {limit} bytes at the most."));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let seconds = request.app_data::<web::Data<App>>().map_or(60, |app| app.config.body_timeout);
    let read = async {
        let mut body = web::BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| Error::new(Code::MalformedRequest, format!("The body broke off: {error}.")))?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    tokio::time::timeout(Duration::from_secs(seconds), read)
        .await
        .unwrap_or_else(|_| Err(Error::new(Code::RequestTimeout, format!("The body did not arrive within {seconds} seconds."))))
}

/// Refuses a body that is compressed: limits are on what arrives.
///
/// # Errors
/// 415.
pub fn refuse_encoding(request: &HttpRequest) -> Result<()> {
    match request.headers().get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding.as_bytes() != b"identity" => Err(Error::new(Code::UnsupportedMediaType, "Send the body without Content-Encoding.")),
        _ => Ok(()),
    }
}

/// The id in the path.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub Uuid);

impl FromRequest for Id {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(canonical);
        ready(id.map(Self).ok_or_else(|| Error::new(Code::NotFound, "There is nothing with this id.")))
    }
}

/// An id exactly as this service writes ids: one thing has one address.
#[must_use]
pub fn canonical(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (text.len() == 36 && id.as_hyphenated().to_string() == text).then_some(id)
}

/// What a path names: a thing by its id, or by its slug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// By id.
    Id(Uuid),
    /// By slug.
    Slug(String),
}

impl FromRequest for Target {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        let target = canonical(text).map(Self::Id).or_else(|| Slug::parse(text).ok().map(|slug| Self::Slug(slug.to_string())));
        ready(target.ok_or_else(|| Error::new(Code::NotFound, "There is nothing with this id or slug.")))
    }
}

/// The precondition of a change (RFC 9110 section 13.1.1): which versions the caller has seen.
#[derive(Debug, Clone)]
pub struct IfMatch(Option<Vec<String>>);

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let values: Vec<_> = request.headers().get_all(header::IF_MATCH).filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).map(|v| v.trim().to_owned()).collect();
        ready(match values.as_slice() {
            [] => Err(Error::new(Code::PreconditionRequired, "Send the ETag of the version you have read in If-Match, or * for whatever is there.")),
            [any] if any == "*" => Ok(Self(None)),
            _ => Ok(Self(Some(values))),
        })
    }
}

impl IfMatch {
    /// Whatever version there is.
    #[must_use]
    pub const fn any() -> Self {
        Self(None)
    }

    /// Passes when the caller has seen this version.
    ///
    /// # Errors
    /// 412 with the current version.
    pub fn check(&self, version: i32) -> Result<()> {
        let current = super::reply::etag_of(version);
        match &self.0 {
            Some(seen) if !seen.contains(&current) => Err(Error::new(Code::PreconditionFailed, format!("The current version is {version}. Nothing was written."))
                .with("current_version", version)
                .header("etag", current)),
            _ => Ok(()),
        }
    }
}
