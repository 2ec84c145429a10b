//! Smaller copies of pictures: which can be ordered, and making each once, when it is first asked for. Decides nothing
//! about who may see a picture.

use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::State;
use crate::error::{Error, Result};
use crate::http::file::{Content, FileAnswer};
use crate::imaging::{self, Fit, Format, LADDER, Limits, Refused, RenditionSpec};
use crate::media_files;
use crate::pictures::MediaFile;

/// How long a reader waits for a copy that has to be made.
const PATIENCE: Duration = Duration::from_secs(10);
/// Shapes that copies may have: width to height.
const SHAPES: [(u32, u32); 13] = [(1, 1), (5, 4), (4, 3), (3, 2), (8, 5), (16, 9), (40, 21), (2, 1), (21, 9), (4, 5), (3, 4), (2, 3), (9, 16)];
/// Qualities that copies may have: a few, so that strangers cannot order a hundred of each.
const QUALITIES: [u8; 9] = [40, 50, 60, 70, 75, 80, 85, 90, 95];

crate::words! {
    /// How a picture goes into a box of another shape.
    RenditionFit {
        /// It fills the box; what does not fit is cut off, around the focal point.
        Cover = "cover",
        /// All of it is seen.
        Contain = "contain",
    }
}

crate::words! {
    /// What a smaller copy is encoded as.
    RenditionFormat {
        /// WebP.
        Webp = "webp",
        /// JPEG; what is transparent becomes white.
        Jpeg = "jpeg",
        /// PNG, without loss.
        Png = "png",
    }
}

/// Which form of a file. Without `w` it is the whole file.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RenditionQuery {
    /// Makes the address of these very bytes, so that it may be kept for good; as in the addresses that are given out.
    #[param(pattern = "^[0-9a-f]{1,64}$", example = "9f86d081884c7d65")]
    pub v: Option<String>,
    /// The width of the box, in pixels: 160, 320, 480, 640, 800, 1200, 1600 or 2400. Nothing is enlarged.
    #[param(example = 640)]
    pub w: Option<u32>,
    /// The height of the box, in pixels, for one of the usual shapes (16:9, 3:2, 4:3, 1:1, 4:5 and so on, or a width of the ladder). Without it
    /// the picture keeps its shape.
    #[param(example = 360)]
    pub h: Option<u32>,
    /// How the picture goes into the box; `contain` by default.
    #[param(inline)]
    pub fit: Option<RenditionFit>,
    /// What it is encoded as; `webp` by default.
    #[param(inline)]
    pub format: Option<RenditionFormat>,
    /// Its quality: 40, 50, 60, 70, 75, 80, 85, 90 or 95; 80 by default. PNG has none.
    #[param(example = 80)]
    pub q: Option<u8>,
}

/// The heights that go with a width, in order.
fn heights(width: u32) -> Vec<u32> {
    let mut heights: Vec<_> = SHAPES.iter().map(|(across, down)| (width * down + across / 2) / across).chain(LADDER).collect();
    heights.sort_unstable();
    heights.dedup();
    heights
}

