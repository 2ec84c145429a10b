//! Text on one line: headlines, names, credit lines.
//! Owns what "one line" means; how long one may be is said by whoever uses it.

use super::{Invalid, composed, is_margin, is_visible, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// One line of text of 1 to `MAX` characters (Unicode scalar values, as PostgreSQL's `char_length` counts them).
///
/// Composed to NFC, without space at its ends, without line breaks or control characters. Marks of direction and
/// joiners inside are kept: Persian, Hebrew and emoji need them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// Parses one line of text.
    ///
    /// # Errors
    /// `required` when nothing visible is left, `too_long`, or `control_characters` (line breaks and tabs are some).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let trimmed = text.trim_matches(is_margin);
        if !trimmed.chars().any(is_visible) {
            return Err(Invalid::required("Write something here, or leave the member out."));
        }
        let line = composed(trimmed, MAX)?;
        if line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(Invalid::new("control_characters", "Put this on one line: line breaks, tabs and control characters cannot be kept."));
        }
        if line.chars().nth(MAX).is_some() {
            return Err(Invalid::too_long(MAX));
        }
        Ok(Self(line))
    }
}

text_value!(Line<const MAX: usize>);

impl<const MAX: usize> utoipa::PartialSchema for Line<MAX> {
    fn schema() -> RefOr<Schema> {
        string_schema(MAX, "One line of text").description(Some("One line of text, in NFC, without control characters.")).into()
    }
}

impl<const MAX: usize> utoipa::ToSchema for Line<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        // One component a length: with one name for all, the first would stand for every other.
        format!("Line{MAX}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Line::<10>::parse(text).unwrap_err().code
    }

    #[test]
    fn is_trimmed_and_composed() {
        assert_eq!(Line::<10>::parse("  Cafe\u{301}\n").unwrap().as_str(), "Caf\u{e9}");
        assert_eq!(Line::<10>::parse("\u{feff}Storm\u{200b}").unwrap().as_str(), "Storm");
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(Line::<10>::parse(&"ж".repeat(10)).is_ok());
        assert!(Line::<10>::parse(&"e\u{301}".repeat(10)).is_ok());
        assert_eq!(code(&"ж".repeat(11)), "too_long");
        assert_eq!(code(&"x".repeat(5_000_000)), "too_long");
    }

    #[test]
    fn refuses_what_is_empty_to_the_eye() {
        for text in ["", " ", "\n\t", "\u{200b}", "\u{200d}\u{2060}", "\u{a0}"] {
            assert_eq!(code(text), "required", "{text:?}");
        }
    }

    #[test]
    fn refuses_control_characters() {
        for text in ["a\nb", "a\tb", "a\0b", "a\u{1b}[0m", "a\u{85}b", "a\u{2028}b", "a\rb"] {
            assert_eq!(code(text), "control_characters", "{text:?}");
        }
    }

    #[test]
    fn keeps_joiners_inside() {
        let persian = "می\u{200c}روم";
        assert_eq!(Line::<10>::parse(persian).unwrap().as_str(), persian);
    }
}
