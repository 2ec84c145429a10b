//! The documentation page: Swagger UI out of the program itself, so that it works without the internet.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_swagger_ui::Config;

use super::asset::Asset;
use super::deliver::Delivered;
use crate::error::{Error, Result};

/// The files that the page is made of.
const FILES: [&str; 8] =
    ["index.html", "index.css", "swagger-initializer.js", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css", "favicon-16x16.png", "favicon-32x32.png"];
/// Its own scripts, styles and calls, and nothing of anybody else's; it sets styles and draws small pictures by script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static ALL: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    // Without `none` the page would ask a validator on the internet about every document that is not on localhost.
    let config =
        Config::from("/openapi.json").use_base_layout().try_it_out_enabled(true).persist_authorization(true).display_request_duration(true).filter(true).validator_url("none");
    let config = Arc::new(config.deep_linking(true).doc_expansion("none").default_models_expand_depth(0));
    let file = |name| utoipa_swagger_ui::serve(name, Arc::clone(&config)).ok().flatten();
    FILES.into_iter().filter_map(|name| file(name).map(|file| (name, Asset::new(file.bytes.into_owned(), &file.content_type)))).collect()
});

fn answer(request: &HttpRequest, name: &str) -> Result<HttpResponse> {
    let file = ALL.get(name).ok_or_else(|| Error::not_found("file"))?;
    Ok(file.answer(request, "public, max-age=3600", POLICY))
}

/// Find the documentation.
#[utoipa::path(tag = "operations", security(()), responses((status = 308, description = "It is at `/docs/`.", headers(("Location" = String, description = "Where it is.")))))]
#[get("/docs")]
pub async fn find_docs() -> Delivered {
    Delivered::Moved("/docs/".to_owned())
}

/// Read and try the documentation.
#[utoipa::path(tag = "operations", security(()), responses((status = 200, description = "The page.", body = String, content_type = "text/html")))]
#[get("/docs/")]
pub async fn get_docs(request: HttpRequest) -> Result<HttpResponse> {
    answer(&request, "index.html")
}

/// Get a file that the documentation is made of.
#[utoipa::path(tag = "operations", security(()), params(("file" = String, Path, description = "Its name.", example = "swagger-ui.css")),
    responses((status = 200, description = "The file.", content((String = "text/css"), (String = "text/javascript"), (String = "text/html"), (String = "image/png")))))]
#[get("/docs/{file}")]
pub async fn get_docs_file(request: HttpRequest, file: web::Path<String>) -> Result<HttpResponse> {
    answer(&request, &file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_asks_nobody_else() {
        assert_eq!(ALL.len(), FILES.len());
        let text = |name| String::from_utf8(ALL[name].bytes().to_vec()).unwrap();
        for name in ["index.html", "index.css", "swagger-initializer.js"] {
            assert!(!text(name).contains("http://") && !text(name).contains("https://"), "{name} points elsewhere");
        }
        assert!(text("swagger-initializer.js").contains("/openapi.json"));
        assert!(text("swagger-initializer.js").contains("\"validatorUrl\": \"none\""));
        let html = text("index.html");
        let linked = html.split(['"']).filter_map(|part| part.strip_prefix("./"));
        assert!(linked.into_iter().all(|file| FILES.contains(&file)), "{html}");
    }
}
