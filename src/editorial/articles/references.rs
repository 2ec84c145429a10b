//! What an article's head refers to, kept as rows: for filters, for "used by", and so that nothing in use can go.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use crate::error::{Error, FieldError, Result};
use crate::publishing::content::Content;
use crate::publishing::projection;
use crate::schema::{article_authors, article_media, article_tags, authors, media, tags};

/// Refuses references to what is not there, each with its place.
///
/// # Errors
/// 422.
pub fn check(tx: &mut PgConnection, content: &Content) -> Result<()> {
    let people: Vec<Uuid> = content.authors.iter().map(|a| a.author_id).collect();
    let images = content.media_ids();
    let known_people: Vec<Uuid> = authors::table.filter(authors::id.eq_any(&people)).select(authors::id).load(tx)?;
    let known_tags: Vec<Uuid> = tags::table.filter(tags::id.eq_any(&content.tags)).select(tags::id).load(tx)?;
    let known_images: Vec<Uuid> = media::table.filter(media::id.eq_any(&images)).filter(media::kind.eq("image")).select(media::id).load(tx)?;
    let mut faults = Vec::new();
    let mut missing = |pointer: String, what: &str| faults.push(FieldError::body(pointer, "unknown_reference", format!("There is no such {what}.")));
    for (at, _) in people.iter().enumerate().filter(|(_, id)| !known_people.contains(id)) {
        missing(format!("/authors/{at}/author_id"), "author");
    }
    for (at, _) in content.tags.iter().enumerate().filter(|(_, id)| !known_tags.contains(id)) {
        missing(format!("/tags/{at}"), "tag");
    }
    if content.lead_media.as_ref().is_some_and(|lead| !known_images.contains(&lead.media_id)) {
        missing("/lead_media/media_id".to_owned(), "picture");
    }
    for image in content.body.images().filter(|image| !known_images.contains(&image.media)) {
        missing(format!("/body{}", image.pointer), "picture");
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// Writes the rows of a head revision in the place of those of the one before. Where both refer to the same, those rows
/// stand already, and the database keeps what they name from going.
///
/// # Errors
/// 422 for references to what is not there.
pub fn write(tx: &mut PgConnection, id: Uuid, before: Option<&Content>, content: &Content) -> Result<()> {
    let authors = |c: &Content| c.authors.iter().map(|a| a.author_id).collect::<Vec<_>>();
    let other_authors = before.is_none_or(|before| authors(before) != authors(content));
    let other_tags = before.is_none_or(|before| before.tags != content.tags);
    let other_media = before.is_none_or(|before| before.media_ids() != content.media_ids());
    if other_authors || other_tags || other_media {
        check(tx, content)?;
    }
    if other_authors {
        diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id))).execute(tx)?;
        let rows: Vec<_> = content.authors.iter().map(|a| (article_authors::article_id.eq(id), article_authors::author_id.eq(a.author_id))).collect();
        diesel::insert_into(article_authors::table).values(rows).execute(tx)?;
    }
    if other_tags {
        diesel::delete(article_tags::table.filter(article_tags::article_id.eq(id))).execute(tx)?;
        let rows: Vec<_> = content.tags.iter().map(|tag| (article_tags::article_id.eq(id), article_tags::tag_id.eq(*tag))).collect();
        diesel::insert_into(article_tags::table).values(rows).execute(tx)?;
    }
    if other_media {
        diesel::delete(article_media::table.filter(article_media::article_id.eq(id))).execute(tx)?;
        let rows: Vec<_> = content.media_ids().into_iter().map(|media| (article_media::article_id.eq(id), article_media::media_id.eq(media))).collect();
        diesel::insert_into(article_media::table).values(rows).execute(tx)?;
    }
    Ok(())
}

/// Every article that has one tag has the other from now on, on the desk and in the world. The redirect from the one
/// to the other must stand already: revisions, which never change, are read through it.
///
/// # Errors
/// What the database says.
pub fn replace_tag(tx: &mut PgConnection, from: Uuid, into: Uuid) -> Result<()> {
    use diesel::dsl::{exists, not};
    let both = diesel::alias!(article_tags as both);
    let has_both = both.filter(both.field(article_tags::article_id).eq(article_tags::article_id)).filter(both.field(article_tags::tag_id).eq(into));
    diesel::update(article_tags::table.filter(article_tags::tag_id.eq(from)).filter(not(exists(has_both)))).set(article_tags::tag_id.eq(into)).execute(tx)?;
    diesel::delete(article_tags::table.filter(article_tags::tag_id.eq(from))).execute(tx)?;
    projection::replace_tag(tx, from, into)
}
