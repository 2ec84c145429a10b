//! The shapes of the site's settings and their rules.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::editorial::lists::refuse_longer;
use crate::error::{Error, Result};
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::schema::site;
use crate::text::{LanguageTag, Line, Prose, WebUrl};
use crate::timestamp::Timestamp;

const MOST_LANGUAGES: usize = 50;
/// What an address template may name, and a specimen of each.
const PLACEHOLDERS: &[(&str, &str)] =
    &[("{language}", "en"), ("{slug}", "a-story"), ("{id}", "00000000-0000-7000-8000-000000000000"), ("{year}", "2026"), ("{month}", "01"), ("{day}", "31")];

/// The site's settings.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = site)]
#[schema(as = EditorialSite)]
pub struct Site {
    /// Its name.
    #[schema(example = "The Meridian Post")]
    pub name: String,
    /// What it is.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Where readers find it; without a slash at the end.
    #[schema(example = "https://news.example.org")]
    pub base_url: String,
    /// How addresses of articles are made; `{language}`, `{slug}`, `{id}`, `{year}`, `{month}` and `{day}` stand for those of the article.
    #[schema(example = "https://news.example.org/{year}/{slug}")]
    pub article_url_template: String,
    /// Languages it appears in, the first one by default.
    #[schema(value_type = Vec<LanguageTag>)]
    pub languages: Vec<Option<String>>,
    /// Its logo's media id.
    #[schema(required = true)]
    pub logo_media_id: Option<Uuid>,
    /// Counts the writes to it.
    pub version: i32,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Versioned for Site {
    fn version(&self) -> i32 {
        self.version
    }
}

/// A change to the site's settings (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SitePatch {
    /// Its name.
    #[serde(default, deserialize_with = "present")]
    pub name: Option<Line<200>>,
    /// What it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<2_000>>)]
    pub description: Option<Option<Prose<2_000>>>,
    /// Where readers find it. The template of articles' addresses does not follow.
    #[serde(default, deserialize_with = "present")]
    pub base_url: Option<WebUrl>,
    /// How addresses of articles are made: an absolute address with `{slug}` or `{id}` in it, and `{language}`, `{year}`, `{month}`
    /// and `{day}` where they are wanted.
    #[serde(default, deserialize_with = "present")]
    pub article_url_template: Option<Line<500>>,
    /// Languages it appears in, the first one by default; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_items = 1, max_items = 50)]
    pub languages: Option<Vec<LanguageTag>>,
    /// Its logo's media id.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub logo_media_id: Option<Option<Uuid>>,
}

/// A template gives every article an address of its own.
///
/// # Errors
/// 422.
pub fn check_template(template: &str) -> Result<()> {
    let refused = |code: &str, detail: &str| Err(Error::invalid_field("/article_url_template", code, detail));
    if !template.contains("{slug}") && !template.contains("{id}") {
        return refused("placeholder_missing", "A template has {slug} or {id} in it, so that no two articles have the same address.");
    }
    let filled = PLACEHOLDERS.iter().fold(template.to_owned(), |text, (name, specimen)| text.replace(name, specimen));
    if filled.contains(['{', '}']) {
        return refused("unknown_placeholder", "There are the placeholders {language}, {slug}, {id}, {year}, {month} and {day}.");
    }
    // Where the placeholder is the host, each article would be somebody else's site.
    let host = template.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.contains('{') || WebUrl::parse(&filled).is_err() {
        return refused("malformed", "A template is a complete web address such as \"https://news.example.org/{slug}\".");
    }
    Ok(())
}

/// At least one language, none of them twice.
///
/// # Errors
/// 422.
pub fn check_languages(languages: &[LanguageTag]) -> Result<()> {
    refuse_longer("/languages", languages.len(), MOST_LANGUAGES)?;
    if languages.is_empty() {
        return Err(Error::invalid_field("/languages", "required", "A site appears in at least one language."));
    }
    let twice = languages.iter().enumerate().find(|(at, language)| languages.iter().take(*at).any(|earlier| earlier == *language));
    twice.map_or(Ok(()), |(at, _)| Err(Error::invalid_field(format!("/languages/{at}"), "repeated", "This language stands twice.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_a_complete_address_of_one_article() {
        for good in ["https://a.example/{slug}", "http://localhost:3000/{language}/{year}/{month}/{day}/{id}", "https://a.example/?story={id}"] {
            assert!(check_template(good).is_ok(), "{good}");
        }
        for bad in [
            "/{slug}",
            "https://a.example/",
            "https://a.example/{slug}/{section}",
            "{base_url}/{slug}",
            "https://{slug}.example/",
            "javascript:{slug}",
            "https://a.example/{slug}}",
        ] {
            assert!(check_template(bad).is_err(), "{bad}");
        }
    }
}
