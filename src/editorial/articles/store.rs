//! SQL of articles on the desk: every save is a revision, every write moves the version.

use diesel::dsl::{count_star, exists, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz};
use serde_json::json;
use uuid::Uuid;

use super::model::{ArticleQuery, ArticleSort, EditorialArticle, Head, Include, Status};
use super::{view, workflow};
use crate::db::page::{Count, Page, PageRequest, Signer};
use crate::editorial::lists::{Whom, containing};
use crate::error::{Error, Result};
use crate::http::extract::{IfMatch, Target};
use crate::identity::audit::{self, Deed};
use crate::identity::principal::{Principal, forbidden};
use crate::identity::role::Role;
use crate::rendering::BodyFormat;
use crate::schema::{article_authors, article_tags, articles};
use crate::timestamp::Timestamp;

/// The key a list of articles is sorted by: a time, then the id.
pub type Key = (Timestamp, Uuid);

/// Whom a reader on the desk is: contributors see what is theirs.
fn visible(reader: &Principal, head: &Head) -> bool {
    reader.is(Role::Author) || head.created_by == Some(reader.user_id) || head.live_revision.is_some()
}

/// Who may see what is being written: contributors what is theirs, authors and above everything.
#[must_use]
pub fn sees_head(reader: &Principal, head: &Head) -> bool {
    reader.is(Role::Author) || head.created_by == Some(reader.user_id)
}

/// The row as this reader may know it: of other people's live stories contributors learn what the world does.
fn as_seen_by(reader: &Principal, head: Head) -> Head {
    match head.live_revision {
        Some(live) if !sees_head(reader, &head) => Head {
            revision: live,
            publish_at: None,
            unpublish_at: None,
            embargo_until: None,
            assignee_id: None,
            notes: None,
            review_note: None,
            schedule_failure: None,
            lock_user_id: None,
            ..head
        },
        _ => head,
    }
}

/// An article's row, if this reader may know of it.
///
/// # Errors
/// 404.
pub fn head(conn: &mut PgConnection, reader: &Principal, id: Uuid) -> Result<Head> {
    let head: Option<Head> = articles::table.find(id).select(Head::as_select()).first(conn).optional()?;
    head.filter(|head| visible(reader, head)).ok_or_else(|| Error::not_found("article"))
}

fn matching<'a>(query: &'a ArticleQuery, reader: &Principal) -> articles::BoxedQuery<'a, Pg> {
    let mut rows = articles::table.into_boxed();
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
    if query.sort == Some(ArticleSort::Published) {
        rows = rows.filter(articles::published_at.is_not_null());
    }
    if let Some(q) = &query.q {
        rows = rows.filter(sql::<Bool>("lower(articles.headline) LIKE ").bind::<Text, _>(containing(q.as_str())));
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
    for maker in query.created_by.into_iter().chain(query.mine.filter(|mine| *mine).map(|_| reader.user_id)) {
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
        // Nothing is written before it is made: said for the sake of the list in the order of creation.
        if query.sort == Some(ArticleSort::Created) {
            rows = rows.filter(articles::created_at.lt(time));
        }
    }
    rows
}

macro_rules! newest_first {
    ($rows:expr, $page:ident, $column:expr) => {{
        let rows = match $page.key().copied() {
            Some((time, id)) if $page.backwards() => $rows.filter($column.ge(time).and($column.gt(time).or(articles::id.gt(id)))),
            Some((time, id)) => $rows.filter($column.le(time).and($column.lt(time).or(articles::id.lt(id)))),
            None => $rows,
        };
        if $page.backwards() { rows.order(($column.asc(), articles::id.asc())) } else { rows.order(($column.desc(), articles::id.desc())) }
    }};
}

/// Rows in the list's order that are looked through before all that match are gathered and sorted.
const WINDOW: i64 = 2_000;

/// The rows of a page. What matches is either frequent, then a page is full after a short walk along the list, or rare,
/// then few rows are left to sort. The planner does not know which, and may walk to the end for the rare: so the walk is
/// bounded here, and where it does not suffice the second statement is kept from walking by sorting by an expression.
macro_rules! rows_of_page {
    ($conn:ident, $reader:ident, $query:ident, $page:ident, $column:expr, $name:literal) => {{
        let all = newest_first!(matching($query, $reader), $page, $column).limit($page.take()).select(Head::as_select());
        let within = newest_first!(ordered($query), $page, $column).offset(WINDOW).limit(1).select(sql::<Timestamptz>($name));
        let edge: Option<Timestamp> = if filters($query) { within.first($conn).optional()? } else { None };
        let near: Vec<Head> = match edge {
            None => all.load($conn)?,
            Some(edge) if $page.backwards() => all.filter($column.le(edge)).load($conn)?,
            Some(edge) => all.filter($column.ge(edge)).load($conn)?,
        };
        if edge.is_none() || i64::try_from(near.len()).is_ok_and(|found| found == $page.take()) {
            near
        } else {
            let rows = newest_first!(matching($query, $reader), $page, $column);
            let by = concat!($name, " + interval '0'");
            let rows =
                if $page.backwards() { rows.order((sql::<Timestamptz>(by).asc(), articles::id.asc())) } else { rows.order((sql::<Timestamptz>(by).desc(), articles::id.desc())) };
            rows.limit($page.take()).select(Head::as_select()).load($conn)?
        }
    }};
}

