//! Prepared JSON with slots. A card is written once, at publish, and passed on without being parsed; what may change
//! without a publish (a credit, a tag's name, a portrait) stands in it as a slot, filled when it is read. Pure.
//!
//! A slot is `U+001F kind args U+001F`, its arguments separated by `U+001E`. JSON text never holds these characters
//! raw, because JSON escapes them, so nothing that a user writes can be taken for a slot.

use serde::Serialize;
use uuid::Uuid;

const EDGE: char = '\u{1f}';
const BETWEEN: char = '\u{1e}';

/// A place in a card that is filled when the card is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot<'a> {
    /// The live members of an author: `"slug":…,"job_title_now":…,"former":…,"avatar":…`.
    Author(Uuid),
    /// A tag as an object.
    Tag(Uuid),
    /// A Picture, with the alt text and caption of this use as JSON (`null` where the picture's own are meant).
    Picture { media: Uuid, alt: &'a str, caption: &'a str },
    /// A figure in HTML, escaped as the inside of a JSON string; arguments as JSON.
    Figure { media: Uuid, alt: &'a str, caption: &'a str, layout: &'a str, in_gallery: bool },
    /// The public address of an article, as a JSON string.
    Url { id: Uuid, slug: &'a str, language: &'a str, date: &'a str },
    /// A link to another story in HTML, escaped as the inside of a JSON string.
    Related(Uuid),
}

/// Text that is passed on as it is, or a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// Passed on.
    Text(&'a str),
    /// Filled.
    Slot(Slot<'a>),
}

/// Writes a JSON object member by member.
#[derive(Debug)]
pub struct Writer {
    out: String,
}

impl Default for Writer {
    fn default() -> Self {
        Self { out: String::from("{") }
    }
}

impl Writer {
    /// A member with a plain value.
    ///
    /// # Errors
    /// When the value cannot be JSON.
    pub fn member(&mut self, name: &str, value: &impl Serialize) -> Result<&mut Self, serde_json::Error> {
        let json = serde_json::to_string(value)?;
        Ok(self.raw(name, &json))
    }

    /// A member whose value is JSON already, or slots that become JSON.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        self.out.push_str(json);
        self
    }

    /// Members that a slot becomes.
    pub fn members(&mut self, slot: &str) -> &mut Self {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        self.out.push_str(slot);
        self
    }

    /// The object.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.out.push('}');
        self.out
    }
}

impl Slot<'_> {
    /// The slot as it stands in a card.
    #[must_use]
    pub fn write(&self) -> String {
        let b = BETWEEN;
        let inside = match self {
            Self::Author(id) => format!("a{id}"),
            Self::Tag(id) => format!("t{id}"),
            Self::Picture { media, alt, caption } => format!("p{media}{b}{alt}{b}{caption}"),
            Self::Figure { media, alt, caption, layout, in_gallery } => format!("f{media}{b}{alt}{b}{caption}{b}{layout}{b}{}", u8::from(*in_gallery)),
            Self::Url { id, slug, language, date } => format!("u{id}{b}{slug}{b}{language}{b}{date}"),
            Self::Related(id) => format!("r{id}"),
        };
        format!("{EDGE}{inside}{EDGE}")
    }

    fn read(inside: &str) -> Option<Slot<'_>> {
        let kind = inside.chars().next()?;
        let mut args = inside.get(1..)?.split(BETWEEN);
        let id = Uuid::try_parse(args.next()?).ok()?;
        Some(match kind {
            'a' => Slot::Author(id),
            't' => Slot::Tag(id),
            'r' => Slot::Related(id),
            'p' => Slot::Picture { media: id, alt: args.next()?, caption: args.next()? },
            'f' => Slot::Figure { media: id, alt: args.next()?, caption: args.next()?, layout: args.next()?, in_gallery: args.next()? == "1" },
            'u' => Slot::Url { id, slug: args.next()?, language: args.next()?, date: args.next()? },
            _ => return None,
        })
    }
}

/// An optional text as a slot's argument.
#[must_use]
pub fn argument(text: Option<&str>) -> String {
    serde_json::to_string(&text).unwrap_or_else(|_| "null".to_owned())
}

/// Reads an argument back.
#[must_use]
pub fn text_of(argument: &str) -> Option<String> {
    serde_json::from_str::<Option<String>>(argument).ok().flatten()
}

/// Escapes text as the inside of a JSON string. Slots in it stay slots: their edges are not escaped.
#[must_use]
pub fn inside_json_string(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// The parts of a card, in order.
pub fn parts(card: &str) -> impl Iterator<Item = Part<'_>> {
    // Split at the edges, text and slots alternate.
    card.split(EDGE).enumerate().filter_map(|(at, piece)| if at % 2 == 0 { (!piece.is_empty()).then_some(Part::Text(piece)) } else { Slot::read(piece).map(Part::Slot) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_a_user_writes_is_never_a_slot(text in any::<String>(), alt in any::<String>()) {
            let mut writer = Writer::default();
            let media = Uuid::now_v7();
            let (alt, none) = (argument(Some(&alt)), argument(None));
            let slot = Slot::Picture { media, alt: &alt, caption: &none };
            writer.member("text", &text).unwrap().raw("picture", &slot.write()).raw("inside", &format!("\"{}\"", inside_json_string(&text)));
            let card = writer.finish();
            let found: Vec<_> = parts(&card).filter_map(|p| match p { Part::Slot(s) => Some(s), Part::Text(_) => None }).collect();
            prop_assert_eq!(found, vec![slot]);
            let filled: String = parts(&card).map(|p| match p { Part::Text(t) => t.to_owned(), Part::Slot(_) => "null".to_owned() }).collect();
            let value: serde_json::Value = serde_json::from_str(&filled).unwrap();
            prop_assert_eq!(value["text"].as_str(), Some(text.as_str()));
            prop_assert_eq!(value["inside"].as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn slots_read_back_as_written() {
        let id = Uuid::now_v7();
        for slot in [
            Slot::Author(id),
            Slot::Tag(id),
            Slot::Related(id),
            Slot::Url { id, slug: "a-b", language: "en", date: "2026-01-02" },
            Slot::Figure { media: id, alt: "null", caption: "\"c\"", layout: "null", in_gallery: true },
        ] {
            let text = slot.write();
            assert_eq!(parts(&text).collect::<Vec<_>>(), vec![Part::Slot(slot)]);
        }
    }
}
