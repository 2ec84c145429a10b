//! Query strings in: closed, each parameter at most once, faults named.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

use crate::error::{Code, Error, FieldError, Result};

/// Bytes a query string may have.
const LONGEST: usize = 8_192;

/// The query parameters of a request. `T` must `deny_unknown_fields`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// For what takes no parameters: any there is refused.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl<T> std::ops::Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Query))
    }
}

/// Reads a query string into `T`.
///
/// # Errors
/// 400 naming the parameter that is unknown, repeated or of the wrong form.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T> {
    if query.len() > LONGEST {
        return Err(Error::new(Code::MalformedRequest, format!("The query string is longer than {LONGEST} bytes.")));
    }
    let text = percent_encoding::percent_decode_str(query).decode_utf8().ok().filter(|text| !text.contains('\0'));
    if text.is_none() {
        return Err(Error::new(Code::MalformedRequest, "The query string is not UTF-8 or holds a NUL character."));
    }
    let mut names: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[_]>::first) {
        return Err(Error::parameter(twice.as_ref(), "repeated", "This parameter stands more than once."));
    }
    let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| refusal(&error.path().to_string(), &error.inner().to_string()))
}

fn refusal(path: &str, message: &str) -> Error {
    let quoted = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("unknown field") {
        let known = message.split("expected ").nth(1).unwrap_or_default().replace('`', "");
        let known = known.trim_start_matches("one of ");
        return Error::parameter(quoted, "unknown_parameter", format!("There is no such parameter here. There are: {known}."));
    }
    if message.starts_with("missing field") {
        return Error::parameter(quoted, "required", "This parameter is needed.");
    }
    let name = if path == "." { "" } else { path };
    let mut error = Error::parameter(name, "invalid", format!("{}.", message.replace('`', "'").trim_end_matches('.')));
    error.errors.retain(|e: &FieldError| e.code == "invalid");
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        limit: Option<u8>,
        #[expect(dead_code, reason = "only its presence is tried")]
        q: Option<String>,
    }

    fn offender(query: &str) -> Option<String> {
        parse::<Sample>(query).unwrap_err().errors.first().and_then(|e| e.parameter.clone())
    }

    #[test]
    fn offenders_are_named() {
        assert_eq!(offender("limti=5").as_deref(), Some("limti"));
        assert_eq!(offender("limit=5&limit=6").as_deref(), Some("limit"));
        assert_eq!(offender("limit=300").as_deref(), Some("limit"));
        assert_eq!(offender("limit=").as_deref(), Some("limit"));
        assert_eq!(offender("q=%ff"), None);
        assert_eq!(offender("q=%00"), None);
        assert_eq!(parse::<Sample>("limit=7&q=a%20b").unwrap().limit, Some(7));
    }
}
