//! What a takedown, or the end of a right, reaches: the stories and pictures that fit a selector, counted and listed.
//! Changes nothing.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::model::{ReachedArticle, ReachedPicture, Selector, TakedownKind, TakedownRehearsal};
use crate::db::statement::{Bind, Statement};
use crate::error::{Error, Result};
use crate::schema::{articles, authors, media, media_credits};

/// Stories, and pictures, that one answer lists at the most.
const MOST: i64 = 1_000;

/// What the chosen thing is called.
///
/// # Errors
/// 422 where there is no such thing.
pub fn subject(conn: &mut PgConnection, selector: Selector) -> Result<String> {
    let name: Option<String> = match selector {
        Selector::Credit(id) => media_credits::table.find(id).select(media_credits::name).first(conn).optional()?,
        Selector::Media(id) => media::table.find(id).select(media::filename).first(conn).optional()?,
        Selector::Author(id) => authors::table.find(id).select(authors::name).first(conn).optional()?,
        Selector::Article(id) => articles::table.find(id).select(articles::headline).first(conn).optional()?,
    };
    name.ok_or_else(|| Error::invalid_field(selector.pointer(), "unknown_reference", "What this refers to does not exist."))
}

/// The ids of the stories that it reaches: live ones by what is live, others by what is planned. What has been taken down
/// is reached by its author too, so that it stays down when the other takedown is reversed.
pub fn articles(sql: &mut Statement<impl Sized>, selector: Selector) {
    let (kind, id) = selector.parts();
    let [live, other, end] = match kind {
        TakedownKind::Credit => [
            "SELECT u.article_id FROM live_article_media u JOIN media m ON m.id = u.media_id WHERE m.credit_id = ",
            " UNION SELECT u.article_id FROM article_media u JOIN media m ON m.id = u.media_id JOIN articles a ON a.id = u.article_id WHERE a.publish_at IS NOT NULL AND m.credit_id = ",
            "",
        ],
        TakedownKind::Media => [
            "SELECT article_id FROM live_article_media WHERE media_id = ",
            " UNION SELECT u.article_id FROM article_media u JOIN articles a ON a.id = u.article_id WHERE a.publish_at IS NOT NULL AND u.media_id = ",
            "",
        ],
        TakedownKind::Author => [
            "SELECT article_id FROM live_article_authors WHERE author_id = ",
            " UNION SELECT u.article_id FROM article_authors u JOIN articles a ON a.id = u.article_id WHERE (a.status = 'taken_down' OR a.publish_at IS NOT NULL) AND u.author_id = ",
            "",
        ],
        TakedownKind::Article => ["SELECT id FROM articles WHERE id = ", " UNION SELECT id FROM articles WHERE id = ", ""],
    };
    sql.sql(live).bind(Bind::Id(id)).sql(other).bind(Bind::Id(id)).sql(end);
}

/// Stories in the order of their ids, after one.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut PgConnection, selector: Selector, after: Option<Uuid>, most: i64) -> Result<Vec<ReachedArticle>> {
    let mut sql = Statement::<(SqlUuid, Text, Text, Text, Nullable<Timestamptz>)>::new("SELECT a.id, a.headline, a.slug, a.status, a.publish_at FROM articles a WHERE a.id IN (");
    articles(&mut sql, selector);
    sql.sql(") AND a.id > ").bind(Bind::Id(after.unwrap_or_default())).sql(" ORDER BY a.id LIMIT ").literal(most);
    Ok(sql.load(conn)?)
}

/// How many stories it reaches: live ones, and others.
///
/// # Errors
/// What the database says.
pub fn count(conn: &mut PgConnection, selector: Selector) -> Result<(i64, i64)> {
    let mut sql = Statement::<(BigInt, BigInt)>::new("SELECT count(l.id), count(*) - count(l.id) FROM (");
    articles(&mut sql, selector);
    sql.sql(") AS reached (id) LEFT JOIN live_articles l ON l.id = reached.id");
    Ok(sql.get_result(conn)?)
}

/// How many pictures and files it withdraws.
///
/// # Errors
/// What the database says.
pub fn pictures(conn: &mut PgConnection, selector: Selector) -> Result<i64> {
    Ok(match selector {
        Selector::Credit(id) => media::table.filter(media::credit_id.eq(id)).count().get_result(conn)?,
        Selector::Media(_) => 1,
        Selector::Author(_) | Selector::Article(_) => 0,
    })
}

fn list_pictures(conn: &mut PgConnection, selector: Selector) -> Result<Vec<ReachedPicture>> {
    let rows = media::table.select((media::id, media::filename)).order((media::created_at.desc(), media::id.desc())).limit(MOST);
    Ok(match selector {
        Selector::Credit(id) => rows.filter(media::credit_id.eq(id)).load(conn)?,
        Selector::Media(id) => rows.filter(media::id.eq(id)).load(conn)?,
        Selector::Author(_) | Selector::Article(_) => Vec::new(),
    })
}

/// Uses of its pictures besides stories: portraits of authors, the site's logo.
///
/// # Errors
/// What the database says.
pub fn portraits(conn: &mut PgConnection, selector: Selector) -> Result<i64> {
    let (kind, id) = selector.parts();
    let of = match kind {
        TakedownKind::Credit => "SELECT id FROM media WHERE credit_id = ",
        TakedownKind::Media => "SELECT id FROM media WHERE id = ",
        TakedownKind::Author | TakedownKind::Article => return Ok(0),
    };
    let mut sql = Statement::<BigInt>::new("WITH m AS MATERIALIZED (");
    sql.sql(of).bind(Bind::Id(id));
    sql.sql(") SELECT (SELECT count(*) FROM authors WHERE avatar_media_id IN (SELECT id FROM m)) + (SELECT count(*) FROM site WHERE logo_media_id IN (SELECT id FROM m))");
    Ok(sql.get_result(conn)?)
}

/// Everything that a takedown would do.
///
/// # Errors
/// 422 where there is no such thing.
pub fn rehearse(conn: &mut PgConnection, selector: Selector, after: Option<Uuid>) -> Result<TakedownRehearsal> {
    let subject = subject(conn, selector)?;
    let (live_articles, other_articles) = count(conn, selector)?;
    let article_list = list(conn, selector, after, MOST)?;
    let full = i64::try_from(article_list.len()).is_ok_and(|length| length == MOST);
    Ok(TakedownRehearsal {
        selector,
        subject,
        live_articles,
        other_articles,
        pictures: pictures(conn, selector)?,
        portraits: portraits(conn, selector)?,
        next: article_list.last().filter(|_| full).map(|article| article.id),
        article_list,
        picture_list: list_pictures(conn, selector)?,
    })
}
