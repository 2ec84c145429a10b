//! Text values parsed at the door: once one of these types exists, its rule holds everywhere behind it.
//! Pure: nothing here asks a database, a clock or a setting, and nothing here knows a resource.

mod country;
mod digital_source_type;
mod email;
mod language;
mod one_line;
mod password;
mod slug;
pub mod template;
mod text_block;
mod transliteration;
mod url;

pub use country::CountryCode;
pub use digital_source_type::DigitalSourceType;
pub use email::Email;
pub use language::LanguageTag;
pub use one_line::Line;
pub use password::{Password, PasswordAttempt};
pub use slug::Slug;
pub use text_block::Prose;
pub use url::WebUrl;

use std::fmt;

/// Why a text was refused: a stable code for programs, and one sentence for people that says what to do.
///
/// It never repeats the refused text, so it may be answered and logged as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// One of [`Invalid::CODES`].
    pub code: &'static str,
    /// What to do about it.
    pub detail: String,
}

impl Invalid {
    /// Every code that a text value is refused with.
    pub const CODES: [&'static str; 8] = ["required", "too_short", "too_long", "malformed", "unknown_code", "control_characters", "reserved", "too_guessable"];

    const MARK: &'static str = "invalid value [";

    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    fn required(detail: &str) -> Self {
        Self::new("required", detail)
    }

    fn too_long(max: usize) -> Self {
        Self::new("too_long", format!("Shorten this to at most {max} characters."))
    }

    /// Finds the refusal again in the message of a deserialiser, which can carry nothing but text.
    ///
    /// `None` means that the message is about something else, such as a wrong JSON type. This is how the HTTP layer
    /// tells well-formed but invalid input (422) from malformed input (400).
    pub fn in_message(message: &str) -> Option<Self> {
        let (_, marked) = message.split_once(Self::MARK)?;
        let (code, rest) = marked.split_once("]: ")?;
        let code = Self::CODES.into_iter().find(|known| *known == code)?;
        let detail = rest.rsplit_once(" at line ").map_or(rest, |(detail, _position)| detail);
        Some(Self::new(code, detail))
    }

    fn into_serde<E: serde::de::Error>(self) -> E {
        E::custom(format_args!("{}{}]: {}", Self::MARK, self.code, self.detail))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Invalid {}

/// Gives a newtype over `String` that has `parse(&str)` its reading, writing and converting sides.
macro_rules! text_value {
    ($name:ident $(<const $param:ident: $kind:ty>)?) => {
        impl$(<const $param: $kind>)? $name$(<$param>)? {
            /// The text, as it is stored and shown.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, given away.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl$(<const $param: $kind>)? std::fmt::Display for $name$(<$param>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl$(<const $param: $kind>)? AsRef<str> for $name$(<$param>)? {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl$(<const $param: $kind>)? From<$name$(<$param>)?> for String {
            fn from(value: $name$(<$param>)?) -> String {
                value.0
            }
        }

        impl$(<const $param: $kind>)? std::str::FromStr for $name$(<$param>)? {
            type Err = $crate::text::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl$(<const $param: $kind>)? serde::Serialize for $name$(<$param>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de $(, const $param: $kind)?> serde::Deserialize<'de> for $name$(<$param>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err($crate::text::Invalid::into_serde)
            }
        }
    };
}
use text_value;

/// The start of the JSON Schema of a text value.
fn string_schema(max: usize, example: &str) -> utoipa::openapi::schema::ObjectBuilder {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .min_length(Some(1))
        .max_length(Some(max))
        .examples([serde_json::Value::from(example)])
}

/// Whether a character leaves something to see: neither space nor a lone format mark.
fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !is_ignorable(c)
}

/// Characters that show nothing and are often pasted along: soft hyphen, zero-width space and joiners, marks of
/// direction, byte order mark.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What is cut away at both ends of a text.
fn is_margin(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}

/// NFC, refusing early what could not come within `max` characters: composing four characters into one is the most
/// that NFC does to a text.
fn composed(text: &str, max: usize) -> Result<String, Invalid> {
    use unicode_normalization::UnicodeNormalization;
    let most = max.saturating_mul(4);
    if text.chars().nth(most).is_some() {
        return Err(Invalid::too_long(max));
    }
    Ok(text.nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_deserialiser() {
        let error = serde_json::from_str::<Vec<Line<5>>>(r#"["short", "much too long"]"#).unwrap_err();
        assert_eq!(Invalid::in_message(&error.to_string()), Some(Invalid::too_long(5)));
    }

    #[test]
    fn a_wrong_type_is_not_a_refusal() {
        let error = serde_json::from_str::<Slug>("7").unwrap_err();
        assert_eq!(Invalid::in_message(&error.to_string()), None);
    }

    #[test]
    fn every_value_reads_back_what_it_writes() {
        let line = Line::<20>::parse("Größe").unwrap();
        let json = serde_json::to_string(&line).unwrap();
        assert_eq!(json, "\"Größe\"");
        assert_eq!(serde_json::from_str::<Line<20>>(&json).unwrap(), line);
        assert_eq!("kyiv".parse::<Slug>().unwrap().to_string(), "kyiv");
    }

    #[test]
    fn schemas_have_a_name_for_every_length_and_can_be_inlined() {
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "only its schema is looked at")]
        struct Form {
            headline: Line<300>,
            kicker: Option<Line<60>>,
            #[schema(inline)]
            body: Prose<5000>,
            slugs: Vec<Slug>,
        }
        use utoipa::{PartialSchema, ToSchema};
        let form = serde_json::to_value(Form::schema()).unwrap();
        assert_eq!(form["properties"]["headline"]["$ref"], "#/components/schemas/Line300");
        assert_eq!(form["properties"]["kicker"]["oneOf"][0]["$ref"], "#/components/schemas/Line60");
        assert_eq!(form["properties"]["body"]["type"], "string");
        assert_eq!(form["properties"]["body"]["maxLength"], 5000);
        let mut components = Vec::new();
        Form::schemas(&mut components);
        let mut names: Vec<_> = components.into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["Line300", "Line60", "Slug"]);
    }
}
