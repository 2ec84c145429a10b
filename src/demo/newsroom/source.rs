//! The shape of `demo/newsroom.json`, its texts parsed by the same types as the desk's. Only reads.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::editorial::articles::corrections::NewCorrection;
use crate::editorial::articles::model::Status;
use crate::editorial::tags::model::ExternalId;
use crate::error::{Error, Result};
use crate::publishing::content::{ArticleKind, ContributionRole, Source};
use crate::text::{CountryCode, Email, LanguageTag, Line, Prose, Slug, WebUrl};
use crate::timestamp::Timestamp;
use crate::vocabulary::TagKind;

const JSON: &str = include_str!("../../../demo/newsroom.json");

/// All of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newsroom {
    pub site: Site,
    pub credits: Vec<Credit>,
    pub media: Vec<Picture>,
    pub tags: Vec<Tag>,
    pub authors: Vec<Author>,
    pub articles: Vec<Story>,
    pub collections: Vec<Chosen>,
}

impl Newsroom {
    /// Reads the compiled-in text.
    pub fn read() -> Result<Self> {
        serde_json::from_str(JSON).map_err(|error| Error::internal(format!("demo/newsroom.json: {error}")))
    }
}

/// Members that the service has no place for are not named here.
#[derive(Debug, Deserialize)]
pub struct Site {
    pub name: Line<200>,
    pub description: Prose<1_000>,
    pub languages: Vec<LanguageTag>,
    pub logo_media: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    pub slug: Slug,
    pub name: Line<200>,
    pub kind: String,
    pub credit_line: Line<300>,
    pub credit_template: Option<Line<300>>,
    pub source: Option<Prose<1_000>>,
    pub copyright_notice: Option<Prose<1_000>>,
    pub licence: Option<Licence>,
    pub usage_terms: Option<Prose<2_000>>,
    pub acquire_licence_url: Option<WebUrl>,
    pub url: Option<WebUrl>,
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    pub code: Line<100>,
    pub name: Line<200>,
    pub url: WebUrl,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// What `media:KEY` in a text and everything else names it by.
    pub key: String,
    /// Below `demo/`.
    pub file: String,
    pub alt: Prose<1_000>,
    pub caption: Prose<2_000>,
    /// A credit's slug.
    pub credit: String,
    #[serde(default)]
    pub creators: Vec<Line<200>>,
    pub focal_point: Option<Point>,
    pub source_url: Option<WebUrl>,
    pub digital_source_type: Option<WebUrl>,
    #[serde(default)]
    pub rights: Rights,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
    pub usage_terms: Option<Prose<2_000>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    pub slug: Slug,
    pub name: Line<200>,
    pub kind: TagKind,
    #[serde(default)]
    pub names: BTreeMap<LanguageTag, Line<200>>,
    pub country_code: Option<CountryCode>,
    #[serde(default)]
    pub external_ids: Vec<ExternalId>,
    pub description: Option<Prose<2_000>>,
    /// Another tag's slug; that tag may come later.
    pub parent: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    pub slug: Slug,
    pub name: Line<200>,
    pub sort_name: Line<200>,
    pub kind: String,
    pub job_title: Option<Line<200>>,
    #[serde(default)]
    pub former: bool,
    /// A picture's key.
    pub avatar: Option<String>,
    pub location: Option<Line<200>>,
    #[serde(default)]
    pub languages: Vec<LanguageTag>,
    pub email: Option<Email>,
    pub bio: Option<Prose<2_000>>,
    pub bio_long: Option<Prose<20_000>>,
    #[serde(default)]
    pub job_titles: Vec<crate::editorial::authors::model::JobTitle>,
    #[serde(default)]
    pub links: Vec<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    pub slug: Slug,
    pub headline: Line<300>,
    pub kind: ArticleKind,
    pub language: LanguageTag,
    pub kicker: Option<Line<100>>,
    pub standfirst: Option<Prose<1_000>>,
    pub dateline: Option<Line<100>>,
    pub authors: Vec<Credited>,
    /// Slugs, the primary one first.
    pub tags: Vec<String>,
    pub lead_media: Option<Lead>,
    pub body: Text,
    pub source: Option<Source>,
    pub notes: Option<Prose<10_000>>,
    pub status: Status,
    /// Before the moment of loading.
    pub published_hours_ago: Option<i64>,
    /// After the moment of loading; for what is scheduled.
    pub publish_in_hours: Option<i64>,
    /// The slug of the story that this is a translation of; it comes earlier.
    pub translation_of: Option<String>,
    #[serde(default)]
    pub corrections: Vec<NewCorrection>,
}

/// A curated list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    pub slug: Slug,
    pub name: Line<200>,
    pub description: Prose<1_000>,
    /// Slugs of stories, in order.
    pub slots: Vec<String>,
    /// What fills it up is in this language.
    pub language: LanguageTag,
    pub size: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credited {
    pub author: String,
    pub role: ContributionRole,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// A picture's key.
    pub media: String,
    pub alt: Option<Prose<1_000>>,
    pub caption: Option<Prose<2_000>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub markdown: String,
}
