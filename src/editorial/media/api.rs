//! HTTP of pictures and files on the desk.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use utoipa::ToSchema;

use super::input::{MediaPatch, NewMedia};
use super::model::{Media, MediaQuery, MediaSort};
use super::store;
use super::upload::{self, UploadQuery};
use crate::app::State;
use crate::db::page::{Page, PageRequest};
use crate::error::Result;
use crate::http::extract::{Id, IfMatch, Json};
use crate::http::query::Query;
use crate::http::reply::{PageUrl, Reply};
use crate::identity::principal::Contributor;
use crate::renditions::{self, RenditionQuery};

/// A page of pictures and files.
pub type EditorialMediaPage = Page<Media>;

/// A multipart body; for the document alone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the parts of a body that is read as a stream")]
pub struct MediaUpload {
    /// The bytes.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What is said about them.
    metadata: NewMedia,
}

/// List pictures and files.
///
/// Contributors see what is live and what is theirs; authors and above see everything.
#[utoipa::path(tag = "media", params(MediaQuery), responses((status = 200, description = "A page of pictures and files.", body = EditorialMediaPage)), security(("bearer" = [])))]
#[get("/media")]
pub async fn list_editorial_media(reader: Contributor, app: State, query: Query<MediaQuery>, url: PageUrl) -> Result<Reply> {
    let sort = query.sort.unwrap_or(MediaSort::Created);
    let asked = MediaQuery { limit: None, cursor: None, count: None, sort: Some(sort), ..query.0.clone() };
    let question = crate::db::page::question("editorial media", &format!("{} {asked:?}", reader.user_id));
    let page = PageRequest::new(query.limit, query.cursor.as_deref(), question, &app.cursors)?;
    let (cursors, base) = (app.cursors.clone(), app.base.clone());
    let page = app.db.snapshot(move |conn| store::list(conn, &reader, &query, &page, &cursors, &base)).await?;
    Reply::page(&url, &page)
}

/// Upload a picture or file.
///
/// Either a multipart body with the part `file` and the part `metadata` (JSON), or the bytes alone with `credit_id`, `alt`, `caption` and
/// `filename` in the query. Pictures are JPEG, PNG, WebP or GIF; PDF, MP4, WebM, MP3, Ogg and WAV are kept as files. What a file is, its bytes
/// say, not its name or its header. What IPTC, XMP or EXIF say in it fills in what was left out and is in `extracted`. Every upload needs a
/// credit: without one nothing is kept, and the refusal's `proposed_credits` fit the file's own credit line. The same bytes twice are one stored file.
#[utoipa::path(tag = "media", params(UploadQuery),
    request_body(content((MediaUpload = "multipart/form-data"), (Vec<u8> = "image/*"), (Vec<u8> = "application/octet-stream"))),
    responses((status = 201, description = "The new picture or file.", body = Media)),
    security(("bearer" = [])))]
#[post("/media")]
pub async fn create_media(actor: Contributor, app: State, request: HttpRequest, payload: web::Payload) -> Result<Reply> {
    let upload = upload::receive(&request, payload, &app).await?;
    upload::take_in(app, actor.0, upload).await
}

/// Read what is known about a picture or file.
#[utoipa::path(tag = "media", params(("id" = uuid::Uuid, Path, description = "Id.")), responses((status = 200, description = "The picture or file.", body = Media)), security(("bearer" = [])))]
#[get("/media/{id}")]
pub async fn get_editorial_media(reader: Contributor, app: State, id: Id) -> Result<Reply> {
    let base = app.base.clone();
    let media = app.db.snapshot(move |conn| store::get(conn, &reader, id.0, &base)).await?;
    Reply::current(&media)
}

/// Read the bytes of a picture or file on the desk.
///
/// Also of what is not live, is withdrawn or has no rights now: those who edit have to see it.
#[utoipa::path(tag = "media", params(("id" = uuid::Uuid, Path, description = "Id."), RenditionQuery),
    responses((status = 200, description = "The bytes.", content((Vec<u8> = "image/*"), (Vec<u8> = "audio/*"), (Vec<u8> = "video/*"), (Vec<u8> = "application/pdf"))),
        (status = 206, description = "The part that was asked for.", content((Vec<u8> = "image/*"), (Vec<u8> = "audio/*"), (Vec<u8> = "video/*"), (Vec<u8> = "application/pdf"))),
        (status = 304, description = "Unchanged since the given ETag.")), security(("bearer" = [])))]
#[get("/media/{id}/file")]
pub async fn get_editorial_media_file(reader: Contributor, app: State, id: Id, query: Query<RenditionQuery>, request: HttpRequest) -> Result<HttpResponse> {
    let file = app.db.snapshot(move |conn| store::file(conn, &reader, id.0)).await?;
    renditions::answer(&app, &file, &query).await?.respond(&request, std::sync::Arc::clone(&app.media)).await
}

/// Change what is known about a picture or file.
///
/// Contributors and authors change what they uploaded, editors all. `status: withdrawn`, an ended right or a corrected credit show at once
/// wherever the picture is used.
#[utoipa::path(tag = "media", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    request_body(content((MediaPatch = "application/merge-patch+json"), (MediaPatch = "application/json"))), responses((status = 200, description = "As it is now.", body = Media)), security(("bearer" = [])))]
#[patch("/media/{id}")]
pub async fn update_media(actor: Contributor, app: State, id: Id, seen: IfMatch, patch: Json<MediaPatch>) -> Result<Reply> {
    let base = app.base.clone();
    let media = app.db.write(move |tx| store::update(tx, &actor, id.0, &seen, &patch.value, &base)).await?;
    Reply::current(&media)
}

/// Delete a picture or file that nothing uses.
///
/// Those who uploaded it may, and editors. Its bytes go with the last upload of them.
#[utoipa::path(tag = "media", params(("id" = uuid::Uuid, Path, description = "Id."), ("If-Match" = String, Header, description = "The ETag you have read, or *.")),
    responses((status = 204, description = "It is gone.")), security(("bearer" = [])))]
#[delete("/media/{id}")]
pub async fn delete_media(actor: Contributor, app: State, id: Id, seen: IfMatch) -> Result<Reply> {
    let (base, files) = (app.base.clone(), std::sync::Arc::clone(&app.media));
    let sha256 = app.db.write(move |tx| store::delete(tx, &actor, id.0, &seen, &base)).await?;
    app.db.write(move |tx| store::release(tx, &*files, &sha256)).await?;
    Ok(Reply::no_content())
}