/// The articles that the list's order has, whatever else is asked for.
fn ordered(query: &ArticleQuery) -> articles::BoxedQuery<'static, Pg> {
    let rows = articles::table.into_boxed();
    if query.sort == Some(ArticleSort::Published) { rows.filter(articles::published_at.is_not_null()) } else { rows }
}

/// Whether more is asked for than an order that an index has.
const fn filters(query: &ArticleQuery) -> bool {
    let narrow = query.q.is_some() || query.kind.is_some() || query.language.is_some() || query.author.is_some() || query.tag.is_some();
    let other = query.status.is_some() || query.created_by.is_some() || query.assignee.is_some() || query.mine.is_some();
    narrow || other || query.updated_after.is_some() || query.updated_before.is_some()
}

/// A page of articles.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, reader: &Principal, query: &ArticleQuery, page: &PageRequest<Key>, signer: &Signer, base: &str) -> Result<Page<EditorialArticle>> {
    let sort = query.sort.unwrap_or(ArticleSort::Updated);
    let heads = match sort {
        ArticleSort::Updated => rows_of_page!(conn, reader, query, page, articles::updated_at, "articles.updated_at"),
        ArticleSort::Created => rows_of_page!(conn, reader, query, page, articles::created_at, "articles.created_at"),
        ArticleSort::Published => rows_of_page!(conn, reader, query, page, articles::published_at, "articles.published_at"),
    };
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

/// One article that this reader may see.
///
/// # Errors
/// 404.
pub fn get(conn: &mut PgConnection, reader: &Principal, target: &Target, format: BodyFormat, base: &str) -> Result<EditorialArticle> {
    let rows = articles::table.into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(articles::id.eq(*id)),
        Target::Slug(slug) => rows.filter(articles::slug.eq(slug.clone())),
    };
    let head: Option<Head> = rows.select(Head::as_select()).first(conn).optional()?;
    let head = head.filter(|head| visible(reader, head)).ok_or_else(|| Error::not_found("article"))?;
    let sees_head = sees_head(reader, &head);
    let article = one(conn, as_seen_by(reader, head), format, base)?;
    // A slug that waits to go live is not to be found out by trying.
    if matches!(target, Target::Slug(slug) if !sees_head && *slug != article.slug) {
        return Err(Error::not_found("article"));
    }
    Ok(article)
}

fn one(conn: &mut PgConnection, head: Head, format: BodyFormat, base: &str) -> Result<EditorialArticle> {
    view::articles(conn, vec![head], Some(format), base)?.pop().ok_or_else(|| Error::not_found("article"))
}

/// The article as it is after a write.
///
/// # Errors
/// What the database says.
pub fn reread(tx: &mut PgConnection, id: Uuid, base: &str) -> Result<EditorialArticle> {
    let head = articles::table.find(id).select(Head::as_select()).first(tx)?;
    one(tx, head, BodyFormat::default(), base)
}

/// An article, held for a write until the transaction ends, if this person may know of it.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut PgConnection, actor: &Principal, id: Uuid) -> Result<Head> {
    let head: Option<Head> = articles::table.find(id).select(Head::as_select()).for_no_key_update().first(tx).optional()?;
    head.filter(|head| visible(actor, head)).ok_or_else(|| Error::not_found("article"))
}

/// Contributors change their own drafts, authors what is theirs, editors everything; nobody what is put away or taken
/// down, an older version than the present one, or past somebody else's lock. `now` is the database's.
///
/// # Errors
/// 403; 412; 409 where its state allows no edit, or while somebody else is editing.
pub fn may_edit(actor: &Principal, head: &Head, seen: &IfMatch, now: Timestamp) -> Result<()> {
    may_touch(actor, head)?;
    workflow::allow(actor, head, seen, "edit", now)
}

fn may_touch(actor: &Principal, head: &Head) -> Result<()> {
    actor.may_change(head.created_by)?;
    if !actor.is(Role::Author) && !matches!(head.status, Status::Draft | Status::InReview) {
        return Err(forbidden("Contributors change drafts; this article is past that."));
    }
    Ok(())
}

/// Deletes an article that is not live, with its revisions.
///
/// # Errors
/// 403, 404, 409 while it is live, 412.
pub fn delete(tx: &mut PgConnection, actor: &Principal, id: Uuid, seen: &IfMatch) -> Result<()> {
    let (head, now) = (lock(tx, actor, id)?, crate::db::now(tx)?);
    may_touch(actor, &head)?;
    if head.first_published_at.is_some() && !actor.is(Role::Editor) {
        return Err(forbidden("Only editors delete what the world has seen."));
    }
    workflow::allow(actor, &head, seen, "delete", now)?;
    let headline: String = articles::table.find(id).select(articles::headline).first(tx)?;
    diesel::delete(articles::table.find(id)).execute(tx)?;
    audit::record(tx, actor, Deed { action: "delete", resource: "article", target: Some(id) }, Some(json!({ "headline": headline, "status": head.status })), None)
}
