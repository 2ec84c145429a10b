//! The one way out for an image: a `Picture` can only be made from a row that joins its credit, and every form it takes
//! (JSON, a figure in HTML) carries the credit line. Whether it may be shown is decided at the moment it is shown.

mod credited;
mod standing;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use credited::{Credited, Facts};
pub use standing::{Reason, Standing};

use crate::body::{FigurePicture, render_figure};
use crate::error::Result;
use crate::imaging::{Credit, LADDER};
use crate::media_files::hex;
use crate::schema::{media, media_credits};
use crate::text::template::fill;
use crate::timestamp::Timestamp;

/// SQL that is true of a row of `media` that something live shows: a story, the portrait of a live author, the site's logo.
pub const SHOWN_LIVE: &str = "(EXISTS (SELECT FROM live_article_media u WHERE u.media_id = media.id) \
     OR EXISTS (SELECT FROM authors a JOIN live_authors l ON l.author_id = a.id WHERE a.avatar_media_id = media.id) \
     OR EXISTS (SELECT FROM site s WHERE s.logo_media_id = media.id))";

/// The widest copy of a portrait beside a byline, in pixels.
const WIDEST_PORTRAIT: u32 = 480;

#[derive(Queryable, Selectable)]
#[diesel(table_name = media)]
struct MediaRow {
    id: Uuid,
    filename: String,
    mime: String,
    bytes: i64,
    sha256: Vec<u8>,
    width: Option<i32>,
    height: Option<i32>,
    blurhash: Option<String>,
    focal_x: Option<f32>,
    focal_y: Option<f32>,
    alt: Option<String>,
    caption: Option<String>,
    credit_line: Option<String>,
    creators: Vec<Option<String>>,
    digital_source_type: Option<String>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    status: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = media_credits)]
struct CreditRow {
    id: Uuid,
    slug: String,
    name: String,
    credit_line: String,
    credit_template: String,
    copyright_notice: Option<String>,
    licence_code: Option<String>,
    licence_name: Option<String>,
    licence_url: Option<String>,
    usage_terms: Option<String>,
    acquire_licence_url: Option<String>,
    url: Option<String>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    status: String,
}

/// An image and the credit that it cannot be had without.
#[derive(Debug, Clone)]
pub struct Picture {
    media: Uuid,
    credit: Uuid,
    /// The Picture of the contract, and the same as a portrait, with its own alt text and caption.
    whole: String,
    portrait: String,
    /// Of `whole`: where the values of alt text and caption stand.
    alt_at: Range<usize>,
    caption_at: Range<usize>,
    alt: Option<String>,
    caption: Option<String>,
    url: String,
    /// Widths of the smaller copies.
    smaller: &'static [u32],
    size: (u32, u32),
    display: String,
    facts: Arc<Facts>,
    standing: Standing,
}

/// Fills a credit template: `({name})` makes "(Maxar Technologies)".
#[must_use]
pub fn fill_template(template: &str, name: &str, credit_line: &str) -> String {
    fill(template, &[("credit_line", credit_line), ("name", name)])
}

/// What is written into smaller copies of a picture.
fn embedded(media: &MediaRow, credit: &CreditRow) -> Credit {
    Credit {
        credit_line: Some(media.credit_line.clone().unwrap_or_else(|| credit.credit_line.clone())),
        copyright: credit.copyright_notice.clone(),
        licence_url: credit.licence_url.clone(),
        creators: media.creators.iter().flatten().cloned().collect(),
        digital_source_type: media.digital_source_type.clone(),
    }
}

/// Changes with everything that the bytes under an address depend on, so that what is under it never does.
fn stamp(media: &MediaRow, credit: &CreditRow) -> String {
    let Credit { credit_line, copyright, licence_url, creators, digital_source_type } = embedded(media, credit);
    let said = serde_json::json!([media.focal_x, media.focal_y, credit_line, copyright, licence_url, creators, digital_source_type]);
    let digest = Sha256::new().chain_update(&media.sha256).chain_update(said.to_string()).finalize();
    hex(digest.get(..8).unwrap_or_default())
}

/// A stored file and what has to be known to hand it out.
#[derive(Debug, Clone)]
pub struct MediaFile {
    /// Its media's id.
    pub media: Uuid,
    /// Its credit's id.
    pub credit: Uuid,
    /// The name it has for people.
    pub filename: String,
    /// Its media type.
    pub mime: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// In pixels, for a picture.
    pub size: Option<(u32, u32)>,
    /// What must not be cropped away.
    pub focal_point: Option<(f32, f32)>,
    /// What is written into smaller copies.
    pub embedded: Credit,
    /// As `v` in its address.
    pub stamp: String,
    /// Whether it may be shown.
    pub standing: Standing,
}

