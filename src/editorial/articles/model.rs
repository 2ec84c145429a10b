//! The shapes of an article on the desk and its rules.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::body::Body;
use crate::db::page::Count;
use crate::editorial::lists::Whom;
use crate::editorial::tags::model::TagRef;
use crate::error::{Error, FieldError, Result};
use crate::http::json::present;
use crate::http::reply::Versioned;
use crate::publishing::content::{ArticleKind, Content, Contribution, ContributionRole, LeadMedia, Seo, Source};
use crate::rendering::{BodyFormat, BodyOut};
use crate::schema::articles;
use crate::text::{LanguageTag, Line, Prose, Slug};
use crate::timestamp::Timestamp;

crate::words! {
    /// Where an article stands.
    Status {
        /// Being written.
        Draft = "draft",
        /// Waiting for an editor.
        InReview = "in_review",
        /// Will go live at a time.
        Scheduled = "scheduled",
        /// Live.
        Published = "published",
        /// Was live.
        Unpublished = "unpublished",
        /// Put away.
        Archived = "archived",
        /// Taken down for legal reasons.
        TakenDown = "taken_down",
    }
}

/// A body on its way in: exactly one of the three forms.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyInput {
    /// Portable Text: blocks as they are read (`BodyBlock`), but a picture's `media` is
    /// `{"_type": "reference", "_ref": "<media id>"}`, and `_key`, `style` and `markDefs` may be left out.
    Blocks(Vec<serde_json::Value>),
    /// CommonMark; pictures as `![alt](media:<id> "caption")`.
    Markdown(String),
    /// HTML; pictures as `<figure data-media-id="<id>">`.
    Html(String),
}

impl BodyInput {
    /// The body it means.
    ///
    /// # Errors
    /// 422 saying where something cannot be kept.
    pub fn parse(self) -> Result<Body> {
        let body = match self {
            Self::Blocks(blocks) => Body::from_blocks(serde_json::Value::Array(blocks)),
            Self::Markdown(text) => Body::from_markdown(&text),
            Self::Html(text) => Body::from_html(&text),
        };
        body.map_err(|problems| Error::invalid(problems.into_iter().map(|p| FieldError::body(format!("/body{}", p.pointer), p.code, p.detail)).collect()))
    }
}

/// A new article. Only a headline is needed to save; publishing asks for the rest.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"headline": "Harbour reopens after storm", "kind": "news", "language": "en", "standfirst": "The first ferry left at dawn.", "body": {"markdown": "The harbour **reopened** on Monday."}}))]
pub struct NewArticle {
    /// At the top of the story.
    pub headline: Line<300>,
    /// Made from the headline where it is not given.
    pub slug: Option<Slug>,
    /// `news` by default.
    pub kind: Option<ArticleKind>,
    /// The site's first language by default.
    pub language: Option<LanguageTag>,
    /// Above the headline.
    pub kicker: Option<Line<100>>,
    /// Below the headline.
    pub standfirst: Option<Prose<1_000>>,
    /// Where it was written.
    pub dateline: Option<Line<100>>,
    /// Instead of the byline made from the authors.
    pub byline: Option<Line<300>>,
    /// Who did what, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub authors: Vec<Contribution>,
    /// Ids of tags, the primary one first.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub tags: Vec<Uuid>,
    /// The lead picture.
    pub lead_media: Option<LeadMedia>,
    /// The text.
    pub body: Option<BodyInput>,
    /// Where it was first published.
    pub source: Option<Source>,
    /// What search engines are told.
    #[serde(default)]
    pub seo: Option<Seo>,
    /// Not to go live before.
    pub embargo_until: Option<Timestamp>,
    /// The article of which this is a translation.
    pub translation_of: Option<Uuid>,
    /// For the desk alone.
    pub notes: Option<Prose<10_000>>,
    /// Why this was written, kept with the revision.
    pub revision_note: Option<Line<500>>,
}