fn list<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl RenditionQuery {
    /// What is to be made; `None` for the file as it was uploaded.
    ///
    /// # Errors
    /// 400 naming the parameter and what it takes.
    pub fn spec(&self, file: &MediaFile) -> Result<Option<RenditionSpec>> {
        if self.v.as_ref().is_some_and(|v| v.is_empty() || v.len() > 64 || !v.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))) {
            return Err(Error::parameter("v", "invalid", "v is made of hexadecimal digits; take it from an address that was given out."));
        }
        let Some(width) = self.w else {
            let others = [("h", self.h.is_some()), ("fit", self.fit.is_some()), ("format", self.format.is_some()), ("q", self.q.is_some())];
            return match others.iter().find(|(_, given)| *given) {
                Some((name, _)) => Err(Error::parameter("w", "required", format!("{name} needs a width w beside it: {}.", list(&LADDER)))),
                None => Ok(None),
            };
        };
        if !LADDER.contains(&width) {
            return Err(Error::parameter("w", "out_of_range", format!("Widths are {}.", list(&LADDER))));
        }
        if let Some(height) = self.h.filter(|height| !heights(width).contains(height)) {
            return Err(Error::parameter("h", "out_of_range", format!("{height} does not go with a width of {width}. Heights that do: {}.", list(&heights(width)))));
        }
        let quality = self.q.unwrap_or(80);
        if !QUALITIES.contains(&quality) {
            return Err(Error::parameter("q", "out_of_range", format!("Qualities are {}.", list(&QUALITIES))));
        }
        let Some((seen, _)) = file.size else {
            return Err(Error::parameter("w", "not_a_picture", "Only pictures have smaller copies."));
        };
        let format = match self.format.unwrap_or(RenditionFormat::Webp) {
            RenditionFormat::Webp => Format::Webp,
            RenditionFormat::Jpeg => Format::Jpeg,
            RenditionFormat::Png => Format::Png,
        };
        Ok(Some(RenditionSpec {
            // Nothing is enlarged: all widths above the picture's own are one.
            width: if self.h.is_none() { width.min(seen) } else { width },
            height: self.h,
            fit: if self.h.is_some() && self.fit == Some(RenditionFit::Cover) { Fit::Cover } else { Fit::Contain },
            format,
            quality: if format == Format::Png { 100 } else { quality },
            focal_point: file.focal_point,
        }))
    }
}

/// The file in the form that was asked for; who may keep it, the caller says.
///
/// # Errors
/// 400 for a form that there is not, 503 when too many copies are being made.
pub async fn answer(app: &State, file: &MediaFile, query: &RenditionQuery) -> Result<FileAnswer> {
    let raster = matches!(file.mime.as_str(), "image/jpeg" | "image/png" | "image/webp" | "image/gif");
    let named = |mime: String, etag: String, content: Content| FileAnswer {
        filename: named_for(&file.filename, &mime),
        content,
        etag: format!("\"{etag}\""),
        mime,
        inline: raster,
        cache_control: "private, no-store".to_owned(),
        keys: Vec::new(),
    };
    let sha = media_files::hex(file.sha256.get(..12).unwrap_or_default());
    let Some(spec) = query.spec(file)? else {
        return Ok(named(file.mime.clone(), sha, Content::Stored(media_files::original(&file.sha256))));
    };
    let (mime, etag) = (spec.format.mime().to_owned(), format!("{sha}-{}", name(&spec, &file.stamp)));
    Ok(named(mime, etag, rendition(app, file, spec).await?))
}

/// A name whose ending says what the file is, whatever it was called.
fn named_for(filename: &str, mime: &str) -> String {
    let endings: &[&str] = match mime {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        "image/webp" => &["webp"],
        "image/gif" => &["gif"],
        "application/pdf" => &["pdf"],
        "video/mp4" => &["mp4", "m4v", "m4a"],
        "video/webm" => &["webm"],
        "audio/mpeg" => &["mp3"],
        "audio/ogg" => &["ogg", "oga", "opus"],
        "audio/wav" => &["wav"],
        _ => &["bin"],
    };
    let (stem, ending) = filename.rsplit_once('.').unwrap_or((filename, ""));
    if endings.iter().any(|known| known.eq_ignore_ascii_case(ending)) { filename.to_owned() } else { format!("{stem}.{}", endings.first().unwrap_or(&"bin")) }
}

/// The name of a copy: what it looks like, and the stamp of what is written into it.
#[must_use]
pub fn name(spec: &RenditionSpec, stamp: &str) -> String {
    let height = spec.height.map_or_else(|| "auto".to_owned(), |height| height.to_string());
    let fit = if spec.fit == Fit::Cover { "cover" } else { "contain" };
    format!("{}x{height}-{fit}-q{}-{stamp}.{}", spec.width, spec.quality, spec.format.extension())
}

