//! Pixels in memory: decoding within limits, turning, cutting out and scaling down.
//! Knows nothing of metadata, and of files only what the decoders need.

use super::container::Outline;
use super::{Kind, Limits, Refused};
use fast_image_resize as fir;
pub(super) use fast_image_resize::FilterType as Filter;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage, RgbaImage};
use std::io::Cursor;

/// A picture of 8 bits a channel, with red, green, blue and, where `has_alpha`, alpha.
pub(super) struct Pixels {
    pub data: Vec<u8>,
    pub width: u32,
    pub height: u32,
    pub has_alpha: bool,
}

/// A decoded picture, as stored: not yet turned.
pub(super) struct Decoded {
    pub pixels: Pixels,
    /// The color profile that the pixels are in.
    pub profile: Option<Vec<u8>>,
}

/// A part of a picture, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// Ancillary data that the PNG decoder may inflate, in bytes.
const MOST_ANCILLARY: u64 = 32 << 20;

/// Decodes the first frame.
///
/// # Errors
/// `too_many_pixels` when it would take more memory than the limits allow, `corrupt` when it cannot be decoded.
pub(super) fn decode(kind: Kind, bytes: &[u8], outline: &Outline<'_>, limits: &Limits) -> Result<Decoded, Refused> {
    let mut decoder = decoder(kind, bytes).map_err(|_undecodable| Refused::corrupt())?;
    if decoder.dimensions() != (outline.width, outline.height) {
        return Err(Refused::corrupt());
    }
    let pixels = u64::from(outline.width) * u64::from(outline.height);
    let color = decoder.color_type();
    let channels = if color.has_alpha() { 4 } else { 3 };
    let converted = if color.bytes_per_pixel() == channels { 0 } else { pixels * u64::from(channels) };
    let needed = decoder.total_bytes().saturating_add(converted).saturating_add(outline.working_bytes);
    if needed > limits.max_alloc {
        let detail = "Scale the picture down, or save it with 8 bits a channel and as baseline: it would not fit in memory.";
        return Err(Refused::too_many_pixels(detail.to_owned()));
    }
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(|_undecodable| Refused::corrupt())?;
    Ok(Decoded { pixels: Pixels::from_image(image), profile })
}

fn decoder(kind: Kind, bytes: &[u8]) -> image::ImageResult<Box<dyn ImageDecoder + '_>> {
    use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
    let reader = Cursor::new(bytes);
    Ok(match kind {
        Kind::Png => {
            let mut limits = image::Limits::no_limits();
            limits.max_alloc = Some(MOST_ANCILLARY);
            Box::new(PngDecoder::with_limits(reader, limits)?)
        }
        Kind::Webp => Box::new(WebPDecoder::new(reader)?),
        Kind::Gif => Box::new(GifDecoder::new(reader)?),
        _ => Box::new(JpegDecoder::new(reader)?),
    })
}

impl Pixels {
    fn from_image(image: DynamicImage) -> Self {
        let (width, height) = (image.width(), image.height());
        if image.color().has_alpha() {
            Self { data: image.into_rgba8().into_raw(), width, height, has_alpha: true }
        } else {
            Self { data: image.into_rgb8().into_raw(), width, height, has_alpha: false }
        }
    }

    fn into_image(self) -> Option<DynamicImage> {
        let Self { data, width, height, has_alpha } = self;
        if has_alpha { RgbaImage::from_raw(width, height, data).map(DynamicImage::from) } else { RgbImage::from_raw(width, height, data).map(DynamicImage::from) }
    }

    /// The whole of it.
    pub(super) fn whole(&self) -> Part {
        Part { left: 0.0, top: 0.0, width: f64::from(self.width), height: f64::from(self.height) }
    }

    /// Whether anything shines through. An alpha channel alone does not say so.
    pub(super) fn is_translucent(&self) -> bool {
        self.has_alpha && self.data.chunks_exact(4).any(|pixel| matches!(pixel, [_, _, _, alpha] if *alpha < 255))
    }

    /// A part of the picture at another size.
    pub(super) fn scaled(&self, part: Part, width: u32, height: u32, filter: Filter) -> Result<Self, Refused> {
        let layout = if self.has_alpha { fir::PixelType::U8x4 } else { fir::PixelType::U8x3 };
        let source = fir::images::ImageRef::new(self.width, self.height, &self.data, layout).map_err(|_mismatch| Refused::corrupt())?;
        let mut scaled = fir::images::Image::new(width, height, layout);
        let options = fir::ResizeOptions::new().resize_alg(fir::ResizeAlg::Convolution(filter)).crop(part.left, part.top, part.width, part.height);
        fir::Resizer::new().resize(&source, &mut scaled, &options).map_err(|_outside| Refused::corrupt())?;
        Ok(Self { data: scaled.into_vec(), width, height, has_alpha: self.has_alpha })
    }

    /// The picture as it is meant to be seen. `orientation` is that of EXIF, 1 to 8; anything else means upright.
    pub(super) fn turned(self, orientation: u8) -> Result<Self, Refused> {
        let Some(orientation) = Orientation::from_exif(orientation).filter(|o| *o != Orientation::NoTransforms) else {
            return Ok(self);
        };
        let mut image = self.into_image().ok_or_else(Refused::corrupt)?;
        image.apply_orientation(orientation);
        Ok(Self::from_image(image))
    }

    /// On white, for formats that know no transparency.
    pub(super) fn flattened(self) -> Self {
        if !self.has_alpha {
            return self;
        }
        let on_white = |channel: u8, alpha: u8| {
            let (channel, alpha) = (u16::from(channel), u16::from(alpha));
            u8::try_from((channel * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
        };
        let data = self.data.chunks_exact(4).filter_map(|pixel| <[u8; 4]>::try_from(pixel).ok());
        let data = data.flat_map(|[r, g, b, a]| [on_white(r, a), on_white(g, a), on_white(b, a)]).collect();
        Self { data, has_alpha: false, ..self }
    }

    /// The same, with an alpha channel.
    pub(super) fn to_rgba(&self) -> Vec<u8> {
        if self.has_alpha {
            return self.data.clone();
        }
        self.data.chunks_exact(3).flat_map(|pixel| pixel.iter().copied().chain([255])).collect()
    }
}
