//! Who may call from a browser (Fetch standard, CORS protocol): delivery any origin, the desk and signing in only the
//! configured ones. Never with cookies: credentials are Bearer tokens, which no browser adds by itself.

use actix_cors::Cors;
use actix_web::http::{Method, header};

/// Seconds a browser may remember a preflight.
const REMEMBERED: usize = 3_600;
/// Headers of answers that scripts may read.
const EXPOSED: [&str; 9] = ["etag", "link", "location", "retry-after", "x-request-id", "www-authenticate", "allow", "idempotency-replayed", "content-disposition"];

/// What the world reads: any origin.
pub fn open() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        // The answer is the same for every origin: one copy in a cache is enough.
        .disable_vary_header()
        .allowed_methods([Method::GET, Method::HEAD, Method::OPTIONS])
        .allowed_headers([header::ACCEPT, header::ACCEPT_LANGUAGE, header::CONTENT_TYPE, header::AUTHORIZATION, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::RANGE])
        .allowed_header("x-request-id")
        .expose_headers(EXPOSED)
        .max_age(REMEMBERED)
        .block_on_origin_mismatch(false)
}

/// What staff use: these origins.
pub fn closed(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::OPTIONS, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::CONTENT_DISPOSITION,
        ])
        .allowed_headers(["idempotency-key", "x-request-id"])
        .expose_headers(EXPOSED)
        .max_age(REMEMBERED)
        .block_on_origin_mismatch(false);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
