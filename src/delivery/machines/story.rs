//! A live story as the shapes for machines are written from it: its card read back, its HTML, and its pictures as far as
//! they may be shown, each in one piece with its credit.

use diesel::pg::PgConnection;
use serde::Deserialize;
use uuid::Uuid;

use super::content;
use super::publication::Publication;
use crate::app::App;
use crate::card::{Part, Slot, parts, text_of};
use crate::delivery::feed::Row;
use crate::delivery::splice::Splicer;
use crate::error::{Error, Result};
use crate::pictures::Credited;
use crate::timestamp::Timestamp;
use crate::vocabulary::{ArticleKind, ContributionRole, CorrectionKind, Seo, Source, TagKind};

/// A person of a story.
#[derive(Debug, Clone, Deserialize)]
pub struct CardAuthor {
    /// Their id.
    pub id: Uuid,
    /// Their name at publication.
    pub name: String,
    /// What they did.
    pub role: ContributionRole,
    /// Their job title at publication.
    pub job_title_then: Option<String>,
}

/// A tag of a story.
#[derive(Debug, Clone, Deserialize)]
pub struct CardTag {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it names.
    pub kind: TagKind,
}

/// A correction of a story.
#[derive(Debug, Clone, Deserialize)]
pub struct CardCorrection {
    /// What sort.
    pub kind: CorrectionKind,
    /// What was wrong and what is right.
    pub text: String,
    /// When it was made.
    pub at: Timestamp,
}

/// The list item of a story, read back from what was written at publish.
#[derive(Debug, Clone, Deserialize)]
pub struct Card {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// What sort of story.
    pub kind: ArticleKind,
    /// BCP 47.
    pub language: String,
    /// Above the headline.
    pub kicker: Option<String>,
    /// At the top of the story.
    pub headline: String,
    /// Below the headline.
    pub standfirst: Option<String>,
    /// What search engines are told.
    pub seo: Seo,
    /// Where it was written.
    pub dateline: Option<String>,
    /// Who wrote it, as text.
    pub byline: String,
    /// Its people, in order.
    pub authors: Vec<CardAuthor>,
    /// Its tags, the primary one first; none where one has become internal.
    tags: Vec<Option<CardTag>>,
    /// Words in the body.
    pub word_count: u32,
    /// Where it was first published.
    pub source: Option<Source>,
    /// When it first went live.
    pub first_published_at: Timestamp,
    /// What it is sorted by.
    pub published_at: Timestamp,
    /// When what it says last changed.
    pub updated_at: Timestamp,
    /// Its corrections, the newest first.
    pub corrections: Vec<CardCorrection>,
    /// Its address on the site.
    pub url: String,
}

impl Card {
    /// Its tags, the primary one first.
    pub fn tags(&self) -> impl Iterator<Item = &CardTag> {
        self.tags.iter().flatten()
    }

    /// Who wrote it; where nobody did, whoever has a part in it.
    #[must_use]
    pub fn writers(&self) -> Vec<&CardAuthor> {
        let writers: Vec<_> = self.authors.iter().filter(|a| a.role == ContributionRole::Author).collect();
        if writers.is_empty() { self.authors.iter().collect() } else { writers }
    }

    /// A few sentences on it.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.standfirst.as_deref().or(self.seo.description.as_ref().map(AsRef::as_ref))
    }

    /// Its name wherever it is: the id as a URN (RFC 9562), which no edit and no new slug changes.
    #[must_use]
    pub fn urn(&self) -> String {
        self.id.urn().to_string()
    }
}

/// A story.
#[derive(Debug)]
pub struct Story {
    /// What it says of itself.
    pub card: Card,
    /// Its body as HTML; links stand by themselves, pictures that are withheld leave no trace.
    pub html: String,
    /// Its lead picture.
    pub lead: Option<Credited>,
    /// The pictures of its body, in order, each once.
    pub inside: Vec<Credited>,
}

impl Story {
    /// Its pictures, the lead first, each once.
    pub fn pictures(&self) -> impl Iterator<Item = &Credited> {
        let lead = self.lead.as_ref().map(|lead| lead.media);
        self.lead.iter().chain(self.inside.iter().filter(move |picture| Some(picture.media) != lead))
    }
}

/// Stories out of their rows, which must have come with HTML, and the splicer that knows what they are made of.
///
/// # Errors
/// What the database says.
pub fn load(conn: &mut PgConnection, app: &App, publication: &Publication, rows: &[Row]) -> Result<(Vec<Story>, Splicer)> {
    let texts = rows.iter().flat_map(|row| [row.card.as_str(), row.html.as_str()]);
    let logo = publication.logo.into_iter().collect();
    let mut splicer = Splicer::new(conn, &app.references, publication.references, &app.base, texts, logo)?.without_places();
    splicer.key("site".to_owned());
    let stories = rows.iter().map(|row| story(row, publication, &mut splicer)).collect::<Result<Vec<_>>>()?;
    Ok((stories, splicer))
}

fn story(row: &Row, publication: &Publication, splicer: &mut Splicer) -> Result<Story> {
    splicer.key(format!("article-{}", row.id));
    let card: Card = serde_json::from_str(&splicer.fill(&row.card)).map_err(Error::internal)?;
    let html: String = serde_json::from_str(&format!("\"{}\"", splicer.fill(&row.html))).map_err(Error::internal)?;
    let html = content::absolute(&html, &publication.base_url, &card.url);
    let lead = uses(&row.card).next().and_then(|(media, alt, caption)| splicer.credited(media, alt.as_deref(), caption.as_deref()));
    let mut inside: Vec<Credited> = Vec::new();
    for (media, alt, caption) in uses(&row.html) {
        if inside.iter().all(|picture| picture.media != media) {
            inside.extend(splicer.credited(media, alt.as_deref(), caption.as_deref()));
        }
    }
    Ok(Story { card, html, lead, inside })
}

/// The pictures that stand in a prepared text by themselves, each with the alt text and caption of this use.
fn uses(text: &str) -> impl Iterator<Item = (Uuid, Option<String>, Option<String>)> {
    parts(text).filter_map(|part| match part {
        Part::Slot(Slot::Picture { media, alt, caption } | Slot::Figure { media, alt, caption, .. }) => Some((media, text_of(alt), text_of(caption))),
        _ => None,
    })
}
