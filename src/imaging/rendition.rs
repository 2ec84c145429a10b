//! Smaller copies of a picture, as it is meant to be seen: turned, cut out around what matters, scaled, encoded.
//! Nothing of the original's metadata goes along but its color profile; credits are put in by `embed_credit`.

use super::pixels::{Filter, Part, Pixels};
use super::{Kind, Limits, Refused, container, exif, pixels};
use image::{ExtendedColorType, ImageEncoder};
use img_parts::{Bytes, ImageICC};

/// How a picture goes into a box of another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fit {
    /// Fills the box; what does not fit is cut off, around the focal point.
    Cover,
    /// All of it is seen, and the box may stay partly empty.
    #[default]
    Contain,
}

/// What renditions are encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lossy WebP.
    Webp,
    /// Baseline JPEG; what is transparent becomes white.
    Jpeg,
    /// PNG, without loss.
    Png,
}

impl Format {
    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The extension of its file names, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// Which rendition is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct RenditionSpec {
    /// Of the box, in pixels.
    pub width: u32,
    /// Of the box, in pixels. Without it the picture keeps its shape.
    pub height: Option<u32>,
    /// How the picture goes into the box.
    pub fit: Fit,
    /// What it is encoded as.
    pub format: Format,
    /// 1 to 100; PNG has none.
    pub quality: u8,
    /// What must be seen: fractions of the width and the height from the upper left, after orientation. The middle
    /// where none is given.
    pub focal_point: Option<(f32, f32)>,
}

/// An encoded rendition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is encoded as.
    pub format: Format,
    /// Its media type.
    pub mime: &'static str,
    /// In pixels; may be less than was asked for, as nothing is enlarged.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// The largest side that every format can hold (WebP's), in pixels.
const MOST_SIDE: u32 = 16_383;
/// A color profile for the web has hundreds of bytes; one of a printer has megabytes, and small copies do not carry it.
const MOST_PROFILE: usize = 64 << 10;

/// Makes a rendition of the first frame. Nothing is enlarged.
///
/// # Errors
/// Those of `inspect`.
pub fn render(bytes: &[u8], spec: &RenditionSpec, limits: &Limits) -> Result<Rendered, Refused> {
    let kind = Kind::sniff(bytes)?;
    let outline = container::outline(kind, bytes)?;
    outline.check(limits)?;
    let orientation = outline.exif.and_then(exif::orientation).unwrap_or(1);
    let decoded = pixels::decode(kind, bytes, &outline, limits)?;
    let lies = orientation >= 5;
    let seen = if lies { (outline.height, outline.width) } else { (outline.width, outline.height) };
    let (part, (width, height)) = plan(seen, spec);
    // Scaled first and turned after: turning the large picture would take its memory twice.
    let (stored_width, stored_height) = if lies { (height, width) } else { (width, height) };
    let stored_part = as_stored(part, seen, orientation);
    let scaled = decoded.pixels.scaled(stored_part, stored_width, stored_height, Filter::Lanczos3)?.turned(orientation)?;
    drop(decoded.pixels);
    let encoded = encode(scaled, spec)?;
    let bytes = match decoded.profile.filter(|profile| is_worth_keeping(profile)) {
        Some(profile) => with_profile(encoded, spec.format, profile)?,
        None => encoded,
    };
    Ok(Rendered { bytes, format: spec.format, mime: spec.format.mime(), width, height })
}

