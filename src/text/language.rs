//! Tags of languages.
//! Owns their form (BCP 47) and their one spelling; which languages a site writes in is a setting.

use super::{Invalid, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// A language tag by BCP 47 (RFC 5646) in its canonical case: `en`, `pt-BR`, `sr-Latn-RS`.
///
/// Well-formed rather than registered: the registry grows, and a tag for a new language must not wait for a release.
/// Tags that are only for private use (`x-…`) or grandfathered (`i-…`) name no language to a reader and are refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The length that RFC 5646, section 4.4.1, asks every implementation to make room for.
    pub const MAX: usize = 35;

    /// Parses a tag and writes it in canonical case.
    ///
    /// # Errors
    /// `required`, `too_long` or `malformed`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required("Give a language tag such as \"en\" or \"pt-BR\"."));
        }
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        let malformed = || Invalid::new("malformed", "Give a language tag by BCP 47, such as \"en\", \"pt-BR\" or \"sr-Latn\".");
        let Ok(tag) = oxilangtag::LanguageTag::parse_and_normalize(text) else {
            return Err(malformed());
        };
        let primary = tag.primary_language();
        if primary.len() < 2 || !primary.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(malformed());
        }
        Ok(Self(tag.into_inner()))
    }

    /// The language without script, region and variants: `sr` of `sr-Latn-RS`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

text_value!(LanguageTag);

impl utoipa::PartialSchema for LanguageTag {
    fn schema() -> RefOr<Schema> {
        string_schema(Self::MAX, "pt-BR").pattern(Some("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")).description(Some("A language tag (BCP 47).")).into()
    }
}

impl utoipa::ToSchema for LanguageTag {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_in_canonical_case() {
        for (given, kept) in [("EN", "en"), ("pt-br", "pt-BR"), ("SR-LATN-rs", "sr-Latn-RS"), ("uk_UA", "")] {
            match LanguageTag::parse(given) {
                Ok(tag) => assert_eq!(tag.as_str(), kept),
                Err(invalid) => assert_eq!((kept, invalid.code), ("", "malformed")),
            }
        }
        assert_eq!(LanguageTag::parse("sr-Latn-RS").unwrap().primary(), "sr");
    }

    #[test]
    fn refuses_what_names_no_language() {
        for text in ["e", "english-language-of-the-isles", "en-", "-en", "en--gb", "x-klingon", "i-klingon", "русский", "en gb", "12"] {
            assert_eq!(LanguageTag::parse(text).unwrap_err().code, "malformed", "{text}");
        }
        assert_eq!(LanguageTag::parse("").unwrap_err().code, "required");
        assert_eq!(LanguageTag::parse(&"en-a".repeat(1000)).unwrap_err().code, "too_long");
    }
}
