//! Takes any number of stories from the world with the same few statements, and puts them back as they were. Who may, and
//! what the desk knows of it, is decided elsewhere.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::counts::{self, Shift};
use super::projection::{self, ChangeKind, Live};
use super::story::{Surroundings, Times};
use super::{content, generation};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::schema::live_articles;
use crate::timestamp::Timestamp;

/// Stories that are put back with the same statements: bounds what is in memory.
const RESTORED_AT_ONCE: usize = 50;
/// Keys in one row of `purges`.
const KEYS_AT_ONCE: i64 = 500;

/// What a cache has to forget when stories go: what shows them, and what shows things that they are filed under.
const KEYS: [&str; 6] = [
    "INSERT INTO purges (keys) SELECT array_agg(key) FROM (SELECT key, (row_number() OVER (ORDER BY key) - 1) / ",
    " AS part FROM (SELECT unnest(ARRAY['changes', 'corrections', 'feed']) AS key UNION SELECT 'article-' || unnest(",
    ") UNION SELECT 'author-' || author_id FROM live_article_authors WHERE article_id = ANY(",
    ") UNION SELECT 'tag-' || tag_id FROM live_article_tags WHERE article_id = ANY(",
    ") UNION SELECT 'media-' || media_id FROM live_article_media WHERE article_id = ANY(",
    ") UNION SELECT 'article-' || o.id FROM live_articles l JOIN live_articles o ON o.translation_group = l.translation_group AND o.id <> l.id WHERE l.id = ANY(",
];
const COLLECTIONS: &str = ") UNION SELECT 'collection-' || c.id FROM live_collections c, jsonb_array_elements(c.slots) slot WHERE (slot->>'article_id')::uuid = ANY(";

/// Nobody else writes live stories until this transaction ends, who began before is waited for; readers are not held up.
/// A lock for each story would be more than the server has room for.
fn hold_all(tx: &mut PgConnection) -> Result<()> {
    Statement::<BigInt>::new("LOCK TABLE live_articles IN EXCLUSIVE MODE").execute(tx)?;
    Ok(())
}

/// The changes of this transaction from now on are written without their purges, or with them again.
fn name_purges_here(tx: &mut PgConnection, here: bool) -> Result<()> {
    let sql = if here { "SELECT set_config('masthead.purges_named', 'on', true)" } else { "SELECT set_config('masthead.purges_named', '', true)" };
    Statement::<Text>::new(sql).get_result::<String>(tx)?;
    Ok(())
}

/// Takes those of these stories that are live from the world: `taken_down`, and gone by every slug they were live under.
/// The rows of the articles must be held.
///
/// # Errors
/// What the database says.
pub fn remove(tx: &mut PgConnection, ids: &[Uuid], now: Timestamp) -> Result<usize> {
    hold_all(tx)?;
    let live: Vec<(Uuid, String)> =
        live_articles::table.filter(live_articles::id.eq_any(ids)).order(live_articles::id).select((live_articles::id, live_articles::slug)).load(tx)?;
    let (gone, slugs): (Vec<Uuid>, Vec<String>) = live.into_iter().unzip();
    tell_gone(tx, ids)?;
    if gone.is_empty() {
        return Ok(0);
    }
    purge(tx, &gone)?;
    let companions = companions(tx, &gone)?;
    let tags = lost(tx, "WITH gone AS (DELETE FROM live_article_tags WHERE article_id = ANY(", ") RETURNING tag_id) SELECT tag_id, count(*) FROM gone GROUP BY tag_id", &gone)?;
    let authors = lost(
        tx,
        "WITH gone AS (DELETE FROM live_article_authors WHERE article_id = ANY(",
        ") RETURNING author_id) SELECT author_id, count(*) FROM gone GROUP BY author_id",
        &gone,
    )?;
    // What follows by itself is gone already, in one step instead of one for each story.
    for begin in ["DELETE FROM live_article_media WHERE article_id = ANY(", "DELETE FROM live_search WHERE article_id = ANY(", "DELETE FROM live_articles WHERE id = ANY("] {
        let mut sql = Statement::<BigInt>::new(begin);
        sql.bind(Bind::Ids(gone.clone())).sql(")");
        sql.execute(tx)?;
    }
    counts::tags(tx, &Shift::lost_by_many(&tags))?;
    counts::authors(tx, &Shift::lost_by_many(&authors))?;
    for stories in companions.chunks(RESTORED_AT_ONCE) {
        projection::refresh_all(tx, stories)?;
    }
    note(tx, &gone, &slugs, now)?;
    Ok(gone.len())
}

