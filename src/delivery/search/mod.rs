//! Search: live stories that fit a question in words, newest first or by relevance, at a cost that is bounded.
//! `question` reads it, `filing` adds the filters, `hunt` finds, `highlight` shows why.

pub mod api;
pub mod filing;
pub mod highlight;
pub mod hunt;
pub mod question;
pub mod shapes;

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Float, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::feed::{self, FeedSort, Filter, Key, Row, With};
use crate::card::Writer;
use crate::db::page::{PageInfo, PageRequest, Signer};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;
use highlight::Marker;
use hunt::Hunt;
use question::{Asked, Place, Question};

/// The newest stories that are ranked by relevance: by date, all are found.
pub const RANKED: usize = 200;
/// Milliseconds for which "now" stands still, so that the same question has the same answer.
const TICK: i64 = 600_000;

/// The key of a page by relevance: the time for which it was ranked, the rank in billionths, the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RankKey(Timestamp, i64, Uuid);

/// A page of either order.
#[derive(Debug, Clone)]
pub enum Pages {
    /// By date.
    Dated(PageRequest<Key>),
    /// By relevance.
    Ranked(PageRequest<RankKey>),
}

impl Pages {
    /// Reads `limit` and `cursor` for this order.
    ///
    /// # Errors
    /// 400 as for any page.
    pub fn new(sort: FeedSort, limit: Option<u8>, cursor: Option<&str>, question: String, signer: &Signer) -> Result<Self> {
        Ok(match sort {
            FeedSort::Relevance => Self::Ranked(PageRequest::new(limit, cursor, question, signer)?),
            _ => Self::Dated(PageRequest::new(limit, cursor, question, signer)?),
        })
    }
}

/// A search.
#[derive(Debug, Clone)]
pub struct Search {
    /// In words.
    pub question: Question,
    /// What besides.
    pub filter: Filter,
    /// In which order.
    pub sort: FeedSort,
    /// Which of them.
    pub pages: Pages,
}

/// What was found.
#[derive(Debug)]
pub struct Results {
    /// In the order asked for.
    pub rows: Vec<Row>,
    /// Where they stand.
    pub info: PageInfo,
    /// How well each fits, by id, where asked for.
    pub ranks: HashMap<Uuid, f64>,
}

impl Search {
    /// Searches. `ranked` says whether ranks are wanted also where they do not decide.
    ///
    /// # Errors
    /// What the database says.
    pub fn run(&self, conn: &mut PgConnection, signer: &Signer, with: With, ranked: bool) -> Result<Results> {
        conn.build_transaction().read_only().repeatable_read().run(|tx| self.within(tx, signer, with, ranked))
    }

    /// Searches in a transaction that is there already.
    ///
    /// # Errors
    /// What the database says.
    pub fn within(&self, tx: &mut PgConnection, signer: &Signer, with: With, ranked: bool) -> Result<Results> {
        let asked = filing::asked(tx, &self.question, &self.filter, Place::Anywhere)?;
        match &self.pages {
            Pages::Dated(page) => self.by_date(tx, asked.as_ref(), page, signer, with, ranked),
            Pages::Ranked(page) => self.by_relevance(tx, asked.as_ref(), page, signer, with),
        }
    }

    fn by_date(&self, tx: &mut PgConnection, asked: Option<&Asked>, page: &PageRequest<Key>, signer: &Signer, with: With, ranked: bool) -> Result<Results> {
        let Some(asked) = asked else {
            let (rows, info) = page.finish(Vec::new(), signer, |row: &Row| (row.at, row.id))?;
            return Ok(Results { rows, info, ranks: HashMap::new() });
        };
        let within = filing::within(&self.filter);
        let descending = (self.sort == FeedSort::Newest) != page.backwards();
        let found = Hunt { asked, within: &within, descending, from: page.key(), want: page.rows() }.run(tx)?;
        let (hits, mut info) = page.finish(found.hits, signer, |hit| *hit)?;
        if let Some(key) = found.stopped_at {
            page.go_on_from(&mut info, &key, signer)?;
        }
        if self.sort == FeedSort::Newest {
            page.tell_top(&mut info, hits.first().copied().or(self.filter.newer_than), signer)?;
        }
        let ids: Vec<_> = hits.iter().map(|(_, id)| *id).collect();
        let ranks = if ranked { ranks(tx, asked, &ids, tick())?.into_iter().map(|hit| (hit.id, hit.score)).collect() } else { HashMap::new() };
        Ok(Results { rows: rows(tx, &ids, with)?, info, ranks })
    }

    fn by_relevance(&self, tx: &mut PgConnection, asked: Option<&Asked>, page: &PageRequest<RankKey>, signer: &Signer, with: With) -> Result<Results> {
        // Later pages are cut from the same ranking as the first: without what has gone live since, and of the same age.
        let now = page.key().map_or_else(tick, |key| key.0);
        let mut ranked = Vec::new();
        if let Some(asked) = asked {
            let mut within = filing::within(&self.filter);
            within.before = Some(within.before.map_or(now, |before| before.min(now)));
            let found = Hunt { asked, within: &within, descending: true, from: None, want: RANKED }.run(tx)?;
            let ids: Vec<_> = found.hits.iter().map(|(_, id)| *id).collect();
            ranked = ranks(tx, asked, &ids, now)?;
        }
        let key = |hit: &Hit| RankKey(now, hit.billionths(), hit.id);
        ranked.sort_unstable_by_key(|hit| std::cmp::Reverse(key(hit)));
        if page.backwards() {
            ranked.reverse();
        }
        if let Some(from) = page.key() {
            ranked.retain(|hit| if page.backwards() { key(hit) > *from } else { key(hit) < *from });
        }
        ranked.truncate(page.rows());
        let (hits, info) = page.finish(ranked, signer, key)?;
        let ids: Vec<_> = hits.iter().map(|hit| hit.id).collect();
        Ok(Results { rows: rows(tx, &ids, with)?, info, ranks: hits.into_iter().map(|hit| (hit.id, hit.score)).collect() })
    }
}

