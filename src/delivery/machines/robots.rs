//! `robots.txt` (RFC 9309): what crawlers may fetch here, and where the sitemaps are. Says nothing of a site that is served
//! from elsewhere.

use actix_web::get;

use crate::app::State;
use crate::error::Result;
use crate::http::deliver::{Answer, Delivered};
use crate::http::query::{NoParameters, Query};

/// Get the rules for crawlers.
#[utoipa::path(tag = "delivery", responses((status = 200, description = "The rules, with the addresses of the sitemaps.", body = String, content_type = "text/plain")), security(()))]
#[get("/robots.txt")]
pub async fn get_robots(app: State, _none: Query<NoParameters>) -> Result<Delivered> {
    let base = &app.base;
    let rules =
        format!("User-agent: *\nDisallow: /v1/auth/\nDisallow: /v1/editorial/\nDisallow: /v1/preview/\n\nSitemap: {base}/sitemaps/index.xml\nSitemap: {base}/sitemaps/news.xml\n");
    Answer { content_type: "text/plain; charset=utf-8", ..Answer::json(rules.into_bytes()) }.into()
}
