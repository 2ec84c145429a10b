//! The shapes of delivery's JSON, for the document alone: answers are put together as text (see `card`), and the tests
//! hold every answer against these.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rendering::BodyOut;
use crate::timestamp::Timestamp;
use crate::vocabulary::{ArticleKind, ContributionRole, FocalPoint, Seo, Source, TagKind};

/// Terms under which a picture is used.
#[derive(Debug, Serialize, ToSchema)]
pub struct Licence {
    /// A short name.
    #[schema(required = true, example = "CC0-1.0")]
    pub code: Option<String>,
    /// Its name.
    #[schema(required = true, example = "CC0 1.0 Universal")]
    pub name: Option<String>,
    /// Its text.
    #[schema(required = true, example = "https://creativecommons.org/publicdomain/zero/1.0/")]
    pub url: Option<String>,
}

/// Who must be named under a picture.
#[derive(Debug, Serialize, ToSchema)]
pub struct PictureCredit {
    /// The credit's id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "maxar-technologies")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Maxar Technologies")]
    pub name: String,
    /// The line as it is printed.
    #[schema(example = "(Maxar Technologies)")]
    pub display: String,
    /// Where to learn more.
    #[schema(required = true)]
    pub url: Option<String>,
    /// Terms.
    #[schema(required = true)]
    pub licence: Option<Licence>,
}

/// The picture in one width.
#[derive(Debug, Serialize, ToSchema)]
pub struct SrcsetItem {
    /// Its address.
    pub url: String,
    /// Its width in pixels.
    #[schema(minimum = 1)]
    pub width: u32,
}

/// An image and the credit that it never comes without.
#[derive(Debug, Serialize, ToSchema)]
pub struct Picture {
    /// The media's id.
    pub media_id: Uuid,
    /// The address of its file.
    pub url: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Media type.
    #[schema(example = "image/jpeg")]
    pub mime: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// What to know about it.
    #[schema(required = true)]
    pub caption: Option<String>,
    /// A blurred stand-in while it loads (blurha.sh).
    #[schema(required = true)]
    pub blurhash: Option<String>,
    /// What must not be cropped away.
    #[schema(required = true)]
    pub focal_point: Option<FocalPoint>,
    /// Who must be named.
    pub credit: PictureCredit,
    /// The line of this picture, without what the credit's template puts around it.
    #[schema(example = "Maxar Technologies")]
    pub credit_line: String,
    /// The same in other widths.
    pub srcset: Vec<SrcsetItem>,
}

/// Why a picture is withheld.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// Outside the time for which the rights were granted.
    RightsExpired,
    /// Withdrawn.
    Withdrawn,
}

/// In the place of a picture that may not be shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Withheld {
    /// Always true.
    pub withheld: bool,
    /// Why.
    pub reason: WithheldReason,
}

/// A Picture, or a note that it is withheld.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum MaybePicture {
    /// Shown.
    Picture(Box<Picture>),
    /// Withheld.
    Withheld(Withheld),
}

/// A person of a story.
#[derive(Debug, Serialize, ToSchema)]
pub struct Byliner {
    /// Their id.
    pub id: Uuid,
    /// Their name at publication.
    #[schema(example = "Olena Marchenko")]
    pub name: String,
    /// What they did.
    pub role: ContributionRole,
    /// Their job title at publication.
    #[schema(required = true, example = "Defense reporter")]
    pub job_title_then: Option<String>,
    /// Their slug now.
    #[schema(example = "olena-marchenko")]
    pub slug: String,
    /// Their job title now.
    #[schema(required = true)]
    pub job_title_now: Option<String>,
    /// Whether they have left.
    pub former: bool,
    /// Their portrait.
    #[schema(required = true)]
    pub avatar: Option<MaybePicture>,
}

/// A tag where a story names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleTag {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "ukraine")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Ukraine")]
    pub name: String,
    /// What it names.
    pub kind: TagKind,
}

/// A correction of a story.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    /// Its id.
    pub id: Uuid,
    /// `correction`, `clarification`, `update`, `editors_note` or `retraction`.
    pub kind: String,
    /// What was wrong and what is right.
    pub text: String,
    /// When it was made.
    pub at: Timestamp,
}

/// The same story in another language.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleTranslation {
    /// BCP 47.
    pub language: String,
    /// Its slug.
    pub slug: String,
    /// Its id.
    pub id: Uuid,
}

/// A story. With `fields` only the members asked for are there, and the id.
#[derive(Debug, Serialize, ToSchema)]
pub struct Article {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(required = false, example = "satellite-images-show-rebuilt-rail-bridge")]
    pub slug: String,
    /// What sort of story.
    #[schema(required = false)]
    pub kind: ArticleKind,
    /// BCP 47.
    #[schema(required = false, example = "en")]
    pub language: String,
    /// Above the headline.
    pub kicker: Option<String>,
    /// At the top of the story.
    #[schema(required = false, example = "Satellite images show rebuilt rail bridge")]
    pub headline: String,
    /// Below the headline.
    pub standfirst: Option<String>,
    /// What search engines are told.
    #[schema(required = false)]
    pub seo: Seo,
    /// Where it was written.
    pub dateline: Option<String>,
    /// Who wrote it, as text.
    #[schema(required = false, example = "Olena Marchenko")]
    pub byline: String,
    /// Its people, in order.
    #[schema(required = false)]
    pub authors: Vec<Byliner>,
    /// The tag above the headline.
    pub primary_tag: Option<ArticleTag>,
    /// Its tags, the primary one first.
    #[schema(required = false)]
    pub tags: Vec<ArticleTag>,
    /// Its lead picture.
    pub lead_media: Option<MaybePicture>,
    /// Words in the body.
    #[schema(required = false, minimum = 0)]
    pub word_count: u32,
    /// Minutes it takes to read, at 238 words a minute.
    #[schema(required = false, minimum = 1)]
    pub reading_minutes: u32,
    /// Where it was first published.
    pub source: Option<Source>,
    /// When it first went live.
    #[schema(required = false)]
    pub first_published_at: Timestamp,
    /// What it is sorted by.
    #[schema(required = false)]
    pub published_at: Timestamp,
    /// When what it says last changed.
    #[schema(required = false)]
    pub updated_at: Timestamp,
    /// Its corrections, the newest first.
    #[schema(required = false)]
    pub corrections: Vec<Correction>,
    /// The same story in other languages, as far as it is live.
    #[schema(required = false)]
    pub translations: Vec<ArticleTranslation>,
    /// Its address on the site.
    #[schema(required = false)]
    pub url: String,
    /// Its text; in lists only with `include=body`.
    pub body: Option<BodyOut>,
}
