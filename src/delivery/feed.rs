//! The SQL of the news feed: one index range for each thing it is about, a page of rows, never an offset.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::page::PageRequest;
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

crate::words! {
    /// How the feed is sorted.
    FeedSort {
        /// The newest first.
        Newest = "-published_at",
        /// The oldest first.
        Oldest = "published_at",
        /// The last changed first.
        Updated = "-updated_at",
        /// What fits `q` best, and the better the newer it is; only with `q`. Ranks the newest 200 that fit.
        Relevance = "relevance",
    }
}

/// Values a filter may name at the most.
pub const MOST_VALUES: usize = 20;

/// Names of which any may fit, and names that must not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnyOf {
    /// Any of these.
    pub any: Vec<String>,
    /// None of these.
    pub none: Vec<String>,
}

impl AnyOf {
    /// Reads `a,b,-c`.
    ///
    /// # Errors
    /// 400 for too many, and for what cannot be a name.
    pub fn parse(parameter: &str, text: Option<&str>) -> Result<Self> {
        let mut filter = Self::default();
        let Some(text) = text else { return Ok(filter) };
        let names: Vec<_> = text.split(',').map(str::trim).collect();
        if names.len() > MOST_VALUES {
            return Err(Error::parameter(parameter, "too_many", format!("There may be {MOST_VALUES} values at the most.")));
        }
        for name in names {
            let (list, name) = name.strip_prefix('-').map_or((&mut filter.any, name), |name| (&mut filter.none, name));
            let good = !name.is_empty() && name.len() <= 200 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            if !good {
                return Err(Error::parameter(parameter, "invalid", "Names separated by commas, each with a '-' before it where it is to be left out."));
            }
            list.push(name.to_owned());
        }
        Ok(filter)
    }
}

/// What the feed is about.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Slugs of tags.
    pub tag: AnyOf,
    /// Slugs of tags that must all be there.
    pub tags_all: Vec<String>,
    /// Slugs of authors.
    pub author: AnyOf,
    /// Slugs of tags that come first.
    pub primary_tag: AnyOf,
    /// Kinds.
    pub kind: AnyOf,
    /// Languages.
    pub language: AnyOf,
    /// Published later than.
    pub published_after: Option<Timestamp>,
    /// Published earlier than.
    pub published_before: Option<Timestamp>,
    /// Changed later than.
    pub updated_after: Option<Timestamp>,
    /// Not these.
    pub exclude: Vec<Uuid>,
    /// Before this one, with the newest first.
    pub newer_than: Option<Key>,
}

/// Which bodies come along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// None.
    Card,
    /// As HTML.
    Html,
    /// As blocks, to be rendered.
    Blocks,
}

/// The key of a page: the time it is sorted by, then the id.
pub type Key = (Timestamp, Uuid);

/// A row of the feed.
#[derive(Debug, Queryable)]
pub struct Row {
    /// The prepared list item.
    pub card: String,
    /// The prepared HTML, where asked for.
    pub html: String,
    /// The blocks, where asked for.
    pub body: serde_json::Value,
    /// What it is sorted by.
    pub at: Timestamp,
    /// The article.
    pub id: Uuid,
    /// The generation of the references when this was read.
    pub references: i64,
}

/// The SQL types of a row.
pub type Columns = (Text, Text, Jsonb, Timestamptz, SqlUuid, BigInt);

const CARD: &str = "SELECT l.card, '', 'null'::jsonb, ";
const HTML: &str = "SELECT l.card, l.html, 'null'::jsonb, ";
const BLOCKS: &str = "SELECT l.card, '', l.body, ";

/// The begin of a statement that reads rows.
#[must_use]
pub fn select(with: With) -> Statement<Columns> {
    Statement::new(match with {
        With::Card => CARD,
        With::Html => HTML,
        With::Blocks => BLOCKS,
    })
}

/// The rest of the select list, and the table.
pub const FROM_LIVE: &str = ", l.id, (SELECT value FROM generations WHERE name = 'references') FROM ";

impl FeedSort {
    const fn column(self) -> &'static str {
        match self {
            Self::Newest | Self::Oldest | Self::Relevance => "published_at",
            Self::Updated => "updated_at",
        }
    }

    const fn descends(self) -> bool {
        !matches!(self, Self::Oldest)
    }
}

