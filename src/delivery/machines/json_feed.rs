//! JSON Feed 1.1. Its `image` has no room for a credit, so each stands beside the extension that holds it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::content;
use super::feeds::Feed;
use super::story::Story;
use crate::pictures::Credited;
use crate::timestamp::Timestamp;

/// A JSON Feed (jsonfeed.org, version 1.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeed {
    /// The version of the format.
    #[schema(example = "https://jsonfeed.org/version/1.1")]
    pub version: &'static str,
    /// Its name.
    pub title: String,
    /// The site.
    pub home_page_url: String,
    /// Its own address.
    pub feed_url: String,
    /// What it is about.
    pub description: String,
    /// The site's first language (BCP 47).
    pub language: String,
    /// Whom to ask about it: the site.
    pub authors: Vec<JsonFeedAuthor>,
    /// The newest stories first.
    pub items: Vec<JsonFeedItem>,
}

/// Somebody who wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedAuthor {
    /// Their name at publication.
    pub name: String,
    /// Where to read of them.
    pub url: String,
}

/// A story.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedItem {
    /// A URN of the story's id.
    pub id: String,
    /// Its address on the site.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// A few sentences on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its lead picture, its text and its corrections.
    pub content_html: String,
    /// Its lead picture. Show `_media_credit` with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Who must be named under the picture; there whenever `image` is.
    #[serde(rename = "_media_credit", skip_serializing_if = "Option::is_none")]
    pub media_credit: Option<JsonFeedCredit>,
    /// When it was published.
    pub date_published: Timestamp,
    /// When what it says last changed.
    pub date_modified: Timestamp,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub authors: Vec<JsonFeedAuthor>,
    /// Names of its tags, the primary one first.
    pub tags: Vec<String>,
    /// Its language (BCP 47).
    pub language: String,
}

/// The credit of a picture.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedCredit {
    /// The line as it is printed.
    #[schema(example = "(Maxar Technologies)")]
    pub display: String,
    /// The line without what the credit's template puts around it.
    #[schema(example = "Maxar Technologies")]
    pub credit_line: String,
    /// Who made the picture.
    pub creators: Vec<String>,
    /// The copyright notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright_notice: Option<String>,
    /// The licence's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence_url: Option<String>,
    /// What the picture shows.
    pub alt: String,
    /// The picture's id.
    pub media_id: Uuid,
}

/// The feed as a document.
#[must_use]
pub fn write(feed: &Feed) -> JsonFeed {
    let site = &feed.publication;
    JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: feed.title.clone(),
        home_page_url: site.base_url.clone(),
        feed_url: feed.url.clone(),
        description: feed.description.clone(),
        language: site.language().to_owned(),
        authors: vec![JsonFeedAuthor { name: site.name.clone(), url: site.base_url.clone() }],
        items: feed.stories.iter().map(|story| item(story, &feed.base)).collect(),
    }
}

fn item(story: &Story, base: &str) -> JsonFeedItem {
    let card = &story.card;
    let (image, media_credit) = story.lead.as_ref().map(credited).unzip();
    JsonFeedItem {
        id: card.urn(),
        url: card.url.clone(),
        title: card.headline.clone(),
        summary: card.summary().map(ToOwned::to_owned),
        content_html: content::html(story),
        image,
        media_credit,
        date_published: card.published_at,
        date_modified: card.updated_at,
        authors: card.writers().iter().map(|w| JsonFeedAuthor { name: w.name.clone(), url: format!("{base}/v1/authors/{}", w.id) }).collect(),
        tags: card.tags().map(|tag| tag.name.clone()).collect(),
        language: card.language.clone(),
    }
}

fn credited(picture: &Credited) -> (String, JsonFeedCredit) {
    let (url, display) = picture.address();
    let facts = &picture.facts;
    let credit = JsonFeedCredit {
        display: display.to_owned(),
        credit_line: facts.credit_line.clone(),
        creators: facts.creators.clone(),
        copyright_notice: facts.copyright_notice.clone(),
        licence_url: facts.licence_url.clone(),
        alt: picture.alt.clone(),
        media_id: picture.media,
    };
    (url.to_owned(), credit)
}
