//! A picture file as strangers may have it: the same pixels, byte by byte, without place, device, serial numbers or notes;
//! with its colour profile, its orientation and its credit. Keeps what is known to be harmless, and nothing else.

use super::container::{self, Outline};
use super::credit::Credit;
use super::{Kind, Refused};

/// Chunks of a PNG file that say how it looks.
const PNG_KEPT: [&[u8; 4]; 22] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL",
    b"fdAT", b"mDCv", b"cLLi",
];
/// Chunks of a WebP file that say how it looks.
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Application extensions of a GIF file that say how it looks.
const GIF_KEPT: [&[u8; 11]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

/// The file without what is nobody's business, and with its credit where the format has room for one. No pixel is decoded.
///
/// # Errors
/// `unsupported_media_type` for what is no picture, `corrupt` for a structure that does not hold.
pub fn public_copy(file: &[u8], credit: &Credit) -> Result<Vec<u8>, Refused> {
    let kind = Kind::sniff(file)?;
    let outline = container::outline(kind, file)?;
    let orientation = outline.exif.and_then(super::exif::orientation).filter(|orientation| *orientation != 1);
    let picture = file.get(..outline.end).unwrap_or(file);
    let copy = match kind {
        Kind::Jpeg => jpeg(picture, orientation, credit),
        Kind::Png => png(picture, orientation).map(|plain| credit.in_png(plain)),
        Kind::Webp => webp(picture).map(|plain| credit.in_webp(plain, orientation.map(tiff))),
        Kind::Gif => gif(picture, &outline),
        _ => None,
    };
    copy.ok_or_else(Refused::corrupt)
}

/// A TIFF block that says the orientation and nothing else.
fn tiff(orientation: u8) -> Vec<u8> {
    [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", &[orientation, 0, 0, 0][..], &[0; 4]].concat()
}

fn jpeg(file: &[u8], orientation: Option<u8>, credit: &Credit) -> Option<Vec<u8>> {
    let (segments, scan) = container::jpeg_segments(file)?;
    let kept = |marker: u8, segment: &[u8]| match marker {
        // Adobe's names the colours; profiles are not the only ones who live in APP2.
        0xe0 | 0xee => true,
        0xe2 => segment.get(4..).is_some_and(|data| data.starts_with(b"ICC_PROFILE\0")),
        0xe1..=0xef | 0xfe => false,
        _ => true,
    };
    let mut copy = Vec::with_capacity(file.len());
    copy.extend_from_slice(file.get(..2)?);
    // JFIF wants to be first.
    let first = segments.iter().take_while(|(marker, _)| *marker == 0xe0).count();
    let (head, rest) = segments.split_at_checked(first)?;
    head.iter().for_each(|(_, segment)| copy.extend_from_slice(segment));
    let exif = orientation.map(|orientation| (0xe1, [b"Exif\0\0", &tiff(orientation)[..]].concat()));
    for (marker, data) in exif.into_iter().chain(credit.jpeg_segments()) {
        let length = u16::try_from(data.len() + 2).ok()?;
        copy.extend_from_slice(&[0xff, marker]);
        copy.extend_from_slice(&length.to_be_bytes());
        copy.extend_from_slice(&data);
    }
    rest.iter().filter(|(marker, segment)| kept(*marker, segment)).for_each(|(_, segment)| copy.extend_from_slice(segment));
    copy.extend_from_slice(file.get(scan..)?);
    Some(copy)
}

fn png(file: &[u8], orientation: Option<u8>) -> Option<Vec<u8>> {
    let mut copy = file.get(..8)?.to_vec();
    let mut at = 8;
    while at < file.len() {
        let length = usize::try_from(u32::from_be_bytes(*file.get(at..)?.first_chunk()?)).ok()?;
        let end = at.checked_add(12)?.checked_add(length)?;
        let kind: &[u8; 4] = file.get(at + 4..)?.first_chunk()?;
        if PNG_KEPT.contains(&kind) {
            copy.extend_from_slice(file.get(at..end)?);
        }
        if kind == b"IHDR"
            && let Some(orientation) = orientation
        {
            copy.extend(super::credit::png_chunk(*b"eXIf", tiff(orientation)));
        }
        at = end;
    }
    Some(copy)
}

fn webp(file: &[u8]) -> Option<Vec<u8>> {
    let mut body = b"WEBP".to_vec();
    let mut at = 12;
    while at < file.len() {
        let kind: &[u8; 4] = file.get(at..)?.first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*file.get(at + 4..)?.first_chunk()?)).ok()?;
        let end = at.checked_add(8)?.checked_add(length)?;
        if WEBP_KEPT.contains(&kind) {
            let begin = body.len();
            body.extend_from_slice(file.get(at..end)?);
            body.extend_from_slice(if length % 2 == 1 { &[0] } else { &[] });
            if kind == b"VP8X" {
                // Announces neither EXIF nor XMP any more; whoever adds them announces them again.
                *body.get_mut(begin + 8)? &= !0x0c;
            }
        }
        at = end.checked_add(length % 2)?;
    }
    let length = u32::try_from(body.len()).ok()?;
    Some([b"RIFF", &length.to_le_bytes()[..], &body].concat())
}

