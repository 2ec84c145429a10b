//! Lists of the desk, found at a bounded cost at any size: a list is walked along an index that has what it asks for in its
//! order, a little way first, and only what is rare is gathered whole and sorted. Decides what each reader may find.

use diesel::dsl::{count_star, exists, sql};
use diesel::expression::BoxableExpression;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz};
use uuid::Uuid;

use super::model::{ArticleQuery, ArticleSort, EditorialArticle, Head, Include};
use super::store::as_seen_by;
use super::view;
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::{Whom, containing};
use crate::error::Result;
use crate::identity::principal::Principal;
use crate::identity::role::Role;
use crate::schema::{article_authors, article_tags, articles};
use crate::timestamp::Timestamp;

/// The key a list of articles is sorted by: a time, then the id.
pub type Key = (Timestamp, Uuid);

/// Articles that a walk looks at, the first time and the second, before all that match are gathered.
const WALKS: [i64; 2] = [200, 2_000];
/// Letters of a search that an index of three letters can find anywhere.
const FINDABLE: usize = 3;
/// What a word of a headline may begin after, besides nothing.
const BEFORE_A_WORD: [&str; 10] = [" ", "(", "\"", "'", "“", "‘", "«", "„", "-", "/"];

type Condition = Box<dyn BoxableExpression<articles::table, Pg, SqlType = Bool>>;

fn headline_like(pattern: String) -> Condition {
    Box::new(sql::<Bool>("lower(articles.headline) LIKE ").bind::<Text, _>(pattern))
}

/// A part of the headline; of one or two letters, the beginning of a word, which the index can find.
fn headline_has(q: &str) -> Condition {
    let anywhere = containing(q);
    if q.chars().count() >= FINDABLE || q.chars().any(crate::search_words::is_ideograph) {
        return headline_like(anywhere);
    }
    let begins = anywhere.trim_start_matches('%').to_owned();
    let after = |mark: &&str| headline_like(format!("%{mark}{begins}"));
    BEFORE_A_WORD.iter().map(after).fold(headline_like(begins.clone()), |all, one| Box::new(all.or(one)))
}

/// Whoever made them, where that is asked for.
fn makers(query: &ArticleQuery, reader: &Principal) -> impl Iterator<Item = Uuid> {
    query.created_by.into_iter().chain(query.mine.filter(|mine| *mine).map(|_| reader.user_id))
}

fn matching<'a>(query: &'a ArticleQuery, reader: &Principal) -> articles::BoxedQuery<'a, Pg> {
    let mut rows = ordered(query);
    if !reader.is(Role::Author) {
        rows = rows.filter(articles::created_by.eq(reader.user_id).or(articles::live_revision.is_not_null()));
        // Filters look at what is being written: where others have changes waiting, they would tell of them.
        if query.q.is_some() || query.kind.is_some() || query.language.is_some() || query.author.is_some() || query.tag.is_some() {
            rows = rows.filter(articles::created_by.eq(reader.user_id).or(articles::live_revision.eq(articles::revision.nullable())));
        }
        if query.assignee.is_some() {
            rows = rows.filter(articles::created_by.eq(reader.user_id));
        }
    }
    if let Some(q) = &query.q {
        rows = rows.filter(headline_has(q.as_str()));
    }
    if let Some(status) = query.status {
        rows = rows.filter(articles::status.eq(status));
    }
    if let Some(kind) = query.kind {
        rows = rows.filter(articles::kind.eq(kind));
    }
    if let Some(language) = &query.language {
        rows = rows.filter(articles::language.eq(language.as_str()));
    }
    if let Some(id) = query.author {
        rows = rows.filter(exists(article_authors::table.filter(article_authors::article_id.eq(articles::id)).filter(article_authors::author_id.eq(id))));
    }
    if let Some(id) = query.tag {
        rows = rows.filter(exists(article_tags::table.filter(article_tags::article_id.eq(articles::id)).filter(article_tags::tag_id.eq(id))));
    }
    for maker in makers(query, reader) {
        rows = rows.filter(articles::created_by.eq(maker));
    }
    rows = match query.assignee {
        Some(Whom::Me) => rows.filter(articles::assignee_id.eq(reader.user_id)),
        Some(Whom::Account(id)) => rows.filter(articles::assignee_id.eq(id)),
        Some(Whom::Nobody) => rows.filter(articles::assignee_id.is_null()),
        None => rows,
    };
    if let Some(time) = query.updated_after {
        rows = rows.filter(articles::updated_at.gt(time));
    }
    if let Some(time) = query.updated_before {
        rows = rows.filter(articles::updated_at.lt(time));
    }
    rows
}