/// A change to an article (RFC 7396): what is absent stays, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticlePatch {
    /// At the top of the story.
    #[serde(default, deserialize_with = "present")]
    pub headline: Option<Line<300>>,
    /// Its address. The one it was live under goes on leading here.
    #[serde(default, deserialize_with = "present")]
    pub slug: Option<Slug>,
    /// What sort of story.
    #[serde(default, deserialize_with = "present")]
    pub kind: Option<ArticleKind>,
    /// BCP 47.
    #[serde(default, deserialize_with = "present")]
    pub language: Option<LanguageTag>,
    /// Above the headline.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<100>>)]
    pub kicker: Option<Option<Line<100>>>,
    /// Below the headline.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<1_000>>)]
    pub standfirst: Option<Option<Prose<1_000>>>,
    /// Where it was written.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<100>>)]
    pub dateline: Option<Option<Line<100>>>,
    /// Instead of the byline made from the authors.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Line<300>>)]
    pub byline: Option<Option<Line<300>>>,
    /// Who did what, in order; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub authors: Option<Vec<Contribution>>,
    /// Ids of tags, the primary one first; replaced whole.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 50)]
    pub tags: Option<Vec<Uuid>>,
    /// The lead picture.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<LeadMedia>)]
    pub lead_media: Option<Option<LeadMedia>>,
    /// The text.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BodyInput>)]
    pub body: Option<Option<BodyInput>>,
    /// Where it was first published.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Source>)]
    pub source: Option<Option<Source>>,
    /// What search engines are told.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Seo>)]
    pub seo: Option<Option<Seo>>,
    /// Not to go live before.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Timestamp>)]
    pub embargo_until: Option<Option<Timestamp>>,
    /// The article of which this is a translation; `null` makes it stand alone.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub translation_of: Option<Option<Uuid>>,
    /// For the desk alone.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Prose<10_000>>)]
    pub notes: Option<Option<Prose<10_000>>>,
    /// Id of the account that is on it. Editors assign anybody, others themselves.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub assignee: Option<Option<Uuid>>,
    /// Why this was written, kept with the revision.
    #[serde(default, deserialize_with = "present")]
    pub revision_note: Option<Line<500>>,
}

fn text<T: Into<String>>(value: Option<T>) -> Option<String> {
    value.map(Into::into)
}

impl ArticlePatch {
    /// What the article says after this change; `body` is the new one that it has, if it has one.
    ///
    /// # Errors
    /// 422.
    pub fn apply(&self, mut content: Content, body: Option<&Body>) -> Result<Content> {
        let patch = self.clone();
        let set = |field: &mut Option<String>, value: Option<Option<String>>| {
            if let Some(value) = value {
                *field = value;
            }
        };
        set(&mut content.kicker, patch.kicker.map(text));
        set(&mut content.standfirst, patch.standfirst.map(text));
        set(&mut content.dateline, patch.dateline.map(text));
        set(&mut content.byline, patch.byline.map(text));
        content.headline = text(patch.headline).unwrap_or(content.headline);
        content.slug = text(patch.slug).unwrap_or(content.slug);
        content.kind = patch.kind.unwrap_or(content.kind);
        content.language = text(patch.language).unwrap_or(content.language);
        content.authors = patch.authors.unwrap_or(content.authors);
        content.tags = patch.tags.unwrap_or(content.tags);
        content.lead_media = patch.lead_media.unwrap_or(content.lead_media);
        content.source = patch.source.unwrap_or(content.source);
        content.seo = patch.seo.map_or(content.seo, Option::unwrap_or_default);
        if let Some(body) = body {
            content.body.clone_from(body);
        }
        check(&content)?;
        Ok(content)
    }
}

/// Things that must not stand twice, and how many there may be.
const MOST: usize = 50;

/// What even a draft must keep to.
///
/// # Errors
/// 422.
pub fn check(content: &Content) -> Result<()> {
    let mut faults = Vec::new();
    let mut list = |pointer: &str, ids: Vec<Uuid>| {
        if ids.len() > MOST {
            faults.push(FieldError::body(pointer, "too_many", format!("There may be {MOST} at the most.")));
        }
        let mut seen = std::collections::HashSet::new();
        if let Some(at) = ids.iter().position(|id| !seen.insert(*id)) {
            faults.push(FieldError::body(format!("{pointer}/{at}"), "duplicate", "This stands twice."));
        }
    };
    list("/authors", content.authors.iter().map(|a| a.author_id).collect());
    list("/tags", content.tags.clone());
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// An article's row: its identity and where it stands.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct Head {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub status: Status,
    /// Counts the writes to it.
    pub version: i32,
    /// The head revision.
    pub revision: i32,
    /// The revision that is live.
    pub live_revision: Option<i32>,
    /// When it is to go live.
    pub publish_at: Option<Timestamp>,
    /// When it is to go off.
    pub unpublish_at: Option<Timestamp>,
    /// Not to go live before.
    pub embargo_until: Option<Timestamp>,
    /// Who is on it.
    pub assignee_id: Option<Uuid>,
    /// For the desk alone.
    pub notes: Option<String>,
    /// What was said with the last submission or return.
    pub review_note: Option<String>,
    /// Why a schedule could not be kept.
    pub schedule_failure: Option<serde_json::Value>,
    /// Its group of translations.
    pub translation_group: Uuid,
    /// When it first went live.
    pub first_published_at: Option<Timestamp>,
    /// What it is sorted by in the world.
    pub published_at: Option<Timestamp>,
    /// Who holds the lock.
    pub lock_user_id: Option<Uuid>,
    /// Since when.
    pub lock_since: Option<Timestamp>,
    /// Until when.
    pub lock_expires_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: Option<Uuid>,
    /// Who last wrote it.
    pub updated_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// One of the people of an article, as the desk sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditorialContribution {
    /// The author.
    pub author_id: Uuid,
    /// What they did.
    pub role: ContributionRole,
    /// Their name now.
    pub name: String,
    /// Their slug now.
    pub slug: String,
}