/// The same for readers: without `w` a copy without what the camera knows of place and owner. The file as it was uploaded
/// stays with the desk.
///
/// # Errors
/// 400 for a form that there is not, 503 when too many copies are being made.
pub async fn answer_for_readers(app: &State, file: &MediaFile, query: &RenditionQuery) -> Result<FileAnswer> {
    let mut answer = answer(app, file, query).await?;
    if query.w.is_none() {
        let name = format!("whole-{}", file.stamp);
        answer.etag = format!("\"{}-{name}\"", media_files::hex(file.sha256.get(..12).unwrap_or_default()));
        let credit = file.embedded.clone();
        answer.content = copy(app, file, &name, move |original| imaging::public_copy(original, &credit)).await?;
    }
    Ok(answer)
}

/// The bytes of a smaller copy, made now where it is not there yet. Of those who ask at once, one makes it.
///
/// # Errors
/// 503 when too many copies are being made.
pub async fn rendition(app: &State, file: &MediaFile, spec: RenditionSpec) -> Result<Content> {
    let limits = Limits { max_pixels: app.config.pixel_limit, ..Limits::default() };
    let (credit, name) = (file.embedded.clone(), name(&spec, &file.stamp));
    let work = move |original: &[u8]| imaging::render(original, &spec, &limits).and_then(|made| imaging::embed_credit(made, &credit)).map(|made| made.bytes);
    copy(app, file, &name, work).await
}

async fn copy(app: &State, file: &MediaFile, name: &str, work: impl FnOnce(&[u8]) -> Result<Vec<u8>, Refused> + Send + 'static) -> Result<Content> {
    let at = media_files::rendition(&file.sha256, name);
    if media_files::size(&*app.media, &at).await?.is_some() {
        return Ok(Content::Stored(at));
    }
    // Goes on when the reader is gone: the next one will be glad of it.
    let (app, file) = (app.clone(), file.clone());
    actix_web::rt::spawn(async move { make(&app, &file, at, work).await }).await.map_err(Error::internal)?
}

async fn make(app: &State, file: &MediaFile, at: Path, work: impl FnOnce(&[u8]) -> Result<Vec<u8>, Refused> + Send + 'static) -> Result<Content> {
    let _alone = app.darkroom.alone(at.as_ref(), PATIENCE).await?;
    if media_files::size(&*app.media, &at).await?.is_some() {
        return Ok(Content::Stored(at));
    }
    let turn = app.darkroom.turn(PATIENCE).await?;
    let original = media_files::original(&file.sha256);
    let found = media_files::open(&*app.media, &original, None).await?.ok_or_else(|| Error::internal(format!("the stored object {original} is not there")))?;
    let original = found.bytes().await.map_err(Error::internal)?;
    let (_turn, made) = turn.work(move || work(&original)).await?;
    let bytes = Bytes::from(made.map_err(Error::internal)?);
    if let Err(error) = media_files::keep(&*app.media, &at, bytes.clone()).await {
        // Readers get it all the same; it will be made again.
        tracing::warn!(%error, "a rendition could not be kept: {error}");
    }
    Ok(Content::Ready(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_the_file_is() {
        assert_eq!(named_for("bridge.JPEG", "image/jpeg"), "bridge.JPEG");
        assert_eq!(named_for("bridge.jpg", "image/webp"), "bridge.webp");
        assert_eq!(named_for("page.html", "image/png"), "page.png");
        assert_eq!(named_for("bridge", "image/gif"), "bridge.gif");
    }

    #[test]
    fn usual_shapes_go_with_every_width() {
        assert!([360, 480, 427, 640, 320].iter().all(|h| heights(640).contains(h)));
        assert!(heights(1200).contains(&630) && heights(1200).contains(&675));
        assert!(LADDER.iter().all(|w| heights(*w).len() <= 21));
    }
}
