//! Addresses of pages on the web.
//! Owns their form; whether a server may be called is decided where a call is made, never here.

use super::{Invalid, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// An absolute `http` or `https` address of at most 2,048 characters, as the WHATWG URL standard writes it, without
/// user name and password.
///
/// It says nothing about where the address leads: it may be a private network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebUrl(String);

impl WebUrl {
    /// In characters, which are ASCII once the address is parsed.
    pub const MAX: usize = 2048;

    /// Parses an address.
    ///
    /// # Errors
    /// `required`, `too_long` or `malformed` (other schemes and credentials too).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required("Give a web address such as \"https://example.org/page\"."));
        }
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        let malformed = |detail: &str| Invalid::new("malformed", detail);
        // The parser drops tabs and line breaks silently, and takes backslashes for slashes; people look at what they wrote.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(malformed("Remove spaces, line breaks and backslashes from the web address."));
        }
        let Ok(url) = ::url::Url::parse(text) else {
            return Err(malformed("Give a complete web address such as \"https://example.org/page\"."));
        };
        if !matches!(url.scheme(), "http" | "https") || !has_authority(text) || url.host_str().is_none() {
            return Err(malformed("Give a web address that starts with \"https://\" or \"http://\"."));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(malformed("Remove the user name and password from the web address."));
        }
        if url.as_str().len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        Ok(Self(url.into()))
    }

    /// The address for reading its parts.
    pub fn to_url(&self) -> Option<::url::Url> {
        ::url::Url::parse(&self.0).ok()
    }
}

/// The parser also takes `https:example.org` and `https:///example.org`.
fn has_authority(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| !rest.starts_with('/'))
}

text_value!(WebUrl);

impl utoipa::PartialSchema for WebUrl {
    fn schema() -> RefOr<Schema> {
        use utoipa::openapi::schema::SchemaFormat;
        string_schema(Self::MAX, "https://example.org/page").format(Some(SchemaFormat::Custom("uri".into()))).pattern(Some("^[Hh][Tt][Tt][Pp][Ss]?://")).into()
    }
}

impl utoipa::ToSchema for WebUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_the_standard_does() {
        for (given, kept) in [
            ("https://Example.ORG", "https://example.org/"),
            ("HTTP://example.org:80/a/../b?q=1#x", "http://example.org/b?q=1#x"),
            ("https://пример.укр/їжак", "https://xn--e1afmkfd.xn--j1amh/%D1%97%D0%B6%D0%B0%D0%BA"),
            (" https://127.0.0.1:8080/ ", "https://127.0.0.1:8080/"),
        ] {
            assert_eq!(WebUrl::parse(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn refuses_what_is_no_page() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.org/",
            "//example.org",
            "/page",
            "example.org",
            "https://",
            "https:example.org",
            "https:///example.org",
            "https://user@example.org/",
            "https://user:pw@example.org/",
            "https://exa mple.org",
            "java\nscript:alert(1)",
            "https://example.org/\na",
            "https:\\\\example.org",
            "https://example.org/\0",
            "mailto:ann@example.org",
            "https://exa<mple.org/",
            "https://[::1",
        ] {
            assert_eq!(WebUrl::parse(text).unwrap_err().code, "malformed", "{text:?}");
        }
        assert_eq!(WebUrl::parse("").unwrap_err().code, "required");
        assert_eq!(WebUrl::parse(&format!("https://example.org/{}", "a".repeat(2048))).unwrap_err().code, "too_long");
        assert_eq!(WebUrl::parse(&format!("https://example.org/{}", "ж".repeat(500))).unwrap_err().code, "too_long");
    }
}