fn purge(tx: &mut PgConnection, gone: &[Uuid]) -> Result<()> {
    let [begin, parts, lists @ ..] = KEYS;
    let mut sql = Statement::<BigInt>::new(begin);
    sql.literal(KEYS_AT_ONCE).sql(parts);
    for list in lists {
        sql.bind(Bind::Ids(gone.to_vec())).sql(list);
    }
    sql.bind(Bind::Ids(gone.to_vec())).sql(COLLECTIONS).bind(Bind::Ids(gone.to_vec())).sql(")) k) parted GROUP BY part");
    sql.execute(tx)?;
    Ok(())
}

/// The live stories that name one of these as a translation.
fn companions(tx: &mut PgConnection, gone: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut sql = Statement::<SqlUuid>::new("SELECT DISTINCT o.id FROM live_articles l JOIN live_articles o ON o.translation_group = l.translation_group WHERE l.id = ANY(");
    sql.bind(Bind::Ids(gone.to_vec())).sql(") AND o.id <> ALL(").bind(Bind::Ids(gone.to_vec())).sql(") ORDER BY o.id");
    Ok(sql.load(tx)?)
}

fn lost(tx: &mut PgConnection, begin: &'static str, end: &'static str, gone: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    let mut sql = Statement::<(SqlUuid, BigInt)>::new(begin);
    sql.bind(Bind::Ids(gone.to_vec())).sql(end);
    Ok(sql.load(tx)?)
}

/// Under the slugs that these were ever live under, the world is told that they are gone.
fn tell_gone(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    let mut sql = Statement::<BigInt>::new("INSERT INTO live_taken_down (slug, article_id) SELECT slug, article_id FROM article_slugs WHERE was_live AND article_id = ANY(");
    sql.bind(Bind::Ids(ids.to_vec())).sql(") UNION SELECT slug, id FROM live_articles WHERE id = ANY(").bind(Bind::Ids(ids.to_vec())).sql(") ON CONFLICT (slug) DO NOTHING");
    sql.execute(tx)?;
    Ok(())
}

fn note(tx: &mut PgConnection, gone: &[Uuid], slugs: &[String], now: Timestamp) -> Result<()> {
    name_purges_here(tx, true)?;
    let count = i64::try_from(gone.len()).map_err(Error::internal)?;
    generation::content_changed_with(tx, count, |sql| {
        sql.sql(", noted AS (INSERT INTO changes (generation, at, kind, article_id, slug, revision) SELECT moved.value - ");
        sql.bind(Bind::Big(count)).sql(" + c.place, ").bind(Bind::Time(now)).sql(", ").bind(Bind::Text(ChangeKind::TakenDown.as_str().to_owned()));
        sql.sql(", c.id, c.slug, NULL FROM moved, unnest(").bind(Bind::Ids(gone.to_vec())).sql(", ").bind(Bind::Texts(slugs.to_vec()));
        sql.sql(") WITH ORDINALITY AS c (id, slug, place))");
    })?;
    name_purges_here(tx, false)
}

/// A story as it was live before it was taken down.
#[derive(Debug, Clone, Copy)]
pub struct Was {
    /// The article.
    pub id: Uuid,
    /// Its group of translations.
    pub group: Uuid,
    /// The revision that was live.
    pub revision: i32,
    /// Its times.
    pub times: Times,
}

/// Puts stories back before the world, with what they refer to as it is called now.
///
/// # Errors
/// What the database says.
pub fn restore(tx: &mut PgConnection, stories: &[Was], now: Timestamp) -> Result<()> {
    if stories.is_empty() {
        return Ok(());
    }
    hold_all(tx)?;
    for stories in stories.chunks(RESTORED_AT_ONCE) {
        let contents = content::load_all(tx, &stories.iter().map(|was| (was.id, was.revision)).collect::<Vec<_>>())?;
        let live: Vec<_> = stories.iter().zip(&contents).map(|(was, content)| Live { id: was.id, group: was.group, revision: was.revision, content, times: was.times }).collect();
        let around = Surroundings::load(tx, &live.iter().map(Live::subject).collect::<Vec<_>>())?;
        projection::show_at(tx, &live, &around, Some(now))?;
    }
    Ok(())
}
