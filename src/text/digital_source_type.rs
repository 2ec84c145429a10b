//! How a picture came to be, in the words of IPTC.
//! Owns the form of such a word; which of them a newsroom accepts is not its subject.

use super::{Invalid, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// A term of IPTC's list of digital source types, as its full URI; the bare code and `https` are taken too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DigitalSourceType(String);

const LIST: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";

impl DigitalSourceType {
    const MAX: usize = 100;

    /// Parses a term. The list grows by itself, so that any code of its form is taken.
    ///
    /// # Errors
    /// `required`, `too_long` or `malformed`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required("Give a term such as \"digitalCapture\"."));
        }
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        let secure = LIST.replace("http://", "https://");
        let code = text.strip_prefix(LIST).or_else(|| text.strip_prefix(secure.as_str())).unwrap_or(text);
        if code.is_empty() || !code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Invalid::new("malformed", format!("Give a term of {LIST}, such as \"digitalCapture\".")));
        }
        Ok(Self(format!("{LIST}{code}")))
    }
}

text_value!(DigitalSourceType);

impl utoipa::PartialSchema for DigitalSourceType {
    fn schema() -> RefOr<Schema> {
        string_schema(Self::MAX, "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture")
            .description(Some("A term of IPTC's digital source types: how the picture came to be."))
            .into()
    }
}

impl utoipa::ToSchema for DigitalSourceType {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_addresses_become_the_address() {
        for text in ["digitalCapture", "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture", " https://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"] {
            assert_eq!(DigitalSourceType::parse(text).unwrap().as_str(), "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture");
        }
    }

    #[test]
    fn other_lists_are_refused() {
        for text in ["http://example.org/digitalCapture", "a b", "<b>", "http://cv.iptc.org/newscodes/digitalsourcetype/"] {
            assert_eq!(DigitalSourceType::parse(text).unwrap_err().code, "malformed", "{text}");
        }
        assert_eq!(DigitalSourceType::parse("").unwrap_err().code, "required");
    }
}
