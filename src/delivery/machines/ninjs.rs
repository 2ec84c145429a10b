//! A story as IPTC ninjs 3.1, as news agencies and archives exchange stories. The schema is closed: what has no member there
//! stands in `altIds`, in roles, or not at all.

use std::collections::BTreeMap;

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::profiles::Profiles;
use super::publication::Publication;
use super::story::{self, CardCorrection, CardTag, Story};
use crate::app::{App, State};
use crate::body::Body;
use crate::delivery::feed::{Row, With};
use crate::delivery::whereabouts;
use crate::error::{Error, Result};
use crate::http::deliver::{Answer, Delivered};
use crate::http::extract::Target;
use crate::http::query::{NoParameters, Query};
use crate::pictures::Credited;
use crate::schema::live_articles;
use crate::timestamp::Timestamp;
use crate::vocabulary::TagKind;

/// A text in a role: a headline, a description, a body.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NinjsText {
    /// What it is for.
    pub role: &'static str,
    /// Media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<&'static str>,
    /// Characters in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub char_count: Option<usize>,
    /// Words in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_count: Option<u32>,
    /// The text.
    pub value: String,
}

/// Something that is named: a subject, a person, a source, an id elsewhere.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct NinjsNamed {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is to the story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rel: Option<&'static str>,
    /// What part it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The address that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its value, of an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The point of a picture that must not be cropped away.
#[derive(Debug, Serialize, ToSchema)]
pub struct NinjsPoint {
    /// Pixels from the left.
    pub x: u32,
    /// Pixels from the top.
    pub y: u32,
}

/// A file of a picture.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NinjsRendition {
    /// Which: `original`, or `w` and its width.
    pub name: String,
    /// Its address.
    pub href: String,
    /// Media type.
    pub content_type: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// What must not be cropped away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poi: Option<NinjsPoint>,
}

/// Terms of use that can be followed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NinjsRights {
    /// The licence's text.
    pub linked_rights: String,
}

/// A picture of a story.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NinjsPicture {
    /// Which picture of the story.
    pub name: String,
    /// What it is to the story: `featureImage` or `image`.
    pub rel: &'static str,
    /// Always `picture`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its address.
    pub uri: String,
    /// Who made it, or from whom it is.
    pub by: String,
    /// The line that must be printed, as `creditLine`.
    pub info_sources: Vec<NinjsNamed>,
    /// The copyright notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copyright_notice: Option<String>,
    /// Terms of use in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_terms: Option<String>,
    /// Terms of use that can be followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_info: Option<NinjsRights>,
    /// How it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digital_source_type: Option<NinjsNamed>,
    /// Its caption and its alt text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub descriptions: Vec<NinjsText>,
    /// Its files.
    pub renditions: Vec<NinjsRendition>,
}

/// Which standard this is.
#[derive(Debug, Serialize, ToSchema)]
pub struct NinjsStandard {
    /// Always `ninjs`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its schema.
    pub schema: &'static str,
}

/// A story as IPTC ninjs 3.1.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ninjs {
    /// Which standard this is.
    pub standard: NinjsStandard,
    /// The story's address here, by its id.
    pub uri: String,
    /// Always `text`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Always `full`.
    pub representation_type: &'static str,
    /// Always `usable`: what is not live is not here.
    pub pub_status: &'static str,
    /// The number of the revision that is live.
    pub version: String,
    /// When it first went live.
    pub first_created: Timestamp,
    /// When what it says last changed.
    pub version_created: Timestamp,
    /// What it is sorted by.
    pub content_created: Timestamp,
    /// BCP 47.
    pub language: String,
    /// Its headline.
    pub title: String,
    /// Its slug.
    pub slugline: String,
    /// Who wrote it, as text.
    pub by: String,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub located: Option<String>,
    /// Whose it is.
    pub copyright_holder: String,
    /// Its corrections in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ed_note: Option<String>,
    /// Its slug, and its address on the site.
    pub alt_ids: Vec<NinjsNamed>,
    /// The headline and what goes with it.
    pub headlines: Vec<NinjsText>,
    /// Below the headline.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub descriptions: Vec<NinjsText>,
    /// Its text, as HTML and as plain text.
    pub bodies: Vec<NinjsText>,
    /// Its people, and where it was first published.
    pub info_sources: Vec<NinjsNamed>,
    /// What it is about.
    pub subjects: Vec<NinjsNamed>,
    /// Persons that it is about.
    pub people: Vec<NinjsNamed>,
    /// Organisations that it is about.
    pub organisations: Vec<NinjsNamed>,
    /// Places that it is about.
    pub places: Vec<NinjsNamed>,
    /// Events that it is about.
    pub events: Vec<NinjsNamed>,
    /// What sort of story.
    pub genres: Vec<NinjsNamed>,
    /// Its pictures that may be shown, the lead first.
    pub associations: Vec<NinjsPicture>,
}

