//! Pictures made in code: left half red, right half blue, so that cuts can be told; and files that lie.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture in this format.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, _| if x * 2 < width { Rgb([220, 30, 30]) } else { Rgb([30, 30, 220]) });
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    picture(width, height, ImageFormat::Png)
}

/// A JPEG.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    picture(width, height, ImageFormat::Jpeg)
}

/// A JPEG with an XMP packet that has these properties.
pub fn jpeg_saying(width: u32, height: u32, properties: &str) -> Vec<u8> {
    let packet = format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" \
         xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\" xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">{properties}</rdf:Description>\
         </rdf:RDF></x:xmpmeta>"
    );
    let segment = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
    let mut bytes = jpeg(width, height);
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    bytes.splice(2..2, [&[0xff, 0xe1][..], &length, &segment].concat());
    bytes
}

/// The head of a PNG that says it is this large, and next to nothing behind it.
pub fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }))
}

/// A GIF of so many frames.
pub fn gif(frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let frame = DynamicImage::from(RgbImage::new(2, 2)).into_rgba8();
    image::codecs::gif::GifEncoder::new(&mut bytes).encode_frames((0..frames).map(|_| image::Frame::new(frame.clone()))).unwrap();
    bytes
}
