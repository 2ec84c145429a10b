//! Stories that have tags and authors in common with one. Of each tag and author only the newest are looked at, so that a
//! common tag costs no more than a rare one.

use actix_web::get;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::articles::{ArticlePage, FIELDS, list_answer};
use super::feed::{self, Row, With};
use super::{fields, whereabouts};
use crate::app::State;
use crate::db::page::PageInfo;
use crate::db::statement::Bind;
use crate::error::{Error, Result};
use crate::http::deliver::Delivered;
use crate::http::extract::Target;
use crate::http::query::Query;
use crate::schema::live_articles;

/// Stories shown when nobody says how many, and at the most.
const USUAL: u8 = 5;
const MOST: u8 = 20;

/// How many of them, and how they come.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RelatedQuery {
    /// How many.
    #[param(minimum = 1, maximum = 20, default = 5)]
    pub limit: Option<u8>,
    /// Only these members, separated by commas; `id` is always there.
    #[param(example = "headline,slug,lead_media")]
    pub fields: Option<String>,
}

/// List articles related to a live one.
///
/// Those with the most tags and authors in common, the newest first among equals; never itself, nor itself in another language.
#[utoipa::path(tag = "delivery", params(("id" = String, Path, description = "Id or slug. A slug that it bore earlier answers 308.", example = "satellite-images-show-rebuilt-rail-bridge"), RelatedQuery),
    responses((status = 200, description = "The related stories, all on one page.", body = ArticlePage)), security(()))]
#[get("/articles/{id}/related")]
pub async fn list_related_articles(app: State, target: Target, query: Query<RelatedQuery>) -> Result<Delivered> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", "out_of_range", format!("limit is a number from 1 to {MOST}.")));
    }
    let reader = app.clone();
    app.db
        .read(move |conn| {
            let Some((id, group)) = find(conn, &target)? else { return whereabouts::elsewhere(conn, &target, "/related") };
            let rows = related(conn, id, group, limit)?;
            let info = PageInfo { limit, next: None, previous: None, total: None, top: None };
            let mut answer = list_answer(conn, &reader, &rows, &info, None, chosen.as_deref())?;
            answer.keys.push(format!("article-{id}"));
            Ok(Delivered::Answer(answer))
        })
        .await
}

fn find(conn: &mut PgConnection, target: &Target) -> Result<Option<(Uuid, Uuid)>> {
    let rows = live_articles::table.select((live_articles::id, live_articles::translation_group)).into_boxed();
    let rows = match target {
        Target::Id(id) => rows.filter(live_articles::id.eq(*id)),
        Target::Slug(slug) => rows.filter(live_articles::slug.eq(slug.clone())),
    };
    Ok(rows.first(conn).optional()?)
}

/// The candidates are the newest 40 of each of up to 10 tags and 5 authors; what they share is counted in full.
fn related(conn: &mut PgConnection, id: Uuid, group: Uuid, limit: u8) -> Result<Vec<Row>> {
    let mut sql = feed::select(With::Card);
    sql.sql("l.published_at").sql(feed::FROM_LIVE);
    sql.sql("(SELECT DISTINCT x.article_id FROM (SELECT t.tag_id FROM live_article_tags t WHERE t.article_id = ").bind(Bind::Id(id));
    sql.sql(
        " LIMIT 10) o CROSS JOIN LATERAL (SELECT f.article_id FROM live_article_tags f WHERE f.tag_id = o.tag_id ORDER BY f.published_at DESC, f.article_id DESC LIMIT 40) x \
         UNION SELECT x.article_id FROM (SELECT a.author_id FROM live_article_authors a WHERE a.article_id = ",
    );
    sql.bind(Bind::Id(id));
    sql.sql(
        " LIMIT 5) o CROSS JOIN LATERAL (SELECT f.article_id FROM live_article_authors f WHERE f.author_id = o.author_id ORDER BY f.published_at DESC, f.article_id DESC LIMIT 40) x) c \
         JOIN live_articles l ON l.id = c.article_id WHERE l.id <> ",
    );
    sql.bind(Bind::Id(id)).sql(" AND l.translation_group <> ").bind(Bind::Id(group));
    sql.sql(" ORDER BY (SELECT count(*) FROM live_article_tags s JOIN live_article_tags m ON m.tag_id = s.tag_id AND m.article_id = ").bind(Bind::Id(id));
    sql.sql(" WHERE s.article_id = l.id) + (SELECT count(*) FROM live_article_authors s JOIN live_article_authors m ON m.author_id = s.author_id AND m.article_id = ")
        .bind(Bind::Id(id));
    sql.sql(" WHERE s.article_id = l.id) DESC, l.published_at DESC, l.id DESC LIMIT ").literal(i64::from(limit));
    Ok(sql.load::<Row>(conn)?)
}