/// The stored file of a media, whatever its state and whoever uses it.
///
/// # Errors
/// What the database says.
pub fn file(conn: &mut PgConnection, id: Uuid) -> Result<Option<MediaFile>> {
    let found: Option<(MediaRow, CreditRow)> =
        media::table.inner_join(media_credits::table).filter(media::id.eq(id)).select((MediaRow::as_select(), CreditRow::as_select())).first(conn).optional()?;
    Ok(found.map(|(media, credit)| MediaFile {
        standing: Standing::of(&media, &credit),
        stamp: stamp(&media, &credit),
        embedded: embedded(&media, &credit),
        size: media.width.zip(media.height).map(|(w, h)| (w.unsigned_abs(), h.unsigned_abs())),
        focal_point: media.focal_x.zip(media.focal_y),
        media: media.id,
        credit: credit.id,
        filename: media.filename,
        mime: media.mime,
        bytes: media.bytes.unsigned_abs(),
        sha256: media.sha256,
    }))
}

impl Picture {
    fn new(media: MediaRow, credit: &CreditRow, base: &str) -> Self {
        let standing = Standing::of(&media, credit);
        let size = (media.width.unwrap_or(0).unsigned_abs(), media.height.unwrap_or(0).unsigned_abs());
        let url = format!("{base}/v1/media/{}/file?v={}", media.id, stamp(&media, credit));
        // A smaller copy of an animation would be a still.
        let ladder: &'static [u32] = if media.mime == "image/gif" { &[] } else { &LADDER };
        let smaller = ladder.split_at(ladder.partition_point(|width| *width < size.0)).0;
        let line = media.credit_line.clone().unwrap_or_else(|| credit.credit_line.clone());
        let display = match &media.credit_line {
            Some(line) => fill_template(&credit.credit_template, line, line),
            None => fill_template(&credit.credit_template, &credit.name, &credit.credit_line),
        };
        let json = |value: &serde_json::Value| value.to_string();
        let head = format!(
            "{{\"media_id\":\"{}\",\"url\":{},\"width\":{},\"height\":{},\"mime\":{},",
            media.id,
            json(&url.clone().into()),
            size.0,
            size.1,
            json(&media.mime.clone().into())
        );
        let licence = credit
            .licence_code
            .as_ref()
            .or(credit.licence_name.as_ref())
            .or(credit.licence_url.as_ref())
            .map(|_| serde_json::json!({ "code": credit.licence_code, "name": credit.licence_name, "url": credit.licence_url }));
        let focal = media.focal_x.zip(media.focal_y).map(|(x, y)| serde_json::json!({ "x": round(x), "y": round(y) }));
        let tail = format!(
            ",\"blurhash\":{},\"focal_point\":{},\"credit\":{},\"credit_line\":{}",
            json(&serde_json::json!(media.blurhash)),
            json(&serde_json::json!(focal)),
            json(&serde_json::json!({ "id": credit.id, "slug": credit.slug, "name": credit.name, "display": display, "url": credit.url, "licence": licence })),
            json(&serde_json::json!(line)),
        );
        let facts = Arc::new(Facts::of(&media, credit, &line));
        let (alt, caption) = (quoted(Some(media.alt.as_deref().unwrap_or_default())), quoted(media.caption.as_deref()));
        let before_caption = format!("{head}\"alt\":{alt},\"caption\":");
        let alt_at = head.len() + "\"alt\":".len()..head.len() + "\"alt\":".len() + alt.len();
        let caption_at = before_caption.len()..before_caption.len() + caption.len();
        let with_copies = |widest| format!("{before_caption}{caption}{tail},\"srcset\":[{}]}}", srcset(&url, smaller, size.0, widest));
        let (whole, portrait) = (with_copies(u32::MAX), with_copies(WIDEST_PORTRAIT));
        Self { media: media.id, credit: credit.id, whole, portrait, alt_at, caption_at, alt: media.alt, caption: media.caption, url, smaller, size, display, facts, standing }
    }

    /// Why it may not be shown at this moment; `None` when it may.
    #[must_use]
    pub fn withheld(&self, now: Timestamp) -> Option<Reason> {
        self.standing.withheld(now)
    }

