//! Text of several lines: captions, standfirsts, notes, biographies.
//! Owns what may stand in such a text; structured bodies of articles are not its subject.

use super::{Invalid, composed, is_margin, is_visible, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// Plain text of 1 to `MAX` characters (Unicode scalar values), which may have several lines.
///
/// Composed to NFC, line ends as `\n`, without space at its ends, without control characters but line breaks and tabs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// Parses a text of several lines.
    ///
    /// # Errors
    /// `required` when nothing visible is left, `too_long`, or `control_characters`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let trimmed = text.trim_matches(is_margin);
        if !trimmed.chars().any(is_visible) {
            return Err(Invalid::required("Write something here, or leave the member out."));
        }
        let mut prose = composed(trimmed, MAX)?;
        if prose.contains('\r') {
            prose = prose.replace("\r\n", "\n").replace('\r', "\n");
        }
        if prose.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(Invalid::new("control_characters", "Remove the control characters: only line breaks and tabs can be kept."));
        }
        if prose.chars().nth(MAX).is_some() {
            return Err(Invalid::too_long(MAX));
        }
        Ok(Self(prose))
    }
}

text_value!(Prose<const MAX: usize>);

impl<const MAX: usize> utoipa::PartialSchema for Prose<MAX> {
    fn schema() -> RefOr<Schema> {
        string_schema(MAX, "Text that may have\nseveral lines.").description(Some("Plain text, in NFC, which may have several lines.")).into()
    }
}

impl<const MAX: usize> utoipa::ToSchema for Prose<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Prose{MAX}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_lines_and_writes_their_ends_in_one_way() {
        let prose = Prose::<40>::parse("\r\nOne\r\nTwo\rThree\n\n\tFour\n").unwrap();
        assert_eq!(prose.as_str(), "One\nTwo\nThree\n\n\tFour");
    }

    #[test]
    fn is_composed_and_counted_in_characters() {
        assert_eq!(Prose::<4>::parse("Cafe\u{301}").unwrap().as_str(), "Café");
        assert_eq!(Prose::<4>::parse("Cafés").unwrap_err().code, "too_long");
        assert_eq!(Prose::<4>::parse(&"\u{301}".repeat(100_000)).unwrap_err().code, "too_long");
    }

    #[test]
    fn refuses_empty_text_and_control_characters() {
        assert_eq!(Prose::<4>::parse(" \n\u{200b}").unwrap_err().code, "required");
        assert_eq!(Prose::<4>::parse("a\0b").unwrap_err().code, "control_characters");
        assert_eq!(Prose::<4>::parse("a\u{7}b").unwrap_err().code, "control_characters");
    }
}
