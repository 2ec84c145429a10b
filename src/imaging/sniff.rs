//! What an upload is, told by its first bytes and never by its name or its header.
//! Owns the list of what is taken at all; pixels are another file's subject.

use super::{Refused, active_content};

/// The kinds of files that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture, animated ones too.
    Png,
    /// A WebP picture, animated ones too.
    Webp,
    /// A GIF picture, animated ones too.
    Gif,
    /// An AVIF picture: known, but not decoded here.
    Avif,
    /// A document.
    Pdf,
    /// MPEG-4 video or audio.
    Mp4,
    /// WebM video or audio.
    Webm,
    /// MPEG audio, layer III.
    Mp3,
    /// Ogg audio or video.
    Ogg,
    /// WAVE audio.
    Wav,
}

impl Kind {
    /// Tells the kind of a file and refuses what carries something that could run.
    ///
    /// # Errors
    /// `unsupported_media_type` for every kind that is not listed (SVG, HTML, XML and scripts are not), `active_content`
    /// for a file of a listed kind that holds markup, an archive or a script beside what it shows.
    pub fn sniff(bytes: &[u8]) -> Result<Self, Refused> {
        let kind = Self::by_magic(bytes).ok_or_else(|| Refused::unsupported("Send a picture as JPEG, PNG, WebP or GIF, or a file as PDF, MP4, WebM, MP3, Ogg or WAV."))?;
        active_content::refuse(kind, bytes)?;
        Ok(kind)
    }

    fn by_magic(bytes: &[u8]) -> Option<Self> {
        let four_at = |at: usize| bytes.get(at..at + 4).unwrap_or_default();
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', ..] => match four_at(8) {
                b"WEBP" => Some(Self::Webp),
                b"WAVE" => Some(Self::Wav),
                _ => None,
            },
            [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', ..] => Some(Self::Pdf),
            [b'O', b'g', b'g', b'S', 0, ..] => Some(Self::Ogg),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => is_webm(bytes).then_some(Self::Webm),
            [b'I', b'D', b'3', 2..=4, ..] => Some(Self::Mp3),
            [0xff, 0xe0..=0xff, ..] => is_layer_three(bytes).then_some(Self::Mp3),
            _ if four_at(4) == b"ftyp" => base_media(bytes),
            _ => None,
        }
    }

    /// The media type that such a file is stored and served with.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Pdf => "application/pdf",
            Self::Mp4 => "video/mp4",
            Self::Webm => "video/webm",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Wav => "audio/wav",
        }
    }

    /// The extension of its file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Avif => "avif",
            Self::Pdf => "pdf",
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Wav => "wav",
        }
    }

    /// Whether it is a picture that can be decoded, inspected and rendered here. Only these are safe to show inline.
    pub fn is_raster(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp | Self::Gif)
    }

    /// Whether it is sound alone. MP4 and WebM count as video, whatever tracks they have.
    pub fn is_audio(self) -> bool {
        matches!(self, Self::Mp3 | Self::Ogg | Self::Wav)
    }

    /// Whether it is video.
    pub fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::Webm)
    }

    /// Whether it is a document.
    pub fn is_document(self) -> bool {
        self == Self::Pdf
    }
}

/// Matroska with the document type of WebM in its header; other Matroska files do not play in browsers.
fn is_webm(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    head.windows(7).any(|window| window == b"\x42\x82\x84webm")
}

/// Two frame headers of MPEG audio, layer III, one frame apart: a single one is too easily met by chance.
fn is_layer_three(bytes: &[u8]) -> bool {
    frame_length(bytes).is_some_and(|length| bytes.get(length..).and_then(frame_length).is_some())
}

/// The length of the frame of MPEG audio, layer III, that starts here (ISO/IEC 11172-3, 2.4.1.3).
fn frame_length(bytes: &[u8]) -> Option<usize> {
    const RATES_1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const RATES_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [0xff, second, third, ..] = *bytes else {
        return None;
    };
    let is_layer_three = second >> 5 == 0b111 && second >> 1 & 0b11 == 0b01;
    let (rates, samples, divisor) = match second >> 3 & 0b11 {
        0b11 => (RATES_1, 144_000, 1),
        0b10 => (RATES_2, 72_000, 2),
        0b00 => (RATES_2, 72_000, 4),
        _ => return None,
    };
    let rate = *rates.get(usize::from(third >> 4)).filter(|rate| **rate > 0)?;
    let frequency = *[44_100, 48_000, 32_000].get(usize::from(third >> 2 & 0b11))? / divisor;
    is_layer_three.then_some(samples * rate / frequency + usize::from(third >> 1 & 1))
}

/// Files of the ISO base media family, told apart by their brands.
fn base_media(bytes: &[u8]) -> Option<Kind> {
    let size = u32::from_be_bytes(*bytes.first_chunk()?);
    let header = bytes.get(8..usize::try_from(size).ok()?.min(256))?;
    // The first brand is the major one; the version behind it matches no brand.
    header.chunks_exact(4).find_map(|brand| match brand {
        b"avif" | b"avis" => Some(Kind::Avif),
        b"isom" | b"iso2" | b"iso3" | b"iso4" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1" | b"dash" | b"M4V " | b"M4A " | b"M4VP" | b"MSNV" | b"mmp4" => Some(Kind::Mp4),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens;

    #[test]
    fn knows_files_by_their_first_bytes() {
        for (bytes, kind) in [
            (specimens::jpeg(8, 8), Kind::Jpeg),
            (specimens::png(8, 8), Kind::Png),
            (specimens::webp(8, 8), Kind::Webp),
            (specimens::gif(8, 8, 1), Kind::Gif),
            (b"\0\0\0\x1cftypavif\0\0\0\0mif1miafMA1B".to_vec(), Kind::Avif),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj".to_vec(), Kind::Pdf),
            (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42".to_vec(), Kind::Mp4),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87".to_vec(), Kind::Webm),
            (b"ID3\x04\0\0\0\0\0\x10".to_vec(), Kind::Mp3),
            (b"OggS\0\x02\0\0".to_vec(), Kind::Ogg),
            (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), Kind::Wav),
        ] {
            assert_eq!(Kind::sniff(&bytes), Ok(kind));
        }
        let frame = [vec![0xff, 0xfb, 0x90, 0x00], vec![0; 413]].concat();
        assert_eq!(Kind::sniff(&frame.repeat(2)), Ok(Kind::Mp3));
    }

    #[test]
    fn refuses_what_could_run_and_what_it_does_not_know() {
        for bytes in [
            &b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"[..],
            b"<!DOCTYPE html><p>x",
            b"<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
            b"alert(1)",
            b"\xef\xbb\xbf<html>",
            b"\xff\xfe<\0h\0t\0m\0l\0",
            b"%PDF-x",
            b"\xff\xfb\x90\x00<html>",
            b"BM\x36\0\0\0",
            b"II*\0\x08\0\0\0",
            b"PK\x03\x04",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            b"\x1a\x45\xdf\xa3\x42\x82\x88matroska",
            b"MZ\x90\0",
            b"#!/bin/sh",
            b"",
            b"\0",
            b"RIFF",
            b"GIF89",
        ] {
            assert_eq!(Kind::sniff(bytes).unwrap_err().code, "unsupported_media_type", "{bytes:?}");
        }
    }
}
