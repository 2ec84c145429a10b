//! The segments of a JPEG file (ITU-T T.81, annex B).
//! Reads lengths and headers, decodes nothing.

use super::{MOST_METADATA, Outline, be16, be32, tiff_block};

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;
const APP1: u8 = 0xe1;
const APP13: u8 = 0xed;

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

/// `None` when the segments do not follow one another to an end of image, or do not describe exactly one picture.
pub(super) fn outline(bytes: &[u8]) -> Option<Outline<'_>> {
    let mut outline = Outline { frames: 1, ..Outline::default() };
    let mut at = 2;
    let mut entropy = 0;
    loop {
        let marker = next_marker(bytes, &mut at)?;
        match marker {
            END_OF_IMAGE => break,
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = usize::from(be16(bytes, at)?);
        let payload = bytes.get(at + 2..at + length)?;
        at += length;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => frame(&mut outline, marker, payload)?,
            START_OF_SCAN => {
                outline.scans += 1;
                let end = end_of_entropy(bytes, at)?;
                entropy += end - at;
                at = end;
            }
            APP1 => app1(&mut outline, payload),
            APP13 => {
                let room = MOST_METADATA.saturating_sub(outline.photoshop.len());
                let resources = payload.strip_prefix(PHOTOSHOP).filter(|resources| resources.len() <= room);
                outline.photoshop.extend_from_slice(resources.unwrap_or_default());
            }
            _ => {}
        }
    }
    outline.end = at;
    // Every block of 64 pixels takes one bit at the very least.
    let pixels = u64::from(outline.width) * u64::from(outline.height);
    outline.is_hollow = u64::try_from(entropy).is_ok_and(|entropy| entropy < pixels / 512);
    (outline.scans > 0).then_some(outline)
}

/// A segment of a JPEG file: its marker, and all its bytes.
pub(in crate::imaging) type Segment<'a> = (u8, &'a [u8]);

/// The segments before the first scan, and where that begins.
pub(in crate::imaging) fn segments(bytes: &[u8]) -> Option<(Vec<Segment<'_>>, usize)> {
    let (mut at, mut found) = (2, Vec::new());
    loop {
        let begin = at;
        let marker = next_marker(bytes, &mut at)?;
        match marker {
            START_OF_SCAN => return Some((found, begin)),
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let end = at + usize::from(be16(bytes, at)?);
        // Without the bytes that fill up before the marker.
        found.push((marker, bytes.get(at - 2..end)?));
        at = end;
    }
}

/// Moves behind the next marker and returns it. Fill bytes before it are allowed; anything else is not.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    if *bytes.get(*at)? != 0xff {
        return None;
    }
    let fill = bytes.get(*at..)?.iter().take_while(|byte| **byte == 0xff).count();
    let marker = *bytes.get(*at + fill)?;
    *at += fill + 1;
    (marker != 0).then_some(marker)
}

/// Where the marker after entropy-coded data stands: stuffed zeros and restart markers belong to the data.
fn end_of_entropy(bytes: &[u8], from: usize) -> Option<usize> {
    let data = bytes.get(from..)?;
    memchr::memchr_iter(0xff, data).find(|at| !matches!(data.get(at + 1), None | Some(0x00 | 0xd0..=0xd7 | 0xff))).map(|at| from + at)
}

fn frame(outline: &mut Outline<'_>, marker: u8, payload: &[u8]) -> Option<()> {
    // A second frame header would let a small picture vouch for a large one.
    if outline.width != 0 {
        return None;
    }
    outline.height = u32::from(be16(payload, 1)?);
    outline.width = u32::from(be16(payload, 3)?);
    let components = usize::from(*payload.get(5)?);
    let factors = payload.get(6..6 + components * 3)?.chunks_exact(3).filter_map(|component| component.get(1));
    let sampling: Vec<(u64, u64)> = factors.map(|f| (u64::from(f >> 4), u64::from(f & 15))).collect();
    let progressive = matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
    if progressive {
        let widest = sampling.iter().map(|(h, _)| *h).max()?.max(1);
        let highest = sampling.iter().map(|(_, v)| *v).max()?.max(1);
        let samples: u64 = sampling.iter().map(|(h, v)| h * v).sum();
        // Two bytes a coefficient, kept until the last pass.
        outline.working_bytes = 2 * u64::from(outline.width) * u64::from(outline.height) * samples / (widest * highest);
    }
    Some(())
}

fn app1<'a>(outline: &mut Outline<'a>, payload: &'a [u8]) {
    if payload.starts_with(b"Exif\0") {
        outline.exif = outline.exif.or_else(|| tiff_block(payload));
    } else if let Some(packet) = payload.strip_prefix(XMP) {
        outline.xmp = outline.xmp.or(Some(packet));
    } else if let Some(part) = payload.strip_prefix(EXTENDED_XMP) {
        extended_xmp(&mut outline.extended_xmp, part);
    }
}

/// A part of extended XMP: a digest of 32 characters, the whole length, the offset of this part, its bytes. Parts that do
/// not come in order are left out (XMP specification, part 3, section 1.1.3.1, has writers keep the order).
fn extended_xmp(gathered: &mut Vec<u8>, part: &[u8]) {
    let Some((offset, data)) = be32(part, 36).zip(part.get(40..)) else {
        return;
    };
    if usize::try_from(offset) == Ok(gathered.len()) && gathered.len() + data.len() <= MOST_METADATA {
        gathered.extend_from_slice(data);
    }
}
