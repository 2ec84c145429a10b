//! Uploads on their way in: streamed to a nameless file within limits of size and time, examined, stored, and only then
//! told to the database. Owns what an upload may be; what is known about it afterwards is the store's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, web};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::input::{NewMedia, clean_filename};
use super::prefill::{Examined, completed};
use super::spool::{Spool, Spooled};
use super::store::{self, NewFile};
use crate::app::{App, State};
use crate::db::once::Once;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::extract::{once_of, refuse_encoding};
use crate::http::reply::Reply;
use crate::http::{json, query};
use crate::identity::principal::Principal;
use crate::imaging::{Inspected, Kind, Limits, Refused, extract, inspect};
use crate::media_files;

/// Bytes of the `metadata` part.
const MOST_METADATA: usize = 64 << 10;
/// What a multipart body has beside its parts.
const WRAPPING: u64 = 16 << 10;
/// How long an upload waits to be examined.
const PATIENCE: Duration = Duration::from_secs(20);

/// An upload that has arrived.
pub struct Upload {
    /// Its bytes.
    file: Spooled,
    /// The name in the header of its part.
    filename: Option<String>,
    /// What was said about it.
    metadata: NewMedia,
    /// Makes a retry recognisable.
    once: Option<Once>,
}

fn no_file() -> Error {
    Error::invalid_field("/file", "required", "Send the picture or file: as the part 'file' of a multipart body, or as the body itself.")
}

fn broken_off(error: &impl std::fmt::Display) -> Error {
    Error::new(Code::MalformedRequest, format!("The body broke off or is not well-formed: {error}."))
}

/// Takes the body in: multipart with the parts `file` and `metadata`, or the bytes alone with what is said about them in
/// the query.
///
/// # Errors
/// 400, 408, 413, 415, 422, 507.
pub async fn receive(request: &HttpRequest, payload: web::Payload, app: &App) -> Result<Upload> {
    refuse_encoding(request)?;
    let multipart = request.content_type().to_ascii_lowercase().starts_with("multipart/");
    let limit = app.config.upload_limit as u64;
    let most = if multipart { limit + MOST_METADATA as u64 + WRAPPING } else { limit };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large(limit));
    }
    let seconds = app.config.body_timeout;
    let reading = async { if multipart { parts(request, payload, app).await } else { whole(request, payload, app).await } };
    tokio::time::timeout(Duration::from_secs(seconds), reading)
        .await
        .unwrap_or_else(|_| Err(Error::new(Code::RequestTimeout, format!("The body did not arrive within {seconds} seconds."))))
}

fn too_large(limit: u64) -> Error {
    Error::new(Code::PayloadTooLarge, format!("A file may have {limit} bytes at the most."))
}

async fn whole(request: &HttpRequest, payload: web::Payload, app: &App) -> Result<Upload> {
    let said: UploadQuery = query::parse(request.query_string())?;
    let file = spool(payload, app).await?;
    let once = once_of(request, &file.sha256)?;
    Ok(Upload { file, filename: None, metadata: said.into(), once })
}

async fn parts(request: &HttpRequest, payload: web::Payload, app: &App) -> Result<Upload> {
    query::parse::<query::NoParameters>(request.query_string())?;
    let mut parts = Multipart::new(request.headers(), payload);
    let (mut file, mut metadata) = (None, None);
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| broken_off(&error))?;
        match part.name() {
            Some("file") if file.is_none() => {
                let name = part.content_disposition().and_then(|d| d.get_filename_ext().map(extended).or_else(|| d.get_filename().map(ToOwned::to_owned)));
                file = Some((spool(part, app).await?, name));
            }
            Some("metadata") if metadata.is_none() => metadata = Some(small(part).await?),
            Some("file" | "metadata") => return Err(Error::new(Code::MalformedRequest, "A part of the body stands more than once.")),
            _ => return Err(Error::new(Code::MalformedRequest, "The body has two parts: 'file' and 'metadata'. There is another one.")),
        }
    }
    let metadata = metadata.unwrap_or_else(|| b"{}".to_vec());
    let said = json::parse::<NewMedia>(&metadata, true)?;
    let (file, filename) = file.ok_or_else(no_file)?;
    let once = once_of(request, &[&file.sha256[..], &metadata].concat())?;
    Ok(Upload { file, filename, metadata: said, once })
}

fn extended(name: &header::ExtendedValue) -> String {
    String::from_utf8_lossy(&name.value).into_owned()
}

async fn small(mut part: Field) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| broken_off(&error))?;
        if all.len() + chunk.len() > MOST_METADATA {
            return Err(Error::new(Code::PayloadTooLarge, format!("The part 'metadata' may have {MOST_METADATA} bytes at the most.")));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

async fn spool<E: std::fmt::Display>(mut chunks: impl Stream<Item = Result<Bytes, E>> + Unpin, app: &App) -> Result<Spooled> {
    let limit = app.config.upload_limit as u64;
    let mut spool = Spool::new(&app.config.data_dir)?;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken_off(&error))?;
        if spool.len() + chunk.len() as u64 > limit {
            return Err(too_large(limit));
        }
        spool.write(&chunk).await?;
    }
    spool.finish().await
}

