//! Sitemaps (sitemaps.org 0.9): the index, its pages, and the sitemap of news. How pages are parted is `periods`.

use actix_web::{HttpRequest, get};
use chrono::Duration;

use super::periods::{self, Entry, MOST, Period};
use super::publication::Publication;
use super::xml::Xml;
use crate::app::State;
use crate::delivery::splice::{fill_url, headline_of};
use crate::error::{Code, Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::query::{NoParameters, Query};
use crate::timestamp::Timestamp;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const NEWS: &str = "http://www.google.com/schemas/sitemap-news/0.9";
/// Stories that a sitemap of news may have.
const MOST_NEWS: i64 = 1_000;
/// Hours for which a story is news.
const NEWS_HOURS: i64 = 48;

fn answer(xml: Xml) -> Answer {
    Answer { content_type: "application/xml; charset=utf-8", keys: vec!["feed".to_owned(), "site".to_owned()], ..Answer::json(xml.finish()) }
}

impl Entry {
    fn url(&self, publication: &Publication) -> String {
        let date = self.first_published_at.instant().format("%Y-%m-%d").to_string();
        fill_url(&publication.article_url_template, self.id, &self.slug, &self.language, &date)
    }
}

/// Get the index of sitemaps.
///
/// A page a month, by when a story first went live, and the sitemap of news. Stories that are kept out of search engines are on none.
#[utoipa::path(tag = "delivery", responses((status = 200, description = "The index.", body = String, content_type = "application/xml")), security(()))]
#[get("/index.xml")]
pub async fn get_sitemap_index(app: State, _none: Query<NoParameters>) -> Result<Delivered> {
    let base = app.base.clone();
    let pages = app.db.read(|conn| periods::pages(conn, MOST)).await?;
    let mut xml = Xml::default();
    xml.open("sitemapindex", &[("xmlns", NAMESPACE)]);
    sitemap(&format!("{base}/sitemaps/news.xml"), pages.iter().map(|page| page.updated).max(), &mut xml);
    for page in pages {
        sitemap(&format!("{base}/sitemaps/{}.xml", page.period.name()), Some(page.updated), &mut xml);
    }
    xml.close("sitemapindex");
    answer(xml).into()
}

fn sitemap(url: &str, updated: Option<Timestamp>, xml: &mut Xml) {
    xml.open("sitemap", &[]);
    xml.leaf("loc", &[], url);
    xml.maybe("lastmod", &[], updated.map(|at| at.to_string()).as_deref());
    xml.close("sitemap");
}

/// Get a page of the sitemap.
///
/// The stories that first went live in a month; where those are more than 50,000, the index names its days, their hours or their minutes instead.
#[utoipa::path(tag = "delivery", params(("page" = String, Path, description = "A month, day, hour or minute in UTC, as the index has it.", example = "2026-03", pattern = "^[0-9]{4}-[0-9]{2}(-[0-9]{2}(T[0-9]{2}([0-9]{2})?)?)?$")),
    responses((status = 200, description = "The page.", body = String, content_type = "application/xml")), security(()))]
#[get("/{page}.xml")]
pub async fn get_sitemap_page(app: State, request: HttpRequest, _none: Query<NoParameters>) -> Result<Delivered> {
    let nothing = || Error::new(Code::NotFound, "There is no such page of the sitemap. The index names all.");
    let period = request.match_info().get("page").and_then(Period::parse).ok_or_else(nothing)?;
    let (publication, entries) = app.db.read(move |conn| Ok((Publication::load(conn)?, periods::entries(conn, period)?))).await?;
    // A map without a place is none.
    if entries.is_empty() {
        return Err(nothing());
    }
    let mut xml = Xml::default();
    xml.open("urlset", &[("xmlns", NAMESPACE)]);
    for entry in entries {
        xml.open("url", &[]);
        xml.leaf("loc", &[], &entry.url(&publication));
        xml.leaf("lastmod", &[], &entry.updated_at.to_string());
        xml.close("url");
    }
    xml.close("urlset");
    answer(xml).into()
}

/// Get the sitemap of news.
///
/// Stories that first went live in the last two days, the newest 1,000 of them, for Google News.
#[utoipa::path(tag = "delivery", responses((status = 200, description = "The sitemap of news.", body = String, content_type = "application/xml")), security(()))]
#[get("/news.xml")]
pub async fn get_news_sitemap(app: State, _none: Query<NoParameters>) -> Result<Delivered> {
    let now = crate::app::now();
    let since = now.plus(-Duration::hours(NEWS_HOURS));
    let (publication, stories) = app.db.read(move |conn| Ok((Publication::load(conn)?, periods::news(conn, since, MOST_NEWS)?))).await?;
    let oldest = stories.last().map(|(entry, _)| entry.first_published_at);
    let mut xml = Xml::default();
    xml.open("urlset", &[("xmlns", NAMESPACE), ("xmlns:news", NEWS)]);
    if stories.is_empty() {
        // A map without a place is none, so on quiet days it leads to the front page.
        xml.open("url", &[]);
        xml.leaf("loc", &[], &format!("{}/", publication.base_url));
        xml.close("url");
    }
    for (entry, card) in &stories {
        news(entry, &headline_of(card).unwrap_or_default(), &publication, &mut xml);
    }
    xml.close("urlset");
    let mut answer = answer(xml);
    // The oldest leaves by itself.
    answer.changes_at = oldest.map(|at| at.plus(Duration::hours(NEWS_HOURS)));
    answer.into()
}

fn news(entry: &Entry, headline: &str, publication: &Publication, xml: &mut Xml) {
    xml.open("url", &[]);
    xml.leaf("loc", &[], &entry.url(publication));
    xml.leaf("lastmod", &[], &entry.updated_at.to_string());
    xml.open("news:news", &[]);
    xml.open("news:publication", &[]);
    xml.leaf("news:name", &[], &publication.name);
    xml.leaf("news:language", &[], &language(&entry.language));
    xml.close("news:publication");
    xml.leaf("news:publication_date", &[], &entry.first_published_at.to_string());
    xml.leaf("news:title", &[], headline);
    xml.close("news:news");
    xml.close("url");
}

/// A language as Google News has it: ISO 639 with two or three letters, and the two Chinese scripts by place.
fn language(tag: &str) -> String {
    let tag = tag.to_ascii_lowercase();
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    match first {
        "zh" if parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo")) => "zh-tw".to_owned(),
        "zh" => "zh-cn".to_owned(),
        _ if (2..=3).contains(&first.len()) => first.to_owned(),
        _ => "und".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_those_that_google_news_knows() {
        for (tag, known) in [("en-GB", "en"), ("uk", "uk"), ("zh-Hant-HK", "zh-tw"), ("zh-Hans", "zh-cn"), ("zh", "zh-cn"), ("haw-US", "haw"), ("x-secret", "und")] {
            assert_eq!(language(tag), known);
        }
    }
}