/// Somebody is editing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Lock {
    /// Who.
    pub user_id: Uuid,
    /// Since when.
    pub since: Timestamp,
    /// Until when, unless it is renewed.
    pub expires_at: Timestamp,
}

/// An article as the desk sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EditorialArticle {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// What sort of story.
    pub kind: ArticleKind,
    /// BCP 47.
    pub language: String,
    /// Above the headline.
    #[schema(required = true)]
    pub kicker: Option<String>,
    /// At the top of the story.
    pub headline: String,
    /// Below the headline.
    #[schema(required = true)]
    pub standfirst: Option<String>,
    /// What search engines are told.
    pub seo: Seo,
    /// Where it was written.
    #[schema(required = true)]
    pub dateline: Option<String>,
    /// Instead of the byline made from the authors.
    #[schema(required = true)]
    pub byline: Option<String>,
    /// Who did what, in order.
    pub authors: Vec<EditorialContribution>,
    /// Its tags, the primary one first.
    pub tags: Vec<TagRef>,
    /// The lead picture.
    #[schema(required = true)]
    pub lead_media: Option<LeadMedia>,
    /// The text, in the form asked for; in lists only with `include=body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyOut>,
    /// Words in the body.
    pub word_count: u32,
    /// Minutes it takes to read.
    pub reading_minutes: u32,
    /// Where it was first published.
    #[schema(required = true)]
    pub source: Option<Source>,
    /// Where it stands.
    pub status: Status,
    /// Counts the writes to it; the ETag.
    pub version: i32,
    /// The head revision.
    pub revision: i32,
    /// The revision that is live.
    #[schema(required = true)]
    pub live_revision: Option<i32>,
    /// Whether the head says something that the world does not see yet.
    pub has_unpublished_changes: bool,
    /// When it is to go live.
    #[schema(required = true)]
    pub publish_at: Option<Timestamp>,
    /// When it is to go off.
    #[schema(required = true)]
    pub unpublish_at: Option<Timestamp>,
    /// Not to go live before.
    #[schema(required = true)]
    pub embargo_until: Option<Timestamp>,
    /// Who is on it.
    #[schema(required = true)]
    pub assignee: Option<Uuid>,
    /// For the desk alone.
    #[schema(required = true)]
    pub notes: Option<String>,
    /// What was said with the last submission or return.
    #[schema(required = true)]
    pub review_note: Option<String>,
    /// Why a schedule could not be kept: the obstacles that were found when it was due.
    #[schema(required = true, value_type = Option<Vec<FieldError>>)]
    pub schedule_failure: Option<serde_json::Value>,
    /// Somebody is editing.
    #[schema(required = true)]
    pub lock: Option<Lock>,
    /// Articles that are the same story in another language share it.
    pub translation_group: Uuid,
    /// When it first went live.
    #[schema(required = true)]
    pub first_published_at: Option<Timestamp>,
    /// What it is sorted by in the world.
    #[schema(required = true)]
    pub published_at: Option<Timestamp>,
    /// Who made it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// Who last wrote it.
    #[schema(required = true)]
    pub updated_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Versioned for EditorialArticle {
    fn version(&self) -> i32 {
        self.version
    }
}

crate::words! {
    /// How a list of articles on the desk is sorted.
    ArticleSort {
        /// The last written first.
        Updated = "-updated_at",
        /// The newest first.
        Created = "-created_at",
        /// The last published first; those never published are left out.
        Published = "-published_at",
    }
}

crate::words! {
    /// What a list holds besides.
    Include {
        /// The body of each.
        Body = "body",
    }
}

/// Which articles.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleQuery {
    /// Part of the headline; where it is one or two letters, the beginning of a word.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// Where they stand.
    pub status: Option<Status>,
    /// What sort.
    pub kind: Option<ArticleKind>,
    /// BCP 47.
    pub language: Option<LanguageTag>,
    /// Id of an author.
    pub author: Option<Uuid>,
    /// Id of a tag.
    pub tag: Option<Uuid>,
    /// Id of the account that made them.
    pub created_by: Option<Uuid>,
    /// Who is on them: the id of an account, `me`, or `none` for nobody.
    #[param(value_type = Option<String>, example = "me")]
    pub assignee: Option<Whom>,
    /// `true`: only those that you made.
    pub mine: Option<bool>,
    /// Written since.
    pub updated_after: Option<Timestamp>,
    /// Written before.
    pub updated_before: Option<Timestamp>,
    /// Order; `-updated_at` by default.
    #[param(inline)]
    pub sort: Option<ArticleSort>,
    /// `body` adds the text of each.
    #[param(inline)]
    pub include: Option<Include>,
    /// Form of the body.
    pub body: Option<BodyFormat>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}

/// In which form a single article comes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArticleView {
    /// Form of the body; `html` by default.
    pub body: Option<BodyFormat>,
}
