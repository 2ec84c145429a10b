//! What must be there before a story goes live. Every obstacle is found at once, each with its place.

use std::collections::{HashMap, HashSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::content::Content;
use super::story::Surroundings;
use crate::error::{Code, Error, FieldError, Result};
use crate::pictures::{self, Picture, Reason};
use crate::schema::{authors, tags};
use crate::timestamp::Timestamp;

/// Everything that stops this content from going live now.
///
/// # Errors
/// What the database says.
pub fn find(conn: &mut PgConnection, content: &Content, embargo_until: Option<Timestamp>, now: Timestamp) -> Result<Vec<FieldError>> {
    Ok(Known::load(conn, std::slice::from_ref(content))?.obstacles(content, embargo_until, now))
}

/// What is there of all that some contents refer to, read for all of them at once.
pub struct Known {
    public_tags: HashSet<Uuid>,
    authors: HashSet<Uuid>,
    pictures: HashMap<Uuid, Picture>,
}

impl Known {
    /// Reads it: as many statements for a hundred contents as for one.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(conn: &mut PgConnection, contents: &[Content]) -> Result<Self> {
        let labels: HashSet<Uuid> = contents.iter().flat_map(|c| c.tags.iter().copied()).collect();
        let people: HashSet<Uuid> = contents.iter().flat_map(|c| c.authors.iter().map(|a| a.author_id)).collect();
        let public: Vec<Uuid> = tags::table.filter(tags::id.eq_any(labels)).filter(tags::kind.ne("internal")).select(tags::id).load(conn)?;
        let known: Vec<Uuid> = authors::table.filter(authors::id.eq_any(people)).select(authors::id).load(conn)?;
        Ok(Self { public_tags: public.into_iter().collect(), authors: known.into_iter().collect(), pictures: pictures_of(conn, contents)? })
    }

    /// The same where most of it has been read already.
    ///
    /// # Errors
    /// What the database says.
    pub fn among(conn: &mut PgConnection, around: &Surroundings, contents: &[Content]) -> Result<Self> {
        let labels = contents.iter().flat_map(|c| c.tags.iter().copied());
        let people = contents.iter().flat_map(|c| c.authors.iter().map(|a| a.author_id));
        Ok(Self {
            public_tags: labels.filter(|id| around.has_public_tag(*id)).collect(),
            authors: people.filter(|id| around.has_author(*id)).collect(),
            pictures: pictures_of(conn, contents)?,
        })
    }

    /// Everything that stops one of these contents from going live at that time.
    #[must_use]
    pub fn obstacles(&self, content: &Content, embargo_until: Option<Timestamp>, at: Timestamp) -> Vec<FieldError> {
        let mut found = Vec::new();
        let mut stop = |pointer: &str, code: &str, detail: &str| found.push(FieldError::body(pointer, code, detail));
        if embargo_until.is_some_and(|until| until > at) {
            stop("/embargo_until", "embargo", "The embargo has not passed.");
        }
        if content.authors.is_empty() {
            stop("/authors", "required", "At least one author is needed.");
        }
        if !content.tags.iter().any(|tag| self.public_tags.contains(tag)) {
            stop("/tags", "required", "At least one tag that is not internal is needed.");
        }
        if content.body.is_empty() {
            stop("/body", "required", "A body is needed.");
        }
        for (place, _) in content.authors.iter().enumerate().filter(|(_, a)| !self.authors.contains(&a.author_id)) {
            stop(&format!("/authors/{place}/author_id"), "unknown_reference", "This author is gone.");
        }
        found.extend(self.pictures_of(content, at));
        found
    }

    fn pictures_of(&self, content: &Content, at: Timestamp) -> Vec<FieldError> {
        let mut found = Vec::new();
        let mut check = |pointer: String, id: Uuid, alt: Option<&str>| {
            let Some(picture) = self.pictures.get(&id) else {
                found.push(FieldError::body(pointer, "unknown_reference", "This is not a picture that is here."));
                return;
            };
            match picture.withheld(at) {
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
        found
    }
}

fn pictures_of(conn: &mut PgConnection, contents: &[Content]) -> Result<HashMap<Uuid, Picture>> {
    let images: HashSet<Uuid> = contents.iter().flat_map(Content::media_ids).collect();
    pictures::load(conn, &images.into_iter().collect::<Vec<_>>(), "")
}

/// The refusal that lists obstacles.
#[must_use]
pub fn refusal(obstacles: Vec<FieldError>) -> Error {
    Error { errors: obstacles, ..Error::new(Code::NotPublishable, "The errors list names every obstacle.") }
}
