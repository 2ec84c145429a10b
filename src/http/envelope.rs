//! Around every request: its id, its log line, HEAD as GET without a body, panics and foreign errors as problem
//! documents, and the headers that every answer carries.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError};
use futures_util::FutureExt;
use uuid::Uuid;

use crate::app::State;
use crate::error::{Code, Error};

/// The id of a request: the client's where it is well-formed, otherwise ours.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Only a carrier: the envelope, which knows the request id, writes the problem document.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

/// The outermost middleware.
///
/// # Errors
/// Only ones that hold a finished answer: every failure becomes one.
pub async fn envelope(mut request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = RequestId(request_id(request.headers().get(REQUEST_ID)));
    request.extensions_mut().insert(id.clone());
    let was_head = request.method() == Method::HEAD;
    if was_head {
        request.head_mut().method = Method::GET;
    }
    // Not the request itself: while a second handle on it lives, the router cannot write into it.
    let (method, uri) = (if was_head { Method::HEAD } else { request.method().clone() }, request.uri().clone());
    let app = request.app_data::<State>().filter(|app| app.config.metrics_token.is_some()).cloned();
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let answered = |route, status| {
        log(&method, uri.path(), status, started, &id);
        if let Some(app) = &app {
            app.meters.answered(&method, route, status.as_u16(), started.elapsed());
        }
    };
    let failure = match outcome {
        Ok(Ok(response)) => {
            let mut response = explained(response.map_into_boxed_body(), &id);
            dress(response.headers_mut(), &id);
            let route = app.as_ref().and_then(|_| response.request().match_pattern());
            answered(route, response.status());
            // The connection's own encoder leaves out the body of an answer to HEAD, and keeps its length.
            return Ok(response);
        }
        Ok(Err(error)) => problem_of_foreign(&error, &id),
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
            problem(&Error::internal(format!("panic: {}", words.unwrap_or_default())), &id)
        }
    };
    // The request went down with what failed, so the answer goes up as an error that holds it, finished.
    let mut failure = failure;
    dress(failure.headers_mut(), &id);
    answered(None, failure.status());
    Err(InternalError::from_response("answered", failure).into())
}

fn request_id(sent: Option<&HeaderValue>) -> String {
    let good = |text: &&str| !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    sent.and_then(|v| v.to_str().ok()).filter(good).map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned)
}

/// An answer that carries an error gets its document.
fn explained(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let document = match response.response().error() {
        Some(error) => problem_of_foreign(error, id),
        None if response.status().is_server_error() && response.response().headers().get(header::CONTENT_TYPE).is_none() => {
            problem(&Error::internal(format!("a bare {}", response.status())), id)
        }
        None => return response,
    };
    // Headers that inner layers have set (CORS among them) stay.
    let (request, inner) = response.into_parts();
    let mut document = document;
    for (name, value) in inner.headers() {
        if !document.headers().contains_key(name) {
            document.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, document)
}

fn problem_of_foreign(error: &actix_web::Error, id: &RequestId) -> HttpResponse {
    if let Some(ours) = error.as_error::<Error>() {
        return problem(ours, id);
    }
    let status = error.as_response_error().status_code();
    let code = match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        408 => Code::RequestTimeout,
        413 => Code::PayloadTooLarge,
        415 => Code::UnsupportedMediaType,
        431 => Code::HeadTooLarge,
        400..=499 => Code::MalformedRequest,
        _ => return problem(&Error::internal(error), id),
    };
    problem(&Error::new(code, code.title()), id)
}

/// The problem document as an answer; failures of ours are logged here, once.
pub fn problem(error: &Error, id: &RequestId) -> HttpResponse {
    if let Some(cause) = &error.cause {
        tracing::error!(request_id = %id.0, cause = %cause, "request {} failed: {}", id.0, cause.escape_debug());
    }
    let mut response = HttpResponse::build(error.status());
    for (name, value) in &error.headers {
        response.insert_header((*name, value.as_str()));
    }
    response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.body(serde_json::to_vec(&error.problem(&id.0)).unwrap_or_default())
}

fn dress(headers: &mut header::HeaderMap, id: &RequestId) {
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn log(method: &Method, path: &str, status: StatusCode, started: Instant, id: &RequestId) {
    let (path, status, micros) = (path.escape_debug(), status.as_u16(), started.elapsed().as_micros());
    if status >= 500 {
        tracing::warn!(request_id = %id.0, %method, path = %path, status, micros, "{method} {path} {status}");
    } else {
        tracing::debug!(request_id = %id.0, %method, path = %path, status, micros, "{method} {path} {status}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_forge_a_log_line_are_replaced() {
        let sent = |text: &str| request_id(HeaderValue::from_bytes(text.as_bytes()).ok().as_ref());
        assert_eq!(sent("abc-1"), "abc-1");
        for bad in ["", "a b", &"x".repeat(300), "a\u{2028}b", "a\"b"] {
            assert_ne!(sent(bad), bad);
        }
    }
}