/// One index range: all live stories, those of a tag, those of an author.
#[derive(Debug, Clone, Copy)]
enum Range<'a> {
    All,
    Tag(&'a str),
    Author(&'a str),
}

impl Filter {
    /// The ranges that together hold every story of the feed: one a tag, one a author, or all.
    fn ranges(&self) -> Vec<Range<'_>> {
        if !self.tags_all.is_empty() {
            return self.tags_all.iter().take(1).map(|slug| Range::Tag(slug)).collect();
        }
        if !self.tag.any.is_empty() && (self.author.any.is_empty() || self.tag.any.len() <= self.author.any.len()) {
            return self.tag.any.iter().map(|slug| Range::Tag(slug)).collect();
        }
        if !self.author.any.is_empty() {
            return self.author.any.iter().map(|slug| Range::Author(slug)).collect();
        }
        // A primary tag is one of the tags: its stories are among those, however rare it is.
        if !self.primary_tag.any.is_empty() {
            return self.primary_tag.any.iter().map(|slug| Range::Tag(slug)).collect();
        }
        vec![Range::All]
    }

    /// Whether anything beyond the ranges decides.
    fn looks_at_rows(&self, ranges: &[Range<'_>]) -> bool {
        let by_tag = matches!(ranges.first(), Some(Range::Tag(_)));
        let by_author = matches!(ranges.first(), Some(Range::Author(_)));
        let tags_left = !self.tag.any.is_empty() && (!by_tag || !self.tags_all.is_empty());
        let authors_left = !self.author.any.is_empty() && !by_author;
        tags_left
            || authors_left
            || self.tags_all.len() > 1
            || self.updated_after.is_some()
            || !self.exclude.is_empty()
            || !self.tag.none.is_empty()
            || !self.author.none.is_empty()
            || [&self.primary_tag, &self.kind, &self.language].iter().any(|f| **f != AnyOf::default())
    }

    /// ` AND …` for everything that is not a range, on `l`.
    fn conditions<S>(&self, sql: &mut Statement<S>, ranges: &[Range<'_>]) {
        let by_tag = matches!(ranges.first(), Some(Range::Tag(_))) && self.tags_all.is_empty();
        let by_author = matches!(ranges.first(), Some(Range::Author(_)));
        let texts = |v: &Vec<String>| Bind::Texts(v.clone());
        if !by_tag && !self.tag.any.is_empty() {
            sql.sql(" AND EXISTS (SELECT FROM live_article_tags x JOIN tags y ON y.id = x.tag_id WHERE x.article_id = l.id AND y.slug = ANY(").bind(texts(&self.tag.any)).sql("))");
        }
        if !by_author && !self.author.any.is_empty() {
            sql.sql(" AND EXISTS (SELECT FROM live_article_authors x JOIN authors y ON y.id = x.author_id WHERE x.article_id = l.id AND y.slug = ANY(")
                .bind(texts(&self.author.any))
                .sql("))");
        }
        for slug in self.tags_all.iter().skip(1) {
            sql.sql(" AND EXISTS (SELECT FROM live_article_tags x WHERE x.article_id = l.id AND x.tag_id = (SELECT id FROM tags WHERE slug = ")
                .bind(Bind::Text(slug.clone()))
                .sql("))");
        }
        if !self.tag.none.is_empty() {
            sql.sql(" AND NOT EXISTS (SELECT FROM live_article_tags x JOIN tags y ON y.id = x.tag_id WHERE x.article_id = l.id AND y.slug = ANY(")
                .bind(texts(&self.tag.none))
                .sql("))");
        }
        if !self.author.none.is_empty() {
            sql.sql(" AND NOT EXISTS (SELECT FROM live_article_authors x JOIN authors y ON y.id = x.author_id WHERE x.article_id = l.id AND y.slug = ANY(")
                .bind(texts(&self.author.none))
                .sql("))");
        }
        words(sql, (" AND l.kind = ", " AND l.kind = ANY(", " AND l.kind <> ALL("), &self.kind);
        words(sql, (" AND l.language = ", " AND l.language = ANY(", " AND l.language <> ALL("), &self.language);
        if !self.primary_tag.any.is_empty() {
            sql.sql(" AND l.primary_tag_id = ANY(ARRAY(SELECT id FROM tags WHERE slug = ANY(").bind(texts(&self.primary_tag.any)).sql(")))");
        }
        if !self.primary_tag.none.is_empty() {
            sql.sql(" AND l.primary_tag_id <> ALL(ARRAY(SELECT id FROM tags WHERE slug = ANY(").bind(texts(&self.primary_tag.none)).sql(")))");
        }
        if let Some(time) = self.updated_after {
            sql.sql(" AND l.updated_at > ").bind(Bind::Time(time));
        }
        if !self.exclude.is_empty() {
            sql.sql(" AND l.id <> ALL(").bind(Bind::Ids(self.exclude.clone())).sql(")");
        }
    }
}

fn words<S>(sql: &mut Statement<S>, (one, any, none): (&'static str, &'static str, &'static str), filter: &AnyOf) {
    match filter.any.as_slice() {
        [] => {}
        [word] => {
            sql.sql(one).bind(Bind::Text(word.clone()));
        }
        words => {
            sql.sql(any).bind(Bind::Texts(words.to_vec())).sql(")");
        }
    }
    if !filter.none.is_empty() {
        sql.sql(none).bind(Bind::Texts(filter.none.clone())).sql(")");
    }
}

/// A page of rows, in reading order.
///
/// # Errors
/// What the database says.
pub fn page(conn: &mut PgConnection, filter: &Filter, sort: FeedSort, page: &PageRequest<Key>, with: With) -> Result<Vec<Row>> {
    let mut sql = select(with);
    let descending = sort.descends() != page.backwards();
    sql.sql("k.at").sql(FROM_LIVE).sql("(");
    let ranges = filter.ranges();
    for (at, range) in ranges.iter().enumerate() {
        sql.sql(if at == 0 { "(" } else { ") UNION (" });
        one_range(&mut sql, filter, &ranges, *range, sort, page, descending);
    }
    sql.sql(")) k JOIN live_articles l ON l.id = k.article_id ORDER BY k.at");
    sql.sql(if descending { " DESC, k.article_id DESC LIMIT " } else { ", k.article_id LIMIT " }).literal(page.take());
    Ok(sql.load::<Row>(conn)?)
}

fn one_range(sql: &mut Statement<Columns>, filter: &Filter, ranges: &[Range<'_>], range: Range<'_>, sort: FeedSort, page: &PageRequest<Key>, descending: bool) {
    let looks = filter.looks_at_rows(ranges);
    // `f` is the table whose index is walked; `l` the story.
    let join = if looks { " JOIN live_articles l ON l.id = f.article_id" } else { "" };
    let column = sort.column();
    match range {
        Range::All => sql.sql("SELECT l.id AS article_id, l.").sql(column).sql(" AS at FROM live_articles l WHERE true"),
        Range::Tag(slug) => sql
            .sql("SELECT f.article_id, f.")
            .sql(column)
            .sql(" AS at FROM live_article_tags f")
            .sql(join)
            .sql(" WHERE f.tag_id = (SELECT id FROM tags WHERE slug = ")
            .bind(Bind::Text(slug.to_owned()))
            .sql(")"),
        Range::Author(slug) => sql
            .sql("SELECT f.article_id, f.")
            .sql(column)
            .sql(" AS at FROM live_article_authors f")
            .sql(join)
            .sql(" WHERE f.author_id = (SELECT id FROM authors WHERE slug = ")
            .bind(Bind::Text(slug.to_owned()))
            .sql(")"),
    };
    let (table, id) = if matches!(range, Range::All) { ("l.", "l.id") } else { ("f.", "f.article_id") };
    for (bound, operator) in [(filter.published_after, "published_at > "), (filter.published_before, "published_at < ")] {
        if let Some(time) = bound {
            sql.sql(" AND ").sql(table).sql(operator).bind(Bind::Time(time));
        }
    }
    if let Some((time, last)) = page.key() {
        sql.sql(" AND (").sql(table).sql(column).sql(", ").sql(id).sql(if descending { ") < (" } else { ") > (" }).bind(Bind::Time(*time)).sql(", ").bind(Bind::Id(*last)).sql(")");
    }
    newer_than(sql, filter, [table, column, id]);
    if looks || matches!(range, Range::All) {
        filter.conditions(sql, ranges);
    }
    sql.sql(" ORDER BY ")
        .sql(table)
        .sql(column)
        .sql(if descending { " DESC, " } else { ", " })
        .sql(id)
        .sql(if descending { " DESC LIMIT " } else { " LIMIT " })
        .literal(page.take());
}

/// ` AND …` for what has come since.
fn newer_than<S>(sql: &mut Statement<S>, filter: &Filter, [table, column, id]: [&'static str; 3]) {
    if let Some((time, last)) = filter.newer_than {
        sql.sql(" AND (").sql(table).sql(column).sql(", ").sql(id).sql(") > (").bind(Bind::Time(time)).sql(", ").bind(Bind::Id(last)).sql(")");
    }
}

/// How many stories the feed has.
///
/// # Errors
/// What the database says.
pub fn count(conn: &mut PgConnection, filter: &Filter, sort: FeedSort) -> Result<i64> {
    let mut sql = Statement::<BigInt>::new("SELECT count(*) FROM live_articles l WHERE true");
    if let Some(first) = filter.tags_all.first() {
        sql.sql(" AND EXISTS (SELECT FROM live_article_tags x WHERE x.article_id = l.id AND x.tag_id = (SELECT id FROM tags WHERE slug = ")
            .bind(Bind::Text(first.clone()))
            .sql("))");
    }
    for (bound, operator) in [(filter.published_after, " AND l.published_at > "), (filter.published_before, " AND l.published_at < ")] {
        if let Some(time) = bound {
            sql.sql(operator).bind(Bind::Time(time));
        }
    }
    newer_than(&mut sql, filter, ["l.", sort.column(), "l.id"]);
    filter.conditions(&mut sql, &[Range::All]);
    Ok(sql.get_result(conn)?)
}
