//! The outlines of picture files, read from their headers: how large, how many frames, which blocks of metadata.
//! Owns structure only: it decodes no pixel, trusts no length, and takes time linear in the file.

mod gif;
mod jpeg;
mod png;
mod webp;

pub(super) use gif::blocks as gif_blocks;
pub(super) use jpeg::segments as jpeg_segments;

use super::{Kind, Limits, Refused};

/// What the structure of a picture file says, before anything is decoded.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    /// As stored, before orientation.
    pub width: u32,
    /// As stored, before orientation.
    pub height: u32,
    /// At least 1.
    pub frames: u32,
    /// Passes over a progressive JPEG.
    pub scans: u32,
    /// What the decoder holds in memory beside the picture.
    pub working_bytes: u64,
    /// Whether there are fewer bytes than so many pixels can be written with: a size that is a lie.
    pub is_hollow: bool,
    /// The TIFF block of EXIF, without a prefix.
    pub exif: Option<&'a [u8]>,
    /// The XMP packet.
    pub xmp: Option<&'a [u8]>,
    /// The part of an XMP packet that did not fit into one JPEG segment.
    pub extended_xmp: Vec<u8>,
    /// Photoshop image resources, which hold IPTC-IIM.
    pub photoshop: Vec<u8>,
    /// Where the picture ends in the file.
    pub end: usize,
}

/// Reads the outline of a picture that can be decoded.
///
/// # Errors
/// `unsupported_media_type` for what is not such a picture, `corrupt` for a structure that does not hold.
pub(super) fn outline(kind: Kind, bytes: &[u8]) -> Result<Outline<'_>, Refused> {
    let outline = match kind {
        Kind::Jpeg => jpeg::outline(bytes),
        Kind::Png => png::outline(bytes),
        Kind::Webp => webp::outline(bytes),
        Kind::Gif => gif::outline(bytes),
        Kind::Avif => return Err(Refused::unsupported("Convert the AVIF picture to JPEG, PNG or WebP.")),
        _ => return Err(Refused::unsupported("Send a picture as JPEG, PNG, WebP or GIF.")),
    };
    outline.filter(|outline| outline.width > 0 && outline.height > 0).ok_or_else(Refused::corrupt)
}

impl Outline<'_> {
    /// How much work the passes over a progressive JPEG may be, in pixels: twenty over the largest picture allowed.
    const MOST_PASSES: u64 = 20;

    /// Refuses what would take more than the limits allow, from the header alone.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), Refused> {
        let pixels = u64::from(self.width) * u64::from(self.height);
        if self.width > limits.max_side || self.height > limits.max_side {
            let detail = format!("Scale the picture down to at most {} pixels a side.", limits.max_side);
            return Err(Refused::too_many_pixels(detail));
        }
        if pixels > limits.max_pixels {
            let detail = format!("Scale the picture down to at most {} megapixels.", limits.max_pixels / 1_000_000);
            return Err(Refused::too_many_pixels(detail));
        }
        if self.frames > limits.max_frames {
            return Err(Refused::too_many_frames(limits.max_frames));
        }
        let passes = u64::from(self.scans);
        if passes > 100 || passes * pixels > Self::MOST_PASSES * limits.max_pixels {
            return Err(Refused::too_many_pixels("Save the JPEG as baseline rather than progressive.".to_owned()));
        }
        if self.is_hollow {
            return Err(Refused::corrupt());
        }
        Ok(())
    }
}

/// The metadata of one kind are gathered up to this size, in bytes; what lies beyond says nothing about a picture.
const MOST_METADATA: usize = 1 << 20;

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = *bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// EXIF is a TIFF block, before which some writers put the prefix of JPEG in other files too.
fn tiff_block(bytes: &[u8]) -> Option<&[u8]> {
    let block = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    (block.len() <= MOST_METADATA && (block.starts_with(b"II*\0") || block.starts_with(b"MM\0*"))).then_some(block)
}
