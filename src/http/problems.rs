//! The page behind every problem's `type`: what it means and what to do.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Code, Error, Result};

/// A kind of problem, explained.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemKind {
    /// As in a problem's `type`.
    #[schema(example = "/problems/precondition-required")]
    #[serde(rename = "type")]
    kind: String,
    /// As in a problem's `title`.
    #[schema(example = "If-Match is required")]
    title: &'static str,
    /// The HTTP status that it comes with.
    #[schema(example = 428)]
    status: u16,
    /// What to do about it.
    help: &'static str,
}

/// Explain a kind of problem.
#[utoipa::path(tag = "operations", operation_id = "get_problem_kind", security(()),
    params(("code" = String, Path, description = "The last part of a problem's `type`.", example = "not-found")),
    responses((status = 200, description = "What it means and what to do.", body = ProblemKind)))]
#[get("/problems/{code}")]
pub async fn get_problem_kind(code: web::Path<String>) -> Result<HttpResponse> {
    let code = Code::ALL.iter().find(|c| c.slug() == code.as_str()).ok_or_else(|| Error::new(Code::NotFound, "There is no such kind of problem."))?;
    let page = ProblemKind { kind: format!("/problems/{}", code.slug()), title: code.title(), status: code.status(), help: code.help() };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "public, max-age=3600")).json(page))
}
