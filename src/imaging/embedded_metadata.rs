//! What a picture says about itself: who made it, whom to credit, on what terms, what it shows.
//! Chooses between the blocks of a file and cleans their text; it is to prefill a form, and an editor has the last word.

use super::{Kind, container, exif, iim, xmp};
use chrono::{DateTime, Utc};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// The block of a file that a value was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FileBlock)]
pub enum Block {
    /// Adobe's XMP packet: never cut off, the only home of the licence fields.
    Xmp,
    /// IPTC-IIM, whose values may be cut off.
    Iim,
    /// EXIF, mostly written by the camera.
    Exif,
}

/// A text with the block that it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundText {
    /// Text to show, never markup.
    pub value: String,
    /// Where it was found.
    pub from: Block,
}

/// Texts with the block that they were found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundTexts {
    /// Texts to show, never markup; at least one.
    pub value: Vec<String>,
    /// Where they were found.
    pub from: Block,
}

/// A time with the block that it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundTime {
    /// The instant.
    pub value: DateTime<Utc>,
    /// Where it was found.
    pub from: Block,
}

/// Metadata by the IPTC Photo Metadata Standard 2025.1, read from XMP first, then IIM, then EXIF.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Extracted {
    /// Who made the picture.
    pub creators: Option<FoundTexts>,
    /// The line to print beside the picture.
    pub credit_line: Option<FoundText>,
    /// The copyright notice.
    pub copyright_notice: Option<FoundText>,
    /// Who supplied the picture.
    pub source: Option<FoundText>,
    /// What the picture shows.
    pub caption: Option<FoundText>,
    /// A title of the picture.
    pub headline: Option<FoundText>,
    /// The text for those who do not see the picture.
    pub alt: Option<FoundText>,
    /// When it was taken. A time without an offset is taken as UTC.
    pub taken_at: Option<FoundTime>,
    /// The page that states the rights.
    pub web_statement_of_rights: Option<FoundText>,
    /// The terms of use.
    pub usage_terms: Option<FoundText>,
    /// Who gives licences.
    pub licensor_name: Option<FoundText>,
    /// Where a licence can be had.
    pub licensor_url: Option<FoundText>,
    /// How the picture came to be: a URI of <http://cv.iptc.org/newscodes/digitalsourcetype/>.
    pub digital_source_type: Option<FoundText>,
    /// Whether machines may learn from it: a URI of the PLUS vocabulary.
    pub data_mining: Option<FoundText>,
    /// Words to find it by.
    pub keywords: Option<FoundTexts>,
}

impl Extracted {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What one block says, cleaned.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub creators: Vec<String>,
    pub credit_line: Option<String>,
    pub copyright_notice: Option<String>,
    pub source: Option<String>,
    pub caption: Option<String>,
    pub headline: Option<String>,
    pub alt: Option<String>,
    pub taken_at: Option<DateTime<Utc>>,
    pub web_statement_of_rights: Option<String>,
    pub usage_terms: Option<String>,
    pub licensor_name: Option<String>,
    pub licensor_url: Option<String>,
    pub digital_source_type: Option<String>,
    pub data_mining: Option<String>,
    pub keywords: Vec<String>,
}

/// Reads what a picture says about itself. Nothing found, a kind without metadata and a broken file all give an empty
/// answer: metadata are a convenience, never a reason to refuse a picture.
pub fn extract(bytes: &[u8]) -> Extracted {
    let outline = Kind::sniff(bytes).and_then(|kind| container::outline(kind, bytes));
    let Ok(outline) = outline else {
        return Extracted::default();
    };
    let xmp = outline.xmp.map(|packet| xmp::read(packet, &outline.extended_xmp)).unwrap_or_default();
    let exif = outline.exif.map(exif::read).unwrap_or_default();
    let iim = uncut(iim::read(&outline.photoshop), &exif);
    merged(xmp, iim, exif)
}

/// Takes the longer value of EXIF where that of IIM is its beginning, cut off at the size of its field.
fn uncut(mut iim: Reading, exif: &Reading) -> Reading {
    let is_cut = |short: &String, long: &String, max: usize| short.len() >= max - 3 && long.len() > short.len() && long.starts_with(short.as_str());
    let drop_if_cut = |short: &mut Option<String>, long: &Option<String>, max: usize| {
        if short.as_ref().zip(long.as_ref()).is_some_and(|(short, long)| is_cut(short, long, max)) {
            *short = None;
        }
    };
    drop_if_cut(&mut iim.copyright_notice, &exif.copyright_notice, iim::MAX_COPYRIGHT);
    drop_if_cut(&mut iim.caption, &exif.caption, iim::MAX_CAPTION);
    let mut pairs = iim.creators.iter().zip(&exif.creators);
    if iim.creators.len() == exif.creators.len() && pairs.any(|(short, long)| is_cut(short, long, iim::MAX_CREATOR)) {
        iim.creators.clear();
    }
    iim
}

