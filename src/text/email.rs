//! Addresses of electronic mail.
//! Owns their form and how two are compared; whether a letter arrives is not known here.

use super::{Invalid, string_schema, text_value};
use utoipa::openapi::{RefOr, Schema};

/// An address as people have them: the dot-atom form of RFC 5321, at most 254 characters, a domain of two labels or more.
///
/// Quoted local parts, comments and addresses of bare hosts are left out knowingly: they are typing errors far more
/// often than addresses. The domain is lower-cased and, where it is not ASCII, written in its IDNA form; the local part
/// keeps its case. Compare by [`Email::key`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// RFC 5321, section 4.5.3.1.3, less the angle brackets.
    pub const MAX: usize = 254;
    const MAX_LOCAL: usize = 64;

    /// Parses an address.
    ///
    /// # Errors
    /// `required`, `too_long` or `malformed`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required("Give an e-mail address."));
        }
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        let Some((local, domain)) = text.rsplit_once('@').filter(|(local, _)| is_dot_atom(local)) else {
            return Err(malformed());
        };
        let domain = ascii_domain(domain).ok_or_else(malformed)?;
        let address = format!("{local}@{domain}");
        if local.len() > Self::MAX_LOCAL || address.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        Ok(Self(address))
    }

    /// The address in lower case: what is unique, and what is looked up.
    ///
    /// RFC 5321 lets hosts tell `Ann` from `ann`; none that people use does, and two accounts for one letter box are a
    /// way to be somebody else.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

fn malformed() -> Invalid {
    Invalid::new("malformed", "Give an e-mail address such as \"ann@example.org\".")
}

fn is_dot_atom(local: &str) -> bool {
    !local.is_empty() && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b)))
}

fn ascii_domain(domain: &str) -> Option<String> {
    // The host parser would undo percent-encoding, which no address has.
    if domain.contains('%') {
        return None;
    }
    let Ok(::url::Host::Domain(domain)) = ::url::Host::parse(domain) else {
        return None;
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let sound = |label: &&str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let top_is_a_name = labels.last()?.bytes().any(|b| b.is_ascii_alphabetic());
    (labels.len() >= 2 && labels.iter().all(sound) && top_is_a_name).then_some(domain)
}

text_value!(Email);

impl utoipa::PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
        string_schema(Self::MAX, "ann@example.org").format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))).into()
    }
}

impl utoipa::ToSchema for Email {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_lower_case_and_local_parts_are_kept() {
        let email = Email::parse(" Ann.O'Neil+desk@News.Example.ORG ").unwrap();
        assert_eq!(email.as_str(), "Ann.O'Neil+desk@news.example.org");
        assert_eq!(email.key(), "ann.o'neil+desk@news.example.org");
        assert_eq!(email.local_part(), "Ann.O'Neil+desk");
    }

    #[test]
    fn international_domains_are_written_in_ascii() {
        assert_eq!(Email::parse("ann@bücher.example").unwrap().as_str(), "ann@xn--bcher-kva.example");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in [
            "ann",
            "@example.org",
            "ann@",
            "ann@host",
            "a b@example.org",
            "ann@example..org",
            ".ann@example.org",
            "ann.@example.org",
            "a..n@example.org",
            "ann@-example.org",
            "ann@1.2.3.4",
            "ann@[::1]",
            "ann@example.org\nbcc: x@y.org",
            "ann\0@example.org",
            "\"ann\"@example.org",
            "ann@exa_mple.org",
            "ann@example.org.",
            "аnn@example.org",
            "a@b@example.org",
            "ann@example.123",
            "ann@exam%70le.org",
        ] {
            assert_eq!(Email::parse(text).unwrap_err().code, "malformed", "{text:?}");
        }
        assert_eq!(Email::parse("").unwrap_err().code, "required");
        assert_eq!(Email::parse(&format!("{}@example.org", "a".repeat(65))).unwrap_err().code, "too_long");
        assert_eq!(Email::parse(&format!("a@{}.org", "a.".repeat(200))).unwrap_err().code, "too_long");
    }
}
