//! Which addresses a body may point to. Decides by an allow list of schemes; never fetches or resolves anything.

use uuid::Uuid;

use super::limits::MAX_URL_BYTES;

/// Why an address is refused.
pub(super) type Refusal = &'static str;

/// A link target in the form in which it is stored: `http`, `https`, `mailto`, `tel`, `/path` or `#fragment`.
///
/// Characters that break out of attributes or of Markdown are percent-encoded (RFC 3986, section 2.1);
/// control characters are refused, because browsers skip them when they read a scheme.
pub(super) fn href(raw: &str) -> Result<String, Refusal> {
    let raw = raw.trim_matches([' ', '\t', '\n']);
    if raw.len() > MAX_URL_BYTES {
        return Err("the address is longer than 4,096 bytes");
    }
    if raw.chars().any(char::is_control) {
        return Err("the address has control characters");
    }
    if raw.starts_with("//") || raw.starts_with("/\\") {
        return Err("an address with a host needs its scheme, such as https:");
    }
    if raw.starts_with('/') || raw.starts_with('#') {
        return Ok(encode(raw));
    }
    let Some((scheme, rest)) = raw.split_once(':') else {
        return Err("a relative address must begin with / or #");
    };
    let scheme = scheme.to_ascii_lowercase();
    let allowed = match scheme.as_str() {
        "http" | "https" => rest.strip_prefix("//").is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '[')),
        "mailto" | "tel" => !rest.is_empty(),
        _ => return Err("only http, https, mailto, tel, /… and #… addresses are allowed"),
    };
    if allowed { Ok(format!("{scheme}:{}", encode(rest))) } else { Err("the address has no host or no addressee") }
}

/// An address that must be absolute and https, as an embed's.
pub(super) fn https(raw: &str) -> Result<String, Refusal> {
    let url = href(raw)?;
    if url.starts_with("https://") { Ok(url) } else { Err("the address must begin with https://") }
}

/// The `rel` of a link: words of letters and hyphens, single-spaced.
pub(super) fn rel(raw: &str) -> Result<Option<String>, Refusal> {
    let words: Vec<&str> = raw.split_ascii_whitespace().collect();
    let plain = |word: &&str| word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if words.len() > 8 || raw.len() > 200 || !words.iter().all(plain) {
        return Err("rel holds words of letters and hyphens, at most eight");
    }
    Ok((!words.is_empty()).then(|| words.join(" ").to_ascii_lowercase()))
}

/// The target of an internal link in Markdown: `internal:UUID`, or `internal:UUID:/address`.
pub(super) fn internal(raw: &str) -> Option<(Uuid, Option<&str>)> {
    let rest = raw.strip_prefix("internal:")?;
    match rest.split_once(':') {
        Some((id, address)) => Some((Uuid::try_parse(id).ok()?, Some(address))),
        None => Some((Uuid::try_parse(rest).ok()?, None)),
    }
}

fn encode(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            ' ' => out.push_str("%20"),
            '"' => out.push_str("%22"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            '`' => out.push_str("%60"),
            '|' => out.push_str("%7C"),
            c if c.is_whitespace() => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}
