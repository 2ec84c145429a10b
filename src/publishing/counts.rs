//! How many live stories each tag and author has, kept as stories come and go.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::timestamp::Timestamp;

/// The SQL of one kind of reference.
struct Counted {
    gone: &'static str,
    fewer: &'static str,
    more: &'static str,
}

const TAGS: Counted = Counted {
    gone: "DELETE FROM live_tags WHERE article_count = 1 AND tag_id = ANY(",
    fewer: "UPDATE live_tags SET article_count = article_count - 1, latest_published_at = (SELECT f.published_at FROM live_article_tags f WHERE f.tag_id = live_tags.tag_id \
            ORDER BY f.published_at DESC, f.article_id DESC LIMIT 1) WHERE tag_id = ANY(",
    more: "INSERT INTO live_tags (tag_id, article_count, latest_published_at) SELECT id, 1, at FROM unnest(",
};

const AUTHORS: Counted = Counted {
    gone: "DELETE FROM live_authors WHERE article_count = 1 AND author_id = ANY(",
    fewer: "UPDATE live_authors SET article_count = article_count - 1, latest_published_at = (SELECT f.published_at FROM live_article_authors f WHERE f.author_id = live_authors.author_id \
            ORDER BY f.published_at DESC, f.article_id DESC LIMIT 1) WHERE author_id = ANY(",
    more: "INSERT INTO live_authors (author_id, article_count, latest_published_at) SELECT id, 1, at FROM unnest(",
};

/// Tags that a story has lost and gained.
///
/// # Errors
/// What the database says.
pub fn tags(tx: &mut PgConnection, lost: Vec<Uuid>, gained: Vec<Uuid>, at: Timestamp) -> Result<()> {
    let added = ") AS id, (SELECT ";
    let conflict = " AS at) AS t ORDER BY id ON CONFLICT (tag_id) DO UPDATE SET article_count = live_tags.article_count + 1, \
                    latest_published_at = greatest(live_tags.latest_published_at, excluded.latest_published_at)";
    change(tx, &TAGS, (added, conflict), lost, gained, at)
}

/// All stories of one tag have become those of another; none of them had that one already.
///
/// # Errors
/// What the database says.
pub fn move_tag(tx: &mut PgConnection, from: Uuid, into: Uuid) -> Result<()> {
    let mut sql = Statement::<BigInt>::new("WITH gone AS (DELETE FROM live_tags WHERE tag_id = ");
    sql.bind(Bind::Id(from)).sql(" RETURNING article_count, latest_published_at) INSERT INTO live_tags (tag_id, article_count, latest_published_at) SELECT ");
    sql.bind(Bind::Id(into)).sql(
        ", article_count, latest_published_at FROM gone ON CONFLICT (tag_id) DO UPDATE SET article_count = live_tags.article_count + excluded.article_count, \
         latest_published_at = greatest(live_tags.latest_published_at, excluded.latest_published_at)",
    );
    sql.execute(tx)?;
    Ok(())
}

/// Authors that a story has lost and gained.
///
/// # Errors
/// What the database says.
pub fn authors(tx: &mut PgConnection, lost: Vec<Uuid>, gained: Vec<Uuid>, at: Timestamp) -> Result<()> {
    let added = ") AS id, (SELECT ";
    let conflict = " AS at) AS t ORDER BY id ON CONFLICT (author_id) DO UPDATE SET article_count = live_authors.article_count + 1, \
                    latest_published_at = greatest(live_authors.latest_published_at, excluded.latest_published_at)";
    change(tx, &AUTHORS, (added, conflict), lost, gained, at)
}

fn change(tx: &mut PgConnection, sql: &Counted, (added, conflict): (&'static str, &'static str), lost: Vec<Uuid>, gained: Vec<Uuid>, at: Timestamp) -> Result<()> {
    if !lost.is_empty() {
        for statement in [sql.gone, sql.fewer] {
            let mut statement = Statement::<BigInt>::new(statement);
            statement.bind(Bind::Ids(lost.clone())).sql(")");
            statement.execute(tx)?;
        }
    }
    if !gained.is_empty() {
        let mut statement = Statement::<BigInt>::new(sql.more);
        statement.bind(Bind::Ids(gained)).sql(added).bind(Bind::Time(at)).sql(conflict);
        statement.execute(tx)?;
    }
    Ok(())
}

/// Counts many new stories at once, by the rows that they have already.
///
/// # Errors
/// What the database says.
pub fn add(tx: &mut PgConnection, articles: Vec<Uuid>) -> Result<()> {
    let tags = "INSERT INTO live_tags (tag_id, article_count, latest_published_at) \
                SELECT tag_id, count(*), max(published_at) FROM live_article_tags WHERE article_id = ANY(";
    let tags_end = ") GROUP BY tag_id ORDER BY tag_id ON CONFLICT (tag_id) DO UPDATE SET article_count = live_tags.article_count + excluded.article_count, \
                    latest_published_at = greatest(live_tags.latest_published_at, excluded.latest_published_at)";
    let authors = "INSERT INTO live_authors (author_id, article_count, latest_published_at) \
                   SELECT author_id, count(*), max(published_at) FROM live_article_authors WHERE article_id = ANY(";
    let authors_end = ") GROUP BY author_id ORDER BY author_id ON CONFLICT (author_id) DO UPDATE SET article_count = live_authors.article_count + excluded.article_count, \
                       latest_published_at = greatest(live_authors.latest_published_at, excluded.latest_published_at)";
    for (begin, end) in [(tags, tags_end), (authors, authors_end)] {
        let mut statement = Statement::<BigInt>::new(begin);
        statement.bind(Bind::Ids(articles.clone())).sql(end);
        statement.execute(tx)?;
    }
    Ok(())
}