/// What the list's order has, whatever else is asked for.
fn ordered<'a>(query: &ArticleQuery) -> articles::BoxedQuery<'a, Pg> {
    let rows = articles::table.into_boxed();
    match (query.sort, query.updated_before) {
        (Some(ArticleSort::Published), _) => rows.filter(articles::published_at.is_not_null()),
        // Nothing is written before it is made.
        (Some(ArticleSort::Created), Some(time)) => rows.filter(articles::created_at.lt(time)),
        _ => rows,
    }
}

macro_rules! newest_first {
    ($rows:expr, $page:ident, $time:expr, $id:expr) => {{
        let rows = match $page.key().copied() {
            Some((time, id)) if $page.backwards() => $rows.filter($time.ge(time).and($time.gt(time).or($id.gt(id)))),
            Some((time, id)) => $rows.filter($time.le(time).and($time.lt(time).or($id.lt(id)))),
            None => $rows,
        };
        if $page.backwards() { rows.order(($time.asc(), $id.asc())) } else { rows.order(($time.desc(), $id.desc())) }
    }};
}

/// The next articles along an index in the order of the last write that has some of what is asked for; whether it has all.
macro_rules! along {
    ($conn:ident, $query:ident, $page:ident, $most:ident, $rows:expr, $time:expr, $id:expr) => {{
        let mut rows = $rows;
        if let Some(time) = $query.updated_after {
            rows = rows.filter($time.gt(time));
        }
        if let Some(time) = $query.updated_before {
            rows = rows.filter($time.lt(time));
        }
        newest_first!(rows, $page, $time, $id).limit($most).select($id).load::<Uuid>($conn)
    }};
}

/// An index that has some of what is asked for, in the order of the last write.
enum Path<'a> {
    /// That of all articles.
    All,
    Tag(Uuid),
    Author(Uuid),
    /// Of the articles themselves, with those of the filters that it has.
    Articles(articles::BoxedQuery<'a, Pg>),
}

impl<'a> Path<'a> {
    /// The paths that a list can be found along, the narrowest first as far as can be told, and whether whatever is on the
    /// first is asked for.
    fn choose(query: &'a ArticleQuery, reader: &Principal) -> (Vec<Self>, bool) {
        let mut filters = usize::from(query.q.is_some()) + usize::from(query.status.is_some()) + usize::from(query.kind.is_some()) + usize::from(query.language.is_some());
        filters += usize::from(query.tag.is_some()) + usize::from(query.author.is_some()) + usize::from(query.assignee.is_some()) + makers(query, reader).count();
        // What a reader may not see is on every path.
        filters += usize::from(!reader.is(Role::Author));
        let assignee = match query.assignee {
            Some(Whom::Me) => Some(reader.user_id),
            Some(Whom::Account(id)) => Some(id),
            _ => None,
        };
        let mut paths = Vec::new();
        let rows = || articles::table.into_boxed();
        paths.extend(query.tag.map(|tag| (Self::Tag(tag), 1)));
        paths.extend(query.author.map(|author| (Self::Author(author), 1)));
        paths.extend(assignee.map(|user| (Self::Articles(rows().filter(articles::assignee_id.eq(user))), 1)));
        paths.extend(makers(query, reader).map(|user| (Self::Articles(rows().filter(articles::created_by.eq(user))), 1)));
        let language = query.language.as_ref().map(AsRef::<str>::as_ref);
        paths.push(match (query.status, language, query.kind) {
            (Some(status), None, _) => (Self::Articles(rows().filter(articles::status.eq(status))), 1),
            (Some(status), Some(language), _) => (Self::Articles(rows().filter(articles::status.eq(status)).filter(articles::language.eq(language))), 2),
            (None, Some(language), None) => (Self::Articles(rows().filter(articles::language.eq(language))), 1),
            (None, Some(language), Some(kind)) => (Self::Articles(rows().filter(articles::language.eq(language)).filter(articles::kind.eq(kind))), 2),
            (None, None, Some(kind)) => (Self::Articles(rows().filter(articles::kind.eq(kind))), 1),
            (None, None, None) => (Self::All, 0),
        });
        let is_all = paths.first().is_some_and(|(_, taken)| *taken == filters);
        (paths.into_iter().map(|(path, _)| path).collect(), is_all)
    }

