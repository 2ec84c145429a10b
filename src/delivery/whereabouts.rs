//! Which live story an address means, where one has moved to, and that one was taken down. Shows nothing of it.

use diesel::pg::PgConnection;
use diesel::prelude::*;

use super::feed::{self, Row, With};
use crate::db::statement::Bind;
use crate::error::{Code, Error, Result};
use crate::http::deliver::Delivered;
use crate::http::extract::Target;
use crate::schema::{live_article_slugs, live_articles, live_taken_down};

/// The live story that is meant.
///
/// # Errors
/// What the database says.
pub fn find(conn: &mut PgConnection, target: &Target, with: With) -> Result<Option<Row>> {
    let mut sql = feed::select(with);
    sql.sql("l.published_at").sql(feed::FROM_LIVE);
    match target {
        Target::Id(id) => sql.sql("live_articles l WHERE l.id = ").bind(Bind::Id(*id)),
        Target::Slug(slug) => sql.sql("live_articles l WHERE l.slug = ").bind(Bind::Text(slug.clone())),
    };
    Ok(sql.get_result::<Row>(conn).optional()?)
}

/// A slug that a live story bore earlier leads to where it is now; `below` is the part of the path after it.
///
/// # Errors
/// 404; 410 for what was taken down; what the database says.
pub fn elsewhere(conn: &mut PgConnection, target: &Target, below: &str) -> Result<Delivered> {
    if let Target::Slug(slug) = target {
        let now: Option<String> =
            live_article_slugs::table.inner_join(live_articles::table).filter(live_article_slugs::slug.eq(slug)).select(live_articles::slug).first(conn).optional()?;
        if let Some(slug) = now {
            return Ok(Delivered::Moved(format!("/v1/articles/{slug}{below}")));
        }
    }
    let gone: i64 = match target {
        Target::Slug(slug) => live_taken_down::table.filter(live_taken_down::slug.eq(slug)).count().get_result(conn)?,
        Target::Id(id) => live_taken_down::table.filter(live_taken_down::article_id.eq(*id)).count().get_result(conn)?,
    };
    Err(if gone > 0 { Error::new(Code::Gone, "The article was taken down.") } else { Error::not_found("article") })
}
