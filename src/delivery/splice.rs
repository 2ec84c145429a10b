//! Fills the slots of cards, and notes on the way what the answer is made of and when it changes by itself.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use super::pointers;
use super::references::{Loaded, References, Wanted};
use crate::card::{Part, Slot, inside_json_string, parts, text_of};
use crate::error::Result;
use crate::http::deliver::Answer;
use crate::pictures::{Credited, Picture, Reason};
use crate::schema::live_articles;
use crate::text::template::fill;
use crate::timestamp::Timestamp;

/// Fills cards of one generation of references.
pub struct Splicer {
    loaded: Loaded,
    related: HashMap<Uuid, Related>,
    now: Timestamp,
    keys: Vec<(&'static str, Option<Uuid>)>,
    named: Vec<String>,
    changes_at: Option<Timestamp>,
    /// Whether a picture that is withheld leaves an empty figure where it stood.
    keeps_places: bool,
}

impl Splicer {
    /// Gets at hand whatever the slots of these texts need, and these pictures.
    ///
    /// # Errors
    /// What the database says.
    pub fn new<'a>(conn: &mut PgConnection, references: &References, generation: i64, base: &str, texts: impl Iterator<Item = &'a str>, pictures: Vec<Uuid>) -> Result<Self> {
        let mut wanted = Wanted { pictures, ..Wanted::default() };
        let mut related = Vec::new();
        for text in texts {
            for part in parts(text) {
                match part {
                    Part::Text(_) | Part::Slot(Slot::Url { .. }) => {}
                    Part::Slot(Slot::Author(id)) => wanted.authors.push(id),
                    Part::Slot(Slot::Tag(id)) => wanted.tags.push(id),
                    Part::Slot(Slot::Picture { media, .. } | Slot::Figure { media, .. }) => wanted.pictures.push(media),
                    Part::Slot(Slot::Related(id)) => related.push(id),
                }
            }
        }
        let loaded = references.load(conn, generation, base, wanted)?;
        let related = if related.is_empty() { HashMap::new() } else { load_related(conn, &related, &loaded.url_template)? };
        Ok(Self { loaded, related, now: crate::app::now(), keys: Vec::new(), named: Vec::new(), changes_at: None, keeps_places: true })
    }

    /// The text with every slot filled.
    pub fn fill(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        self.fill_into(text, &mut out);
        out
    }