    /// The next articles on it from where the page begins, at most so many.
    fn walk(self, conn: &mut PgConnection, query: &ArticleQuery, page: &PageRequest<Key>, most: i64) -> Result<Vec<Uuid>> {
        Ok(match self {
            Self::Tag(tag) => {
                along!(conn, query, page, most, article_tags::table.filter(article_tags::tag_id.eq(tag)).into_boxed(), article_tags::updated_at, article_tags::article_id)?
            }
            Self::Author(author) => {
                let rows = article_authors::table.filter(article_authors::author_id.eq(author)).into_boxed();
                along!(conn, query, page, most, rows, article_authors::updated_at, article_authors::article_id)?
            }
            Self::Articles(rows) => along!(conn, query, page, most, rows, articles::updated_at, articles::id)?,
            Self::All => along!(conn, query, page, most, articles::table.into_boxed(), articles::updated_at, articles::id)?,
        })
    }

    /// Everything on it, from the last written to the first, where it is not much.
    fn whole(self, conn: &mut PgConnection) -> Result<Option<Vec<Uuid>>> {
        let most = WALKS[1];
        let ids: Vec<Uuid> = match self {
            Self::All => return Ok(None),
            Self::Tag(tag) => article_tags::table
                .filter(article_tags::tag_id.eq(tag))
                .order((article_tags::updated_at.desc(), article_tags::article_id.desc()))
                .limit(most)
                .select(article_tags::article_id)
                .load(conn)?,
            Self::Author(author) => article_authors::table
                .filter(article_authors::author_id.eq(author))
                .order((article_authors::updated_at.desc(), article_authors::article_id.desc()))
                .limit(most)
                .select(article_authors::article_id)
                .load(conn)?,
            Self::Articles(rows) => rows.order((articles::updated_at.desc(), articles::id.desc())).limit(most).select(articles::id).load(conn)?,
        };
        Ok(i64::try_from(ids.len()).is_ok_and(|seen| seen < most).then_some(ids))
    }
}

/// Everything that a filter leaves, where one leaves few.
fn few(conn: &mut PgConnection, reader: &Principal, query: &ArticleQuery) -> Result<Option<Vec<Uuid>>> {
    for path in Path::choose(query, reader).0 {
        if let Some(ids) = path.whole(conn)? {
            return Ok(Some(ids));
        }
    }
    Ok(None)
}

/// The rows of a page among these.
macro_rules! among {
    ($conn:ident, $reader:ident, $query:ident, $page:ident, $time:expr, $ids:expr) => {
        newest_first!(matching($query, $reader).filter(articles::id.eq_any($ids)), $page, $time, articles::id).limit($page.take()).select(Head::as_select()).load::<Head>($conn)
    };
}

