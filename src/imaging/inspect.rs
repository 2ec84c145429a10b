//! What an uploaded picture is: its size as it will be seen, its frames, a placeholder of it.
//! Refuses by the header before a pixel is decoded; keeps nothing.

use super::pixels::{Filter, Pixels};
use super::{Kind, Limits, Refused, container, exif, pixels};

/// A picture that was decoded and found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it is.
    pub kind: Kind,
    /// Its media type, by its bytes.
    pub mime: &'static str,
    /// The extension of its file name, without the dot.
    pub extension: &'static str,
    /// In pixels, after orientation.
    pub width: u32,
    /// In pixels, after orientation.
    pub height: u32,
    /// The orientation of EXIF, 1 to 8; 1 where none is given.
    pub orientation: u8,
    /// 1 for a still.
    pub frames: u32,
    /// A placeholder (<https://blurha.sh>), of 4 by 3 components, or 3 by 4 for upright pictures.
    pub blurhash: String,
    /// The color that covers most of it, as `#rrggbb`.
    pub dominant: String,
    /// Whether anything shines through.
    pub has_alpha: bool,
}

/// The side of the small copy that placeholders are made from, in pixels.
const SMALL: u32 = 64;

/// Tells what a picture is, decoding its first frame.
///
/// # Errors
/// Every code of [`Refused`]; what is too large is refused by its header.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspected, Refused> {
    let kind = Kind::sniff(bytes)?;
    let outline = container::outline(kind, bytes)?;
    outline.check(limits)?;
    let orientation = outline.exif.and_then(exif::orientation).unwrap_or(1);
    let decoded = pixels::decode(kind, bytes, &outline, limits)?.pixels;
    let small = small(&decoded)?.turned(orientation)?;
    let (width, height) = if orientation >= 5 { (decoded.height, decoded.width) } else { (decoded.width, decoded.height) };
    Ok(Inspected {
        kind,
        mime: kind.mime(),
        extension: kind.extension(),
        width,
        height,
        orientation,
        frames: outline.frames,
        blurhash: blurhash(&small)?,
        dominant: dominant(&small),
        has_alpha: decoded.is_translucent(),
    })
}

fn small(pixels: &Pixels) -> Result<Pixels, Refused> {
    let longest = pixels.width.max(pixels.height).max(1);
    if longest <= SMALL {
        return pixels.scaled(pixels.whole(), pixels.width, pixels.height, Filter::Box);
    }
    let side = |length: u32| (length * SMALL / longest).max(1);
    pixels.scaled(pixels.whole(), side(pixels.width), side(pixels.height), Filter::Box)
}

fn blurhash(small: &Pixels) -> Result<String, Refused> {
    let (across, down) = if small.width >= small.height { (4, 3) } else { (3, 4) };
    blurhash::encode(across, down, small.width, small.height, &small.to_rgba()).map_err(|_components| Refused::corrupt())
}

