//! A picture for the shapes of others (feeds, JSON-LD, ninjs): its address and the credit that belongs to it in one piece.
//! Made by `Picture` alone, and only while the picture may be shown.

use std::sync::Arc;

use uuid::Uuid;

use super::{CreditRow, MediaRow, Picture};
use crate::body::{FigurePicture, render_figure};
use crate::timestamp::Timestamp;

/// What is said of a picture besides what our own shape of it says.
#[derive(Debug)]
pub struct Facts {
    /// Who must be named, by name.
    pub credit_name: String,
    /// The line, without what the credit's template puts around it.
    pub credit_line: String,
    /// The copyright notice.
    pub copyright_notice: Option<String>,
    /// The licence's name.
    pub licence_name: Option<String>,
    /// The licence's text.
    pub licence_url: Option<String>,
    /// Terms of use in words.
    pub usage_terms: Option<String>,
    /// Where to get a licence.
    pub acquire_licence_url: Option<String>,
    /// Who made the picture.
    pub creators: Vec<String>,
    /// How it was made: a URI of IPTC's digital source types.
    pub digital_source_type: Option<String>,
    /// What must not be cropped away, as fractions of width and height.
    pub focal_point: Option<(f32, f32)>,
    /// Media type of the file.
    pub mime: String,
}

impl Facts {
    pub(super) fn of(media: &MediaRow, credit: &CreditRow, line: &str) -> Self {
        Self {
            credit_name: credit.name.clone(),
            credit_line: line.to_owned(),
            copyright_notice: credit.copyright_notice.clone(),
            licence_name: credit.licence_name.clone().or_else(|| credit.licence_code.clone()),
            licence_url: credit.licence_url.clone(),
            usage_terms: credit.usage_terms.clone(),
            acquire_licence_url: credit.acquire_licence_url.clone(),
            creators: media.creators.iter().flatten().cloned().collect(),
            digital_source_type: media.digital_source_type.clone(),
            focal_point: media.focal_x.zip(media.focal_y),
            mime: media.mime.clone(),
        }
    }
}

/// A picture that may be shown at this moment, with its credit.
#[derive(Debug, Clone)]
pub struct Credited {
    /// Its media's id.
    pub media: Uuid,
    /// In pixels.
    pub size: (u32, u32),
    /// What it shows.
    pub alt: String,
    /// What to know about it.
    pub caption: Option<String>,
    /// What else is said of it.
    pub facts: Arc<Facts>,
    display: String,
    url: String,
    srcset: Vec<(String, u32)>,
}

impl Picture {
    /// The picture with its credit; `None` while it is withheld. `alt` and `caption` are those of this use.
    #[must_use]
    pub fn credited(&self, now: Timestamp, alt: Option<&str>, caption: Option<&str>) -> Option<Credited> {
        if self.withheld(now).is_some() {
            return None;
        }
        Some(Credited {
            media: self.media,
            size: self.size,
            alt: alt.or(self.alt.as_deref()).unwrap_or_default().to_owned(),
            caption: caption.or(self.caption.as_deref()).map(ToOwned::to_owned),
            facts: Arc::clone(&self.facts),
            display: self.display.clone(),
            url: self.url.clone(),
            srcset: self.sources(),
        })
    }
}

impl Credited {
    /// The address of its file, and the credit as it is printed: neither is to be had without the other.
    #[must_use]
    pub fn address(&self) -> (&str, &str) {
        (&self.url, &self.display)
    }

    /// The same with the addresses of all its widths in pixels, the file as it was uploaded last.
    #[must_use]
    pub fn renditions(&self) -> (&[(String, u32)], &str) {
        (&self.srcset, &self.display)
    }

    /// As a figure in HTML.
    #[must_use]
    pub fn figure(&self) -> String {
        render_figure(&FigurePicture {
            media_id: self.media,
            url: &self.url,
            width: self.size.0,
            height: self.size.1,
            alt: Some(&self.alt),
            caption: self.caption.as_deref(),
            credit_display: &self.display,
            srcset: &self.srcset,
            layout: None,
        })
    }
}