/// The rows of a page, found along the path that `$walk` goes, or, where they are rare, among the few that a filter leaves
/// or all that match: then the planner is kept from walking to the end by sorting by an expression.
macro_rules! rows_of_page {
    ($conn:ident, $reader:ident, $query:ident, $page:ident, $time:expr, $name:literal, $is_all:expr, $walk:expr) => {{
        let walk = $walk;
        let mut found = None;
        for most in if $is_all { [$page.take(); 2] } else { WALKS } {
            let ids: Vec<Uuid> = walk($conn, most)?;
            let near = among!($conn, $reader, $query, $page, $time, &ids)?;
            if near.len() == $page.rows() || i64::try_from(ids.len()).is_ok_and(|seen| seen < most) || $is_all {
                found = Some(near);
                break;
            }
            // The first walk has told that it is rare: perhaps there are not many at all.
            if most < WALKS[1]
                && let Some(ids) = few($conn, $reader, $query)?
            {
                found = Some(among!($conn, $reader, $query, $page, $time, &ids)?);
                break;
            }
        }
        match found {
            Some(rows) => rows,
            None => {
                let rows = newest_first!(matching($query, $reader), $page, $time, articles::id);
                let by = concat!($name, " + interval '0'");
                let rows = if $page.backwards() {
                    rows.order((sql::<Timestamptz>(by).asc(), articles::id.asc()))
                } else {
                    rows.order((sql::<Timestamptz>(by).desc(), articles::id.desc()))
                };
                rows.limit($page.take()).select(Head::as_select()).load($conn)?
            }
        }
    }};
}

/// Whether more is asked for than an order that an index has.
const fn filters(query: &ArticleQuery) -> bool {
    let narrow = query.q.is_some() || query.kind.is_some() || query.language.is_some() || query.author.is_some() || query.tag.is_some();
    let other = query.status.is_some() || query.created_by.is_some() || query.assignee.is_some() || query.mine.is_some();
    narrow || other || query.updated_after.is_some() || query.updated_before.is_some()
}

fn heads(conn: &mut PgConnection, reader: &Principal, query: &ArticleQuery, page: &PageRequest<Key>, sort: ArticleSort) -> Result<Vec<Head>> {
    let is_all = reader.is(Role::Author) && !filters(query);
    Ok(match sort {
        ArticleSort::Updated => {
            let is_all = Path::choose(query, reader).1;
            let walk = |conn: &mut PgConnection, most| match Path::choose(query, reader).0.into_iter().next() {
                Some(path) => path.walk(conn, query, page, most),
                None => Ok(Vec::new()),
            };
            rows_of_page!(conn, reader, query, page, articles::updated_at, "articles.updated_at", is_all, walk)
        }
        ArticleSort::Created => {
            let walk = |conn: &mut PgConnection, most| newest_first!(ordered(query), page, articles::created_at, articles::id).limit(most).select(articles::id).load(conn);
            rows_of_page!(conn, reader, query, page, articles::created_at, "articles.created_at", is_all, walk)
        }
        ArticleSort::Published => {
            let walk = |conn: &mut PgConnection, most| newest_first!(ordered(query), page, articles::published_at, articles::id).limit(most).select(articles::id).load(conn);
            rows_of_page!(conn, reader, query, page, articles::published_at, "articles.published_at", is_all, walk)
        }
    })
}

/// A page of articles.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, reader: &Principal, query: &ArticleQuery, page: &PageRequest<Key>, signer: &Signer, base: &str) -> Result<Page<EditorialArticle>> {
    let sort = query.sort.unwrap_or(ArticleSort::Updated);
    let heads = heads(conn, reader, query, page, sort)?;
    let (heads, mut info) = page.finish(heads, signer, |head| {
        let time = match sort {
            ArticleSort::Updated => head.updated_at,
            ArticleSort::Created => head.created_at,
            ArticleSort::Published => head.published_at.unwrap_or(head.created_at),
        };
        (time, head.id)
    })?;
    if query.count == Some(Count::Exact) {
        info.total = Some(matching(query, reader).select(count_star()).first(conn)?);
    }
    let heads = heads.into_iter().map(|head| as_seen_by(reader, head)).collect();
    let format = query.include.filter(|i| *i == Include::Body).map(|_| query.body.unwrap_or_default());
    Ok(Page { data: view::articles(conn, heads, format, base)?, page: info })
}
