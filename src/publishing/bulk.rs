//! Many new stories before the world at once, by COPY: for whoever brings a whole archive. The rows are those that
//! `projection` would write one by one, cards made by the same code; counts and changes keep pace in the same transaction.

use std::collections::BTreeSet;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::Jsonb;
use uuid::Uuid;

use super::projection::ChangeKind;
use super::story::Story;
use super::{counts, generation, searching};
use crate::error::{Error, Result};
use crate::schema::{bylines, changes, live_article_authors, live_article_media, live_article_tags, live_articles, purges};
use crate::timestamp::Timestamp;
use crate::vocabulary::ArticleKind;

/// JSON that is text already and is sent as it stands.
#[derive(Debug, diesel::expression::AsExpression)]
#[diesel(sql_type = Jsonb)]
struct JsonText(String);

impl ToSql<Jsonb, diesel::pg::Pg> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
        use std::io::Write;
        // The version of the binary form, then the text.
        out.write_all(&[1])?;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

/// A story that is ready to go live for the first time.
#[derive(Debug)]
pub struct Ready {
    row: LiveRow,
    tags: Vec<Uuid>,
    bylines: Vec<BylineRow>,
    media: Vec<Uuid>,
    search: searching::Row,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = live_articles, treat_none_as_default_value = false)]
struct LiveRow {
    id: Uuid,
    slug: String,
    kind: ArticleKind,
    language: String,
    primary_tag_id: Option<Uuid>,
    translation_group: Uuid,
    revision: i32,
    published_at: Timestamp,
    first_published_at: Timestamp,
    updated_at: Timestamp,
    card: String,
    html: String,
    body: JsonText,
    searchable: bool,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = bylines, treat_none_as_default_value = false)]
struct BylineRow {
    article_id: Uuid,
    author_id: Uuid,
    name: String,
    job_title: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = live_article_tags, treat_none_as_default_value = false)]
struct TagRow {
    article_id: Uuid,
    tag_id: Uuid,
    published_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = live_article_authors, treat_none_as_default_value = false)]
struct AuthorRow {
    article_id: Uuid,
    author_id: Uuid,
    published_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = live_article_media, treat_none_as_default_value = false)]
struct MediaRow {
    article_id: Uuid,
    media_id: Uuid,
}

/// Who looks after what the database does row by row: whether what is referred to is there, and what caches must forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// The database.
    RowByRow,
    /// We do, for all rows of a transaction together, on a session whose triggers rest (`session_replication_role`).
    Together,
}

#[derive(Insertable)]
#[diesel(table_name = purges, treat_none_as_default_value = false)]
struct PurgeRow {
    keys: Vec<Option<String>>,
}

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct ChangeRow<'a> {
    generation: i64,
    at: Timestamp,
    kind: ChangeKind,
    article_id: Uuid,
    slug: &'a str,
    revision: Option<i32>,
    surrogate_keys: Vec<Option<String>>,
}

impl Ready {
    /// Prepares a story: most of the work, done without the database.
    ///
    /// # Errors
    /// Only ours.
    pub fn new(story: &Story<'_>, group: Uuid, revision: i32) -> Result<Self> {
        let prepared = story.prepare()?;
        let content = story.content;
        let byline = |person: &super::story::Person| BylineRow { article_id: story.id, author_id: person.id, name: person.name.clone(), job_title: person.job_title.clone() };
        Ok(Self {
            row: LiveRow {
                id: story.id,
                slug: content.slug.clone(),
                kind: content.kind,
                language: content.language.clone(),
                primary_tag_id: story.tags.first().copied(),
                translation_group: group,
                revision,
                published_at: story.times.published,
                first_published_at: story.times.first_published,
                updated_at: story.times.updated,
                card: prepared.card,
                html: prepared.html,
                body: JsonText(serde_json::to_string(&content.body).map_err(Error::internal)?),
                searchable: true,
            },
            tags: story.tags.clone(),
            bylines: story.people.iter().map(byline).collect(),
            media: content.media_ids(),
            search: searching::Row::of(story),
        })
    }
}

