//! The chunks of a PNG file (W3C PNG, third edition).
//! Reads lengths and headers, inflates nothing.

use super::{MOST_METADATA, Outline, be32, tiff_block};

/// `None` when the chunks do not follow one another from `IHDR` over `IDAT` to `IEND`.
pub(super) fn outline(bytes: &[u8]) -> Option<Outline<'_>> {
    let mut outline = Outline { frames: 1, ..Outline::default() };
    let mut at = 8;
    let mut frames_shown: u32 = 0;
    let mut has_pixels = false;
    loop {
        let length = usize::try_from(be32(bytes, at)?).ok()?;
        let kind = bytes.get(at + 4..at + 8)?;
        let data = bytes.get(at + 8..)?.get(..length)?;
        // Four bytes of checksum follow.
        bytes.get(at + 8 + length..)?.get(..4)?;
        let is_first = at == 8;
        if is_first != (kind == b"IHDR") {
            return None;
        }
        at += 12 + length;
        match kind {
            b"IHDR" => {
                outline.width = be32(data, 0)?;
                outline.height = be32(data, 4)?;
            }
            b"IDAT" => has_pixels = true,
            b"acTL" => outline.frames = outline.frames.max(be32(data, 0)?),
            b"fcTL" => frames_shown = frames_shown.saturating_add(1),
            b"eXIf" => outline.exif = outline.exif.or_else(|| tiff_block(data)),
            b"iTXt" => outline.xmp = outline.xmp.or_else(|| xmp(data)),
            b"IEND" => break,
            _ => {}
        }
    }
    outline.frames = outline.frames.max(frames_shown);
    outline.end = at;
    has_pixels.then_some(outline)
}

/// XMP as an international text chunk: keyword, no compression, empty language and translated keyword.
fn xmp(data: &[u8]) -> Option<&[u8]> {
    let rest = data.strip_prefix(b"XML:com.adobe.xmp\0\0\0")?;
    let language = rest.iter().position(|byte| *byte == 0)?;
    let rest = rest.get(language + 1..)?;
    let keyword = rest.iter().position(|byte| *byte == 0)?;
    rest.get(keyword + 1..).filter(|packet| packet.len() <= MOST_METADATA)
}
