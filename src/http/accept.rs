//! `Accept` (RFC 9110 section 12.5.1): 406 where an operation speaks only JSON and the client takes none. What else an
//! operation can produce is its own business.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web;

use super::fallback::KnownPaths;
use crate::error::{Code, Error};

/// The middleware.
///
/// # Errors
/// What is inside it gives; 406.
pub async fn negotiate(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if request.headers().get(header::ACCEPT).is_none_or(|value| value == "*/*") {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let takes = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    let speaks_only_json = || request.app_data::<web::Data<KnownPaths>>().is_some_and(|known| known.speaks_only_json(request.method(), request.path()));
    if !takes_json(&takes) && speaks_only_json() {
        return Ok(request.error_response(Error::new(Code::NotAcceptable, "This operation answers in application/json.")).map_into_boxed_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Whether a list of media ranges lets JSON through: the most specific range that covers it decides.
fn takes_json(accept: &str) -> bool {
    if accept.trim().is_empty() {
        return true;
    }
    let mut best = (0, false);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let precision = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "*/*" => 1,
            "application/*" => 2,
            "application/json" | "application/problem+json" => 3,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))).map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(1.0));
        if precision > best.0 || precision == best.0 && quality > 0.0 {
            best = (precision, quality > 0.0);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        for good in [
            "",
            "*/*",
            "application/json",
            "text/html, */*;q=0.1",
            "application/*",
            "application/problem+json",
            "image/png, APPLICATION/JSON;q=0.5",
            "application/json; charset=utf-8",
        ] {
            assert!(takes_json(good), "{good}");
        }
        for bad in ["text/html", "application/json;q=0", "*/*, application/json;q=0", "image/*, text/csv", "application/*;q=0.0, */*"] {
            assert!(!takes_json(bad), "{bad}");
        }
    }
}
