//! Makes the desk's articles out of their rows and revisions.

use std::collections::HashMap;

use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::model::{EditorialArticle, EditorialContribution, Head, Lock};
use crate::body::{Body, reading_minutes};
use crate::db::statement::{Bind, Statement};
use crate::editorial::tags::model::TagRef;
use crate::error::{Error, Result};
use crate::pictures::{self, Picture};
use crate::publishing::content::{self, Content};
use crate::rendering::{self, BodyFormat, BodyOut};
use crate::timestamp::Timestamp;
use crate::vocabulary::TagKind;

/// The articles of these rows, in their order. `body` is the form in which their text comes, if it comes.
///
/// # Errors
/// What the database says.
pub fn articles(conn: &mut PgConnection, heads: Vec<Head>, body: Option<BodyFormat>, base: &str) -> Result<Vec<EditorialArticle>> {
    let contents = content::load_all(conn, &heads.iter().map(|head| (head.id, head.revision)).collect::<Vec<_>>())?;
    let around = Around::load(conn, &contents, body.is_some(), base)?;
    // Whether a lock still holds is for the clock that decided when it was taken.
    let now = crate::db::now(conn)?;
    Ok(heads.into_iter().zip(contents).map(|(head, content)| around.article(head, content, body, now)).collect())
}

/// An article as it is after a write that has all of it at hand.
///
/// # Errors
/// What the database says.
pub fn written(tx: &mut PgConnection, head: Head, content: Content, base: &str) -> Result<EditorialArticle> {
    let around = Around::load(tx, std::slice::from_ref(&content), true, base)?;
    Ok(around.article(head, content, Some(BodyFormat::default()), crate::db::now(tx)?))
}

/// A body in this form, its pictures as they are now.
///
/// # Errors
/// What the database says.
pub fn body(conn: &mut PgConnection, body: &Body, format: BodyFormat, base: &str) -> Result<BodyOut> {
    let pictures = pictures::load(conn, &body.media_ids(), base)?;
    Ok(rendering::body(body, format, &pictures, crate::app::now()))
}

/// What the contents refer to.
struct Around {
    authors: HashMap<Uuid, (String, String)>,
    tags: HashMap<Uuid, TagRef>,
    pictures: HashMap<Uuid, Picture>,
}

impl Around {
    fn load(conn: &mut PgConnection, contents: &[Content], pictures: bool, base: &str) -> Result<Self> {
        let people: Vec<Uuid> = contents.iter().flat_map(|c| c.authors.iter().map(|a| a.author_id)).collect();
        let labels: Vec<Uuid> = contents.iter().flat_map(|c| c.tags.iter().copied()).collect();
        let images: Vec<Uuid> = if pictures { contents.iter().flat_map(|c| c.body.media_ids()).collect() } else { Vec::new() };
        let mut sql = Statement::<(SqlUuid, Text, Text, Nullable<Text>)>::new("SELECT id, slug, name, NULL FROM authors WHERE id = ANY(");
        sql.bind(Bind::Ids(people)).sql(") UNION ALL SELECT id, slug, name, kind FROM tags WHERE id = ANY(").bind(Bind::Ids(labels)).sql(")");
        let mut around = Self { authors: HashMap::new(), tags: HashMap::new(), pictures: pictures::load(conn, &images, base)? };
        for (id, slug, name, kind) in sql.load::<(Uuid, String, String, Option<String>)>(conn)? {
            match kind {
                None => drop(around.authors.insert(id, (name, slug))),
                Some(kind) => {
                    let kind = TagKind::parse(&kind).ok_or_else(|| Error::internal("a tag is of no known kind"))?;
                    around.tags.insert(id, TagRef { id, slug, name, kind });
                }
            }
        }
        Ok(around)
    }

    fn article(&self, head: Head, content: Content, body: Option<BodyFormat>, now: Timestamp) -> EditorialArticle {
        let words = content.body.word_count();
        let authors = content.authors.iter().filter_map(|a| {
            let (name, slug) = self.authors.get(&a.author_id)?.clone();
            Some(EditorialContribution { author_id: a.author_id, role: a.role, name, slug })
        });
        EditorialArticle {
            authors: authors.collect(),
            tags: content.tags.iter().filter_map(|id| self.tags.get(id).cloned()).collect(),
            body: body.map(|format| rendering::body(&content.body, format, &self.pictures, now)),
            word_count: words,
            reading_minutes: reading_minutes(words),
            has_unpublished_changes: head.live_revision.is_some_and(|live| live != head.revision),
            lock: lock(&head, now),
            id: head.id,
            slug: content.slug,
            kind: content.kind,
            language: content.language,
            kicker: content.kicker,
            headline: content.headline,
            standfirst: content.standfirst,
            seo: content.seo,
            dateline: content.dateline,
            byline: content.byline,
            lead_media: content.lead_media,
            source: content.source,
            status: head.status,
            version: head.version,
            revision: head.revision,
            live_revision: head.live_revision,
            publish_at: head.publish_at,
            unpublish_at: head.unpublish_at,
            embargo_until: head.embargo_until,
            assignee: head.assignee_id,
            notes: head.notes,
            review_note: head.review_note,
            schedule_failure: head.schedule_failure,
            translation_group: head.translation_group,
            first_published_at: head.first_published_at,
            published_at: head.published_at,
            created_by: head.created_by,
            updated_by: head.updated_by,
            created_at: head.created_at,
            updated_at: head.updated_at,
        }
    }
}

fn lock(head: &Head, now: Timestamp) -> Option<Lock> {
    let expires_at = head.lock_expires_at.filter(|t| *t > now)?;
    Some(Lock { user_id: head.lock_user_id?, since: head.lock_since?, expires_at })
}
