//! JSON in: strict parsing (no duplicate members, no NUL, bounded depth), text in NFC, and faults that say where they are.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::error::{Code, Error, FieldError, Result};

/// Parses `bytes` into `T`. With `normalise`, text is brought to NFC first; passwords must not be.
///
/// # Errors
/// 400 for what is not JSON and for unknown members; 422, with a pointer, for members of the wrong form.
pub fn parse<T: DeserializeOwned>(bytes: &[u8], normalise: bool) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { normalise }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(|error| Error::new(Code::MalformedRequest, format!("The body is not JSON as this service takes it: {error}.")))?;
    typed(value)
}

/// Reads `T` out of a value that is already strict.
///
/// # Errors
/// 400 for unknown members; 422, with a pointer, for members of the wrong form.
pub fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(Given(value)).map_err(|error| {
        let at = pointer(error.path());
        refusal(&at, &error.into_inner().to_string())
    })
}

/// A value whose objects are objects, at every depth: serde's derived readers would also take an array for a struct, with
/// its items in the order in which the struct declares its members.
struct Given(Value);

impl<'de> IntoDeserializer<'de, serde_json::Error> for Given {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Given {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.into_iter().map(Given));
                let value = visitor.visit_seq(&mut items)?;
                items.end().map(|()| value)
            }
            Value::Object(members) => {
                let mut members = MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Given(value))));
                let value = visitor.visit_map(&mut members)?;
                members.end().map(|()| value)
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(_) => Err(de::Error::invalid_type(de::Unexpected::Seq, &"an object")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

fn refusal(at: &str, message: &str) -> Error {
    let name = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("unknown field") {
        // The path may or may not already end in the offending member.
        let at = if at.ends_with(&format!("/{name}")) { at.to_owned() } else { format!("{at}/{name}") };
        let mut error = Error::new(Code::MalformedRequest, format!("There is no member '{name}' here."));
        error.errors.push(FieldError::body(at, "unknown_member", sentence(message)));
        return error;
    }
    if message.starts_with("missing field") {
        return Error::invalid_field(format!("{at}/{name}"), "required", format!("{name} is needed."));
    }
    let code = crate::text::Invalid::in_message(message).map_or("invalid", |invalid| invalid.code);
    Error::invalid_field(at, code, sentence(message))
}

fn sentence(message: &str) -> String {
    let mut text = message.replace('`', "'");
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter().fold(String::new(), |at, segment| match segment {
        serde_path_to_error::Segment::Seq { index } => format!("{at}/{index}"),
        serde_path_to_error::Segment::Map { key } => format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
        serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => at,
    })
}

/// For members of a merge patch (RFC 7396): present, where an absent one is `None` by default.
/// With `T = Option<X>`, `null` is `Some(None)`; otherwise `null` is refused.
///
/// # Errors
/// What reading `T` gives.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[derive(Clone, Copy)]
struct Strict {
    normalise: bool,
}

impl Strict {
    fn text<E: de::Error>(self, text: &str) -> Result<String, E> {
        if text.contains('\0') {
            return Err(E::custom("text must not contain the NUL character"));
        }
        let as_is = !self.normalise || is_nfc_quick(text.chars()) == IsNormalized::Yes;
        Ok(if as_is { text.to_owned() } else { text.nfc().collect() })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Value, E> {
        self.text(v).map(Value::String)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let name = self.text(&name)?;
            let value = members.next_value_seed(self)?;
            if all.insert(name.clone(), value).is_some() {
                return Err(de::Error::custom(format_args!("the member '{name}' stands twice")));
            }
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        #[serde(default)]
        inner: Vec<Inner>,
        #[serde(default, deserialize_with = "present")]
        note: Option<Option<String>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        size: u8,
    }

    fn fault(text: &str) -> (u16, String) {
        let error = parse::<Sample>(text.as_bytes(), true).unwrap_err();
        (error.code.status(), error.errors.first().and_then(|e| e.pointer.clone()).unwrap_or_default())
    }

    #[test]
    fn faults_say_where_they_are() {
        assert_eq!(fault(r#"{"name":"a","nmae":1}"#), (400, "/nmae".into()));
        assert_eq!(fault(r#"{"name":"a","inner":[{"size":1},{"size":300}]}"#), (422, "/inner/1/size".into()));
        assert_eq!(fault(r#"{"name":"a","inner":[{"size":1,"x~/y":0}]}"#).0, 400);
        assert_eq!(fault(r#"{"inner":[]}"#), (422, "/name".into()));
        assert_eq!(fault(r#"{"name":null}"#), (422, "/name".into()));
    }

    #[test]
    fn an_array_is_no_object() {
        assert_eq!(fault(r#"["a",[],null]"#), (422, String::new()));
        assert_eq!(fault(r#"{"name":"a","inner":[[1]]}"#), (422, "/inner/0".into()));
        assert_eq!(fault("[]"), (422, String::new()));
    }

    #[test]
    fn what_is_not_strict_json_is_refused() {
        for text in ["", "[", "{\"name\":\"a\"} x", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"a\\u0000\"}", "{\"name\":1e400}", "{\"name\":\"\\ud800\"}", "\u{feff}{}"] {
            assert_eq!(parse::<Sample>(text.as_bytes(), true).unwrap_err().code, Code::MalformedRequest, "{text}");
        }
        assert!(parse::<Value>("[".repeat(5_000).as_bytes(), true).is_err());
    }

    #[test]
    fn null_clears_and_absence_leaves() {
        let read = |text: &str| parse::<Sample>(text.as_bytes(), true).unwrap();
        assert_eq!(read(r#"{"name":"a","inner":[{"size":3}]}"#).inner.first().map(|i| i.size), Some(3));
        assert_eq!(read(r#"{"name":"a"}"#).note, None);
        assert_eq!(read(r#"{"name":"a","note":null}"#).note, Some(None));
        assert_eq!(read("{\"name\":\"e\\u0301\"}").name, "é");
    }
}
