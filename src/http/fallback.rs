//! What no route took: 405 with `Allow` where the path is known, OPTIONS, otherwise 404. Known paths come from the document.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::app::State;
use crate::error::{Code, Error, Result};

/// The paths of the document with what is offered there.
#[derive(Debug, Clone)]
pub struct KnownPaths(Vec<Known>);

#[derive(Debug, Clone)]
struct Known {
    segments: Vec<String>,
    methods: Vec<&'static str>,
    /// Those of the methods that answer in JSON and in nothing else.
    json: Vec<&'static str>,
}

impl Known {
    fn fits(&self, path: &[&str]) -> bool {
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(|(pattern, segment)| match pattern.split_once('}') {
                // `{page}.xml` is any name with that ending.
                Some((_, ending)) => segment.strip_suffix(ending).is_some_and(|name| !name.is_empty()),
                None => pattern == segment,
            })
    }
}

impl KnownPaths {
    /// Reads them off the document.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let known = |(path, item): (&String, &PathItem)| Known { segments: path.split('/').map(ToOwned::to_owned).collect(), methods: methods(item), json: json_methods(item) };
        Self(document.paths.paths.iter().map(known).collect())
    }

    fn allowed(&self, path: &str) -> Vec<&'static str> {
        let path: Vec<_> = path.split('/').collect();
        let known = || self.0.iter().filter(|known| known.fits(&path));
        // A path that is written out is itself, not an id.
        let literal = known().find(|known| known.segments.iter().all(|segment| !segment.starts_with('{')));
        let mut allowed: Vec<_> = match literal {
            Some(known) => known.methods.clone(),
            None => known().flat_map(|known| known.methods.iter().copied()).collect(),
        };
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    }

    /// Whether the operation here answers in JSON and in nothing else.
    #[must_use]
    pub fn speaks_only_json(&self, method: &actix_web::http::Method, path: &str) -> bool {
        let path: Vec<_> = path.split('/').collect();
        self.0.iter().any(|known| known.json.contains(&method.as_str()) && known.fits(&path))
    }
}

fn json_methods(item: &PathItem) -> Vec<&'static str> {
    let all = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)];
    all.into_iter().filter(|(_, operation)| operation.as_ref().is_some_and(super::openapi::answers_in_json_only)).map(|(method, _)| method).collect()
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

/// The default service: a page or a file of the reader, where there is one.
///
/// # Errors
/// 404; 405 with `Allow`.
pub async fn fallback(app: State, request: HttpRequest, known: web::Data<KnownPaths>) -> Result<HttpResponse> {
    let allowed = known.allowed(request.path());
    if allowed.is_empty() {
        if let Some(found) = app.reader.file(&request).or_else(|| app.reader.page(&request)) {
            return Ok(found);
        }
        return Err(Error::new(Code::NotFound, "There is no such path. The documentation at /docs lists all."));
    }
    let allowed = allowed.join(", ");
    if request.method() == actix_web::http::Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish());
    }
    Err(Error::new(Code::MethodNotAllowed, format!("Offered here: {allowed}.")).header("allow", allowed))
}
