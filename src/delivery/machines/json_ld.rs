//! A story as schema.org's NewsArticle in JSON-LD, as search engines read it. Ready to stand in a `<script>`: it holds no `<`.

use actix_web::get;
use diesel::pg::PgConnection;
use serde::Serialize;
use utoipa::ToSchema;

use super::profiles::Profiles;
use super::publication::Publication;
use super::story::{self, Card, CardAuthor, CardTag, Story};
use crate::app::{App, State};
use crate::delivery::feed::{Row, With};
use crate::delivery::splice::Splicer;
use crate::delivery::whereabouts;
use crate::error::{Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::extract::Target;
use crate::http::query::{NoParameters, Query};
use crate::pictures::Credited;
use crate::timestamp::Timestamp;
use crate::vocabulary::{ContributionRole, TagKind};

/// A name and a sort of thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaThing {
    /// What it is.
    #[serde(rename = "@type")]
    #[schema(example = "Person")]
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The address that stands for it.
    #[serde(rename = "@id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What they were called at work when the story was published.
    #[serde(rename = "jobTitle", skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// Where to read of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The same elsewhere.
    #[serde(rename = "sameAs", skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub same_as: Vec<String>,
    /// An organisation's logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub logo: Option<Box<SchemaImage>>,
}

/// A number of pixels.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaPixels {
    /// Always `QuantitativeValue`.
    #[serde(rename = "@type")]
    pub kind: &'static str,
    /// How many.
    pub value: u32,
    /// Always `E37`, the pixel (UN/CEFACT).
    #[serde(rename = "unitCode")]
    pub unit_code: &'static str,
}

/// A picture with its credit and its licence.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaImage {
    /// Always `ImageObject`.
    #[serde(rename = "@type")]
    pub kind: &'static str,
    /// The address of the file.
    pub url: String,
    /// The same, under the name that the licence rules of search engines know.
    #[serde(rename = "contentUrl")]
    pub content_url: String,
    /// Its width.
    pub width: SchemaPixels,
    /// Its height.
    pub height: SchemaPixels,
    /// Media type.
    #[serde(rename = "encodingFormat")]
    pub encoding_format: String,
    /// What to know about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who must be named.
    #[serde(rename = "creditText")]
    #[schema(example = "Maxar Technologies")]
    pub credit_text: String,
    /// Who made it.
    pub creator: Vec<SchemaThing>,
    /// The copyright notice.
    #[serde(rename = "copyrightNotice", skip_serializing_if = "Option::is_none")]
    pub copyright_notice: Option<String>,
    /// The licence's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Where to get a licence.
    #[serde(rename = "acquireLicensePage", skip_serializing_if = "Option::is_none")]
    pub acquire_license_page: Option<String>,
    /// How it was made.
    #[serde(rename = "digitalSourceType", skip_serializing_if = "Option::is_none")]
    pub digital_source_type: Option<String>,
}

/// A correction.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaCorrection {
    /// Always `CorrectionComment`.
    #[serde(rename = "@type")]
    pub kind: &'static str,
    /// What was wrong and what is right.
    pub text: String,
    /// When it was made.
    #[serde(rename = "datePublished")]
    pub date_published: Timestamp,
}

/// The page that a story is on.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchemaPage {
    /// Always `WebPage`.
    #[serde(rename = "@type")]
    pub kind: &'static str,
    /// Its address.
    #[serde(rename = "@id")]
    pub id: String,
}

