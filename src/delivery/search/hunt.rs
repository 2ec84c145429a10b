//! Finds the newest (or oldest) stories that fit a question at a cost that does not depend on luck: rows are looked at in
//! date order while the question is answered often, then month by month through the index, and never more of them than
//! fixed here. Whoever wants more goes on from where this stopped.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::question::Asked;
use crate::db::statement::{Bind, Statement};
use crate::delivery::feed::Key;
use crate::error::Result;
use crate::search_words::marks;
use crate::timestamp::Timestamp;

/// Rows that one look into the index brings at the most. With as many, they may not be all.
const CANDIDATES: i64 = 2_000;
/// Rows looked at in date order where a single month has more candidates than that.
const STRIDE: i64 = 2_000;
/// Rows looked at in all before it is left to the next page to go on.
const MOST_ROWS: i64 = 12_000;
/// Statements for one page at the most.
const MOST_STATEMENTS: usize = 40;
/// Months that are looked through at once, at the most.
const MOST_MONTHS: i32 = 64;
/// After so many months at once, all that is left is tried.
const WHOLE_AFTER: i32 = 16;

/// The index is to be used however common the planner takes the words to be: without this it may prefer to read the table
/// from end to end, which is right only when it has guessed right.
const BY_INDEX: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL jit = off";
const BY_DATE: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on; SET LOCAL jit = off";
const AS_EVER: &str = "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on";
/// The last belt: nothing here takes as long as this.
const BELT: &str = "SET LOCAL statement_timeout = 1000";

/// What decides besides words and marks.
#[derive(Debug, Clone, Default)]
pub struct Within {
    /// Published later than.
    pub after: Option<Timestamp>,
    /// Published earlier than.
    pub before: Option<Timestamp>,
    /// Changed later than.
    pub updated_after: Option<Timestamp>,
    /// Not these.
    pub exclude: Vec<Uuid>,
    /// Newer than this story.
    pub newer_than: Option<Key>,
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub struct Hunt<'a> {
    /// Words and marks.
    pub asked: &'a Asked,
    /// The rest.
    pub within: &'a Within,
    /// The newest first.
    pub descending: bool,
    /// After this story, in that order.
    pub from: Option<&'a Key>,
    /// How many.
    pub want: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order asked for.
    pub hits: Vec<Key>,
    /// Where it stopped though there may be more, because it had looked at enough.
    pub stopped_at: Option<Key>,
}

impl Hunt<'_> {
    /// Looks. Must run in a transaction, for whose length its settings hold.
    ///
    /// # Errors
    /// What the database says.
    pub fn run(&self, tx: &mut PgConnection) -> Result<Found> {
        tx.batch_execute(BELT)?;
        let found = self.look_for(tx)?;
        tx.batch_execute(AS_EVER)?;
        Ok(found)
    }

    fn look_for(&self, tx: &mut PgConnection) -> Result<Found> {
        let mut trail = Trail { hunt: self, hits: Vec::new(), at: self.from.copied(), looked_at: 0, statements: 0, by_index: None };
        let want = i64::try_from(self.want).unwrap_or(CANDIDATES);
        for rows in [(want * 2).max(100), (want * 8).max(400)] {
            if trail.walk(tx, rows)? || trail.is_enough() {
                return Ok(trail.found(false));
            }
        }
        let Some(far) = self.far_end(tx)? else { return Ok(trail.found(false)) };
        let Some(mut month) = trail.at.map(|(time, _)| marks::month_of(time)) else { return Ok(trail.found(false)) };
        let (mut months, mut tried_whole) = (1, false);
        loop {
            if trail.is_enough() || (if self.descending { month < far } else { month > far }) {
                return Ok(trail.found(false));
            }
            if trail.looked_at >= MOST_ROWS || trail.statements >= MOST_STATEMENTS {
                return Ok(trail.found(true));
            }
            // What is not in the last months is seldom anywhere: all that is left at once, without naming its months, costs least.
            if months == WHOLE_AFTER && !tried_whole {
                tried_whole = true;
                if trail.look(tx, None)? {
                    return Ok(trail.found(false));
                }
            }
            let (first, last) = if self.descending { ((month - months + 1).max(far), month) } else { (month, (month + months - 1).min(far)) };
            if trail.look(tx, Some((first, last)))? {
                month = if self.descending { first - 1 } else { last + 1 };
                months = (months * 4).min(MOST_MONTHS);
            } else if first < last {
                months = (months / 4).max(1);
            } else {
                if trail.walk(tx, STRIDE)? {
                    return Ok(trail.found(false));
                }
                month = trail.at.map_or(month, |(time, _)| marks::month_of(time));
            }
        }
    }

    /// The last month, in the order asked for, in which there can be anything.
    fn far_end(&self, tx: &mut PgConnection) -> Result<Option<i32>> {
        let sql = if self.descending { "SELECT min(l.published_at) FROM live_articles l" } else { "SELECT max(l.published_at) FROM live_articles l" };
        let end: Option<Timestamp> = Statement::<Nullable<Timestamptz>>::new(sql).get_result(tx)?;
        let Some(end) = end else { return Ok(None) };
        let bounds = [self.within.after, self.within.newer_than.map(|(time, _)| time)].into_iter().flatten();
        let end = if self.descending { bounds.fold(end, Timestamp::max) } else { self.within.before.map_or(end, |before| end.min(before)) };
        Ok(Some(marks::month_of(end)))
    }
}

struct Trail<'a> {
    hunt: &'a Hunt<'a>,
    hits: Vec<Key>,
    /// Everything up to here has been looked at.
    at: Option<Key>,
    looked_at: i64,
    statements: usize,
    by_index: Option<bool>,
}