fn merged(xmp: Reading, iim: Reading, exif: Reading) -> Extracted {
    Extracted {
        creators: texts(xmp.creators, iim.creators, exif.creators),
        credit_line: text(xmp.credit_line, iim.credit_line, exif.credit_line),
        copyright_notice: text(xmp.copyright_notice, iim.copyright_notice, exif.copyright_notice),
        source: text(xmp.source, iim.source, exif.source),
        caption: text(xmp.caption, iim.caption, exif.caption),
        headline: text(xmp.headline, iim.headline, exif.headline),
        alt: text(xmp.alt, iim.alt, exif.alt),
        taken_at: first(xmp.taken_at, iim.taken_at, exif.taken_at).map(|(value, from)| FoundTime { value, from }),
        web_statement_of_rights: text(xmp.web_statement_of_rights, None, None),
        usage_terms: text(xmp.usage_terms, None, None),
        licensor_name: text(xmp.licensor_name, None, None),
        licensor_url: text(xmp.licensor_url, None, None),
        digital_source_type: text(xmp.digital_source_type, None, None),
        data_mining: text(xmp.data_mining, None, None),
        keywords: texts(xmp.keywords, iim.keywords, exif.keywords),
    }
}

fn first<T>(xmp: Option<T>, iim: Option<T>, exif: Option<T>) -> Option<(T, Block)> {
    xmp.map(|value| (value, Block::Xmp)).or_else(|| iim.map(|value| (value, Block::Iim))).or_else(|| exif.map(|value| (value, Block::Exif)))
}

fn text(xmp: Option<String>, iim: Option<String>, exif: Option<String>) -> Option<FoundText> {
    first(xmp, iim, exif).map(|(value, from)| FoundText { value, from })
}

fn texts(xmp: Vec<String>, iim: Vec<String>, exif: Vec<String>) -> Option<FoundTexts> {
    let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    first(some(xmp), some(iim), some(exif)).map(|(value, from)| FoundTexts { value, from })
}

/// How long values may be, in characters; what is longer is cut, not dropped.
pub(super) const MAX_NAME: usize = 200;
pub(super) const MAX_LINE: usize = 500;
pub(super) const MAX_TEXT: usize = 5_000;
/// How many creators or keywords are kept.
pub(super) const MAX_LIST: usize = 50;

/// One line of clean text: NFC, white space as single spaces, no control characters, cut at `max` characters.
pub(super) fn line(text: &str, max: usize) -> Option<String> {
    let mut words = String::new();
    for c in text.chars().take(max * 8).nfc() {
        if !c.is_whitespace() && !is_harmful(c) {
            words.push(c);
        } else if (c.is_whitespace() || c == '\0') && !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    cut(&words, max)
}

/// Clean text of several lines.
pub(super) fn prose(text: &str, max: usize) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = text.chars().take(max * 8).nfc().filter(|c| *c == '\n' || !is_harmful(*c)).collect();
    cut(&kept, max)
}

/// Control characters, and the overrides of direction with which text can be made to read as another.
fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn cut(text: &str, max: usize) -> Option<String> {
    let text: String = text.trim().chars().take(max).collect();
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An absolute web address; one that starts with `www.` is completed.
pub(super) fn web_address(text: &str) -> Option<String> {
    let text = line(text, 2_048)?;
    let text = if text.starts_with("www.") { format!("https://{text}") } else { text };
    let url = url::Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    (url.username().is_empty() && url.password().is_none() && url.as_str().len() <= 2_048).then(|| url.into())
}

/// A code of a published list of terms: the URI of the list with a code of letters, digits and hyphens.
pub(super) fn term(text: &str, list: &str) -> Option<String> {
    let text = line(text, MAX_LINE)?;
    let (_, after_scheme) = list.split_once("://")?;
    let given = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    let code = given.strip_prefix(after_scheme).or_else(|| Some(given).filter(|code| !code.contains('/')))?;
    let is_code = !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_code.then(|| format!("{list}{code}"))
}

/// Text whose encoding nobody states: UTF-8 where it is well-formed, otherwise Windows-1252.
pub(super) fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_not_utf8| bytes.iter().copied().map(windows_1252).collect(), str::to_owned)
}

