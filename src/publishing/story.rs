//! A story as the world gets it: its card and its body, prepared once, with slots for what may change without a publish.

use diesel::pg::PgConnection;
use serde::Serialize;
use uuid::Uuid;

use super::content::{Content, ContributionRole};
pub use super::surroundings::{Filed, Surroundings};
use crate::body::{HtmlPart, reading_minutes};
use crate::card::{Slot, Writer, argument, inside_json_string};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;
use crate::vocabulary::CorrectionKind;

/// When a story became what it is.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// When it first went live, ever.
    pub first_published: Timestamp,
    /// What it is sorted by.
    pub published: Timestamp,
    /// When what it says last changed.
    pub updated: Timestamp,
}

/// One of the people of a story, as they are called at publication.
#[derive(Debug, Clone)]
pub struct Person {
    /// The author's id.
    pub id: Uuid,
    /// What they did.
    pub role: ContributionRole,
    /// Their name.
    pub name: String,
    /// Their job title.
    pub job_title: Option<String>,
}

/// The same story in another language.
#[derive(Debug, Clone, Serialize)]
pub struct Translation {
    /// BCP 47.
    pub language: String,
    /// Its slug.
    pub slug: String,
    /// Its id.
    pub id: Uuid,
}

/// A correction as a card shows it.
#[derive(Debug, Clone, Serialize)]
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

/// Everything a card is made of.
#[derive(Debug)]
pub struct Story<'a> {
    /// The article.
    pub id: Uuid,
    /// What it says.
    pub content: &'a Content,
    /// When.
    pub times: Times,
    /// Its people, in order.
    pub people: Vec<Person>,
    /// Its tags without internal ones, the primary one first.
    pub tags: Vec<Uuid>,
    /// What those tags are called, also in the story's language.
    pub tag_names: Vec<String>,
    /// Its live translations.
    pub translations: Vec<Translation>,
    /// Its corrections, the newest first.
    pub corrections: Vec<Correction>,
}

/// What the world gets.
#[derive(Debug)]
pub struct Prepared {
    /// The list item.
    pub card: String,
    /// The body as HTML inside a JSON string.
    pub html: String,
}

/// A story, as far as it decides what else has to be read.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The article.
    pub id: Uuid,
    /// Its group of translations.
    pub group: Uuid,
    /// What it says.
    pub content: &'a Content,
}

impl<'a> Story<'a> {
    /// Gathers what the content refers to.
    ///
    /// # Errors
    /// What the database says.
    pub fn gather(tx: &mut PgConnection, id: Uuid, group: Uuid, content: &'a Content, times: Times) -> Result<Self> {
        let subject = Subject { id, group, content };
        Ok(Surroundings::load(tx, &[subject])?.story(subject, times))
    }

    /// The card and the body.
    ///
    /// # Errors
    /// Only ours.
    pub fn prepare(&self) -> Result<Prepared> {
        Ok(Prepared { card: self.card()?, html: self.html() })
    }

    /// The list item alone.
    ///
    /// # Errors
    /// Only ours.
    pub fn card(&self) -> Result<String> {
        self.card_json().map_err(Error::internal)
    }

    fn card_json(&self) -> Result<String, serde_json::Error> {
        let content = self.content;
        let words = content.body.word_count();
        let mut card = Writer::default();
        card.member("id", &self.id)?.member("slug", &content.slug)?.member("kind", &content.kind)?.member("language", &content.language)?;
        card.member("kicker", &content.kicker)?.member("headline", &content.headline)?.member("standfirst", &content.standfirst)?;
        card.member("seo", &content.seo)?.member("dateline", &content.dateline)?.member("byline", &self.byline())?;
        card.raw("authors", &list(&self.people.iter().map(person).collect::<Result<Vec<_>, _>>()?));
        card.raw("primary_tag", &self.tags.first().map_or_else(|| "null".to_owned(), |id| Slot::Tag(*id).write()));
        card.raw("tags", &list(&self.tags.iter().map(|id| Slot::Tag(*id).write()).collect::<Vec<_>>()));
        card.raw("lead_media", &self.lead());
        card.member("word_count", &words)?.member("reading_minutes", &reading_minutes(words))?.member("source", &content.source)?;
        card.member("first_published_at", &self.times.first_published)?.member("published_at", &self.times.published)?.member("updated_at", &self.times.updated)?;
        card.member("corrections", &self.corrections)?.member("translations", &self.translations)?;
        let date = self.times.first_published.instant().format("%Y-%m-%d").to_string();
        card.raw("url", &Slot::Url { id: self.id, slug: &content.slug, language: &content.language, date: &date }.write());
        Ok(card.finish())
    }

    fn lead(&self) -> String {
        self.content.lead_media.as_ref().map_or_else(
            || "null".to_owned(),
            |lead| {
                let alt = argument(lead.alt.as_ref().map(AsRef::as_ref));
                let caption = argument(lead.caption.as_ref().map(AsRef::as_ref));
                Slot::Picture { media: lead.media_id, alt: &alt, caption: &caption }.write()
            },
        )
    }

    /// The byline as given, or the authors' names joined as the language joins them.
    #[must_use]
    pub fn byline(&self) -> String {
        if let Some(byline) = &self.content.byline {
            return byline.clone();
        }
        let writers: Vec<_> = self.people.iter().filter(|p| p.role == ContributionRole::Author).map(|p| p.name.as_str()).collect();
        let all: Vec<_> = self.people.iter().map(|p| p.name.as_str()).collect();
        join(if writers.is_empty() { &all } else { &writers }, &self.content.language)
    }

    fn html(&self) -> String {
        let part = |part: HtmlPart| match part {
            HtmlPart::Html(html) => inside_json_string(&html),
            HtmlPart::Figure { media, alt, caption, layout, in_gallery } => {
                let (alt, caption, layout) = (argument(alt.as_deref()), argument(caption.as_deref()), argument(layout.as_deref()));
                Slot::Figure { media, alt: &alt, caption: &caption, layout: &layout, in_gallery }.write()
            }
            HtmlPart::Related(id) => Slot::Related(id).write(),
        };
        self.content.body.render_html().into_iter().map(part).collect()
    }
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn person(person: &Person) -> Result<String, serde_json::Error> {
    let mut out = Writer::default();
    out.member("id", &person.id)?.member("name", &person.name)?.member("role", &person.role)?.member("job_title_then", &person.job_title)?;
    out.members(&Slot::Author(person.id).write());
    Ok(out.finish())
}

/// "A", "A and B", "A, B and C", with the language's own "and" where we know it.
#[must_use]
pub fn join(names: &[&str], language: &str) -> String {
    let and = match language.split('-').next().unwrap_or_default() {
        "uk" => " та ",
        "ru" | "bg" => " и ",
        "pl" | "hr" | "sl" => " i ",
        "de" => " und ",
        "fr" => " et ",
        "es" => " y ",
        "it" | "pt" => " e ",
        "nl" => " en ",
        "sv" => " och ",
        "cs" | "sk" => " a ",
        "en" => " and ",
        _ => ", ",
    };
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{}{and}{last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines_join_as_the_language_does() {
        assert_eq!(join(&["A"], "en"), "A");
        assert_eq!(join(&["A", "B", "C"], "en-GB"), "A, B and C");
        assert_eq!(join(&["Олена", "Іван"], "uk"), "Олена та Іван");
    }
}
