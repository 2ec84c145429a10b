//! Pictures and other uploads as bytes: what they are, what they say about themselves, and smaller copies of them.
//! Pure: bytes in, values out, bounded in time and memory; storage, rights and addresses are decided elsewhere.

mod active_content;
mod container;
mod credit;
mod embedded_metadata;
mod exif;
mod iim;
mod inspect;
mod pixels;
mod public_copy;
mod rendition;
mod sniff;
mod xmp;

pub use credit::{Credit, embed_credit};
pub use embedded_metadata::{Block, Extracted, FoundText, FoundTexts, FoundTime, extract};
pub use inspect::{Inspected, inspect};
pub use public_copy::public_copy;
pub use rendition::{Fit, Format, Rendered, RenditionSpec, render};
pub use sniff::Kind;

use std::fmt;

/// The widths that renditions are made in, in pixels. A fixed ladder keeps caches warm and strangers from ordering a
/// rendition for every pixel.
pub const LADDER: [u32; 8] = [160, 320, 480, 640, 800, 1200, 1600, 2400];

/// What a picture may ask of this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Width times height.
    pub max_pixels: u64,
    /// In pixels, for width and height each.
    pub max_side: u32,
    /// Of an animation.
    pub max_frames: u32,
    /// In bytes, for the decoded picture and what its decoder needs beside it. One decoding at a time stays within it;
    /// how many run at once is for the caller to bound.
    pub max_alloc: u64,
}

impl Default for Limits {
    /// 64 megapixels (today's largest camera files but medium format), 20,000 pixels a side, 200 frames, 256 MiB.
    fn default() -> Self {
        Self { max_pixels: 64_000_000, max_side: 20_000, max_frames: 200, max_alloc: 256 << 20 }
    }
}

/// Why an upload was refused: a stable code for programs, and one sentence for people that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// One of [`Refused::CODES`].
    pub code: &'static str,
    /// What to do about it. Repeats nothing of the file.
    pub detail: String,
}

impl Refused {
    /// Every code that an upload is refused with.
    pub const CODES: [&'static str; 5] = ["unsupported_media_type", "too_many_pixels", "too_many_frames", "corrupt", "active_content"];

    fn unsupported(detail: &str) -> Self {
        Self { code: "unsupported_media_type", detail: detail.to_owned() }
    }

    fn too_many_pixels(detail: String) -> Self {
        Self { code: "too_many_pixels", detail }
    }

    fn too_many_frames(max: u32) -> Self {
        Self { code: "too_many_frames", detail: format!("Shorten the animation to at most {max} frames.") }
    }

    fn corrupt() -> Self {
        Self { code: "corrupt", detail: "Export the picture again: the file is damaged or cut off.".to_owned() }
    }

    fn active_content(detail: &str) -> Self {
        Self { code: "active_content", detail: detail.to_owned() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod specimens;