    /// When its rights next begin or end.
    #[must_use]
    pub fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.standing.changes_at(now)
    }

    /// Its media's id and its credit's, for surrogate keys.
    #[must_use]
    pub const fn ids(&self) -> (Uuid, Uuid) {
        (self.media, self.credit)
    }

    /// Whether the media says what the picture shows.
    #[must_use]
    pub const fn has_alt(&self) -> bool {
        self.alt.is_some()
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn weight(&self) -> usize {
        let texts = [Some(&self.whole), Some(&self.portrait), self.alt.as_ref(), self.caption.as_ref(), Some(&self.url), Some(&self.display)];
        texts.into_iter().flatten().map(String::len).sum::<usize>() + size_of::<Self>()
    }

    /// Writes the Picture of the contract, or its withheld form.
    pub fn write_json(&self, now: Timestamp, out: &mut String) {
        out.push_str(self.withheld(now).map_or(&self.whole, |reason| reason.picture()));
    }

    /// Writes the Picture as the portrait beside a byline: no copy in its srcset is wider than any place for it.
    pub fn write_portrait(&self, now: Timestamp, out: &mut String) {
        out.push_str(self.withheld(now).map_or(&self.portrait, |reason| reason.picture()));
    }

    /// Writes the Picture with the alt text and caption of a use, each as JSON; `null` stands for the picture's own.
    pub fn write_use(&self, now: Timestamp, alt: &str, caption: &str, out: &mut String) {
        if (alt, caption) == ("null", "null") || self.withheld(now).is_some() {
            return self.write_json(now, out);
        }
        let mut from = 0;
        for (given, at) in [(alt, &self.alt_at), (caption, &self.caption_at)] {
            let end = if given == "null" { at.end } else { at.start };
            out.push_str(self.whole.get(from..end).unwrap_or_default());
            if given != "null" {
                out.push_str(given);
            }
            from = at.end;
        }
        out.push_str(self.whole.get(from..).unwrap_or_default());
    }

    /// Addresses and widths of all copies, the picture itself last.
    fn sources(&self) -> Vec<(String, u32)> {
        let smaller = self.smaller.iter().map(|width| (format!("{}&w={width}", self.url), *width));
        smaller.chain([(self.url.clone(), self.size.0)]).collect()
    }

    /// The picture as a figure in HTML with its credit; nothing but a note when it is withheld.
    #[must_use]
    pub fn figure(&self, now: Timestamp, alt: Option<&str>, caption: Option<&str>, layout: Option<&str>) -> String {
        if self.withheld(now).is_some() {
            return format!("<figure data-media-id=\"{}\" data-withheld=\"true\"></figure>", self.media);
        }
        let srcset = self.sources();
        render_figure(&FigurePicture {
            media_id: self.media,
            url: &self.url,
            width: self.size.0,
            height: self.size.1,
            alt: Some(alt.or(self.alt.as_deref()).unwrap_or_default()),
            caption: caption.or(self.caption.as_deref()),
            credit_display: &self.display,
            srcset: &srcset,
            layout,
        })
    }
}

/// The copies up to a width, and the picture itself where it is not wider or there is no other. Our own addresses are
/// parsed URLs: nothing in them needs escaping in JSON.
fn srcset(url: &str, smaller: &[u32], own: u32, widest: u32) -> String {
    let mut copies: Vec<_> = smaller.iter().filter(|width| **width <= widest).map(|width| format!("{{\"url\":\"{url}&w={width}\",\"width\":{width}}}")).collect();
    if own <= widest || copies.is_empty() {
        copies.push(format!("{{\"url\":\"{url}\",\"width\":{own}}}"));
    }
    copies.join(",")
}

fn quoted(text: Option<&str>) -> String {
    serde_json::to_string(&text).unwrap_or_else(|_| "null".to_owned())
}

fn round(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}

/// Loads images with their credits. What is not an image, or not there, is not in the answer.
///
/// # Errors
/// What the database says.
pub fn load(conn: &mut PgConnection, ids: &[Uuid], base: &str) -> Result<HashMap<Uuid, Picture>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(MediaRow, CreditRow)> = media::table
        .inner_join(media_credits::table)
        .filter(media::id.eq_any(ids))
        .filter(media::kind.eq("image"))
        .select((MediaRow::as_select(), CreditRow::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(media, credit)| (media.id, Picture::new(media, &credit, base))).collect())
}