/// A NewsArticle (schema.org).
#[derive(Debug, Serialize, ToSchema)]
pub struct NewsArticle {
    /// Always `https://schema.org`.
    #[serde(rename = "@context")]
    pub context: &'static str,
    /// Always `NewsArticle`.
    #[serde(rename = "@type")]
    pub kind: &'static str,
    /// A URN of the story's id.
    #[serde(rename = "@id")]
    pub id: String,
    /// The page that it is on, or where the original is.
    #[serde(rename = "mainEntityOfPage")]
    pub main_entity_of_page: SchemaPage,
    /// Its address on the site.
    pub url: String,
    /// Its headline.
    pub headline: String,
    /// The headline that search engines are told.
    #[serde(rename = "alternativeHeadline", skip_serializing_if = "Option::is_none")]
    pub alternative_headline: Option<String>,
    /// A few sentences on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// BCP 47.
    #[serde(rename = "inLanguage")]
    pub in_language: String,
    /// When it first went live.
    #[serde(rename = "datePublished")]
    pub date_published: Timestamp,
    /// When what it says last changed.
    #[serde(rename = "dateModified")]
    pub date_modified: Timestamp,
    /// Who wrote it.
    pub author: Vec<SchemaThing>,
    /// Who else had a part in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub contributor: Vec<SchemaThing>,
    /// The site.
    pub publisher: SchemaThing,
    /// Its pictures that may be shown, the lead first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub image: Vec<SchemaImage>,
    /// The section, or what it is mainly about.
    #[serde(rename = "articleSection", skip_serializing_if = "Option::is_none")]
    pub article_section: Option<String>,
    /// Names of its tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub keywords: Vec<String>,
    /// What its tags name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub about: Vec<SchemaThing>,
    /// What sort of story.
    #[schema(example = "news")]
    pub genre: &'static str,
    /// Always true.
    #[serde(rename = "isAccessibleForFree")]
    pub is_accessible_for_free: bool,
    /// Its corrections, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub correction: Vec<SchemaCorrection>,
    /// Words in the body.
    #[serde(rename = "wordCount")]
    pub word_count: u32,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dateline: Option<String>,
    /// Where it was first published.
    #[serde(rename = "sourceOrganization", skip_serializing_if = "Option::is_none")]
    pub source_organization: Option<SchemaThing>,
}

fn thing(kind: &'static str, name: &str) -> SchemaThing {
    SchemaThing { kind, name: name.to_owned(), id: None, job_title: None, url: None, same_as: Vec::new(), logo: None }
}

fn person(author: &CardAuthor, profiles: &Profiles, base: &str) -> SchemaThing {
    let organisation = profiles.is_organisation(author.id);
    let pages = profiles.pages(author.id);
    SchemaThing {
        id: Some(format!("{base}/v1/authors/{}", author.id)),
        job_title: author.job_title_then.clone().filter(|_| !organisation),
        url: pages.first().cloned(),
        same_as: pages.to_vec(),
        ..thing(if organisation { "Organization" } else { "Person" }, &author.name)
    }
}

fn subject(tag: &CardTag, profiles: &Profiles) -> SchemaThing {
    let kind = match tag.kind {
        TagKind::Person => "Person",
        TagKind::Organisation => "Organization",
        TagKind::Place => "Place",
        TagKind::Country => "Country",
        TagKind::Event => "Event",
        _ => "Thing",
    };
    SchemaThing { same_as: profiles.same_as(tag.id).to_vec(), ..thing(kind, &tag.name) }
}

const fn pixels(value: u32) -> SchemaPixels {
    SchemaPixels { kind: "QuantitativeValue", value, unit_code: "E37" }
}

fn image(picture: &Credited) -> SchemaImage {
    let (url, _) = picture.address();
    let facts = &picture.facts;
    let creators = facts.creators.iter().map(|name| thing("Person", name));
    SchemaImage {
        kind: "ImageObject",
        url: url.to_owned(),
        content_url: url.to_owned(),
        width: pixels(picture.size.0),
        height: pixels(picture.size.1),
        encoding_format: facts.mime.clone(),
        caption: picture.caption.clone(),
        description: Some(picture.alt.clone()).filter(|alt| !alt.is_empty()),
        credit_text: facts.credit_line.clone(),
        // Where nobody is known to have made it, it is from whoever must be named.
        creator: if facts.creators.is_empty() { vec![thing("Organization", &facts.credit_name)] } else { creators.collect() },
        copyright_notice: facts.copyright_notice.clone(),
        license: facts.licence_url.clone(),
        acquire_license_page: facts.acquire_licence_url.clone(),
        digital_source_type: facts.digital_source_type.as_deref().and_then(source_type).map(|name| format!("https://schema.org/{name}DigitalSource")),
    }
}

/// The name that schema.org has for a term of IPTC's digital source types.
fn source_type(uri: &str) -> Option<&'static str> {
    Some(match uri.rsplit('/').next()? {
        "algorithmicMedia" => "AlgorithmicMedia",
        "algorithmicallyEnhanced" => "AlgorithmicallyEnhanced",
        "composite" => "Composite",
        "compositeCapture" => "CompositeCapture",
        "compositeSynthetic" => "CompositeSynthetic",
        "compositeWithTrainedAlgorithmicMedia" => "CompositeWithTrainedAlgorithmicMedia",
        "computationalCapture" => "MultiFrameComputationalCapture",
        "dataDrivenMedia" => "DataDrivenMedia",
        "digitalArt" | "digitalCreation" => "DigitalArt",
        "digitalCapture" => "DigitalCapture",
        "humanEdits" | "minorHumanEdits" => "MinorHumanEdits",
        "negativeFilm" => "NegativeFilm",
        "positiveFilm" => "PositiveFilm",
        "print" => "Print",
        "screenCapture" => "ScreenCapture",
        "trainedAlgorithmicMedia" => "TrainedAlgorithmicMedia",
        "virtualRecording" => "VirtualRecording",
        _ => return None,
    })
}