    /// Writes the text with every slot filled.
    pub fn fill_into(&mut self, text: &str, out: &mut String) {
        for part in parts(text) {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Slot(slot) => self.slot(&slot, out),
            }
        }
    }

    fn slot(&mut self, slot: &Slot<'_>, out: &mut String) {
        match slot {
            Slot::Author(id) => {
                self.keys.push(("author", Some(*id)));
                let author = self.loaded.authors.get(id);
                out.push_str(author.map_or("\"slug\":\"\",\"job_title_now\":null,\"former\":false", |a| a.members.as_str()));
                out.push_str(",\"avatar\":");
                match author.and_then(|a| a.avatar) {
                    Some(media) => self.portrait(media, out),
                    None => out.push_str("null"),
                }
            }
            Slot::Tag(id) => {
                self.keys.push(("tag", Some(*id)));
                out.push_str(self.loaded.tags.get(id).map_or("null", |tag| tag));
            }
            Slot::Picture { media, alt, caption } => match self.note(*media) {
                Some(picture) => picture.write_use(self.now, alt, caption, out),
                None => out.push_str(Reason::Withdrawn.picture()),
            },
            Slot::Figure { media, alt, caption, layout, .. } => {
                let keeps_places = self.keeps_places;
                if let Some(picture) = self.note(*media).filter(|p| keeps_places || p.withheld(self.now).is_none()) {
                    let figure = picture.figure(self.now, text_of(alt).as_deref(), text_of(caption).as_deref(), text_of(layout).as_deref());
                    out.push_str(&inside_json_string(&figure));
                }
            }
            Slot::Url { id, slug, language, date } => {
                // The site says how addresses are made.
                self.keys.push(("site", None));
                out.push_str(&json(&self.url(*id, slug, language, date)));
            }
            Slot::Related(id) => {
                self.keys.push(("article", Some(*id)));
                if let Some(Related { url, headline, .. }) = self.related.get(id) {
                    let link = format!("<aside class=\"related\"><a href=\"{}\">{}</a></aside>", escape(url), escape(headline));
                    out.push_str(&inside_json_string(&link));
                }
            }
        }
    }

    /// Says where the stories are that blocks point to.
    pub fn name_stories(&mut self, blocks: &mut serde_json::Value) {
        let (related, keys) = (&self.related, &mut self.keys);
        pointers::name(blocks, &mut |id| {
            keys.push(("article", Some(id)));
            related.get(&id).and_then(|story| serde_json::to_value(story).ok())
        });
    }

    /// A picture that is used: the answer depends on it, on its credit, and on when its rights change.
    fn note(&mut self, media: Uuid) -> Option<Arc<Picture>> {
        self.keys.push(("media", Some(media)));
        let picture = self.loaded.pictures.get(&media).cloned()?;
        self.keys.push(("credit", Some(picture.ids().1)));
        if let Some(at) = picture.changes_at(self.now) {
            self.changes_at = Some(self.changes_at.map_or(at, |earlier| earlier.min(at)));
        }
        Some(picture)
    }

    /// For readers who cannot know our empty figures: a picture that is withheld leaves no trace in HTML.
    #[must_use]
    pub fn without_places(mut self) -> Self {
        self.keeps_places = false;
        self
    }

    /// A picture with its credit, for the shapes of others; `None` while it is withheld.
    pub fn credited(&mut self, media: Uuid, alt: Option<&str>, caption: Option<&str>) -> Option<Credited> {
        self.note(media)?.credited(self.now, alt, caption)
    }

    fn portrait(&mut self, media: Uuid, out: &mut String) {
        match self.note(media) {
            Some(picture) => picture.write_portrait(self.now, out),
            None => out.push_str(Reason::Withdrawn.picture()),
        }
    }

    /// A picture by itself, as JSON.
    pub fn picture_json(&mut self, media: Uuid) -> String {
        let mut out = String::new();
        match self.note(media) {
            Some(picture) => picture.write_json(self.now, &mut out),
            None => out.push_str(Reason::Withdrawn.picture()),
        }
        out
    }

    /// The pictures at hand, for bodies that are not HTML; each is noted as used.
    pub fn pictures(&mut self, ids: &[Uuid]) -> HashMap<Uuid, Picture> {
        ids.iter().filter_map(|id| Some((*id, self.note(*id)?.as_ref().clone()))).collect()
    }

    /// The moment for which everything is decided.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    fn url(&self, id: Uuid, slug: &str, language: &str, date: &str) -> String {
        fill_url(&self.loaded.url_template, id, slug, language, date)
    }

    /// Names a story that the answer is made of.
    pub fn story(&mut self, id: Uuid) {
        self.named.push(key_of("article", id));
    }

    /// Names something more that the answer is made of.
    pub fn key(&mut self, key: String) {
        self.named.push(key);
    }

    /// The answer with what it is made of and when it changes.
    #[must_use]
    pub fn answer(mut self, body: Vec<u8>) -> Answer {
        self.keys.sort_unstable();
        self.keys.dedup();
        // What names the whole answer comes first: a long list may be cut off.
        let mut keys = self.named;
        keys.extend(self.keys.iter().map(|(kind, id)| id.map_or_else(|| (*kind).to_owned(), |id| key_of(kind, id))));
        Answer { keys, changes_at: self.changes_at, ..Answer::json(body) }
    }
}

/// `article-…`; hundreds of them in an answer, so without the machinery of formatting.
fn key_of(kind: &str, id: Uuid) -> String {
    let mut buffer = Uuid::encode_buffer();
    let id: &str = id.hyphenated().encode_lower(&mut buffer);
    [kind, "-", id].concat()
}

/// The public address of an article by the site's template.
#[must_use]
pub fn fill_url(template: &str, id: Uuid, slug: &str, language: &str, date: &str) -> String {
    let mut parts = date.splitn(3, '-');
    let mut next = || parts.next().unwrap_or_default();
    let (year, month, day) = (next(), next(), next());
    let mut id_text = Uuid::encode_buffer();
    let id: &str = id.hyphenated().encode_lower(&mut id_text);
    fill(template, &[("slug", slug), ("language", language), ("id", id), ("year", year), ("month", month), ("day", day)])
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "null".to_owned())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Another story, as a text names it.
#[derive(Debug, Clone, Serialize)]
struct Related {
    id: Uuid,
    slug: String,
    headline: String,
    url: String,
}

/// Those stories that are live, the headline read off their cards.
fn load_related(conn: &mut PgConnection, ids: &[Uuid], template: &str) -> Result<HashMap<Uuid, Related>> {
    use live_articles as l;
    let rows: Vec<(Uuid, String, String, Timestamp, String)> =
        l::table.filter(l::id.eq_any(ids)).select((l::id, l::slug, l::language, l::first_published_at, l::card)).load(conn)?;
    let address = |id, slug: &str, language: &str, at: Timestamp| fill_url(template, id, slug, language, &at.instant().format("%Y-%m-%d").to_string());
    let named = |(id, slug, language, at, card): (Uuid, String, String, Timestamp, String)| {
        let (url, headline) = (address(id, &slug, &language, at), headline_of(&card)?);
        Some((id, Related { id, slug, headline, url }))
    };
    Ok(rows.into_iter().filter_map(named).collect())
}

/// The headline of a card, without reading the rest.
#[must_use]
pub fn headline_of(card: &str) -> Option<String> {
    let (_, rest) = card.split_once("\"headline\":")?;
    serde_json::Deserializer::from_str(rest).into_iter::<String>().next()?.ok()
}