fn text(role: &'static str, value: &str) -> NinjsText {
    NinjsText { role, value: value.to_owned(), ..NinjsText::default() }
}

fn rendition(picture: &Credited, url: &str, width: u32) -> NinjsRendition {
    let (whole, height) = picture.size;
    let facts = &picture.facts;
    let name = if width == whole { "original".to_owned() } else { format!("w{width}") };
    if width != whole {
        return NinjsRendition { name, href: url.to_owned(), content_type: "image/webp".to_owned(), width, height: None, poi: None };
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of a number of pixels")]
    let at = |fraction: f32, size: u32| (f64::from(fraction.clamp(0.0, 1.0)) * f64::from(size)).round() as u32;
    let poi = facts.focal_point.map(|(x, y)| NinjsPoint { x: at(x, whole), y: at(y, height) });
    NinjsRendition { name, href: url.to_owned(), content_type: facts.mime.clone(), width, height: Some(height), poi }
}

fn picture(picture: &Credited, name: String, rel: &'static str, base: &str) -> NinjsPicture {
    let (files, credit) = picture.renditions();
    let facts = &picture.facts;
    let caption = picture.caption.as_deref().map(|caption| text("caption", caption));
    let alt = (!picture.alt.is_empty()).then(|| text("altText", &picture.alt));
    NinjsPicture {
        name,
        rel,
        kind: "picture",
        uri: format!("{base}/v1/media/{}", picture.media),
        by: if facts.creators.is_empty() { facts.credit_name.clone() } else { facts.creators.join(", ") },
        info_sources: vec![NinjsNamed { name: Some(credit.to_owned()), role: Some("creditLine"), ..NinjsNamed::default() }],
        copyright_notice: facts.copyright_notice.clone(),
        usage_terms: facts.usage_terms.clone(),
        rights_info: facts.licence_url.clone().map(|linked_rights| NinjsRights { linked_rights }),
        digital_source_type: facts.digital_source_type.clone().map(|uri| NinjsNamed {
            name: uri.rsplit('/').next().map(ToOwned::to_owned),
            uri: Some(uri),
            ..NinjsNamed::default()
        }),
        descriptions: caption.into_iter().chain(alt).collect(),
        renditions: files.iter().map(|(url, width)| rendition(picture, url, *width)).collect(),
    }
}

/// Its pictures; a ninjs names each association, and no two alike.
fn pictures(story: &Story, base: &str) -> Vec<NinjsPicture> {
    let lead = story.lead.as_ref().map(|lead| picture(lead, "lead".to_owned(), "featureImage", base));
    let others = story.pictures().skip(usize::from(lead.is_some())).enumerate().map(|(at, p)| picture(p, format!("image{}", at + 1), "image", base));
    lead.into_iter().chain(others).collect()
}

/// Tags by the member that they belong to.
fn about(story: &Story, profiles: &Profiles, base: &str) -> BTreeMap<&'static str, Vec<NinjsNamed>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for tag in story.card.tags() {
        let member = match tag.kind {
            TagKind::Person => "people",
            TagKind::Organisation => "organisations",
            TagKind::Place | TagKind::Country => "places",
            TagKind::Event => "events",
            TagKind::Genre => "genres",
            _ => "subjects",
        };
        all.entry(member).or_default().push(named(tag, profiles, base, member == "genres"));
    }
    all
}

/// A tag, by the scheme of others where it is in one.
fn named(tag: &CardTag, profiles: &Profiles, base: &str, genre: bool) -> NinjsNamed {
    let uri = profiles.same_as(tag.id).first().cloned().unwrap_or_else(|| format!("{base}/v1/tags/{}", tag.id));
    NinjsNamed { name: Some(tag.name.clone()), rel: (!genre).then_some("about"), uri: Some(uri), ..NinjsNamed::default() }
}