fn windows_1252(byte: u8) -> char {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ',
        '\u{9d}', 'ž', 'Ÿ',
    ];
    usize::from(byte).checked_sub(0x80).and_then(|at| UPPER.get(at).copied()).unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::specimens::{self, Entry};

    fn text(value: &str, from: Block) -> Option<FoundText> {
        Some(FoundText { value: value.to_owned(), from })
    }

    fn texts(value: &str, from: Block) -> Option<FoundTexts> {
        Some(FoundTexts { value: vec![value.to_owned()], from })
    }

    #[test]
    fn xmp_comes_before_iim_and_iim_before_exif() {
        let block = specimens::exif(&[(0x013b, Entry::Text("Exif Artist")), (0x8298, Entry::Text("Exif copyright")), (0x010e, Entry::Text("Exif caption"))], &[]);
        let photo = specimens::jpeg_with_segments(
            8,
            8,
            &[
                specimens::exif_segment(&block),
                specimens::xmp_segment("<photoshop:Credit>Xmp credit</photoshop:Credit>"),
                specimens::iim_segment(&[(1, 90, b"\x1b%G"), (2, 110, b"Iim credit"), (2, 116, "© Iim".as_bytes())]),
            ],
        );
        let extracted = extract(&photo);
        assert_eq!(extracted.credit_line, text("Xmp credit", Block::Xmp));
        assert_eq!(extracted.copyright_notice, text("© Iim", Block::Iim));
        assert_eq!(extracted.caption, text("Exif caption", Block::Exif));
        assert_eq!(extracted.creators, texts("Exif Artist", Block::Exif));
        assert_eq!(extracted.alt, None);
    }

    #[test]
    fn a_value_cut_off_by_iim_gives_way_to_the_whole_one() {
        let name = "Maximiliane Konstantinopoulou-Bergström";
        let cut = &name.as_bytes()[..32];
        let block = specimens::exif(&[(0x013b, Entry::Text(name))], &[]);
        let photo = specimens::jpeg_with_segments(8, 8, &[specimens::exif_segment(&block), specimens::iim_segment(&[(2, 80, cut)])]);
        assert_eq!(extract(&photo).creators, texts(name, Block::Exif));
    }

    #[test]
    fn every_container_is_read() {
        let packet = specimens::xmp("<photoshop:Credit>Agency</photoshop:Credit>");
        let itxt = [&b"XML:com.adobe.xmp\0\0\0\0\0"[..], packet.as_bytes()].concat();
        let png = specimens::png_of(1, 1, &[(*b"iTXt", itxt), (*b"IDAT", vec![0])]);
        let webp = specimens::webp_of(&[(*b"VP8X", vec![4, 0, 0, 0, 0, 0, 0, 0, 0, 0]), (*b"VP8L", vec![0x2f, 0, 0, 0, 0]), (*b"XMP ", packet.clone().into_bytes())]);
        let mut gif = specimens::gif(4, 4, 1);
        let trailer: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
        let extension = [&b"\x21\xff\x0bXMP DataXMP"[..], packet.as_bytes(), &trailer].concat();
        let at = gif.len() - 1;
        gif.splice(at..at, extension);
        for file in [png, webp, gif] {
            assert_eq!(extract(&file).credit_line, text("Agency", Block::Xmp), "{:?}", &file[..4]);
        }
    }

    #[test]
    fn text_is_cleaned_and_cut() {
        assert_eq!(line(" a\0b\u{7}c\n d\u{202e}e ", 20).unwrap(), "a bc de");
        assert_eq!(line("e\u{301}\u{feff}", 20).unwrap(), "é");
        assert_eq!(line(&"ж".repeat(100_000), 10).unwrap().chars().count(), 10);
        assert_eq!(line("\0\u{1}\n", 10), None);
        assert_eq!(prose("a\r\nb\rc\0", 10).unwrap(), "a\nb\nc");
        assert_eq!(decoded(b"\xa9 Br\xf6nner \x96 \x80"), "© Brönner – €");
        assert_eq!(decoded("© Brönner".as_bytes()), "© Brönner");
    }

    #[test]
    fn addresses_and_terms_are_checked() {
        assert_eq!(web_address("https://example.org/rights").unwrap(), "https://example.org/rights");
        assert_eq!(web_address("www.example.org").unwrap(), "https://www.example.org/");
        for text in ["javascript:alert(1)", "see contract", "https://a:b@example.org", "//x", ""] {
            assert_eq!(web_address(text), None, "{text}");
        }
        let list = "http://cv.iptc.org/newscodes/digitalsourcetype/";
        assert_eq!(term("https://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture", list).unwrap(), format!("{list}digitalCapture"));
        assert_eq!(term("trainedAlgorithmicMedia", list).unwrap(), format!("{list}trainedAlgorithmicMedia"));
        assert_eq!(term("http://evil.example/x", list), None);
        assert_eq!(term("<b>", list), None);
    }

    #[test]
    fn what_holds_nothing_gives_nothing() {
        assert!(extract(&specimens::jpeg(8, 8)).is_empty());
        assert!(extract(b"").is_empty());
        assert!(extract(b"%PDF-1.7").is_empty());
        assert!(extract(b"\xff\xd8\xff\xe1\0\x02").is_empty());
    }

    #[test]
    fn the_answer_is_plain_json() {
        let extracted = Extracted { credit_line: text("Agency", Block::Xmp), ..Extracted::default() };
        let json = serde_json::to_value(extracted).unwrap();
        assert_eq!(json["credit_line"], serde_json::json!({"value": "Agency", "from": "xmp"}));
        assert!(json["alt"].is_null());
    }
}
