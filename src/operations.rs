//! For operators and integrators: is it alive, is it ready, what is here. Tells nothing about the inside to anybody.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::State;
use crate::error::{Error, Result};
use crate::http::deliver::Answer;

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

/// Get the OpenAPI document of this very service.
#[utoipa::path(tag = "operations", operation_id = "get_openapi", security(()), responses((status = 200, description = "An OpenAPI 3.1 document.", body = serde_json::Value)))]
#[get("/openapi.json")]
pub async fn get_openapi(document: web::Data<Document>) -> Answer {
    Answer::json(document.0.as_bytes().to_vec())
}

/// Get the addresses to begin with.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "Where to go from here.", body = Index)))]
#[get("/")]
pub async fn get_index() -> HttpResponse {
    HttpResponse::Ok().json(Index { name: "Masthead", articles: "/v1/articles", documentation: "/docs/", openapi: "/openapi.json" })
}