/// Without comments and without applications' own blocks, but those that say how often an animation runs.
fn gif(file: &[u8], outline: &Outline<'_>) -> Option<Vec<u8>> {
    let mut copy = Vec::with_capacity(outline.end);
    for block in container::gif_blocks(file)? {
        let kept = match block {
            [0x21, 0xfe, ..] | [0x21, 0x01, ..] => false,
            [0x21, 0xff, 11, rest @ ..] => rest.first_chunk::<11>().is_some_and(|name| GIF_KEPT.contains(&name)),
            [0x21, 0xff, ..] => false,
            _ => true,
        };
        if kept {
            copy.extend_from_slice(block);
        }
    }
    Some(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens::{self, Entry};
    use crate::imaging::{Limits, extract, inspect};

    const SECRET: &str = "SERIAL-4711";

    fn credit() -> Credit {
        Credit { credit_line: Some("Agency".into()), copyright: Some("© Agency".into()), ..Credit::default() }
    }

    /// Everything decoded, to compare.
    fn pixels(file: &[u8]) -> Vec<u8> {
        image::load_from_memory(file).unwrap().to_rgba8().into_raw()
    }

    fn check(file: &[u8], has_credit: bool) {
        assert!(memchr::memmem::find(file, SECRET.as_bytes()).is_some(), "the specimen holds what is to go");
        let copy = public_copy(file, &credit()).unwrap();
        assert!(memchr::memmem::find(&copy, SECRET.as_bytes()).is_none());
        let (before, after) = (inspect(file, &Limits::default()).unwrap(), inspect(&copy, &Limits::default()).unwrap());
        assert_eq!((before.width, before.height, &before.blurhash, before.frames), (after.width, after.height, &after.blurhash, after.frames));
        assert_eq!(pixels(file), pixels(&copy));
        assert_eq!(extract(&copy).credit_line.map(|found| found.value), has_credit.then(|| "Agency".to_owned()));
        assert_eq!(public_copy(&copy, &credit()).unwrap(), copy, "a copy of a copy is the same");
    }

    #[test]
    fn a_jpeg_keeps_its_turn_and_its_profile_and_loses_the_rest() {
        let block = specimens::exif(&[(0x0112, Entry::Short(6)), (0x0110, Entry::Text(SECRET))], &[(0xa431, Entry::Text(SECRET))]);
        let profile = (0xe2, b"ICC_PROFILE\0\x01\x01profile".to_vec());
        let others = [
            (0xe2, format!("MPF\0{SECRET}").into_bytes()),
            (0xe4, SECRET.into()),
            (0xfe, SECRET.into()),
            specimens::xmp_segment(&format!("<exif:GPSLatitude>{SECRET}</exif:GPSLatitude>")),
        ];
        let segments: Vec<_> = [specimens::exif_segment(&block), profile].into_iter().chain(others).collect();
        let mut file = specimens::jpeg_with_segments(40, 30, &segments);
        check(&file, true);
        let copy = public_copy(&file, &credit()).unwrap();
        assert!(memchr::memmem::find(&copy, b"ICC_PROFILE\0\x01\x01profile").is_some());
        // What hangs behind the picture, as telephones hang films there.
        file.extend_from_slice(SECRET.as_bytes());
        assert!(memchr::memmem::find(&public_copy(&file, &credit()).unwrap(), SECRET.as_bytes()).is_none());
    }

    #[test]
    fn other_pictures_lose_their_notes() {
        let chunk = |kind: &[u8; 4]| (*kind, format!("Comment\0{SECRET}").into_bytes());
        let png = {
            let plain = specimens::png(20, 10);
            // Behind the header: signature, length, kind, 13 bytes, checksum.
            let (head, tail) = plain.split_at(33);
            [head, &super::super::credit::png_chunk(*b"tEXt", chunk(b"tEXt").1), tail].concat()
        };
        check(&png, true);
        let plain = specimens::webp(20, 10);
        let block = specimens::exif(&[(0x0112, Entry::Short(1)), (0x0110, Entry::Text(SECRET))], &[]);
        check(&Credit::default().in_webp(plain, Some(block)), true);
        let gif = specimens::gif(8, 8, 3);
        let (blocks, trailer) = gif.split_at(gif.len() - 1);
        check(&[blocks, b"\x21\xfe\x0b", SECRET.as_bytes(), b"\0", trailer].concat(), false);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(public_copy(b"no picture", &credit()).is_err());
        assert!(public_copy(&specimens::jpeg(40, 30)[..200], &credit()).is_err());
    }
}
