//! The chunks of a WebP file (RFC 9649).
//! Reads lengths and headers, decodes nothing.

use super::{MOST_METADATA, Outline, le16, le24, le32, tiff_block};

/// `None` when the chunks do not lie within the file, or there is no picture in them.
pub(super) fn outline(bytes: &[u8]) -> Option<Outline<'_>> {
    let end = usize::try_from(le32(bytes, 4)?).ok()?.checked_add(8)?;
    let body = bytes.get(..end)?;
    let mut outline = Outline { end, ..Outline::default() };
    let mut has_pixels = false;
    let mut at = 12;
    while at < end {
        let kind = body.get(at..at + 4)?;
        let length = usize::try_from(le32(body, at + 4)?).ok()?;
        let data = body.get(at + 8..)?.get(..length)?;
        // Chunks are padded to an even length.
        at = at.checked_add(8 + length + length % 2)?;
        match kind {
            b"VP8X" => grow(&mut outline, le24(data, 4)? + 1, le24(data, 7)? + 1),
            b"VP8 " => {
                has_pixels = true;
                grow(&mut outline, u32::from(le16(data, 6)? & 0x3fff), u32::from(le16(data, 8)? & 0x3fff));
            }
            b"VP8L" => {
                has_pixels = true;
                let sizes = le32(data, 1)?;
                grow(&mut outline, (sizes & 0x3fff) + 1, (sizes >> 14 & 0x3fff) + 1);
            }
            b"ANMF" => {
                has_pixels = true;
                outline.frames = outline.frames.saturating_add(1);
                grow(&mut outline, le24(data, 6)? + 1, le24(data, 9)? + 1);
            }
            b"EXIF" => outline.exif = outline.exif.or_else(|| tiff_block(data)),
            b"XMP " if length <= MOST_METADATA => outline.xmp = outline.xmp.or(Some(data)),
            _ => {}
        }
    }
    outline.frames = outline.frames.max(1);
    has_pixels.then_some(outline)
}

/// The largest of what any chunk says: a small canvas must not vouch for a large picture.
fn grow(outline: &mut Outline<'_>, width: u32, height: u32) {
    outline.width = outline.width.max(width);
    outline.height = outline.height.max(height);
}
