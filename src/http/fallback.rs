//! What no route took: 405 with `Allow` where the path is known, OPTIONS, otherwise 404. Known paths come from the document.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::error::{Code, Error, Result};

/// The paths of the document with their methods.
#[derive(Debug, Clone)]
pub struct KnownPaths(Vec<(Vec<String>, Vec<&'static str>)>);

impl KnownPaths {
    /// Reads them off the document.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let split = |path: &String| path.split('/').map(ToOwned::to_owned).collect();
        Self(document.paths.paths.iter().map(|(path, item)| (split(path), methods(item))).collect())
    }

    fn allowed(&self, path: &str) -> Vec<&'static str> {
        let segments: Vec<_> = path.split('/').collect();
        let fits = |pattern: &[String]| pattern.len() == segments.len() && pattern.iter().zip(&segments).all(|(p, s)| if p.starts_with('{') { !s.is_empty() } else { p == s });
        let mut allowed: Vec<_> = self.0.iter().filter(|(pattern, _)| fits(pattern)).flat_map(|(_, methods)| methods.iter().copied()).collect();
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    }
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let mut methods = vec!["OPTIONS"];
    for (operation, names) in [(&item.get, &["GET", "HEAD"][..]), (&item.post, &["POST"]), (&item.put, &["PUT"]), (&item.patch, &["PATCH"]), (&item.delete, &["DELETE"])] {
        if operation.is_some() {
            methods.extend(names);
        }
    }
    methods
}

/// The default service.
///
/// # Errors
/// 404; 405 with `Allow`.
pub async fn fallback(request: HttpRequest, known: web::Data<KnownPaths>) -> Result<HttpResponse> {
    let allowed = known.allowed(request.path());
    if allowed.is_empty() {
        return Err(Error::new(Code::NotFound, "There is no such path. The documentation at /docs lists all."));
    }
    let allowed = allowed.join(", ");
    if request.method() == actix_web::http::Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish());
    }
    Err(Error::new(Code::MethodNotAllowed, format!("Offered here: {allowed}.")).header("allow", allowed))
}