/// What is said about a file whose bytes are the whole body. Parts of `NewMedia` that are not here are changed afterwards.
#[derive(Debug, Clone, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// Who must be named. Needed where the bytes are the whole body; in a multipart body it is in the part `metadata`.
    pub credit_id: Option<uuid::Uuid>,
    /// What it is called; for a raw body only.
    #[param(max_length = 200)]
    pub filename: Option<crate::text::Line<200>>,
    /// What it shows; for a raw body only.
    #[param(max_length = 1_000)]
    pub alt: Option<crate::text::Prose<1_000>>,
    /// What to know about it; for a raw body only.
    #[param(max_length = 2_000)]
    pub caption: Option<crate::text::Prose<2_000>>,
}

impl From<UploadQuery> for NewMedia {
    fn from(UploadQuery { credit_id, filename, alt, caption }: UploadQuery) -> Self {
        Self { credit_id, filename, alt, caption, ..Self::default() }
    }
}

/// Examines, stores and records an upload. Runs to its end once begun: a client that is gone leaves nothing half done.
///
/// # Errors
/// 413, 415 and 422 for a file that is not taken, 422 without a credit, 503 when too much is being examined, 507.
pub async fn take_in(app: State, actor: Principal, upload: Upload) -> Result<Reply> {
    actix_web::rt::spawn(async move { store_upload(&app, actor, upload).await }).await.map_err(Error::internal)?
}

async fn store_upload(app: &State, actor: Principal, upload: Upload) -> Result<Reply> {
    let Upload { file, filename, metadata, once } = upload;
    metadata.check()?;
    if file.len == 0 {
        return Err(Error::invalid_field("/file", "empty", "The file is empty."));
    }
    let limits = Limits { max_pixels: app.config.pixel_limit, ..Limits::default() };
    let (sha256, len) = (file.sha256, file.len);
    // The turn is kept until the bytes are out of memory again.
    let turn = app.darkroom.turn(PATIENCE).await?;
    let (turn, examined) = turn.work(move || examine(file, &limits)).await?;
    let (examined, bytes) = examined?;
    let credit = credit_for(app, &metadata, &examined).await?;
    let metadata = completed(metadata, &examined, &credit);
    let given = metadata.filename.as_ref().map(ToString::to_string).or(filename).unwrap_or_default();
    let new = NewFile { filename: clean_filename(&given, examined.kind.extension()), examined, metadata, sha256, len };
    let at = media_files::original(&sha256);
    let fresh = media_files::keep(&*app.media, &at, bytes).await?;
    drop(turn);
    record(app, actor, new, once, fresh).await
}

fn examine(file: Spooled, limits: &Limits) -> Result<(Examined, Bytes)> {
    let bytes = Bytes::from(file.into_bytes()?);
    let refused = |error: Refused| refusal(&error);
    let kind = Kind::sniff(&bytes).map_err(refused)?;
    let picture: Option<Inspected> = if kind.is_audio() || kind.is_video() || kind.is_document() { None } else { Some(inspect(&bytes, limits).map_err(refused)?) };
    let extracted = extract(&bytes);
    Ok((Examined { kind, picture, extracted }, bytes))
}

/// What a refused file is answered with.
fn refusal(refused: &Refused) -> Error {
    let code = match refused.code {
        "too_many_pixels" | "too_many_frames" => Code::PayloadTooLarge,
        "corrupt" => Code::Invalid,
        _ => Code::UnsupportedMediaType,
    };
    Error { errors: vec![FieldError::body("/file", refused.code, refused.detail.clone())], ..Error::new(code, refused.detail.clone()) }
}

/// The line of the credit that was named.
async fn credit_for(app: &State, metadata: &NewMedia, examined: &Examined) -> Result<String> {
    let missing = || Error::invalid_field("/credit_id", "unknown_reference", "There is no such credit.");
    if let Some(id) = metadata.credit_id {
        return app.db.snapshot(move |conn| store::credit_line(conn, id)).await?.ok_or_else(missing);
    }
    let line = examined.credit_line().map(ToOwned::to_owned);
    let proposed = match line {
        Some(line) => app.db.snapshot(move |conn| store::credits_called(conn, &line)).await?,
        None => Vec::new(),
    };
    let detail = if proposed.is_empty() {
        "Name the credit of this picture; make one first where there is none."
    } else {
        "Name the credit of this picture; proposed_credits fit what the file says."
    };
    Err(Error::invalid_field("/credit_id", "required", detail).with("extracted", examined.found()).with("proposed_credits", serde_json::json!(proposed)))
}

/// Writes the row of a stored file. A file that no row came of, and that no other row needs, goes again.
async fn record(app: &State, actor: Principal, new: NewFile, once: Option<Once>, fresh: bool) -> Result<Reply> {
    let sha256 = new.sha256;
    let inserted = Arc::new(AtomicBool::new(false));
    let outcome = {
        let (app, store, inserted) = (app.clone(), Arc::clone(&app.media), Arc::clone(&inserted));
        let base = app.base.clone();
        let work = move |tx: &mut diesel::pg::PgConnection| {
            store::lock_file(tx, &sha256)?;
            if !media_files::exists(&*store, &media_files::original(&sha256))? {
                return Err(Error::unavailable("The same file was being deleted. Try again in a moment."));
            }
            let media = store::insert(tx, &actor, &new, &base)?;
            inserted.store(true, Ordering::Relaxed);
            Reply::created(&format!("/v1/editorial/media/{}", media.id), &media)
        };
        app.db.write_once(once, work).await
    };
    if fresh && (outcome.is_err() || !inserted.load(Ordering::Relaxed)) {
        let store = Arc::clone(&app.media);
        app.db.write(move |tx| store::release(tx, &*store, &sha256)).await?;
    }
    outcome
}