/// What part of the picture is taken, and the size it is given; both after orientation.
fn plan(seen: (u32, u32), spec: &RenditionSpec) -> (Part, (u32, u32)) {
    let (seen_width, seen_height) = (f64::from(seen.0), f64::from(seen.1));
    let box_width = f64::from(spec.width.clamp(1, MOST_SIDE));
    let box_height = spec.height.map_or(f64::from(MOST_SIDE), |height| f64::from(height.clamp(1, MOST_SIDE)));
    let part = match (spec.fit, spec.height) {
        (Fit::Cover, Some(_)) => {
            let width = seen_width.min(seen_height * box_width / box_height);
            let height = seen_height.min(seen_width * box_height / box_width);
            let (x, y) = spec.focal_point.unwrap_or((0.5, 0.5));
            let left = within(x, seen_width, width);
            Part { left, top: within(y, seen_height, height), width, height }
        }
        _ => Part { left: 0.0, top: 0.0, width: seen_width, height: seen_height },
    };
    let scale = (box_width / part.width).min(box_height / part.height).min(1.0);
    (part, (side(part.width * scale), side(part.height * scale)))
}

/// Where a part of this length starts, so that it is around the focal point and within the whole.
fn within(focal: f32, whole: f64, part: f64) -> f64 {
    let focal = if focal.is_finite() { f64::from(focal.clamp(0.0, 1.0)) } else { 0.5 };
    (focal * whole - part / 2.0).clamp(0.0, (whole - part).max(0.0))
}

fn side(length: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the line above it")]
    let side = length.round().clamp(1.0, f64::from(MOST_SIDE)) as u32;
    side
}

/// The part in the picture as it is stored: EXIF 2.32, table 6, undone.
fn as_stored(part: Part, seen: (u32, u32), orientation: u8) -> Part {
    let Part { left, top, width, height } = part;
    let right = f64::from(seen.0) - left - width;
    let bottom = f64::from(seen.1) - top - height;
    let part = |left: f64, top: f64, width, height| Part { left: left.max(0.0), top: top.max(0.0), width, height };
    match orientation {
        2 => part(right, top, width, height),
        3 => part(right, bottom, width, height),
        4 => part(left, bottom, width, height),
        5 => part(top, left, height, width),
        6 => part(top, right, height, width),
        7 => part(bottom, right, height, width),
        8 => part(bottom, left, height, width),
        _ => part(left, top, width, height),
    }
}

fn encode(pixels: Pixels, spec: &RenditionSpec) -> Result<Vec<u8>, Refused> {
    let quality = spec.quality.clamp(1, 100);
    let mut bytes = Vec::new();
    let written = match spec.format {
        Format::Webp => {
            let layout = if pixels.has_alpha { webp::PixelLayout::Rgba } else { webp::PixelLayout::Rgb };
            let encoder = webp::Encoder::new(&pixels.data, layout, pixels.width, pixels.height);
            return match encoder.encode_simple(false, f32::from(quality)) {
                Ok(encoded) => Ok(encoded.to_vec()),
                Err(_unencodable) => Err(Refused::corrupt()),
            };
        }
        Format::Jpeg => {
            let pixels = pixels.flattened();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality).write_image(&pixels.data, pixels.width, pixels.height, ExtendedColorType::Rgb8)
        }
        Format::Png => {
            let color = if pixels.has_alpha { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
            image::codecs::png::PngEncoder::new(&mut bytes).write_image(&pixels.data, pixels.width, pixels.height, color)
        }
    };
    written.map_err(|_unencodable| Refused::corrupt())?;
    Ok(bytes)
}

/// A profile of red, green and blue that is not sRGB, which is what browsers take a picture for that says nothing.
fn is_worth_keeping(profile: &[u8]) -> bool {
    let says = |name: &[u8]| memchr::memmem::find(profile, name).is_some();
    profile.len() <= MOST_PROFILE && profile.get(16..20) == Some(b"RGB ") && profile.get(36..40) == Some(b"acsp") && !says(b"sRGB IEC61966") && !says(b"s\0R\0G\0B\0 \0I\0E\0C")
}

