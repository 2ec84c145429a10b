//! How many live stories each tag and author has, kept as stories come and go.

use std::collections::{BTreeMap, BTreeSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

use crate::db::statement::{Bind, Statement};
use crate::error::Result;
use crate::timestamp::Timestamp;

/// The SQL of one kind of reference: what stands before and after the bound ids.
struct Counted {
    hold: (&'static str, &'static str),
    gone: (&'static str, &'static str),
    fewer: (&'static str, &'static str),
    more: (&'static str, &'static str),
    redate: &'static str,
}

const TAGS: Counted = Counted {
    hold: ("SELECT count(*) FROM (SELECT FROM live_tags WHERE tag_id = ANY(", ") ORDER BY tag_id FOR UPDATE) AS held"),
    gone: ("DELETE FROM live_tags c USING unnest(", ") AS l (id, n) WHERE c.tag_id = l.id AND c.article_count <= l.n"),
    fewer: ("UPDATE live_tags c SET article_count = c.article_count - l.n FROM unnest(", ") AS l (id, n) WHERE c.tag_id = l.id"),
    more: (
        "INSERT INTO live_tags (tag_id, article_count, latest_published_at) SELECT id, n, at FROM unnest(",
        ") AS g (id, n, at) ORDER BY id ON CONFLICT (tag_id) DO UPDATE SET article_count = live_tags.article_count + excluded.article_count, \
         latest_published_at = greatest(live_tags.latest_published_at, excluded.latest_published_at)",
    ),
    redate: "UPDATE live_tags SET latest_published_at = (SELECT f.published_at FROM live_article_tags f WHERE f.tag_id = live_tags.tag_id \
             ORDER BY f.published_at DESC, f.article_id DESC LIMIT 1) WHERE tag_id = ANY(",
};

const AUTHORS: Counted = Counted {
    hold: ("SELECT count(*) FROM (SELECT FROM live_authors WHERE author_id = ANY(", ") ORDER BY author_id FOR UPDATE) AS held"),
    gone: ("DELETE FROM live_authors c USING unnest(", ") AS l (id, n) WHERE c.author_id = l.id AND c.article_count <= l.n"),
    fewer: ("UPDATE live_authors c SET article_count = c.article_count - l.n FROM unnest(", ") AS l (id, n) WHERE c.author_id = l.id"),
    more: (
        "INSERT INTO live_authors (author_id, article_count, latest_published_at) SELECT id, n, at FROM unnest(",
        ") AS g (id, n, at) ORDER BY id ON CONFLICT (author_id) DO UPDATE SET article_count = live_authors.article_count + excluded.article_count, \
         latest_published_at = greatest(live_authors.latest_published_at, excluded.latest_published_at)",
    ),
    redate: "UPDATE live_authors SET latest_published_at = (SELECT f.published_at FROM live_article_authors f WHERE f.author_id = live_authors.author_id \
             ORDER BY f.published_at DESC, f.article_id DESC LIMIT 1) WHERE author_id = ANY(",
};

/// What became of the references of some stories. In the order of the ids, so that two publishes take rows in the same.
#[derive(Debug, Default)]
pub struct Shift {
    /// How many stories have lost it.
    lost: BTreeMap<Uuid, i32>,
    /// How many stories have it newly, and the date of the latest of those.
    gained: BTreeMap<Uuid, (i32, Timestamp)>,
    /// Still on a story whose date has changed.
    redated: BTreeSet<Uuid>,
}

impl Shift {
    /// A story has lost all of these.
    #[must_use]
    pub fn lost(had: &[Uuid]) -> Self {
        Self { lost: had.iter().map(|id| (*id, 1)).collect(), ..Self::default() }
    }

    /// Many stories have lost these, each so many times.
    #[must_use]
    pub fn lost_by_many(had: &[(Uuid, i64)]) -> Self {
        Self { lost: had.iter().map(|(id, count)| (*id, i32::try_from(*count).unwrap_or(i32::MAX))).collect(), ..Self::default() }
    }

    /// Adds a story: the references it had, each with its date then, against those it has, with its date now.
    pub fn add(&mut self, had: &[(Uuid, Timestamp)], has: &[Uuid], at: Timestamp) {
        for (id, _) in had.iter().filter(|(id, _)| !has.contains(id)) {
            *self.lost.entry(*id).or_default() += 1;
        }
        for id in has {
            match had.iter().find(|(had, _)| had == id) {
                None => {
                    let (count, latest) = self.gained.entry(*id).or_insert((0, at));
                    *count += 1;
                    *latest = at.max(*latest);
                }
                Some((_, then)) if *then != at => drop(self.redated.insert(*id)),
                Some(_) => {}
            }
        }
    }
}

/// Counts tags that stories have lost and gained.
///
/// # Errors
/// What the database says.
pub fn tags(tx: &mut PgConnection, shift: &Shift) -> Result<()> {
    change(tx, &TAGS, shift)
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

/// Counts authors that stories have lost and gained.
///
/// # Errors
/// What the database says.
pub fn authors(tx: &mut PgConnection, shift: &Shift) -> Result<()> {
    change(tx, &AUTHORS, shift)
}

fn change(tx: &mut PgConnection, sql: &Counted, shift: &Shift) -> Result<()> {
    let stale: Vec<Uuid> = shift.lost.keys().chain(&shift.redated).copied().collect();
    if !stale.is_empty() {
        // Held first, by a statement of its own: those that follow then see what others did until then. Without it two
        // stories that leave their last tag at once would each count from two.
        let mut hold = Statement::<BigInt>::new(sql.hold.0);
        hold.bind(Bind::Ids(stale.iter().chain(shift.gained.keys()).copied().collect())).sql(sql.hold.1);
        hold.get_result::<i64>(tx)?;
        if !shift.lost.is_empty() {
            for (begin, end) in [sql.gone, sql.fewer] {
                let mut statement = Statement::<BigInt>::new(begin);
                statement.bind(Bind::Ids(shift.lost.keys().copied().collect())).sql(", ").bind(Bind::Ints(shift.lost.values().copied().collect())).sql(end);
                statement.execute(tx)?;
            }
        }
        let mut redate = Statement::<BigInt>::new(sql.redate);
        redate.bind(Bind::Ids(stale)).sql(")");
        redate.execute(tx)?;
    }
    if !shift.gained.is_empty() {
        let mut more = Statement::<BigInt>::new(sql.more.0);
        more.bind(Bind::Ids(shift.gained.keys().copied().collect())).sql(", ").bind(Bind::Ints(shift.gained.values().map(|(count, _)| *count).collect()));
        more.sql(", ").bind(Bind::Times(shift.gained.values().map(|(_, latest)| *latest).collect())).sql(sql.more.1);
        more.execute(tx)?;
    }
    Ok(())
}

/// Counts many new stories at once, by the rows that they have already.
///
/// # Errors
/// What the database says.
pub fn add(tx: &mut PgConnection, articles: &[Uuid]) -> Result<()> {
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
        statement.bind(Bind::Ids(articles.to_vec())).sql(end);
        statement.execute(tx)?;
    }
    Ok(())
}