impl Trail<'_> {
    fn is_enough(&self) -> bool {
        self.hits.len() >= self.hunt.want
    }

    fn found(mut self, stopped: bool) -> Found {
        self.hits.truncate(self.hunt.want);
        Found { stopped_at: self.at.filter(|_| stopped), hits: self.hits }
    }

    fn set(&mut self, tx: &mut PgConnection, by_index: bool) -> Result<()> {
        if self.by_index != Some(by_index) {
            tx.batch_execute(if by_index { BY_INDEX } else { BY_DATE })?;
            self.by_index = Some(by_index);
        }
        Ok(())
    }

    /// Looks at the next rows in date order. Says whether these were the last.
    fn walk(&mut self, tx: &mut PgConnection, rows: i64) -> Result<bool> {
        self.set(tx, false)?;
        let within = self.hunt.within;
        let mut sql = Statement::<(Timestamptz, SqlUuid, Bool)>::new("SELECT l.published_at, l.id, coalesce((SELECT s.words @@ ");
        sql.bind(Bind::Text(self.hunt.asked.exact.clone())).sql("::tsquery FROM live_search s WHERE s.article_id = l.id");
        if let Some(time) = within.updated_after {
            sql.sql(" AND s.updated_at > ").bind(Bind::Time(time));
        }
        sql.sql("), false) FROM live_articles l WHERE true");
        self.bounds(&mut sql, ["l.published_at", "l.id"]);
        let way = if self.hunt.descending { " ORDER BY l.published_at DESC, l.id DESC LIMIT " } else { " ORDER BY l.published_at, l.id LIMIT " };
        sql.sql(way).literal(rows);
        let walked: Vec<(Timestamp, Uuid, bool)> = sql.load(tx)?;
        self.statements += 1;
        let count = i64::try_from(walked.len()).unwrap_or(rows);
        self.looked_at += count;
        if let Some((time, id, _)) = walked.last() {
            self.at = Some((*time, *id));
        }
        let fits = walked.into_iter().filter(|(_, id, fits)| *fits && !within.exclude.contains(id));
        self.hits.extend(fits.map(|(time, id, _)| (time, id)));
        Ok(count < rows)
    }

    /// Looks through these months by the index, or through all. Says whether it has seen all of them.
    fn look(&mut self, tx: &mut PgConnection, months: Option<(i32, i32)>) -> Result<bool> {
        self.set(tx, true)?;
        let (hunt, asked) = (self.hunt, self.hunt.asked);
        let loose = months.map_or_else(
            || asked.loose.clone(),
            |(first, last)| {
                let months: Vec<_> = (first..=last).map(|month| format!("'{}'", marks::month(month))).collect();
                format!("({}) & ({})", asked.loose, months.join(" | "))
            },
        );
        let mut sql = Statement::<(BigInt, Nullable<Timestamptz>, Nullable<SqlUuid>)>::new("WITH live_found AS MATERIALIZED (SELECT s.article_id, s.published_at, s.updated_at, ");
        if asked.exact == asked.loose {
            sql.sql("true");
        } else {
            sql.sql("s.words @@ ").bind(Bind::Text(asked.exact.clone())).sql("::tsquery");
        }
        sql.sql(" AS fits FROM live_search s WHERE s.words @@ ").bind(Bind::Text(loose));
        sql.sql("::tsquery LIMIT ").literal(CANDIDATES);
        sql.sql(") SELECT c.n, k.published_at, k.article_id FROM (SELECT count(*) AS n FROM live_found) c LEFT JOIN LATERAL (SELECT f.published_at, f.article_id FROM live_found f WHERE f.fits");
        self.bounds(&mut sql, ["f.published_at", "f.article_id"]);
        if let Some(time) = hunt.within.updated_after {
            sql.sql(" AND f.updated_at > ").bind(Bind::Time(time));
        }
        if !hunt.within.exclude.is_empty() {
            sql.sql(" AND f.article_id <> ALL(").bind(Bind::Ids(hunt.within.exclude.clone())).sql(")");
        }
        sql.sql(if hunt.descending { " ORDER BY f.published_at DESC, f.article_id DESC LIMIT " } else { " ORDER BY f.published_at, f.article_id LIMIT " });
        sql.literal(i64::try_from(hunt.want).unwrap_or(CANDIDATES)).sql(") k ON true");
        let rows: Vec<(i64, Option<Timestamp>, Option<Uuid>)> = sql.load(tx)?;
        self.statements += 1;
        let candidates = rows.first().map_or(0, |row| row.0);
        self.looked_at += candidates;
        if candidates >= CANDIDATES {
            return Ok(false);
        }
        self.hits.extend(rows.into_iter().filter_map(|(_, time, id)| Some((time?, id?))));
        if let Some((first, last)) = months {
            self.at = marks::begin_of(if hunt.descending { first } else { last + 1 }).map(|time| (time, Uuid::nil())).or(self.at);
        }
        Ok(true)
    }

    /// ` AND …` for dates and for where it goes on.
    fn bounds<S>(&self, sql: &mut Statement<S>, [time, id]: [&'static str; 2]) {
        let (within, later) = (self.hunt.within, if self.hunt.descending { ") < (" } else { ") > (" });
        for (bound, operator) in [(within.after, " > "), (within.before, " < ")] {
            if let Some(bound) = bound {
                sql.sql(" AND ").sql(time).sql(operator).bind(Bind::Time(bound));
            }
        }
        for (key, operator) in [(self.at, later), (within.newer_than, ") > (")] {
            if let Some((at, last)) = key {
                sql.sql(" AND (").sql(time).sql(", ").sql(id).sql(operator).bind(Bind::Time(at)).sql(", ").bind(Bind::Id(last)).sql(")");
            }
        }
    }
}
