//! Credit, copyright and licence inside the files that are served, so that they stay with a picture that is saved.
//! Writes XMP and, in JPEG, IPTC-IIM; never anything of place or device.

use super::Refused;
use super::embedded_metadata::{MAX_LINE, MAX_LIST, MAX_NAME, line, term, web_address};
use super::iim::{MAX_COPYRIGHT, MAX_CREATOR, MAX_CREDIT};
use super::rendition::{Format, Rendered};
use super::xmp::SOURCE_TYPES;
use img_parts::jpeg::{Jpeg, JpegSegment};
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF};
use quick_xml::escape::escape;
use std::fmt::Write;

/// What is written into a file. Members that are `None` or empty leave no trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credit {
    /// The line to print beside the picture.
    pub credit_line: Option<String>,
    /// The copyright notice.
    pub copyright: Option<String>,
    /// The page that states the rights: an absolute web address, anything else is left out.
    pub licence_url: Option<String>,
    /// Who made the picture.
    pub creators: Vec<String>,
    /// How the picture came to be: a URI of <http://cv.iptc.org/newscodes/digitalsourcetype/>.
    pub digital_source_type: Option<String>,
}

impl Credit {
    /// Every value clean and of a length that fits its field.
    fn cleaned(&self) -> Self {
        let one = |text: &Option<String>| text.as_deref().and_then(|text| line(text, MAX_LINE));
        Self {
            credit_line: one(&self.credit_line),
            copyright: one(&self.copyright),
            licence_url: self.licence_url.as_deref().and_then(web_address),
            creators: self.creators.iter().filter_map(|name| line(name, MAX_NAME)).take(MAX_LIST).collect(),
            digital_source_type: self.digital_source_type.as_deref().and_then(|uri| term(uri, SOURCE_TYPES)),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// An XMP packet. Fits into one JPEG segment by the lengths of its values, but for the worst of escaping.
    fn xmp(&self) -> String {
        let mut properties = String::new();
        let mut property = |name: &str, value: &str| {
            let _infallible = write!(properties, "<{name}>{value}</{name}>");
        };
        if !self.creators.is_empty() {
            let names: String = self.creators.iter().map(|name| format!("<rdf:li>{}</rdf:li>", escape(name))).collect();
            property("dc:creator", &format!("<rdf:Seq>{names}</rdf:Seq>"));
        }
        if let Some(notice) = &self.copyright {
            let notice = escape(notice);
            property("dc:rights", &format!("<rdf:Alt><rdf:li xml:lang=\"x-default\">{notice}</rdf:li></rdf:Alt>"));
            property("xmpRights:Marked", "True");
        }
        for (name, value) in [("photoshop:Credit", &self.credit_line), ("xmpRights:WebStatement", &self.licence_url), ("Iptc4xmpExt:DigitalSourceType", &self.digital_source_type)]
        {
            if let Some(value) = value {
                property(name, &escape(value));
            }
        }
        format!(
            "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
             <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
             <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\" xmlns:xmpRights=\"http://ns.adobe.com/xap/1.0/rights/\" \
             xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">{properties}</rdf:Description></rdf:RDF></x:xmpmeta>\
             <?xpacket end=\"r\"?>"
        )
    }

    /// Photoshop image resources with an IIM block in UTF-8.
    fn iim(&self) -> Vec<u8> {
        let mut iim = data_set(1, 90, "\u{1b}%G", 3);
        iim.extend(data_set(2, 0, "\0\u{4}", 2));
        for name in &self.creators {
            iim.extend(data_set(2, 80, name, MAX_CREATOR));
        }
        if let Some(line) = &self.credit_line {
            iim.extend(data_set(2, 110, line, MAX_CREDIT));
        }
        if let Some(notice) = &self.copyright {
            iim.extend(data_set(2, 116, notice, MAX_COPYRIGHT));
        }
        let length = u32::try_from(iim.len()).unwrap_or_default();
        let padding: &[u8] = if iim.len().is_multiple_of(2) { &[] } else { &[0] };
        [b"Photoshop 3.0\x008BIM\x04\x04\0\0", &length.to_be_bytes()[..], &iim, padding].concat()
    }
}

impl Credit {
    /// The segments of a JPEG file that hold it: markers, and what follows the length.
    pub(super) fn jpeg_segments(&self) -> Vec<(u8, Vec<u8>)> {
        let credit = self.cleaned();
        if credit.is_empty() {
            return Vec::new();
        }
        let xmp = [&b"http://ns.adobe.com/xap/1.0/\0"[..], credit.xmp().as_bytes()].concat();
        [(0xe1, xmp), (0xed, credit.iim())].into_iter().filter(|(_, data)| data.len() <= MOST_SEGMENT).collect()
    }

    /// The PNG file with it, or as it was where it is no such file.
    pub(super) fn in_png(&self, file: Vec<u8>) -> Vec<u8> {
        let (credit, file) = (self.cleaned(), Bytes::from(file));
        if credit.is_empty() { file.to_vec() } else { into_png(file.clone(), &credit).unwrap_or_else(|_unreadable| file.to_vec()) }
    }

    /// The WebP file with it and with an EXIF block, or as it was where it is no such file.
    pub(super) fn in_webp(&self, file: Vec<u8>, exif: Option<Vec<u8>>) -> Vec<u8> {
        let (credit, plain) = (self.cleaned(), Bytes::from(file));
        let with_credit = if credit.is_empty() { Ok(plain.to_vec()) } else { into_webp(plain.clone(), &credit) };
        let with_both = with_credit.and_then(|file| match exif {
            None => Ok(file),
            Some(block) => {
                let mut file = WebP::from_bytes(Bytes::from(file))?;
                file.set_exif(Some(block.into()));
                Ok(file.encoder().bytes().to_vec())
            }
        });
        with_both.unwrap_or_else(|_unreadable| plain.to_vec())
    }
}

/// A chunk of a PNG file, with its length and checksum.
pub(super) fn png_chunk(kind: [u8; 4], data: Vec<u8>) -> Vec<u8> {
    PngChunk::new(kind, data.into()).encoder().bytes().to_vec()
}

/// A data set of IIM, its text cut at a character so that it has at most `max` bytes.
fn data_set(record: u8, number: u8, text: &str, max: usize) -> Vec<u8> {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let text = text.get(..end).unwrap_or_default();
    let length = u16::try_from(text.len()).unwrap_or_default();
    [&[0x1c, record, number][..], &length.to_be_bytes(), text.as_bytes()].concat()
}

/// What a JPEG segment holds at most, in bytes.
const MOST_SEGMENT: usize = 65_533;

/// Writes a credit into a rendition made by `render`. An empty credit changes nothing.
///
/// # Errors
/// `corrupt` when the bytes are not of the format that the rendition names.
pub fn embed_credit(rendered: Rendered, credit: &Credit) -> Result<Rendered, Refused> {
    let credit = credit.cleaned();
    if credit.is_empty() {
        return Ok(rendered);
    }
    let file = Bytes::from(rendered.bytes);
    let bytes = match rendered.format {
        Format::Jpeg => into_jpeg(file, &credit),
        Format::Png => into_png(file, &credit),
        Format::Webp => into_webp(file, &credit),
    };
    Ok(Rendered { bytes: bytes.map_err(|_unreadable| Refused::corrupt())?, ..rendered })
}

fn into_jpeg(file: Bytes, credit: &Credit) -> Result<Vec<u8>, img_parts::Error> {
    let mut file = Jpeg::from_bytes(file)?;
    let segments = credit.jpeg_segments();
    // JFIF wants to be first.
    let at = file.segments().iter().take_while(|segment| segment.marker() == 0xe0).count();
    let segments = segments.into_iter().map(|(marker, data)| JpegSegment::new_with_contents(marker, data.into()));
    file.segments_mut().splice(at..at, segments);
    Ok(file.encoder().bytes().to_vec())
}

fn into_png(file: Bytes, credit: &Credit) -> Result<Vec<u8>, img_parts::Error> {
    let mut file = Png::from_bytes(file)?;
    let data = [&b"XML:com.adobe.xmp\0\0\0\0\0"[..], credit.xmp().as_bytes()].concat();
    let at = file.chunks().len().min(1);
    file.chunks_mut().insert(at, PngChunk::new(*b"iTXt", data.into()));
    Ok(file.encoder().bytes().to_vec())
}

fn into_webp(file: Bytes, credit: &Credit) -> Result<Vec<u8>, img_parts::Error> {
    let mut file = WebP::from_bytes(file)?;
    let chunk = RiffChunk::new(*b"XMP ", RiffContent::Data(credit.xmp().into()));
    file.chunks_mut().push(chunk);
    // Brings the header that announces the chunk up to date.
    file.set_exif(None);
    Ok(file.encoder().bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::{Block, Extracted, Fit, Limits, RenditionSpec, extract, inspect, render, specimens};

    fn rendition(source: &[u8], format: Format) -> Rendered {
        let spec = RenditionSpec { width: 32, height: None, fit: Fit::Contain, format, quality: 80, focal_point: None };
        render(source, &spec, &Limits::default()).unwrap()
    }

    fn credit() -> Credit {
        Credit {
            credit_line: Some("(Ångström & <Co>/Agency of the Northern Harbours)".into()),
            copyright: Some("© 2026 Ångström".into()),
            licence_url: Some("https://example.org/rights?a=1&b=2".into()),
            creators: vec!["Zoë Ångström".into(), "Ann Lee".into()],
            digital_source_type: Some("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture".into()),
        }
    }

    #[test]
    fn what_is_written_is_read_back_from_every_format() {
        for source in [specimens::jpeg(64, 64), specimens::half_transparent_png(64, 64)] {
            for format in [Format::Jpeg, Format::Png, Format::Webp] {
                let made = embed_credit(rendition(&source, format), &credit()).unwrap();
                let Extracted { creators, credit_line, copyright_notice, web_statement_of_rights, digital_source_type, .. } = extract(&made.bytes);
                assert_eq!(creators.unwrap().value, credit().creators, "{format:?}");
                assert_eq!(credit_line.as_ref().unwrap().from, Block::Xmp);
                assert_eq!(credit_line.map(|found| found.value), credit().credit_line);
                assert_eq!(copyright_notice.map(|found| found.value), credit().copyright);
                assert_eq!(web_statement_of_rights.map(|found| found.value), credit().licence_url);
                assert_eq!(digital_source_type.map(|found| found.value), credit().digital_source_type);
                let inspected = inspect(&made.bytes, &Limits::default()).unwrap();
                assert_eq!((inspected.mime, inspected.width), (made.mime, 32), "still a picture");
            }
        }
    }

    #[test]
    fn a_jpeg_has_iim_beside_xmp() {
        let made = embed_credit(rendition(&specimens::jpeg(64, 64), Format::Jpeg), &credit()).unwrap();
        let without_xmp = memchr::memmem::find(&made.bytes, b"http://ns.adobe.com/xap/1.0/").unwrap();
        let mut bytes = made.bytes;
        bytes[without_xmp] = b'x';
        let extracted = extract(&bytes);
        assert_eq!(extracted.creators.unwrap(), crate::imaging::FoundTexts { value: credit().creators, from: Block::Iim });
        assert_eq!(extracted.credit_line.unwrap().value, "(Ångström & <Co>/Agency of the");
    }

    #[test]
    fn an_empty_credit_changes_nothing() {
        let made = rendition(&specimens::jpeg(64, 64), Format::Webp);
        assert_eq!(embed_credit(made.clone(), &Credit::default()).unwrap(), made);
        let blank = Credit { credit_line: Some(" \0".into()), licence_url: Some("javascript:x".into()), ..Credit::default() };
        assert_eq!(embed_credit(made.clone(), &blank).unwrap(), made);
    }

    #[test]
    fn long_values_are_cut_and_never_break_the_file() {
        let huge = Credit { credit_line: Some("&".repeat(100_000)), copyright: Some("\u{1f98a}".repeat(10_000)), creators: vec!["<".repeat(5_000); 500], ..credit() };
        for format in [Format::Jpeg, Format::Png, Format::Webp] {
            let made = embed_credit(rendition(&specimens::jpeg(64, 64), format), &huge).unwrap();
            assert!(inspect(&made.bytes, &Limits::default()).is_ok());
            assert!(extract(&made.bytes).credit_line.is_some());
        }
    }

    #[test]
    fn bytes_of_another_format_are_refused() {
        let made = Rendered { bytes: b"no picture".to_vec(), ..rendition(&specimens::jpeg(64, 64), Format::Jpeg) };
        assert_eq!(embed_credit(made, &credit()).unwrap_err().code, "corrupt");
    }
}
