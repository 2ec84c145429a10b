//! Previews for whoever has the link: an article's head revision in the delivery shape, kept by no cache. Stands apart
//! from delivery, which cannot see what is not live.

use actix_web::{HttpRequest, HttpResponse, get, web};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::{App, State};
use crate::delivery::articles::{ArticleQuery, FIELDS, story_answer};
use crate::delivery::feed::Row;
use crate::delivery::fields;
use crate::delivery::shapes::Article;
use crate::error::{Code, Error, Result};
use crate::http::deliver::Answer;
use crate::http::query::Query;
use crate::identity::secrets::{Purpose, digest_of};
use crate::pictures::{self, MediaFile};
use crate::publishing::content;
use crate::publishing::story::{Story, Times};
use crate::rendering::BodyFormat;
use crate::renditions::{self, RenditionQuery};
use crate::schema::{article_media, articles, generations, previews, users};
use crate::timestamp::Timestamp;

/// The article that this token shows now.
fn article_of(conn: &mut PgConnection, token: &str, now: Timestamp) -> Result<Uuid> {
    let missing = || Error::not_found("preview");
    let digest = digest_of(Purpose::Preview, token).ok_or_else(missing)?;
    let found = previews::table
        .inner_join(users::table)
        .inner_join(articles::table)
        .filter(articles::status.ne("taken_down"))
        .filter(previews::token_hash.eq(digest))
        .filter(previews::revoked_at.is_null())
        .filter(previews::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .filter(users::deleted_at.is_null())
        .select(previews::article_id)
        .first(conn)
        .optional()?;
    found.ok_or_else(missing)
}

/// The head revision, prepared as a publish now would prepare it.
fn row(conn: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<Row> {
    type Head = (i32, Uuid, Option<Timestamp>, Option<Timestamp>, Timestamp);
    let (revision, group, first, published, updated): Head = articles::table
        .find(id)
        .select((articles::revision, articles::translation_group, articles::first_published_at, articles::published_at, articles::updated_at))
        .first(conn)?;
    let content = content::load(conn, id, revision)?;
    let times = Times { first_published: first.unwrap_or(now), published: published.unwrap_or(now), updated };
    let prepared = Story::gather(conn, id, group, &content, times)?.prepare()?;
    let references = generations::table.find("references").select(generations::value).first(conn)?;
    let body = serde_json::to_value(&content.body).map_err(Error::internal)?;
    Ok(Row { card: prepared.card, html: prepared.html, body, at: times.published, id, references })
}

fn answer(conn: &mut PgConnection, app: &App, token: &str, format: BodyFormat, chosen: Option<&[&'static str]>) -> Result<Answer> {
    let now = crate::db::now(conn)?;
    let id = article_of(conn, token, now)?;
    let row = row(conn, id, now)?;
    let mut answer = story_answer(conn, app, row, format, chosen)?.private();
    let pictures: Vec<Uuid> = article_media::table.filter(article_media::article_id.eq(id)).select(article_media::media_id).load(conn)?;
    lead_here(&mut answer, &app.base, token, &pictures)?;
    Ok(answer)
}

/// The picture addresses of a story lead into its preview: what nothing live uses is nowhere else to be had.
fn lead_here(answer: &mut Answer, base: &str, token: &str, pictures: &[Uuid]) -> Result<()> {
    let mut text = String::from_utf8(std::mem::take(&mut answer.body)).map_err(Error::internal)?;
    for id in pictures {
        text = text.replace(&format!("{base}/v1/media/{id}/file"), &format!("{base}/v1/preview/{token}/media/{id}/file"));
    }
    answer.body = text.into_bytes();
    Ok(())
}

/// A picture of a preview, by the path.
#[derive(Debug, Clone, Deserialize)]
pub struct PreviewPicturePath {
    token: String,
    media_id: Uuid,
}

/// The file of a picture that the head revision behind this token shows.
fn picture_of(conn: &mut PgConnection, token: &str, media: Uuid) -> Result<MediaFile> {
    let now = crate::db::now(conn)?;
    let nothing = || Error::not_found("picture in this preview");
    let id = article_of(conn, token, now)?;
    let shown: i64 = article_media::table.filter(article_media::article_id.eq(id)).filter(article_media::media_id.eq(media)).count().get_result(conn)?;
    let file = if shown > 0 { pictures::file(conn, media)? } else { None };
    let file = file.filter(|file| file.size.is_some()).ok_or_else(nothing)?;
    match file.standing.withheld(now) {
        None => Ok(file),
        Some(_) => Err(Error::new(Code::Gone, "The picture may not be shown now.")),
    }
}

/// Read a picture's bytes in a preview.
///
/// Of those alone that the head revision shows; kept by no cache, and gone with the link.
#[utoipa::path(tag = "delivery", params(("token" = String, Path, description = "As in the link."), ("media_id" = Uuid, Path, description = "The picture's id."), RenditionQuery),
    responses((status = 200, description = "The bytes.", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif"))),
        (status = 206, description = "The part that was asked for.", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif")))), security(()))]
#[get("/preview/{token}/media/{media_id}/file")]
pub async fn get_preview_media_file(app: State, path: web::Path<PreviewPicturePath>, query: Query<RenditionQuery>, request: HttpRequest) -> Result<HttpResponse> {
    let PreviewPicturePath { token, media_id } = path.into_inner();
    let file = app.db.snapshot(move |conn| picture_of(conn, &token, media_id)).await?;
    let answer = renditions::answer_for_readers(&app, &file, &query).await?;
    answer.respond(&request, std::sync::Arc::clone(&app.media)).await
}

/// Read a preview.
///
/// The head revision of the one article that the link was made for, in the shape of `GET /v1/articles/{id}`.
#[utoipa::path(tag = "delivery", params(("token" = String, Path, description = "As in the link."), ArticleQuery), responses((status = 200, description = "The story as it would look live.", body = Article)), security(()))]
#[get("/preview/{token}")]
pub async fn get_preview(app: State, token: web::Path<String>, query: Query<ArticleQuery>) -> Result<Answer> {
    let chosen = fields::parse(query.fields.as_deref(), FIELDS)?;
    let (format, reader) = (query.body.unwrap_or_default(), app.clone());
    app.db.snapshot(move |conn| answer(conn, &reader, &token, format, chosen.as_deref())).await
}
