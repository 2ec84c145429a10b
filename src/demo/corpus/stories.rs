//! The stories of a corpus: what the article with a number says, when it was published and where it stands.

use uuid::Uuid;

use super::Plan;
use super::cast::{self, Cast};
use super::random::{Random, Stream};
use super::words::Language;
use crate::body::Body;
use crate::editorial::articles::model::Status;
use crate::error::{Error, Result};
use crate::publishing::bulk::Ready;
use crate::publishing::content::{ArticleKind, Content, Contribution, ContributionRole, LeadMedia, Seo};
use crate::publishing::story::{Person, Story, Times};
use crate::text::Slug;
use crate::timestamp::Timestamp;

/// Words of a body, about.
const WORDS: usize = 600;
/// Milliseconds over which an archive is spread: fifteen years.
const SPAN: i64 = 15 * 365 * 86_400_000;
/// Milliseconds from the first draft to going live.
const WRITING: i64 = 6 * 3_600_000;
/// Of a hundred stories so many are in Ukrainian.
const UKRAINIAN: usize = 20;

/// Everything that decides what a corpus says.
pub struct World {
    seed: u64,
    english: Language,
    ukrainian: Language,
    pub cast: Cast,
    /// The number of the first article of this load.
    first: u64,
    /// How many articles this load has.
    pub count: u64,
    /// Whom they belong to.
    pub owner: Uuid,
    now: Timestamp,
}

/// An article of the corpus.
#[derive(Debug)]
pub struct Made {
    pub id: Uuid,
    pub content: Content,
    pub status: Status,
    pub begun: Timestamp,
    /// When it went live, if it did.
    pub published: Option<Timestamp>,
    people: Vec<usize>,
    tags: Vec<usize>,
}

impl World {
    pub fn new(plan: Plan, first: u64, owner: Uuid, now: Timestamp) -> Self {
        let (english, ukrainian) = (Language::english(plan.seed), Language::ukrainian(plan.seed));
        let cast = Cast::new(plan.seed, first + plan.articles, &english, &ukrainian);
        Self { seed: plan.seed, english, ukrainian, cast, first, count: plan.articles, owner, now }
    }

    /// The article with this number, counted from 0 within this load: the oldest first.
    pub fn article(&self, number: u64) -> Result<Made> {
        let mut random = Random::of(self.seed, Stream::Article, self.first + number);
        let language = if random.chance(UKRAINIAN) { &self.ukrainian } else { &self.english };
        let published = self.time_of(number, &mut random);
        let begun = published.plus(-chrono::Duration::milliseconds(WRITING));
        let status = match random.below(100) {
            0..90 => Status::Published,
            90..95 => Status::Draft,
            95..97 => Status::InReview,
            _ => Status::Unpublished,
        };
        let (people, tags) = (self.people(&mut random), self.tags(&mut random));
        let id = cast::id(begun.millis(), &mut random);
        let content = self.content(self.first + number, language, &people, &tags, &mut random)?;
        Ok(Made { id, content, begun, published: matches!(status, Status::Published | Status::Unpublished).then_some(published), status, people, tags })
    }

    /// Evenly over the span, with some unrest, never in the future.
    fn time_of(&self, number: u64, random: &mut Random) -> Timestamp {
        let slot = SPAN / i64::try_from(self.count).unwrap_or(i64::MAX).max(1);
        let unrest = i64::try_from(random.below(usize::try_from(slot).unwrap_or(1))).unwrap_or(0);
        let before = i64::try_from(self.count - number).unwrap_or(0).saturating_mul(slot) - unrest;
        self.now.plus(-chrono::Duration::milliseconds(before))
    }

    fn people(&self, random: &mut Random) -> Vec<usize> {
        let count = match random.below(100) {
            0..75 => 1,
            75..95 => 2,
            _ => 3,
        };
        distinct(count, || self.cast.author_ranks.pick(random))
    }

    fn tags(&self, random: &mut Random) -> Vec<usize> {
        let count = match random.below(100) {
            0..25 => 1,
            25..75 => 2,
            _ => 3,
        };
        let mut tags = distinct(count, || self.cast.tag_ranks.pick(random));
        // The first tag is the primary one, and one at least must not be internal.
        tags.sort_unstable();
        tags
    }

    fn content(&self, number: u64, language: &Language, people: &[usize], tags: &[usize], random: &mut Random) -> Result<Content> {
        let words = 5 + random.below(6);
        let headline = language.phrase(random, words);
        let slug = Slug::from_text(&headline, Some(language.tag)).map_or_else(|| format!("story-{number}"), |slug| format!("{slug}-{number}"));
        let length = WORDS * 3 / 4 + random.below(WORDS / 2);
        let mut text = language.text(&mut Random::of(self.seed, Stream::Text, number), length);
        if random.chance(20) {
            text.push_str(&format!("\n\n![{}](media:{})", language.phrase(random, 6), self.picture(random)));
        }
        let lead_media = random.chance(70).then(|| LeadMedia { media_id: self.picture(random), alt: None, caption: None });
        let body = Body::from_markdown(&text).map_err(|problems| Error::internal(format!("article {number}: {problems:?}")))?;
        let author = |(at, person): (usize, &usize)| {
            let role = if at == 2 { ContributionRole::Photographer } else { ContributionRole::Author };
            Some(Contribution { author_id: self.cast.authors.get(*person)?.id, role })
        };
        Ok(Content {
            slug,
            headline,
            kind: ArticleKind::ALL.get(random.below(16)).copied().unwrap_or(ArticleKind::News),
            language: language.tag.to_owned(),
            kicker: random.chance(30).then(|| language.phrase(random, 1)),
            standfirst: random.chance(85).then(|| language.phrase(random, 18) + "."),
            dateline: random.chance(30).then(|| language.name(random, 1).to_uppercase()),
            byline: None,
            authors: people.iter().enumerate().filter_map(author).collect(),
            tags: tags.iter().filter_map(|tag| Some(self.cast.tags.get(*tag)?.id)).collect(),
            lead_media,
            body,
            source: None,
            seo: Seo::default(),
        })
    }

    fn picture(&self, random: &mut Random) -> Uuid {
        self.cast.picture(random.below(self.cast.pictures))
    }

    /// The story as the world gets it; `None` for what is not live.
    pub fn ready(&self, made: &Made) -> Result<Option<Ready>> {
        let Some(published) = made.published.filter(|_| made.status == Status::Published) else { return Ok(None) };
        let person = |(contribution, person): (&Contribution, &usize)| {
            let author = self.cast.authors.get(*person)?;
            Some(Person { id: author.id, role: contribution.role, name: author.name.clone(), job_title: author.job_title.clone() })
        };
        let tags = || made.tags.iter().filter_map(|tag| self.cast.tags.get(*tag)).filter(|tag| tag.is_public);
        let story = Story {
            id: made.id,
            content: &made.content,
            times: Times { first_published: published, published, updated: published },
            people: made.content.authors.iter().zip(&made.people).filter_map(person).collect(),
            tags: tags().map(|tag| tag.id).collect(),
            tag_names: tags().map(|tag| tag.name.clone()).collect(),
            translations: Vec::new(),
            corrections: Vec::new(),
        };
        Ready::new(&story, made.id, 1).map(Some)
    }
}

/// So many different numbers at the most.
fn distinct(count: usize, mut pick: impl FnMut() -> usize) -> Vec<usize> {
    let mut picked = Vec::with_capacity(count);
    for _ in 0..count {
        let one = pick();
        if !picked.contains(&one) {
            picked.push(one);
        }
    }
    picked
}
