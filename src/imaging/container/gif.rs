//! The blocks of a GIF file (GIF89a specification).
//! Reads lengths and headers, decodes nothing.

use super::{MOST_METADATA, Outline, le16};

/// `None` when the blocks do not follow one another to the trailer, or there is no picture in them.
pub(super) fn outline(bytes: &[u8]) -> Option<Outline<'_>> {
    let mut outline = Outline { width: u32::from(le16(bytes, 6)?), height: u32::from(le16(bytes, 8)?), ..Outline::default() };
    let mut at = 13 + color_table(*bytes.get(10)?);
    loop {
        match bytes.get(at) {
            // Some writers leave the trailer out, and every reader forgives them.
            None | Some(0x3b) => break,
            Some(0x2c) => {
                outline.frames = outline.frames.saturating_add(1);
                let right = u32::from(le16(bytes, at + 1)?) + u32::from(le16(bytes, at + 5)?);
                let bottom = u32::from(le16(bytes, at + 3)?) + u32::from(le16(bytes, at + 7)?);
                outline.width = outline.width.max(right);
                outline.height = outline.height.max(bottom);
                // Behind the descriptor and its color table stands one byte for the size of codes.
                at = end_of_blocks(bytes, at + 10 + color_table(*bytes.get(at + 9)?) + 1)?;
            }
            Some(0x21) => {
                let start = at + 2;
                at = end_of_blocks(bytes, start)?;
                outline.xmp = outline.xmp.or_else(|| xmp(bytes.get(start..at)?));
            }
            Some(_) => return None,
        }
    }
    outline.end = bytes.len().min(at + 1);
    (outline.frames > 0).then_some(outline)
}

/// The file cut into its blocks: the header with its color table, extensions, pictures, the trailer.
pub(in crate::imaging) fn blocks(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut at = 13 + color_table(*bytes.get(10)?);
    let mut found = vec![bytes.get(..at)?];
    loop {
        let end = match bytes.get(at) {
            None => return Some(found),
            Some(0x3b) => at + 1,
            Some(0x2c) => end_of_blocks(bytes, at + 10 + color_table(*bytes.get(at + 9)?) + 1)?,
            Some(0x21) => end_of_blocks(bytes, at + 2)?,
            Some(_) => return None,
        };
        found.push(bytes.get(at..end)?);
        if bytes.get(at) == Some(&0x3b) {
            return Some(found);
        }
        at = end;
    }
}

fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn end_of_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let size = usize::from(*bytes.get(at)?);
        at += 1 + size;
        if size == 0 {
            return Some(at);
        }
    }
}

/// XMP lies in an application extension as it is, not cut into blocks; a trailer of falling bytes behind it leads readers
/// of blocks out again (XMP specification, part 3, section 1.1.2).
fn xmp(blocks: &[u8]) -> Option<&[u8]> {
    let packet = blocks.strip_prefix(b"\x0bXMP DataXMP")?;
    let end = packet.iter().rposition(|byte| *byte == b'>')?;
    packet.get(..=end).filter(|packet| packet.len() <= MOST_METADATA)
}