fn with_profile(encoded: Vec<u8>, format: Format, profile: Vec<u8>) -> Result<Vec<u8>, Refused> {
    let encoded = Bytes::from(encoded);
    let profile = Some(Bytes::from(profile));
    let unreadable = |_error| Refused::corrupt();
    Ok(match format {
        Format::Jpeg => {
            let mut file = img_parts::jpeg::Jpeg::from_bytes(encoded).map_err(unreadable)?;
            file.set_icc_profile(profile);
            file.encoder().bytes().to_vec()
        }
        Format::Png => {
            let mut file = img_parts::png::Png::from_bytes(encoded).map_err(unreadable)?;
            file.set_icc_profile(profile);
            file.encoder().bytes().to_vec()
        }
        Format::Webp => {
            let mut file = img_parts::webp::WebP::from_bytes(encoded).map_err(unreadable)?;
            file.set_icc_profile(profile);
            file.encoder().bytes().to_vec()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::inspect;
    use crate::imaging::specimens::{self, Entry};
    use image::GenericImageView;

    fn spec(width: u32, height: Option<u32>, fit: Fit, format: Format) -> RenditionSpec {
        RenditionSpec { width, height, fit, format, quality: 80, focal_point: None }
    }

    fn rendered(bytes: &[u8], spec: &RenditionSpec) -> Rendered {
        render(bytes, spec, &Limits::default()).unwrap()
    }

    /// Whether a pixel of the rendition is red rather than blue.
    fn is_red(rendered: &Rendered, x: u32, y: u32) -> bool {
        let [r, _, b, _] = image::load_from_memory(&rendered.bytes).unwrap().get_pixel(x, y).0;
        r > b
    }

    #[test]
    fn every_format_has_the_size_it_says() {
        for source in [specimens::jpeg(400, 200), specimens::png(400, 200), specimens::webp(400, 200), specimens::gif(400, 200, 2)] {
            for format in [Format::Webp, Format::Jpeg, Format::Png] {
                let made = rendered(&source, &spec(160, None, Fit::Contain, format));
                assert_eq!((made.width, made.height, made.mime), (160, 80, format.mime()));
                let inspected = inspect(&made.bytes, &Limits::default()).unwrap();
                assert_eq!((inspected.mime, inspected.width, inspected.height), (made.mime, 160, 80));
            }
        }
    }

    #[test]
    fn nothing_is_enlarged() {
        let source = specimens::png(100, 50);
        let sizes = |width, height, fit| {
            let made = rendered(&source, &spec(width, height, fit, Format::Png));
            (made.width, made.height)
        };
        assert_eq!(sizes(2400, None, Fit::Contain), (100, 50));
        assert_eq!(sizes(2400, Some(2400), Fit::Contain), (100, 50));
        assert_eq!(sizes(2400, Some(2400), Fit::Cover), (50, 50));
        assert_eq!(sizes(40, Some(40), Fit::Contain), (40, 20));
        assert_eq!(sizes(40, Some(40), Fit::Cover), (40, 40));
        assert_eq!(sizes(40, None, Fit::Cover), (40, 20));
        assert_eq!(sizes(0, Some(0), Fit::Cover), (1, 1));
    }

    #[test]
    fn cover_cuts_around_the_focal_point() {
        let source = specimens::png(400, 100);
        let at = |x| {
            let wanted = RenditionSpec { focal_point: Some((x, 0.5)), ..spec(80, Some(80), Fit::Cover, Format::Png) };
            rendered(&source, &wanted)
        };
        assert!(is_red(&at(0.0), 79, 40) && is_red(&at(0.1), 79, 40));
        assert!(!is_red(&at(1.0), 0, 40) && !is_red(&at(f32::INFINITY.min(9.0)), 0, 40));
        let middle = at(f32::NAN);
        assert!(is_red(&middle, 10, 40) && !is_red(&middle, 70, 40));
    }

    #[test]
    fn orientation_is_applied_to_picture_and_focal_point() {
        // Stored: red left, blue right. Where the red half is seen, and where the focal point has to look for it.
        for (orientation, size, red) in [
            (1u16, (100, 50), (0.0, 0.5)),
            (2, (100, 50), (1.0, 0.5)),
            (3, (100, 50), (1.0, 0.5)),
            (4, (100, 50), (0.0, 0.5)),
            (5, (50, 100), (0.5, 0.0)),
            (6, (50, 100), (0.5, 0.0)),
            (7, (50, 100), (0.5, 1.0)),
            (8, (50, 100), (0.5, 1.0)),
        ] {
            let block = specimens::exif(&[(0x0112, Entry::Short(orientation))], &[]);
            let source = specimens::jpeg_with_segments(400, 200, &[specimens::exif_segment(&block)]);
            let whole = rendered(&source, &spec(size.0, Some(size.1), Fit::Contain, Format::Png));
            assert_eq!((whole.width, whole.height), size, "orientation {orientation}");
            let focal_point = Some(red);
            let cut = rendered(&source, &RenditionSpec { focal_point, ..spec(20, Some(20), Fit::Cover, Format::Png) });
            assert!(is_red(&cut, 4, 10) || is_red(&cut, 10, 4), "orientation {orientation}");
            let focal_point = Some((1.0 - red.0, 1.0 - red.1));
            let cut = rendered(&source, &RenditionSpec { focal_point, ..spec(20, Some(20), Fit::Cover, Format::Png) });
            assert!(!is_red(&cut, 15, 10) || !is_red(&cut, 10, 15), "orientation {orientation}");
        }
    }

    #[test]
    fn transparency_is_kept_where_it_can_be_and_white_elsewhere() {
        let source = specimens::half_transparent_png(100, 50);
        for format in [Format::Png, Format::Webp] {
            let made = rendered(&source, &spec(50, None, Fit::Contain, format));
            let [_, _, _, alpha] = image::load_from_memory(&made.bytes).unwrap().get_pixel(45, 10).0;
            assert_eq!(alpha, 0, "{format:?}");
        }
        let made = rendered(&source, &spec(50, None, Fit::Contain, Format::Jpeg));
        let [r, g, b, _] = image::load_from_memory(&made.bytes).unwrap().get_pixel(45, 10).0;
        assert!(r > 240 && g > 240 && b > 240);
    }

    #[test]
    fn a_color_profile_goes_along_and_nothing_else_does() {
        let mut profile = vec![0; 600];
        profile[16..20].copy_from_slice(b"RGB ");
        profile[36..40].copy_from_slice(b"acsp");
        let segment = |profile: &[u8]| (0xe2, [&b"ICC_PROFILE\0\x01\x01"[..], profile].concat());
        let block = specimens::exif(&[(0x010f, Entry::Text("CameraMaker")), (0x8298, Entry::Text("Somebody"))], &[]);
        let source = specimens::jpeg_with_segments(
            64,
            64,
            &[segment(&profile), specimens::exif_segment(&block), specimens::xmp_segment("<photoshop:Credit>CreditInside</photoshop:Credit>")],
        );
        for format in [Format::Webp, Format::Jpeg, Format::Png] {
            let made = rendered(&source, &spec(32, None, Fit::Contain, format));
            let bytes = Bytes::from(made.bytes.clone());
            let kept = img_parts::DynImage::from_bytes(bytes).unwrap().unwrap().icc_profile();
            assert_eq!(kept.as_deref(), Some(&profile[..]), "{format:?}");
            for secret in ["CameraMaker", "Somebody", "CreditInside"] {
                assert!(memchr::memmem::find(&made.bytes, secret.as_bytes()).is_none(), "{format:?}");
            }
        }
        profile[16..20].copy_from_slice(b"CMYK");
        let source = specimens::jpeg_with_segments(64, 64, &[segment(&profile)]);
        let made = rendered(&source, &spec(32, None, Fit::Contain, Format::Jpeg));
        assert!(memchr::memmem::find(&made.bytes, b"ICC_PROFILE").is_none());
    }

    #[test]
    fn very_long_pictures_stay_pictures() {
        let made = rendered(&specimens::png(2000, 1), &spec(160, None, Fit::Contain, Format::Webp));
        assert_eq!((made.width, made.height), (160, 1));
    }
}