/// The mean of the fullest of 512 bins of color, three bits a channel, over what can be seen.
fn dominant(small: &Pixels) -> String {
    let mut bins = vec![([0u64; 3], 0u64); 512];
    for pixel in small.to_rgba().chunks_exact(4) {
        let [r, g, b, a] = *pixel else { continue };
        let bin = usize::from(r >> 5) << 6 | usize::from(g >> 5) << 3 | usize::from(b >> 5);
        if let Some((sums, count)) = bins.get_mut(bin).filter(|_| a >= 128) {
            *count += 1;
            for (sum, channel) in sums.iter_mut().zip([r, g, b]) {
                *sum += u64::from(channel);
            }
        }
    }
    let fullest = bins.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0);
    let ([r, g, b], count) = fullest.unwrap_or(([255; 3], 1));
    format!("#{:02x}{:02x}{:02x}", r / count, g / count, b / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens::{self, Entry};
    use std::time::{Duration, Instant};

    fn inspected(bytes: &[u8]) -> Inspected {
        inspect(bytes, &Limits::default()).unwrap()
    }

    /// The code of the refusal, which must come without the work that the file asks for.
    fn refused(bytes: &[u8]) -> &'static str {
        let start = Instant::now();
        let code = inspect(bytes, &Limits::default()).map_or_else(|refused| refused.code, |_| "taken");
        assert!(start.elapsed() < Duration::from_secs(2), "{code} took {:?}", start.elapsed());
        code
    }

    #[test]
    fn tells_what_a_picture_is() {
        for (bytes, mime) in
            [(specimens::jpeg(40, 30), "image/jpeg"), (specimens::png(40, 30), "image/png"), (specimens::webp(40, 30), "image/webp"), (specimens::gif(40, 30, 1), "image/gif")]
        {
            let picture = inspected(&bytes);
            assert_eq!((picture.mime, picture.width, picture.height, picture.frames), (mime, 40, 30, 1));
            assert!(!picture.has_alpha, "{mime}");
            assert_eq!(picture.blurhash.len(), 4 + 2 * 12);
            assert!(matches!(&*picture.dominant, d if d.starts_with("#d") || d.starts_with("#1") || d.starts_with("#2")), "{}", picture.dominant);
        }
        assert!(inspected(&specimens::half_transparent_png(20, 20)).has_alpha);
        assert_eq!(inspected(&specimens::gif(8, 8, 12)).frames, 12);
    }

    #[test]
    fn sizes_are_those_after_orientation() {
        for (orientation, size) in [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40)), (5, (30, 40)), (99, (40, 30))] {
            let block = specimens::exif(&[(0x0112, Entry::Short(orientation))], &[]);
            let picture = inspected(&specimens::jpeg_with_segments(40, 30, &[specimens::exif_segment(&block)]));
            assert_eq!((picture.width, picture.height), size, "orientation {orientation}");
        }
    }

    #[test]
    fn placeholders_are_turned_too() {
        let upright = inspected(&specimens::jpeg(40, 30)).blurhash;
        let block = specimens::exif(&[(0x0112, Entry::Short(3))], &[]);
        let turned = inspected(&specimens::jpeg_with_segments(40, 30, &[specimens::exif_segment(&block)])).blurhash;
        assert_ne!(upright, turned);
    }

    #[test]
    fn bombs_are_refused_by_their_header() {
        let deflated = vec![([b'I', b'D', b'A', b'T'], vec![0x78, 0x9c, 3, 0, 0, 0, 0, 1])];
        assert_eq!(refused(&specimens::png_of(50_000, 50_000, &deflated)), "too_many_pixels");
        assert_eq!(refused(&specimens::png_of(0x7fff_ffff, 0x7fff_ffff, &deflated)), "too_many_pixels");
        assert_eq!(refused(&specimens::png_of(19_999, 19_999, &deflated)), "too_many_pixels");
        assert_eq!(refused(&specimens::png_of(u32::MAX, 1, &deflated)), "too_many_pixels");
        let canvas = [&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..]].concat();
        let bomb = specimens::webp_of(&[(*b"VP8X", canvas), (*b"VP8L", vec![0x2f, 0, 0, 0, 0])]);
        assert_eq!(refused(&bomb), "too_many_pixels");
    }

    #[test]
    fn a_jpeg_that_lies_about_its_size_is_refused() {
        let resized = |width: u16, height: u16| {
            let mut bytes = specimens::jpeg(16, 16);
            let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
            bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
            bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
            bytes
        };
        assert_eq!(refused(&resized(65_500, 65_500)), "too_many_pixels");
        assert_eq!(refused(&resized(7_900, 7_900)), "corrupt");
        assert_eq!(refused(&resized(0, 0)), "corrupt");
        // A second header with the true size, behind which the false one would be decoded.
        let twice = specimens::jpeg_with_segments(16, 16, &[(0xc0, vec![8, 0, 16, 0, 16, 1, 1, 0x11, 0])]);
        assert_eq!(refused(&twice), "corrupt");
    }

    #[test]
    fn a_jpeg_of_thousands_of_passes_is_refused() {
        let mut bytes = b"\xff\xd8\xff\xc2\0\x0b\x08\x10\0\x10\0\x01\x01\x11\0".to_vec();
        bytes.extend(b"\xff\xda\0\x08\x01\x01\0\x01\x01\0\0".repeat(4096));
        bytes.extend([0xff, 0xd9]);
        assert_eq!(refused(&bytes), "too_many_pixels");
    }

    #[test]
    fn long_animations_are_refused() {
        assert_eq!(refused(&specimens::gif(2, 2, 201)), "too_many_frames");
        let mut apng = vec![(*b"acTL", [20_000u32.to_be_bytes(), [0; 4]].concat())];
        apng.push((*b"IDAT", vec![0]));
        assert_eq!(refused(&specimens::png_of(8, 8, &apng)), "too_many_frames");
        let silent: Vec<_> = std::iter::repeat_n((*b"fcTL", vec![0; 26]), 300).chain([(*b"IDAT", vec![0])]).collect();
        assert_eq!(refused(&specimens::png_of(8, 8, &silent)), "too_many_frames");
    }

    #[test]
    fn memory_is_counted_before_it_is_taken() {
        let limits = Limits { max_alloc: 40 * 30 * 3 - 1, ..Limits::default() };
        assert_eq!(inspect(&specimens::png(40, 30), &limits).unwrap_err().code, "too_many_pixels");
    }

    #[test]
    fn damaged_files_are_refused_and_never_panic() {
        for whole in [specimens::jpeg(32, 32), specimens::png(32, 32), specimens::webp(32, 32), specimens::gif(32, 32, 2)] {
            assert_eq!(refused(&whole[..whole.len() / 2]), "corrupt");
            assert_eq!(refused(&whole[..whole.len() - 2]), "corrupt");
            for at in 0..whole.len() {
                let mut bent = whole.clone();
                bent[at] ^= 0xff;
                if let Err(refused) = inspect(&bent, &Limits::default()) {
                    assert!(Refused::CODES.contains(&refused.code));
                }
            }
        }
    }

    #[test]
    fn pictures_that_cannot_be_decoded_here_say_what_to_do() {
        let avif = inspect(b"\0\0\0\x1cftypavif\0\0\0\0mif1miafMA1B", &Limits::default()).unwrap_err();
        assert_eq!(avif.code, "unsupported_media_type");
        assert!(avif.detail.contains("AVIF"));
        assert_eq!(refused(b"%PDF-1.7\n"), "unsupported_media_type");
    }
}
