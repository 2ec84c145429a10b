//! Words and small shapes that the desk and the world share. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::timestamp::Timestamp;

crate::words! {
    /// What sort of story it is.
    ArticleKind {
        /// News.
        News = "news",
        /// A few lines.
        Brief = "brief",
        /// Analysis.
        Analysis = "analysis",
        /// Opinion.
        Opinion = "opinion",
        /// A feature.
        Feature = "feature",
        /// An interview.
        Interview = "interview",
        /// Live coverage.
        Live = "live",
        /// Built around a video.
        Video = "video",
        /// Built around pictures.
        Gallery = "gallery",
    }
}

crate::words! {
    /// What somebody contributed.
    ContributionRole {
        /// Wrote it.
        Author = "author",
        /// Took the pictures.
        Photographer = "photographer",
        /// Edited it.
        Editor = "editor",
        /// Contributed to it.
        Contributor = "contributor",
        /// Translated it.
        Translator = "translator",
    }
}

crate::words! {
    /// What a tag names.
    TagKind {
        /// A subject.
        Topic = "topic",
        /// A place that is not a country.
        Place = "place",
        /// A country; has a code.
        Country = "country",
        /// A person.
        Person = "person",
        /// An organisation.
        Organisation = "organisation",
        /// An event.
        Event = "event",
        /// A series of articles.
        Series = "series",
        /// A section of the site.
        Section = "section",
        /// A genre.
        Genre = "genre",
        /// For the newsroom alone; never leaves the desk.
        Internal = "internal",
    }
}

crate::words! {
    /// What sort of correction.
    CorrectionKind {
        /// Something was wrong.
        Correction = "correction",
        /// Something could be misunderstood.
        Clarification = "clarification",
        /// Something has happened since.
        Update = "update",
        /// The editors explain something.
        EditorsNote = "editors_note",
        /// The story does not stand.
        Retraction = "retraction",
    }
}

crate::words! {
    /// What an uploaded file is.
    MediaKind {
        /// A picture.
        Image = "image",
        /// Sound.
        Audio = "audio",
        /// Moving pictures.
        Video = "video",
        /// A document.
        Document = "document",
    }
}

crate::words! {
    /// Whether a file may be shown.
    MediaStatus {
        /// It may, as far as its rights go.
        Ready = "ready",
        /// It may not, wherever it is used.
        Withdrawn = "withdrawn",
    }
}

/// What must not be cropped away, as fractions of width and height from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FocalPoint {
    /// From the left.
    #[schema(minimum = 0, maximum = 1)]
    pub x: f64,
    /// From the top.
    #[schema(minimum = 0, maximum = 1)]
    pub y: f64,
}

/// Where a story was first published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name.
    pub name: crate::text::Line<200>,
    /// Its address.
    #[serde(default)]
    pub url: Option<crate::text::WebUrl>,
}

/// What search engines are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seo {
    /// Instead of the headline.
    #[serde(default)]
    pub title: Option<crate::text::Line<300>>,
    /// Instead of the standfirst.
    #[serde(default)]
    pub description: Option<crate::text::Prose<500>>,
    /// The address of the original, where this is a copy.
    #[serde(default)]
    pub canonical_url: Option<crate::text::WebUrl>,
    /// Keep it out of search engines.
    #[serde(default)]
    pub noindex: bool,
}

/// A story chosen for a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectionSlot {
    /// The article. While it is not live, its slot is passed over.
    pub article_id: Uuid,
    /// Until when it keeps its place; null for as long as it stands here.
    #[serde(default)]
    #[schema(required = false)]
    pub pinned_until: Option<Timestamp>,
}

/// Which stories fill a collection up, the newest first: those that fit everything that is given, or all when nothing is.
/// The members mean what the parameters of `GET /v1/articles` mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CollectionFill {
    /// Ids of tags: any of these.
    #[schema(max_items = 20)]
    pub tag: Vec<Uuid>,
    /// Ids of tags: all of these.
    #[schema(max_items = 20)]
    pub tags_all: Vec<Uuid>,
    /// Ids of tags: none of these.
    #[schema(max_items = 20)]
    pub without_tag: Vec<Uuid>,
    /// Ids of tags: any of these first.
    #[schema(max_items = 20)]
    pub primary_tag: Vec<Uuid>,
    /// Ids of authors: any of these.
    #[schema(max_items = 20)]
    pub author: Vec<Uuid>,
    /// Any of these kinds.
    #[schema(max_items = 20)]
    pub kind: Vec<ArticleKind>,
    /// Any of these languages (BCP 47).
    #[schema(max_items = 20)]
    pub language: Vec<crate::text::LanguageTag>,
}

crate::words! {
    /// What an author is to the newsroom.
    AuthorKind {
        /// On the staff, or formerly so.
        Staff = "staff",
        /// Writes for it without being on the staff.
        Freelance = "freelance",
        /// A news agency.
        Agency = "agency",
        /// Another organisation, or the newsroom as a whole.
        Organisation = "organisation",
    }
}

crate::words! {
    /// Whom a picture comes from.
    CreditKind {
        /// A picture agency.
        Agency = "agency",
        /// A photographer.
        Photographer = "photographer",
        /// The newsroom's own staff.
        Staff = "staff",
        /// A stock library.
        Stock = "stock",
        /// Handed out by those whom it shows, or who profit from it.
        Handout = "handout",
        /// Nobody has to be asked.
        PublicDomain = "public_domain",
        /// Made by a machine.
        Generated = "generated",
    }
}

crate::words! {
    /// Whether pictures with a credit may be shown.
    CreditStatus {
        /// They may, as far as their own rights go.
        Active = "active",
        /// None of them may.
        Withdrawn = "withdrawn",
    }
}

/// A job title as readers see it: that of somebody who has left is marked as past. A title in Latin letters is led by
/// "Former" and keeps its own capitals ("Former Defense reporter"); one in another script, where an English word in front
/// would read as part of the title, is followed by "(former)". A title that says "former" already stays as it is.
#[must_use]
pub fn display_title(job_title: Option<&str>, former: bool) -> Option<String> {
    let title = job_title?;
    let says_so = title.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("former "));
    if !former || says_so {
        return Some(title.to_owned());
    }
    // Latin with its diacritics ends where the Greek block begins; Latin Extended Additional has blocks of its own.
    let latin = |c: char| !c.is_alphabetic() || c < '\u{370}' || ('\u{1e00}'..'\u{1f00}').contains(&c);
    Some(if title.chars().all(latin) { format!("Former {title}") } else { format!("{title} (former)") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_have_left_are_marked() {
        assert_eq!(display_title(Some("Defense reporter"), true).as_deref(), Some("Former Defense reporter"));
        assert_eq!(display_title(Some("Defense reporter"), false).as_deref(), Some("Defense reporter"));
        assert_eq!(display_title(Some("former editor"), true).as_deref(), Some("former editor"));
        assert_eq!(display_title(Some("Rédactrice"), true).as_deref(), Some("Former Rédactrice"));
        assert_eq!(display_title(Some("Редакторка"), true).as_deref(), Some("Редакторка (former)"));
        assert_eq!(display_title(None, true), None);
    }
}
