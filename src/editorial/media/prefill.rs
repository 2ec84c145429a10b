//! Fills in from the file what the request left out. What somebody wrote always goes before what a file says of itself.

use serde_json::{Value, json};

use super::input::NewMedia;
use crate::imaging::{Extracted, FoundText, Inspected, Kind};
use crate::text::{DigitalSourceType, Line, Prose};
use crate::timestamp::Timestamp;
use crate::vocabulary::MediaKind;

/// A file that was looked at and found sound.
#[derive(Debug, Clone)]
pub struct Examined {
    /// What it is.
    pub kind: Kind,
    /// What the decoder saw, where it is a picture.
    pub picture: Option<Inspected>,
    /// What it says about itself.
    pub extracted: Extracted,
}

impl Examined {
    /// What it is, in the desk's words.
    #[must_use]
    pub fn media_kind(&self) -> MediaKind {
        match self.kind {
            kind if kind.is_audio() => MediaKind::Audio,
            kind if kind.is_video() => MediaKind::Video,
            kind if kind.is_document() => MediaKind::Document,
            _ => MediaKind::Image,
        }
    }

    /// What was found, as it is stored and shown: members that were not found are left out.
    #[must_use]
    pub fn found(&self) -> Value {
        let mut found = json!(self.extracted);
        if let Value::Object(members) = &mut found {
            members.retain(|_, value| !value.is_null());
        }
        found
    }

    /// The line under which a credit could be known: without the brackets that captions print around it.
    #[must_use]
    pub fn credit_line(&self) -> Option<&str> {
        let line = self.extracted.credit_line.as_ref()?.value.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']') || c.is_whitespace());
        (!line.is_empty()).then_some(line)
    }
}

fn text<T>(found: Option<&FoundText>, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    found.and_then(|found| parse(&found.value))
}

/// The metadata with what the file adds. `credit_line` is the credit's own line.
#[must_use]
pub fn completed(mut given: NewMedia, file: &Examined, credit_line: &str) -> NewMedia {
    let found = &file.extracted;
    given.alt = given.alt.or_else(|| text(found.alt.as_ref(), |t| Prose::parse(t).ok()));
    given.caption = given.caption.or_else(|| text(found.caption.as_ref(), |t| Prose::parse(t).ok()));
    given.creators = given.creators.or_else(|| found.creators.as_ref().map(|names| names.value.iter().filter_map(|name| Line::parse(name).ok()).collect()));
    given.taken_at = given.taken_at.or_else(|| found.taken_at.as_ref().map(|time| Timestamp::from(time.value)));
    given.digital_source_type = given.digital_source_type.or_else(|| text(found.digital_source_type.as_ref(), |t| DigitalSourceType::parse(t).ok()));
    given.credit_line = given.credit_line.or_else(|| longer_line(file.credit_line()?, credit_line));
    let mut rights = given.rights.take().unwrap_or_default();
    rights.usage_terms = rights.usage_terms.or_else(|| text(found.usage_terms.as_ref(), |t| Prose::parse(t).ok()));
    given.rights = Some(rights);
    given
}

/// The file's line where it is the credit's and goes on: "Maxar Technologies/AFP" under "Maxar Technologies". Any other
/// line would put another name under the picture than the one that was chosen.
fn longer_line(found: &str, credit_line: &str) -> Option<Line<300>> {
    let rest = found.get(credit_line.len()..).filter(|rest| !rest.is_empty())?;
    let begins = found.get(..credit_line.len())?.to_lowercase() == credit_line.to_lowercase();
    let goes_on = rest.chars().next().is_some_and(|c| !c.is_alphanumeric());
    (begins && goes_on).then(|| Line::parse(found).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::{Block, FoundTexts};

    fn file(line: &str) -> Examined {
        let found = |value: &str| Some(FoundText { value: value.to_owned(), from: Block::Xmp });
        let extracted = Extracted {
            credit_line: found(line),
            caption: found("A bridge."),
            creators: Some(FoundTexts { value: vec!["Ann Lee".into()], from: Block::Iim }),
            ..Extracted::default()
        };
        Examined { kind: Kind::Jpeg, picture: None, extracted }
    }

    #[test]
    fn what_was_given_goes_before_what_was_found() {
        let given = NewMedia { caption: Prose::parse("Mine").ok(), ..NewMedia::default() };
        let made = completed(given, &file("Agency"), "Agency");
        assert_eq!(made.caption.unwrap().as_str(), "Mine");
        assert_eq!(made.creators.unwrap().first().map(ToString::to_string).as_deref(), Some("Ann Lee"));
        assert_eq!(made.credit_line, None);
    }

    #[test]
    fn a_line_that_goes_on_from_the_credits_is_kept() {
        for (found, kept) in [
            ("Maxar Technologies/AFP", Some("Maxar Technologies/AFP")),
            ("(maxar technologies / Ann Lee)", Some("maxar technologies / Ann Lee")),
            ("Maxar Technologiesque", None),
            ("Maxar Technologies", None),
            ("Somebody else", None),
            ("Å", None),
        ] {
            let made = completed(NewMedia::default(), &file(found), "Maxar Technologies");
            assert_eq!(made.credit_line.as_ref().map(Line::as_str), kept, "{found}");
        }
    }

    #[test]
    fn only_what_was_found_is_shown() {
        let found = file("(Agency)").found();
        assert_eq!(found.as_object().unwrap().keys().collect::<Vec<_>>(), ["caption", "creators", "credit_line"]);
        assert_eq!(file("(Agency)").credit_line(), Some("Agency"));
    }
}
