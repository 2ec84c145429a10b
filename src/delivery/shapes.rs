//! The shapes of delivery's JSON, for the document alone: answers are put together as text (see `card`), and the tests
//! hold every answer against these.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use uuid::Uuid;

use crate::rendering::BodyOut;
use crate::timestamp::Timestamp;
use crate::vocabulary::{ArticleKind, AuthorKind, ContributionRole, CorrectionKind, CreditKind, CreditStatus, FocalPoint, Seo, Source, TagKind};

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
    /// Always true: a Picture does not have it.
    #[schema(schema_with = always)]
    pub withheld: bool,
    /// Why.
    pub reason: WithheldReason,
}

fn always() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])).description(Some("Always true: a Picture does not have it."))
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
    /// Its name by language (BCP 47), where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub names: Option<BTreeMap<String, String>>,
}

/// A correction of a story.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    /// Its id.
    pub id: Uuid,
    /// What sort.
    pub kind: CorrectionKind,
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

/// Where else to find an author.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// What it is to them.
    #[schema(example = "website")]
    pub rel: String,
    /// Its address.
    pub url: String,
}

/// An author of something live. With `fields` only the members asked for are there, and the id.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    /// Their id.
    pub id: Uuid,
    /// Their slug.
    #[schema(required = false, example = "olena-marchenko")]
    pub slug: String,
    /// Their name.
    #[schema(required = false, example = "Olena Marchenko")]
    pub name: String,
    /// Their name as lists sort it.
    #[schema(required = false, example = "Marchenko, Olena")]
    pub sort_name: String,
    /// What they are to the newsroom.
    #[schema(required = false)]
    pub kind: AuthorKind,
    /// What they are called at work, or were called last.
    #[schema(example = "Defense reporter")]
    pub job_title: Option<String>,
    /// Whether they have left.
    #[schema(required = false)]
    pub former: bool,
    /// The job title to print. Of somebody who has left, a title in Latin letters is led by "Former" and keeps its own capitals;
    /// one in another script is followed by "(former)".
    #[schema(example = "Former Defense reporter")]
    pub display_title: Option<String>,
    /// A few sentences about them.
    pub bio: Option<String>,
    /// More about them. By convention Markdown; it is handed on as it was written.
    pub bio_long: Option<String>,
    /// Their portrait.
    pub avatar: Option<MaybePicture>,
    /// Where else to find them.
    #[schema(required = false)]
    pub links: Vec<Link>,
    /// Where they work from.
    #[schema(example = "Kyiv")]
    pub location: Option<String>,
    /// Languages they work in (BCP 47).
    #[schema(required = false)]
    pub languages: Vec<String>,
    /// How many live stories they have a part in.
    #[schema(required = false, minimum = 1)]
    pub article_count: u32,
    /// When the newest of them was published.
    #[schema(required = false)]
    pub latest_published_at: Timestamp,
    /// When the author was entered.
    #[schema(required = false)]
    pub created_at: Timestamp,
    /// When what is said of them last changed.
    #[schema(required = false)]
    pub updated_at: Timestamp,
}

/// The same thing in another scheme.
#[derive(Debug, Serialize, ToSchema)]
pub struct SameAs {
    /// Whose scheme.
    #[schema(example = "wikidata")]
    pub scheme: String,
    /// The thing in that scheme.
    #[schema(example = "http://www.wikidata.org/entity/Q212")]
    pub uri: String,
}

/// A tag of something live. With `fields` only the members asked for are there, and the id.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tag {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(required = false, example = "ukraine")]
    pub slug: String,
    /// Its name.
    #[schema(required = false, example = "Ukraine")]
    pub name: String,
    /// What it names.
    #[schema(required = false)]
    pub kind: TagKind,
    /// What it is about.
    pub description: Option<String>,
    /// The wider tag that it belongs to, where that has live stories too.
    pub parent: Option<ArticleTag>,
    /// ISO 3166-1 alpha-2; for countries.
    #[schema(example = "UA")]
    pub country_code: Option<String>,
    /// Its name by language (BCP 47).
    #[schema(required = false)]
    pub names: std::collections::BTreeMap<String, String>,
    /// The same in other schemes.
    #[schema(required = false)]
    pub external_ids: Vec<SameAs>,
    /// How many live stories have it.
    #[schema(required = false, minimum = 1)]
    pub article_count: u32,
    /// When the newest of them was published.
    #[schema(required = false)]
    pub latest_published_at: Timestamp,
}

/// Who is named under pictures that are live. With `fields` only the members asked for are there, and the id.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaCredit {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(required = false, example = "maxar-technologies")]
    pub slug: String,
    /// Who must be named.
    #[schema(required = false, example = "Maxar Technologies")]
    pub name: String,
    /// Whom the pictures come from.
    #[schema(required = false)]
    pub kind: CreditKind,
    /// The line as its terms ask for it.
    #[schema(required = false, example = "Maxar Technologies")]
    pub credit_line: String,
    /// The line as it is printed.
    #[schema(required = false, example = "(Maxar Technologies)")]
    pub display: String,
    /// Where the pictures come from.
    pub source: Option<String>,
    /// The copyright notice.
    pub copyright_notice: Option<String>,
    /// Under which licence the pictures are used.
    pub licence: Option<Licence>,
    /// Terms of use in words.
    pub usage_terms: Option<String>,
    /// Where to get a licence.
    pub acquire_licence_url: Option<String>,
    /// Where to learn more.
    pub url: Option<String>,
    /// From when the rights hold.
    pub valid_from: Option<Timestamp>,
    /// Until when the rights hold.
    pub valid_until: Option<Timestamp>,
    /// Always `active`: what is withdrawn is not here.
    #[schema(required = false)]
    pub status: CreditStatus,
}

/// The feeds of the whole site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteFeeds {
    /// RSS 2.0.
    pub rss: String,
    /// Atom (RFC 4287).
    pub atom: String,
    /// JSON Feed 1.1.
    pub json: String,
}

/// The site. With `fields` only the members asked for are there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    /// Its name.
    #[schema(required = false, example = "The Meridian Post")]
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Where readers find it; without a slash at the end.
    #[schema(required = false, example = "https://news.example.org")]
    pub base_url: String,
    /// How addresses of articles are made.
    #[schema(required = false, example = "https://news.example.org/{slug}")]
    pub article_url_template: String,
    /// Languages it appears in, the first one by default (BCP 47).
    #[schema(required = false)]
    pub languages: Vec<String>,
    /// Its logo.
    pub logo: Option<MaybePicture>,
    /// Its feeds.
    #[schema(required = false)]
    pub feeds: SiteFeeds,
}
