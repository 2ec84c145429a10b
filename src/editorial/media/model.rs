//! The shapes in which the desk sees pictures and files, and asks for them. What may be said about one is in `input`.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Count;
use crate::http::reply::Versioned;
use crate::imaging::Extracted;
use crate::media_files::hex;
use crate::pictures::fill_template;
use crate::schema::{media, media_credits};
use crate::text::Line;
use crate::timestamp::Timestamp;
pub use crate::vocabulary::{FocalPoint, MediaKind, MediaStatus};

/// A file's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct MediaRow {
    pub(super) id: Uuid,
    kind: MediaKind,
    filename: String,
    mime: String,
    bytes: i64,
    pub(super) sha256: Vec<u8>,
    width: Option<i32>,
    height: Option<i32>,
    blurhash: Option<String>,
    focal_x: Option<f32>,
    focal_y: Option<f32>,
    alt: Option<String>,
    caption: Option<String>,
    pub(super) credit_id: Uuid,
    credit_line: Option<String>,
    creators: Vec<Option<String>>,
    taken_at: Option<Timestamp>,
    source_url: Option<String>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    usage_terms: Option<String>,
    digital_source_type: Option<String>,
    extracted: serde_json::Value,
    status: MediaStatus,
    version: i32,
    created_by: Option<Uuid>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// A credit's part of the row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = media_credits)]
pub struct CreditRow {
    pub(super) id: Uuid,
    slug: String,
    name: String,
    credit_line: String,
    credit_template: String,
    status: String,
}

/// A credit where a picture names it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MediaCreditRef)]
pub struct CreditRef {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    #[schema(example = "maxar-technologies")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Maxar Technologies")]
    pub name: String,
    /// The line under this picture, as it is printed.
    #[schema(example = "(Maxar Technologies)")]
    pub display: String,
    /// `active` or `withdrawn`.
    #[schema(example = "active")]
    pub status: String,
}

/// For how long and how a picture may be used.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MediaRights)]
pub struct Rights {
    /// Not before this.
    #[schema(required = true)]
    pub valid_from: Option<Timestamp>,
    /// No longer than this: from then on it is withheld everywhere.
    #[schema(required = true)]
    pub valid_until: Option<Timestamp>,
    /// In words.
    #[schema(required = true)]
    pub usage_terms: Option<String>,
}

/// A picture or file as the desk sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EditorialMedia)]
pub struct Media {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: MediaKind,
    /// The name it came with; nothing is stored under it.
    #[schema(example = "bridge.jpg")]
    pub filename: String,
    /// Media type, told by its bytes.
    #[schema(example = "image/jpeg")]
    pub mime: String,
    /// Its size.
    #[schema(minimum = 1)]
    pub bytes: i64,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// In pixels; null for what is not a picture.
    #[schema(required = true, minimum = 1)]
    pub width: Option<i32>,
    /// In pixels; null for what is not a picture.
    #[schema(required = true, minimum = 1)]
    pub height: Option<i32>,
    /// A blurred stand-in (blurha.sh).
    #[schema(required = true)]
    pub blurhash: Option<String>,
    /// What must not be cropped away.
    #[schema(required = true)]
    pub focal_point: Option<FocalPoint>,
    /// What it shows, for those who cannot see it.
    #[schema(required = true)]
    pub alt: Option<String>,
    /// What to know about it.
    #[schema(required = true)]
    pub caption: Option<String>,
    /// Who must be named.
    pub credit_id: Uuid,
    /// The same credit, in short.
    pub credit: CreditRef,
    /// For this picture, instead of the credit's own line.
    #[schema(required = true)]
    pub credit_line: Option<String>,
    /// Who made it.
    pub creators: Vec<String>,
    /// When it was taken.
    #[schema(required = true)]
    pub taken_at: Option<Timestamp>,
    /// Where it comes from.
    #[schema(required = true)]
    pub source_url: Option<String>,
    /// For how long and how it may be used.
    pub rights: Rights,
    /// How it came to be: a term of IPTC's digital source types.
    #[schema(required = true)]
    pub digital_source_type: Option<String>,
    /// What was found in the file: IPTC, XMP, EXIF.
    #[schema(value_type = Extracted)]
    pub extracted: serde_json::Value,
    /// Whether it may be shown.
    pub status: MediaStatus,
    /// Where the desk reads the file; readers have their own address while something live uses it.
    #[schema(example = "http://localhost:8080/v1/editorial/media/0198c5e2-5f0e-7cc1-b0a1-1d3a3e9c2b11/file")]
    pub url: String,
    /// Counts the writes to it.
    pub version: i32,
    /// Who uploaded it.
    #[schema(required = true)]
    pub created_by: Option<Uuid>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Versioned for Media {
    fn version(&self) -> i32 {
        self.version
    }
}

impl Media {
    /// Puts the two rows together. `base` is the service's address.
    #[must_use]
    pub fn of(row: MediaRow, credit: CreditRow, base: &str) -> Self {
        let line = row.credit_line.as_deref();
        let display = fill_template(&credit.credit_template, line.unwrap_or(&credit.name), line.unwrap_or(&credit.credit_line));
        Self {
            url: format!("{base}/v1/editorial/media/{}/file", row.id),
            sha256: hex(&row.sha256),
            focal_point: row.focal_x.zip(row.focal_y).map(|(x, y)| FocalPoint { x: rounded(x), y: rounded(y) }),
            creators: row.creators.into_iter().flatten().collect(),
            rights: Rights { valid_from: row.valid_from, valid_until: row.valid_until, usage_terms: row.usage_terms },
            credit: CreditRef { id: credit.id, slug: credit.slug, name: credit.name, display, status: credit.status },
            id: row.id,
            kind: row.kind,
            filename: row.filename,
            mime: row.mime,
            bytes: row.bytes,
            width: row.width,
            height: row.height,
            blurhash: row.blurhash,
            alt: row.alt,
            caption: row.caption,
            credit_id: row.credit_id,
            credit_line: row.credit_line,
            taken_at: row.taken_at,
            source_url: row.source_url,
            digital_source_type: row.digital_source_type,
            extracted: row.extracted,
            status: row.status,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    /// When its rights begin and end.
    #[must_use]
    pub const fn validity(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.rights.valid_from, self.rights.valid_until)
    }
}

fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}

crate::words! {
    /// How a list of media is sorted.
    MediaSort {
        /// The last uploaded first.
        Created = "-created_at",
        /// The last changed first.
        Updated = "-updated_at",
    }
}

/// Which pictures and files.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MediaQuery {
    /// Part of the file name, the alt text or the caption.
    #[param(max_length = 200)]
    pub q: Option<Line<200>>,
    /// What they are.
    pub kind: Option<MediaKind>,
    /// Those with this credit.
    pub credit_id: Option<Uuid>,
    /// Whether they may be shown.
    pub status: Option<MediaStatus>,
    /// Those uploaded by this account.
    pub created_by: Option<Uuid>,
    /// Order; `-created_at` by default.
    #[param(inline)]
    pub sort: Option<MediaSort>,
    /// Items a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u8>,
    /// Where to go on, from `page.next` or `page.previous`.
    pub cursor: Option<String>,
    /// `exact` also counts them all.
    #[param(inline)]
    pub count: Option<Count>,
}
