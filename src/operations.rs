//! For operators and integrators: is it alive, is it ready, what is here. Tells nothing about the inside to anybody.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::http::header;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::app::State;
use crate::error::{Code, Error, Result};
use crate::http::deliver::Answer;
use crate::http::meters;

/// How it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// One word.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Where to go from here.
#[derive(Debug, Serialize, ToSchema)]
pub struct Index {
    /// What this is.
    #[schema(example = "Masthead")]
    name: &'static str,
    /// The published articles.
    #[schema(example = "/v1/articles")]
    articles: &'static str,
    /// The documentation, to read and to try.
    #[schema(example = "/docs/")]
    documentation: &'static str,
    /// The OpenAPI document.
    #[schema(example = "/openapi.json")]
    openapi: &'static str,
}

/// The OpenAPI document as text, shared by every worker.
#[derive(Debug, Clone)]
pub struct Document(pub Arc<str>);

/// Tell whether the process is alive.
///
/// Never asks the database: a restart of this process does not mend that.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "It is.", body = Health)))]
#[get("/livez")]
pub async fn get_liveness() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Tell whether the service can take requests.
///
/// 503 while the database is unreachable or not migrated, while a first start still prepares it, and while a stop is under way. The database is
/// asked twice a second at the most.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "It can.", body = Health)))]
#[get("/readyz")]
pub async fn get_readiness(app: State) -> Result<HttpResponse> {
    let is_settled = !app.stopping.load(Ordering::SeqCst) && !app.preparing.load(Ordering::SeqCst);
    if is_settled && app.probe.is_well().await {
        return Ok(HttpResponse::Ok().json(Health { status: "ok" }));
    }
    Err(Error::unavailable("The service is not ready to take requests."))
}

/// Tell what operators watch, as OpenMetrics text.
///
/// There only where `MASTHEAD_METRICS_TOKEN` is set, and only for who sends it.
#[utoipa::path(tag = "operations", operation_id = "get_metrics", security(()), responses(
    (status = 200, description = "Counters, gauges and histograms.", body = String, content_type = "application/openmetrics-text"),
    (status = 401, description = "Not the token.", body = crate::error::Problem, content_type = "application/problem+json"),
    (status = 404, description = "No token is set.", body = crate::error::Problem, content_type = "application/problem+json")))]
#[get("/metrics")]
pub async fn get_metrics(app: State, request: HttpRequest) -> Result<HttpResponse> {
    let wanted = app.config.metrics_token.as_ref().ok_or_else(|| Error::new(Code::NotFound, "No metrics are kept here."))?;
    let sent = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    // Digests are compared, so that the time it takes tells nothing of the token.
    if sent.map(Sha256::digest) != Some(Sha256::digest(wanted.expose())) {
        return Err(unauthenticated("Metrics need the operators' token."));
    }
    let text = meters::text(&app).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text))
}

/// Get the OpenAPI document of this very service.
#[utoipa::path(tag = "operations", operation_id = "get_openapi", security(()), responses((status = 200, description = "An OpenAPI 3.1 document.", body = serde_json::Value)))]
#[get("/openapi.json")]
pub async fn get_openapi(document: web::Data<Document>) -> Answer {
    Answer::json(document.0.as_bytes().to_vec())
}

/// Get the addresses to begin with.
///
/// A browser gets the front page of the reader instead, where this service has one.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "Where to go from here.", content((Index = "application/json"), (String = "text/html")))))]
#[get("/")]
pub async fn get_index(app: State, request: HttpRequest) -> HttpResponse {
    if let Some(page) = app.reader.page(&request) {
        return page;
    }
    HttpResponse::Ok().insert_header((header::VARY, "accept")).json(Index { name: "Masthead", articles: "/v1/articles", documentation: "/docs/", openapi: "/openapi.json" })
}

fn unauthenticated(detail: &str) -> Error {
    Error::new(Code::Unauthenticated, detail).header("www-authenticate", "Bearer realm=\"masthead metrics\"")
}
