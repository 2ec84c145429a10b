//! Text as it is stored: NFC, line feeds only, no control characters. Changes nothing that can be seen.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Every line ending as a line feed.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

/// The first control character other than line feed and tab, with its line.
pub(super) fn control(text: &str) -> Option<(usize, char)> {
    let mut line = 1;
    for c in text.chars() {
        if c == '\n' {
            line += 1;
        } else if c.is_control() && c != '\t' {
            return Some((line, c));
        }
    }
    None
}

/// Canonical composition (Unicode Annex 15).
pub(super) fn nfc(text: String) -> String {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// A text that may be left out: blank is nothing.
pub(super) fn optional(text: String) -> Option<String> {
    if text.trim().is_empty() {
        None
    } else if text.trim().len() == text.len() {
        Some(text)
    } else {
        Some(text.trim().to_owned())
    }
}

/// Whether `word` is one of `^[a-z0-9-]{1,32}$`, as a layout is.
pub(super) fn is_layout(word: &str) -> bool {
    (1..=32).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether `word` names a language of code, `^[A-Za-z0-9+#._-]{1,64}$`.
pub(super) fn is_language(word: &str) -> bool {
    (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+#._-".contains(&b))
}

/// Whether `text` is a ratio such as `16:9`.
pub(super) fn is_ratio(text: &str) -> bool {
    let number = |part: &str| (1..=4).contains(&part.len()) && !part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once(':').is_some_and(|(width, height)| number(width) && number(height))
}

/// Whether `text` is a day of the Gregorian calendar, `YYYY-MM-DD`.
pub(super) fn is_date(text: &str) -> bool {
    let shape = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap_or(0));
    let (year, month, day) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    shape && year > 0 && (1..=days).contains(&day)
}
