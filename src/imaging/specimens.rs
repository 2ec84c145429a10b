//! Pictures made in code for the tests of this room: sound ones, and ones that lie.
//! Only tests see this file.

use image::{DynamicImage, ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};

/// Left half red, right half blue, so that turns and cuts can be told.
pub(super) fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x * 2 < width { Rgb([220, 30, 30]) } else { Rgb([30, 30, 220]) })
}

pub(super) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.write_image(halves(width, height).as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// A JPEG with segments of one's own after the start of image: marker and payload.
pub(super) fn jpeg_with_segments(width: u32, height: u32, segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let plain = jpeg(width, height);
    let mut bytes = plain[..2].to_vec();
    for (marker, payload) in segments {
        bytes.extend([0xff, *marker]);
        bytes.extend(u16::try_from(payload.len() + 2).unwrap().to_be_bytes());
        bytes.extend(payload);
    }
    bytes.extend(&plain[2..]);
    bytes
}

pub(super) fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&halves(width, height).into(), image::ImageFormat::Png)
}

/// A PNG whose right half cannot be seen.
pub(super) fn half_transparent_png(width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbaImage::from_fn(width, height, |x, _| Rgba([220, 30, 30, if x * 2 < width { 255 } else { 0 }]));
    encoded(&pixels.into(), image::ImageFormat::Png)
}

pub(super) fn webp(width: u32, height: u32) -> Vec<u8> {
    encoded(&halves(width, height).into(), image::ImageFormat::WebP)
}

fn encoded(image: &DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn gif(width: u32, height: u32, frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    let frame = DynamicImage::from(halves(width, height)).into_rgba8();
    encoder.encode_frames((0..frames).map(|_| image::Frame::new(frame.clone()))).unwrap();
    drop(encoder);
    bytes
}

fn png_chunk(kind: [u8; 4], data: Vec<u8>) -> Vec<u8> {
    img_parts::png::PngChunk::new(kind, data.into()).encoder().bytes().to_vec()
}

fn riff_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let padding: &[u8] = if data.len().is_multiple_of(2) { &[] } else { &[0] };
    [&kind[..], &length, data, padding].concat()
}

/// The chunks of a PNG in order, with a header of these sizes.
pub(super) fn png_of(width: u32, height: u32, chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(png_chunk(*b"IHDR", header));
    for (kind, data) in chunks {
        bytes.extend(png_chunk(*kind, data.clone()));
    }
    bytes.extend(png_chunk(*b"IEND", Vec::new()));
    bytes
}

/// A WebP file of these chunks.
pub(super) fn webp_of(chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = chunks.iter().flat_map(|(kind, data)| riff_chunk(*kind, data)).collect();
    riff_chunk(*b"RIFF", &[b"WEBP", &body[..]].concat())
}

/// The TIFF block of EXIF with entries of IFD0 and, where there are any, of the Exif IFD: tag and text, or tag and short.
pub(super) fn exif(ifd0: &[(u16, Entry<'_>)], exif_ifd: &[(u16, Entry<'_>)]) -> Vec<u8> {
    let mut entries: Vec<(u16, Entry<'_>)> = ifd0.to_vec();
    let ifd0_end = 8 + 2 + 12 * (entries.len() + usize::from(!exif_ifd.is_empty())) + 4;
    let ifd0_data: usize = ifd0.iter().map(|(_, entry)| entry.outside()).sum();
    let exif_at = u32::try_from(ifd0_end + ifd0_data).unwrap();
    if !exif_ifd.is_empty() {
        entries.push((0x8769, Entry::Long(exif_at)));
    }
    let mut bytes = b"MM\0*\0\0\0\x08".to_vec();
    directory(&mut bytes, &entries);
    if !exif_ifd.is_empty() {
        directory(&mut bytes, exif_ifd);
    }
    bytes
}

/// The value of an EXIF field.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    Short(u16),
    Long(u32),
}

impl Entry<'_> {
    fn parts(self) -> (u16, u32, Vec<u8>) {
        let text = |bytes: &[u8]| [bytes, b"\0"].concat();
        let (kind, value) = match self {
            Self::Text(value) => (2, text(value.as_bytes())),
            Self::Bytes(value) => (2, text(value)),
            Self::Short(value) => return (3, 1, [value.to_be_bytes(), [0, 0]].concat()),
            Self::Long(value) => return (4, 1, value.to_be_bytes().to_vec()),
        };
        (kind, u32::try_from(value.len()).unwrap(), value)
    }

    fn outside(self) -> usize {
        Some(self.parts().2.len()).filter(|length| *length > 4).unwrap_or(0)
    }
}

fn directory(bytes: &mut Vec<u8>, entries: &[(u16, Entry<'_>)]) {
    let mut data_at = bytes.len() + 2 + 12 * entries.len() + 4;
    let mut data = Vec::new();
    bytes.extend(u16::try_from(entries.len()).unwrap().to_be_bytes());
    for (tag, entry) in entries {
        let (kind, count, value) = entry.parts();
        bytes.extend(tag.to_be_bytes());
        bytes.extend(u16::to_be_bytes(kind));
        bytes.extend(count.to_be_bytes());
        if value.len() > 4 {
            bytes.extend(u32::try_from(data_at).unwrap().to_be_bytes());
            data_at += value.len();
            data.extend(value);
        } else {
            bytes.extend(value.iter().copied().chain([0; 4]).take(4));
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(data);
}

/// An APP1 payload of EXIF.
pub(super) fn exif_segment(block: &[u8]) -> (u8, Vec<u8>) {
    (0xe1, [b"Exif\0\0", block].concat())
}

/// An APP1 payload of XMP: properties inside one description.
pub(super) fn xmp_segment(properties: &str) -> (u8, Vec<u8>) {
    (0xe1, [&b"http://ns.adobe.com/xap/1.0/\0"[..], xmp(properties).as_bytes()].concat())
}

pub(super) fn xmp(properties: &str) -> String {
    format!(
        r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
        xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
        xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
        {properties}</rdf:Description></rdf:RDF></x:xmpmeta>"#
    )
}

/// An APP13 payload of IPTC-IIM: record, data set, value.
pub(super) fn iim_segment(data_sets: &[(u8, u8, &[u8])]) -> (u8, Vec<u8>) {
    let mut iim = Vec::new();
    for (record, number, value) in data_sets {
        iim.extend([0x1c, *record, *number]);
        iim.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        iim.extend(*value);
    }
    let mut payload = b"Photoshop 3.0\0".to_vec();
    // Another resource first, of odd length, so that its padding is read too.
    payload.extend(b"8BIM\x04\x25\0\0\0\0\0\x03abc\0");
    payload.extend(b"8BIM\x04\x04\0\0");
    payload.extend(u32::try_from(iim.len()).unwrap().to_be_bytes());
    payload.extend(iim);
    (0xed, payload)
}