fn publisher(publication: &Publication, splicer: &mut Splicer) -> SchemaThing {
    let logo = publication.logo.and_then(|media| splicer.credited(media, None, None));
    SchemaThing {
        id: Some(format!("{}/", publication.base_url)),
        url: Some(format!("{}/", publication.base_url)),
        logo: logo.as_ref().map(image).map(Box::new),
        ..thing("NewsMediaOrganization", &publication.name)
    }
}

fn section(card: &Card) -> Option<String> {
    let section = card.tags().find(|tag| tag.kind == TagKind::Section);
    section.or_else(|| card.tags().next()).map(|tag| tag.name.clone())
}

fn article(story: &Story, profiles: &Profiles, publisher: SchemaThing, base: &str) -> NewsArticle {
    let card = &story.card;
    let writers = card.writers();
    let others = card.authors.iter().filter(|author| author.role != ContributionRole::Author && !writers.iter().any(|writer| writer.id == author.id));
    let canonical = card.seo.canonical_url.as_ref().map_or(card.url.as_str(), AsRef::as_ref);
    let source = card.source.as_ref().map(|source| SchemaThing { url: source.url.as_ref().map(ToString::to_string), ..thing("Organization", source.name.as_ref()) });
    NewsArticle {
        context: "https://schema.org",
        kind: "NewsArticle",
        id: card.urn(),
        main_entity_of_page: SchemaPage { kind: "WebPage", id: canonical.to_owned() },
        url: card.url.clone(),
        headline: card.headline.clone(),
        alternative_headline: card.seo.title.as_ref().map(ToString::to_string),
        description: card.seo.description.as_ref().map(ToString::to_string).or_else(|| card.standfirst.clone()),
        in_language: card.language.clone(),
        date_published: card.first_published_at,
        date_modified: card.updated_at,
        author: writers.iter().map(|author| person(author, profiles, base)).collect(),
        contributor: others.map(|author| person(author, profiles, base)).collect(),
        publisher,
        image: story.pictures().map(image).collect(),
        article_section: section(card),
        keywords: card.tags().map(|tag| tag.name.clone()).collect(),
        about: card.tags().filter(|tag| !matches!(tag.kind, TagKind::Section | TagKind::Genre | TagKind::Series)).map(|tag| subject(tag, profiles)).collect(),
        genre: card.kind.as_str(),
        is_accessible_for_free: true,
        correction: card.corrections.iter().map(|c| SchemaCorrection { kind: "CorrectionComment", text: c.text.clone(), date_published: c.at }).collect(),
        word_count: card.word_count,
        dateline: card.dateline.clone(),
        source_organization: source,
    }
}

/// JSON in which nothing can end a `<script>` or begin a comment.
fn inside_a_script(article: &NewsArticle) -> Result<Vec<u8>> {
    Ok(serde_json::to_string(article).map_err(Error::internal)?.replace('<', "\\u003c").into_bytes())
}

fn answer(conn: &mut PgConnection, app: &App, row: Row) -> Result<Answer> {
    let publication = Publication::load(conn)?;
    let (stories, mut splicer) = story::load(conn, app, &publication, &[row])?;
    let story = stories.first().ok_or_else(|| Error::internal("a row made no story"))?;
    let profiles = Profiles::load(conn, &story.card)?;
    let publisher = publisher(&publication, &mut splicer);
    let body = inside_a_script(&article(story, &profiles, publisher, &app.base))?;
    Ok(Answer { content_type: "application/ld+json; charset=utf-8", ..splicer.answer(body) })
}

/// Read a live article as schema.org JSON-LD.
///
/// A NewsArticle with its authors, publisher, pictures (credit, copyright and licence with each) and corrections. It can stand as it is in a
/// script element of a page.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.", example = "satellite-images-show-rebuilt-rail-bridge")),
    responses((status = 200, description = "The story.", body = NewsArticle, content_type = "application/ld+json")), security(()))]
#[get("/articles/{id}/jsonld")]
pub async fn get_article_jsonld(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    let reader = app.clone();
    app.db
        .read(move |conn| match whereabouts::find(conn, &target, With::Html)? {
            Some(row) => Ok(Delivered::Answer(answer(conn, &reader, row)?)),
            None => whereabouts::elsewhere(conn, &target, "/jsonld"),
        })
        .await
}
