//! The desk's rows of many new articles, written by COPY: what the desk's own saves would write one by one.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use uuid::Uuid;

use super::stories::Made;
use crate::editorial::articles::model::Status;
use crate::error::Result;
use crate::publishing::content::ArticleKind;
use crate::publishing::revisions;
use crate::schema::{article_authors, article_media, article_revisions, article_slugs, article_tags, articles};
use crate::timestamp::Timestamp;

#[derive(Debug, Insertable)]
#[diesel(table_name = articles, treat_none_as_default_value = false)]
struct HeadRow {
    id: Uuid,
    status: Status,
    version: i32,
    revision: i32,
    live_revision: Option<i32>,
    slug: String,
    kind: ArticleKind,
    language: String,
    headline: String,
    translation_group: Uuid,
    first_published_at: Option<Timestamp>,
    published_at: Option<Timestamp>,
    created_by: Uuid,
    updated_by: Uuid,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = article_slugs, treat_none_as_default_value = false)]
struct SlugRow {
    slug: String,
    article_id: Uuid,
    was_live: bool,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = article_revisions, treat_none_as_default_value = false)]
struct RevisionRow {
    article_id: Uuid,
    number: i32,
    created_at: Timestamp,
    created_by: Uuid,
    base: Option<i32>,
    content: Vec<u8>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = article_authors, treat_none_as_default_value = false)]
struct AuthorRow {
    article_id: Uuid,
    author_id: Uuid,
    updated_at: Timestamp,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = article_tags, treat_none_as_default_value = false)]
struct TagRow {
    article_id: Uuid,
    tag_id: Uuid,
    updated_at: Timestamp,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = article_media, treat_none_as_default_value = false)]
struct MediaRow {
    article_id: Uuid,
    media_id: Uuid,
}

/// Rows of all six tables.
#[derive(Debug)]
pub struct Rows {
    heads: Vec<HeadRow>,
    slugs: Vec<SlugRow>,
    revisions: Vec<RevisionRow>,
    authors: Vec<AuthorRow>,
    tags: Vec<TagRow>,
    media: Vec<MediaRow>,
}

impl Rows {
    pub fn of(made: &[Made], owner: Uuid) -> Result<Self> {
        let slug = |m: &Made| SlugRow { slug: m.content.slug.clone(), article_id: m.id, was_live: m.published.is_some() };
        Ok(Self {
            heads: made.iter().map(|m| head(m, owner)).collect(),
            slugs: made.iter().map(slug).collect(),
            revisions: made.iter().map(|m| revision(m, owner)).collect::<Result<_>>()?,
            authors: made.iter().flat_map(|m| m.content.authors.iter().map(|a| AuthorRow { article_id: m.id, author_id: a.author_id, updated_at: updated(m) })).collect(),
            tags: made.iter().flat_map(|m| m.content.tags.iter().map(|tag| TagRow { article_id: m.id, tag_id: *tag, updated_at: updated(m) })).collect(),
            media: made.iter().flat_map(|m| m.content.media_ids().into_iter().map(|media| MediaRow { article_id: m.id, media_id: media })).collect(),
        })
    }

    pub fn write(&self, tx: &mut PgConnection) -> Result<()> {
        diesel::copy_from(articles::table).from_insertable(&self.heads).execute(tx)?;
        diesel::copy_from(article_slugs::table).from_insertable(&self.slugs).execute(tx)?;
        diesel::copy_from(article_revisions::table).from_insertable(&self.revisions).execute(tx)?;
        diesel::copy_from(article_authors::table).from_insertable(&self.authors).execute(tx)?;
        diesel::copy_from(article_tags::table).from_insertable(&self.tags).execute(tx)?;
        diesel::copy_from(article_media::table).from_insertable(&self.media).execute(tx)?;
        Ok(())
    }
}

fn head(m: &Made, owner: Uuid) -> HeadRow {
    HeadRow {
        id: m.id,
        status: m.status,
        version: if m.published.is_some() { 2 } else { 1 },
        revision: 1,
        live_revision: (m.status == Status::Published).then_some(1),
        slug: m.content.slug.clone(),
        kind: m.content.kind,
        language: m.content.language.clone(),
        headline: m.content.headline.clone(),
        translation_group: m.id,
        first_published_at: m.published,
        published_at: m.published,
        created_by: owner,
        updated_by: owner,
        created_at: m.begun,
        updated_at: updated(m),
    }
}

fn updated(m: &Made) -> Timestamp {
    m.published.unwrap_or(m.begun)
}

fn revision(m: &Made, owner: Uuid) -> Result<RevisionRow> {
    let kept = revisions::whole(&m.content)?;
    Ok(RevisionRow { article_id: m.id, number: 1, created_at: m.begun, created_by: owner, base: kept.base, content: kept.bytes })
}