/// Now, or a little later, for a while the same.
fn tick() -> Timestamp {
    let now = crate::app::now();
    Timestamp::from_millis((now.millis().div_euclid(TICK) + 1) * TICK).unwrap_or(now)
}

struct Hit {
    id: Uuid,
    score: f64,
}

impl Hit {
    #[expect(clippy::cast_possible_truncation, reason = "ranks are small numbers")]
    fn billionths(&self) -> i64 {
        (self.score * 1e9).round() as i64
    }
}

/// How well stories fit: by the words' weights, and the better the newer they are.
fn ranks(tx: &mut PgConnection, asked: &Asked, ids: &[Uuid], now: Timestamp) -> Result<Vec<Hit>> {
    if ids.is_empty() || asked.rank.is_empty() {
        return Ok(ids.iter().map(|id| Hit { id: *id, score: 0.0 }).collect());
    }
    let mut sql = Statement::<(SqlUuid, Timestamptz, Float)>::new("SELECT s.article_id, s.published_at, ts_rank('{0.1, 0.2, 0.4, 1.0}', s.words, ");
    sql.bind(Bind::Text(asked.rank.clone())).sql("::tsquery) FROM live_search s WHERE s.article_id = ANY(").bind(Bind::Ids(ids.to_vec())).sql(")");
    let rows: Vec<(Uuid, Timestamp, f32)> = sql.load(tx)?;
    let score = |(id, published, rank): (Uuid, Timestamp, f32)| {
        #[expect(clippy::cast_precision_loss, reason = "days")]
        let days = (now.millis() - published.millis()).max(0) as f64 / 86_400_000.0;
        // A month takes away a third of what age can take away at all, which is most of it, but not all.
        Hit { id, score: f64::from(rank) * (0.3 + 0.7 / (1.0 + days / 30.0)) }
    };
    Ok(rows.into_iter().map(score).collect())
}

/// The live rows with these ids, in their order.
fn rows(tx: &mut PgConnection, ids: &[Uuid], with: With) -> Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = feed::select(with);
    sql.sql("l.published_at").sql(feed::FROM_LIVE).sql("live_articles l WHERE l.id = ANY(").bind(Bind::Ids(ids.to_vec())).sql(")");
    let mut rows = sql.load::<Row>(tx)?;
    let places: HashMap<_, _> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    rows.sort_by_key(|row| places.get(&row.id).copied());
    Ok(rows)
}

/// Bytes of a prepared text that its begin has, whatever the letters.
const BEGIN: i64 = 6_000;

/// The members that a result has beyond those of a story: `,"highlight":…,"rank":…`, in the order of the rows.
///
/// # Errors
/// What the database says.
pub fn members(conn: &mut PgConnection, question: &Question, results: &Results) -> Result<Vec<String>> {
    let mut markers: HashMap<String, Marker> = HashMap::new();
    let mut shown = Vec::new();
    for row in &results.rows {
        let text = |name: &str| member::<Option<String>>(&row.card, name).flatten();
        let language = text("language").unwrap_or_default();
        let marker = markers.entry(language.clone()).or_insert_with(|| Marker::new(question, &language));
        let (headline, _) = marker.mark(&text("headline").unwrap_or_default());
        let standfirst = text("standfirst").map(|standfirst| marker.mark(&standfirst));
        shown.push((row.id, language, headline, standfirst));
    }
    let elsewhere: Vec<_> = shown.iter().filter(|(_, _, _, standfirst)| standfirst.as_ref().is_none_or(|(_, found)| !found)).map(|(id, ..)| *id).collect();
    let begins = begins(conn, &elsewhere)?;
    let write = |(id, language, headline, standfirst): (Uuid, String, String, Option<(String, bool)>)| {
        let piece = begins.get(&id).and_then(|text| markers.get(&language)?.piece(&highlight::readable(text)));
        let text = piece.or_else(|| standfirst.map(|(html, _)| html));
        let mut highlight = Writer::default();
        highlight.member("headline", &headline)?.member("text", &text)?;
        let rank = results.ranks.get(&id).copied().unwrap_or_default();
        Ok(format!("\"highlight\":{},\"rank\":{}", highlight.finish(), (rank * 1e6).round() / 1e6))
    };
    shown.into_iter().map(|shown| write(shown).map_err(|error: serde_json::Error| Error::internal(error))).collect()
}

fn begins(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Statement::<(SqlUuid, Text)>::new("SELECT l.id, substr(l.html, 1, ");
    sql.literal(BEGIN).sql(") FROM live_articles l WHERE l.id = ANY(").bind(Bind::Ids(ids.to_vec())).sql(")");
    Ok(sql.load::<(Uuid, String)>(conn)?.into_iter().collect())
}

/// A member of a card, without reading the rest.
fn member<'a, T: Deserialize<'a>>(card: &'a str, name: &str) -> Option<T> {
    let (_, rest) = card.split_once(&format!("\"{name}\":"))?;
    serde_json::Deserializer::from_str(rest).into_iter::<T>().next()?.ok()
}