/// Puts new stories before the world. Their articles must be there already, and must never have been live; where nobody
/// watches row by row, all that they refer to must be held until the transaction ends.
///
/// # Errors
/// 409 when another story is live under one of the slugs; what the database says.
pub fn show(tx: &mut PgConnection, stories: &[Ready], watch: Watch) -> Result<()> {
    let rows: Vec<&LiveRow> = stories.iter().map(|s| &s.row).collect();
    diesel::copy_from(live_articles::table).from_insertable(rows).execute(tx)?;
    searching::copy(tx, stories.iter().map(|s| &s.search).collect())?;
    let times = |s: &Ready| (s.row.id, s.row.published_at, s.row.updated_at);
    let tags: Vec<TagRow> = stories
        .iter()
        .flat_map(|s| {
            let (article_id, published_at, updated_at) = times(s);
            s.tags.iter().map(move |tag| TagRow { article_id, tag_id: *tag, published_at, updated_at })
        })
        .collect();
    diesel::copy_from(live_article_tags::table).from_insertable(tags).execute(tx)?;
    let authors: Vec<AuthorRow> = stories
        .iter()
        .flat_map(|s| {
            let (article_id, published_at, updated_at) = times(s);
            s.bylines.iter().map(move |b| AuthorRow { article_id, author_id: b.author_id, published_at, updated_at })
        })
        .collect();
    diesel::copy_from(live_article_authors::table).from_insertable(authors).execute(tx)?;
    let media: Vec<MediaRow> = stories.iter().flat_map(|s| s.media.iter().map(|media| MediaRow { article_id: s.row.id, media_id: *media })).collect();
    diesel::copy_from(live_article_media::table).from_insertable(media).execute(tx)?;
    let bylines: Vec<&BylineRow> = stories.iter().flat_map(|s| &s.bylines).collect();
    diesel::copy_from(bylines::table).from_insertable(bylines).execute(tx)?;
    // Last, because others wait for these rows until this commits.
    counts::add(tx, &stories.iter().map(|s| s.row.id).collect::<Vec<_>>())?;
    if watch == Watch::Together && !stories.is_empty() {
        let general = ["changes", "corrections", "feed"].map(ToOwned::to_owned);
        let keys: BTreeSet<String> = stories.iter().flat_map(|s| [surrogate_keys(s), vec![format!("article-{}", s.row.id)]]).flatten().chain(general).collect();
        diesel::copy_from(purges::table).from_insertable(vec![PurgeRow { keys: keys.into_iter().map(Some).collect() }]).execute(tx)?;
    }
    note_changes(tx, stories)
}

/// What answers that show this story name besides the story itself, in the order of the alphabet.
fn surrogate_keys(story: &Ready) -> Vec<String> {
    let authors = story.bylines.iter().map(|byline| format!("author-{}", byline.author_id));
    let media = story.media.iter().map(|id| format!("media-{id}"));
    let tags = story.tags.iter().map(|id| format!("tag-{id}"));
    authors.chain(media).chain(tags).collect::<BTreeSet<_>>().into_iter().collect()
}

fn note_changes(tx: &mut PgConnection, stories: &[Ready]) -> Result<()> {
    let count = i64::try_from(stories.len()).map_err(Error::internal)?;
    let before = generation::content_changed_by(tx, count)? - count;
    let rows: Vec<ChangeRow<'_>> = (1..)
        .zip(stories)
        .map(|(n, s)| ChangeRow {
            generation: before + n,
            at: s.row.updated_at,
            kind: ChangeKind::Published,
            article_id: s.row.id,
            slug: &s.row.slug,
            revision: Some(s.row.revision),
            surrogate_keys: surrogate_keys(s).into_iter().map(Some).collect(),
        })
        .collect();
    diesel::copy_from(changes::table).from_insertable(rows).execute(tx)?;
    Ok(())
}
