//! What must be there before a story goes live. Every obstacle is found at once, each with its place.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::content::Content;
use crate::error::{Code, Error, FieldError, Result};
use crate::pictures::{self, Reason};
use crate::schema::{authors, tags};
use crate::timestamp::Timestamp;

/// Everything that stops this content from going live now.
///
/// # Errors
/// What the database says.
pub fn find(conn: &mut PgConnection, content: &Content, embargo_until: Option<Timestamp>, now: Timestamp) -> Result<Vec<FieldError>> {
    let mut found = Vec::new();
    let mut stop = |pointer: &str, code: &str, detail: &str| found.push(FieldError::body(pointer, code, detail));
    if embargo_until.is_some_and(|until| until > now) {
        stop("/embargo_until", "embargo", "The embargo has not passed.");
    }
    if content.authors.is_empty() {
        stop("/authors", "required", "At least one author is needed.");
    }
    let public: i64 = tags::table.filter(tags::id.eq_any(&content.tags)).filter(tags::kind.ne("internal")).count().get_result(conn)?;
    if public == 0 {
        stop("/tags", "required", "At least one tag that is not internal is needed.");
    }
    if content.body.is_empty() {
        stop("/body", "required", "A body is needed.");
    }
    let ids: Vec<Uuid> = content.authors.iter().map(|a| a.author_id).collect();
    let known: Vec<Uuid> = authors::table.filter(authors::id.eq_any(&ids)).select(authors::id).load(conn)?;
    for (at, _) in ids.iter().enumerate().filter(|(_, id)| !known.contains(id)) {
        stop(&format!("/authors/{at}/author_id"), "unknown_reference", "This author is gone.");
    }
    found.extend(pictures_of(conn, content, now)?);
    Ok(found)
}

fn pictures_of(conn: &mut PgConnection, content: &Content, now: Timestamp) -> Result<Vec<FieldError>> {
    let pictures = pictures::load(conn, &content.media_ids(), "")?;
    let mut found = Vec::new();
    let mut check = |pointer: String, id: Uuid, alt: Option<&str>| {
        let Some(picture) = pictures.get(&id) else {
            found.push(FieldError::body(pointer, "unknown_reference", "This is not a picture that is here."));
            return;
        };
        match picture.withheld(now) {
            Some(Reason::Withdrawn) => found.push(FieldError::body(&pointer, "withdrawn", "The picture or its credit was withdrawn.")),
            Some(Reason::RightsExpired) => found.push(FieldError::body(&pointer, "rights_expired", "The rights to this picture do not hold now.")),
            None => {}
        }
        if alt.is_none_or(|alt| alt.trim().is_empty()) && !picture.has_alt() {
            found.push(FieldError::body(format!("{pointer}/alt"), "required", "The picture needs alt text: here, or its own."));
        }
    };
    if let Some(lead) = &content.lead_media {
        check("/lead_media".to_owned(), lead.media_id, lead.alt.as_ref().map(AsRef::as_ref));
    }
    for image in content.body.images() {
        check(format!("/body{}", image.pointer), image.media, image.alt);
    }
    Ok(found)
}

/// The refusal that lists obstacles.
#[must_use]
pub fn refusal(obstacles: Vec<FieldError>) -> Error {
    Error { errors: obstacles, ..Error::new(Code::NotPublishable, "The errors list names every obstacle.") }
}
