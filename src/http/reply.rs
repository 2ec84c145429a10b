//! Answers of the desk: JSON with a version as its ETag, never stored by a cache.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use crate::error::{Error, Result};

/// A finished answer: it can be sent, and kept to be sent again (see `db::once`).
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    kept: Option<Vec<u8>>,
}

/// A thing with a version, which its ETag is made of.
pub trait Versioned {
    /// Counts the writes to it, from 1.
    fn version(&self) -> i32;
}

/// The strong ETag of a version (RFC 9110 section 8.8.3).
#[must_use]
pub fn etag_of(version: i32) -> String {
    format!("\"v{version}\"")
}

impl Reply {
    fn json(status: u16, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(Self { status, headers: vec![("content-type".into(), "application/json; charset=utf-8".into())], body, kept: None })
    }

    /// 200 with a value that has no version: lists, sessions, reports.
    ///
    /// # Errors
    /// Only ours.
    pub fn ok(value: &impl Serialize) -> Result<Self> {
        Self::json(200, value)
    }

    /// 200 with a versioned value and its ETag.
    ///
    /// # Errors
    /// Only ours.
    pub fn current(value: &(impl Serialize + Versioned)) -> Result<Self> {
        Ok(Self::ok(value)?.header("etag", &etag_of(value.version())))
    }

    /// 201 with the new thing, where it is, and its ETag.
    ///
    /// # Errors
    /// Only ours.
    pub fn created(location: &str, value: &(impl Serialize + Versioned)) -> Result<Self> {
        Ok(Self::json(201, value)?.header("location", location).header("etag", &etag_of(value.version())))
    }

    /// 201 with a new thing that has no version.
    ///
    /// # Errors
    /// Only ours.
    pub fn created_plain(location: &str, value: &impl Serialize) -> Result<Self> {
        Ok(Self::json(201, value)?.header("location", location))
    }

    /// 200 with a page of a list and its `Link` header (RFC 8288).
    ///
    /// # Errors
    /// Only ours.
    pub fn page<T: Serialize>(request: &PageUrl, page: &crate::db::page::Page<T>) -> Result<Self> {
        let reply = Self::ok(page)?;
        Ok(match request.links(&page.page) {
            Some(links) => reply.header("link", &links),
            None => reply,
        })
    }

    /// 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new(), kept: None }
    }

    /// 308 to where the thing is now (RFC 9110 section 15.4.9).
    #[must_use]
    pub fn moved(location: &str) -> Self {
        Self { status: 308, headers: vec![("location".into(), location.into())], body: Vec::new(), kept: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What a retry gets instead of the body, where that shows a secret which must not be stored.
    ///
    /// # Errors
    /// Only ours.
    pub fn kept_as(mut self, value: &impl Serialize) -> Result<Self> {
        self.kept = Some(serde_json::to_vec(value).map_err(Error::internal)?);
        Ok(self)
    }

    /// What is kept of it: status, headers, body.
    #[must_use]
    pub fn to_keep(&self) -> (i16, serde_json::Value, &[u8]) {
        (i16::try_from(self.status).unwrap_or(500), serde_json::json!(self.headers), self.kept.as_ref().unwrap_or(&self.body))
    }

    /// The answer that was kept.
    #[must_use]
    pub fn from_kept(status: i16, headers: serde_json::Value, body: Vec<u8>) -> Self {
        let headers = serde_json::from_value(headers).unwrap_or_default();
        Self { status: status.unsigned_abs(), headers, body, kept: None }.header("idempotency-replayed", "true")
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let etag = self.headers.iter().find(|(name, _)| name == "etag").map(|(_, value)| value.as_str());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let unchanged = request.method().is_safe() && status == StatusCode::OK && etag.is_some_and(|etag| none_match(request, etag));
        let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { status });
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
                response.insert_header((name, value));
            }
        }
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if unchanged { response.finish() } else { response.body(self.body) }
    }
}

/// Whether `If-None-Match` names this ETag (weak comparison, RFC 9110 section 13.1.2).
#[must_use]
pub fn none_match(request: &HttpRequest, etag: &str) -> bool {
    let opaque = etag.trim_start_matches("W/");
    request.headers().get_all(header::IF_NONE_MATCH).filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).any(|candidate| {
        let candidate = candidate.trim();
        candidate == "*" || candidate.trim_start_matches("W/") == opaque
    })
}

/// The address of a list as it was asked for, from which its neighbours' addresses are made.
#[derive(Debug, Clone)]
pub struct PageUrl(String);

impl PageUrl {
    /// The request's own path and query below the service's public address.
    #[must_use]
    pub fn of(request: &HttpRequest, base: &str) -> Self {
        Self(format!("{base}{}", request.uri()))
    }

    /// A `Link` header with `next` and `prev`, where there are any.
    #[must_use]
    pub fn links(&self, page: &crate::db::page::PageInfo) -> Option<String> {
        let link = |cursor: &Option<String>, rel| cursor.as_ref().map(|cursor| format!("<{}>; rel=\"{rel}\"", self.at(cursor)));
        let links: Vec<_> = [link(&page.next, "next"), link(&page.previous, "prev")].into_iter().flatten().collect();
        (!links.is_empty()).then(|| links.join(", "))
    }

    fn at(&self, cursor: &str) -> String {
        let (path, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=") && !pair.starts_with("newer_than="));
        let query: Vec<_> = kept.map(ToOwned::to_owned).chain([format!("cursor={cursor}")]).collect();
        format!("{path}?{}", query.join("&"))
    }
}

impl actix_web::FromRequest for PageUrl {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let base = request.app_data::<actix_web::web::Data<crate::app::App>>().map_or("", |app| app.base.as_str());
        std::future::ready(Ok(Self::of(request, base)))
    }
}
