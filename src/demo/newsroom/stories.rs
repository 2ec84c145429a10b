//! Stories of the newsroom: drafted as the desk drafts them, then brought, at the times they bear, into the states they are shown in.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::source::Story;
use super::{Known, find};
use crate::editorial::articles::model::{BodyInput, Head, NewArticle, Status};
use crate::editorial::articles::{corrections, saves, workflow};
use crate::error::{Error, Result};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::Principal;
use crate::publishing::content::{Contribution, LeadMedia};
use crate::schema::articles;
use crate::timestamp::Timestamp;

/// Hours from the first draft to going live.
const WRITING: i64 = 6;
/// Hours from going live to a correction.
const NOTICED: i64 = 3;
/// Hours that a story which is now in the archive was live.
const SHOWN: i64 = 720;

/// Makes the stories. Returns how many are live.
pub fn articles(tx: &mut PgConnection, actor: &Principal, stories: &[Story], known: &mut Known, now: Timestamp) -> Result<usize> {
    for story in stories {
        let body = BodyInput::Markdown(with_ids(&story.body.markdown, known)?).parse();
        let id = body.and_then(|body| saves::insert(tx, actor, &draft(story, known)?, &body)).map_err(|error| naming(story, error))?;
        known.articles.insert(story.slug.to_string(), id);
    }
    // As they would have gone live: what happened later has the later generation.
    let mut in_order: Vec<&Story> = stories.iter().collect();
    in_order.sort_by_key(|story| std::cmp::Reverse(story.published_hours_ago));
    for story in &in_order {
        let id = find(&known.articles, story.slug.as_str())?;
        advance(tx, actor, id, story, now).map_err(|error| naming(story, error))?;
    }
    Ok(stories.iter().filter(|story| story.status == Status::Published).count())
}

fn naming(story: &Story, mut error: Error) -> Error {
    error.detail = format!("The demo's story '{}': {}", story.slug, error.detail);
    error
}

fn draft(story: &Story, known: &Known) -> Result<NewArticle> {
    let authors = story.authors.iter().map(|a| Ok(Contribution { author_id: find(&known.authors, &a.author)?, role: a.role })).collect::<Result<_>>()?;
    let lead =
        |lead: &super::source::Lead| -> Result<LeadMedia> { Ok(LeadMedia { media_id: find(&known.media, &lead.media)?, alt: lead.alt.clone(), caption: lead.caption.clone() }) };
    Ok(NewArticle {
        headline: story.headline.clone(),
        slug: Some(story.slug.clone()),
        kind: Some(story.kind),
        language: Some(story.language.clone()),
        kicker: story.kicker.clone(),
        standfirst: story.standfirst.clone(),
        dateline: story.dateline.clone(),
        byline: None,
        authors,
        tags: story.tags.iter().map(|slug| find(&known.tags, slug)).collect::<Result<_>>()?,
        lead_media: story.lead_media.as_ref().map(lead).transpose()?,
        body: None,
        source: story.source.clone(),
        seo: None,
        embargo_until: None,
        translation_of: story.translation_of.as_ref().map(|slug| find(&known.articles, slug)).transpose()?,
        notes: story.notes.clone(),
        revision_note: None,
    })
}

/// The text with `media:KEY` turned into `media:ID`.
fn with_ids(markdown: &str, known: &Known) -> Result<String> {
    let mut pieces = markdown.split("](media:");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(piece.len());
        let (key, rest) = piece.split_at(end);
        text.push_str(&format!("](media:{}{rest}", find(&known.media, key)?));
    }
    Ok(text)
}

/// Brings a draft to where the story stands.
fn advance(tx: &mut PgConnection, actor: &Principal, id: Uuid, story: &Story, now: Timestamp) -> Result<()> {
    let hours = chrono::Duration::hours;
    if let Some(ago) = story.published_hours_ago {
        let then = now.plus(-hours(ago));
        backdate(tx, id, then.plus(-hours(WRITING)))?;
        let head = head(tx, id)?;
        workflow::go_live(tx, &head, then, None)?;
        audit::record(tx, actor, Deed { action: "publish", resource: "article", target: Some(id) }, None, Some(json!({ "status": Status::Published, "revision": head.revision })))?;
    }
    for correction in &story.corrections {
        let noticed = now.plus(-hours(story.published_hours_ago.unwrap_or(NOTICED) - NOTICED));
        let corrected = head(tx, id)?;
        corrections::write(tx, actor, &corrected, correction, noticed)?;
    }
    match story.status {
        Status::Draft | Status::Published => Ok(()),
        Status::Scheduled => {
            let at = now.plus(hours(story.publish_in_hours.unwrap_or(WRITING)));
            diesel::update(articles::table.find(id)).set((articles::status.eq(Status::Scheduled), articles::publish_at.eq(at))).execute(tx)?;
            Ok(())
        }
        Status::InReview => {
            diesel::update(articles::table.find(id)).set(articles::status.eq(Status::InReview)).execute(tx)?;
            Ok(())
        }
        Status::Archived | Status::Unpublished | Status::TakenDown => {
            let off = now.plus(-hours(story.published_hours_ago.unwrap_or(SHOWN) - SHOWN));
            let shown = head(tx, id)?;
            workflow::go_off(tx, &shown, off)?;
            diesel::update(articles::table.find(id)).set(articles::status.eq(story.status)).execute(tx)?;
            Ok(())
        }
    }
}

fn backdate(tx: &mut PgConnection, id: Uuid, begun: Timestamp) -> Result<()> {
    diesel::update(articles::table.find(id)).set((articles::created_at.eq(begun), articles::updated_at.eq(begun))).execute(tx)?;
    Ok(())
}

fn head(tx: &mut PgConnection, id: Uuid) -> Result<Head> {
    Ok(articles::table.find(id).select(Head::as_select()).first(tx)?)
}