fn note(corrections: &[CardCorrection]) -> Option<String> {
    let lines: Vec<_> = corrections.iter().map(|c| format!("{} ({}): {}", c.kind.as_str(), c.at.instant().format("%Y-%m-%d"), c.text)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn item(story: &Story, live: (i32, &Body), profiles: &Profiles, publication: &Publication, base: &str) -> Ninjs {
    let card = &story.card;
    let (revision, body) = live;
    let plain = body.to_text();
    let body = |content_type, value: String| NinjsText {
        content_type: Some(content_type),
        char_count: Some(plain.chars().count()),
        word_count: Some(card.word_count),
        ..text("main", &value)
    };
    let id = |role, value: &str| NinjsNamed { role: Some(role), value: Some(value.to_owned()), ..NinjsNamed::default() };
    let people = card.authors.iter().map(|author| NinjsNamed {
        name: Some(author.name.clone()),
        role: Some(author.role.as_str()),
        uri: Some(format!("{base}/v1/authors/{}", author.id)),
        ..NinjsNamed::default()
    });
    let source = card.source.as_ref().map(|source| NinjsNamed {
        name: Some(source.name.to_string()),
        role: Some("source"),
        uri: source.url.as_ref().map(ToString::to_string),
        ..NinjsNamed::default()
    });
    let mut about = about(story, profiles, base);
    let mut take = |member| about.remove(member).unwrap_or_default();
    let mut genres = take("genres");
    genres.push(NinjsNamed { name: Some(card.kind.as_str().to_owned()), ..NinjsNamed::default() });
    Ninjs {
        standard: NinjsStandard { name: "ninjs", version: "3.1", schema: "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json" },
        uri: format!("{base}/v1/articles/{}", card.id),
        kind: "text",
        representation_type: "full",
        pub_status: "usable",
        version: revision.to_string(),
        first_created: card.first_published_at,
        version_created: card.updated_at,
        content_created: card.published_at,
        language: card.language.clone(),
        title: card.headline.clone(),
        slugline: card.slug.clone(),
        by: card.byline.clone(),
        located: card.dateline.clone(),
        copyright_holder: publication.name.clone(),
        ed_note: note(&card.corrections),
        alt_ids: vec![id("slug", &card.slug), id("web", &card.url)],
        headlines: std::iter::once(text("main", &card.headline))
            .chain(card.kicker.as_deref().map(|kicker| text("kicker", kicker)))
            .chain(card.seo.title.as_ref().map(|title| text("seo", title.as_ref())))
            .collect(),
        descriptions: card.standfirst.as_deref().map(|words| text("standfirst", words)).into_iter().collect(),
        bodies: vec![body("text/html", story.html.clone()), body("text/plain", plain.clone())],
        info_sources: people.chain(source).collect(),
        subjects: take("subjects"),
        people: take("people"),
        organisations: take("organisations"),
        places: take("places"),
        events: take("events"),
        genres,
        associations: pictures(story, base),
    }
}

fn answer(conn: &mut PgConnection, app: &App, row: Row) -> Result<Answer> {
    let publication = Publication::load(conn)?;
    let (revision, body): (i32, serde_json::Value) = live_articles::table.find(row.id).select((live_articles::revision, live_articles::body)).first(conn)?;
    let body = Body::deserialize(&body).map_err(Error::internal)?;
    let (stories, splicer) = story::load(conn, app, &publication, &[row])?;
    let story = stories.first().ok_or_else(|| Error::internal("a row made no story"))?;
    let profiles = Profiles::load(conn, &story.card)?;
    let item = item(story, (revision, &body), &profiles, &publication, &app.base);
    Ok(splicer.answer(serde_json::to_vec(&item).map_err(Error::internal)?))
}

/// Read a live article as IPTC ninjs 3.1.
///
/// The story with its text as HTML and as plain text, its people, its tags under the ids of others where they have one, and its pictures with their
/// credit lines (`infoSources` with the role `creditLine`).
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.", example = "satellite-images-show-rebuilt-rail-bridge")),
    responses((status = 200, description = "The story.", body = Ninjs)), security(()))]
#[get("/articles/{id}/ninjs")]
pub async fn get_article_ninjs(app: State, target: Target, _none: Query<NoParameters>) -> Result<Delivered> {
    let reader = app.clone();
    app.db
        .read(move |conn| match whereabouts::find(conn, &target, With::Html)? {
            Some(row) => Ok(Delivered::Answer(answer(conn, &reader, row)?)),
            None => whereabouts::elsewhere(conn, &target, "/ninjs"),
        })
        .await
}
