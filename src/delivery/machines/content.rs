//! The text of a story for readers who see it away from its site: addresses made absolute, its picture and its corrections
//! with it. Changes nothing else.

use std::fmt::Write;

use super::story::{CardCorrection, Story};

/// Attributes that hold an address in the HTML of a body.
const ADDRESSES: [&str; 2] = ["href=\"", "src=\""];

/// HTML whose links stand by themselves: `/path` is on the site, `#part` in the story.
#[must_use]
pub fn absolute(html: &str, site: &str, story: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        let end = end_of_tag(tag);
        let (inside, after) = tag.split_at_checked(end).unwrap_or((tag, ""));
        resolve(inside, site, story, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where a tag ends: at the first `>` that is in no quoted value.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at,
            _ => {}
        }
    }
    tag.len()
}

/// Copies the inside of a tag, quoted values and what is between them by turns.
fn resolve(inside: &str, site: &str, story: &str, out: &mut String) {
    let mut names_address = false;
    for (at, piece) in inside.split_inclusive('"').enumerate() {
        if at % 2 == 0 {
            names_address = ADDRESSES.iter().any(|name| piece.strip_suffix(name).is_some_and(|before| before.ends_with(' ')));
        } else if names_address {
            match piece.chars().next() {
                Some('/') if !piece.starts_with("//") => out.push_str(site),
                Some('#') => out.push_str(story),
                _ => {}
            }
        }
        out.push_str(piece);
    }
}

/// What a feed carries of a story: its lead picture with the credit, its body, its corrections.
#[must_use]
pub fn html(story: &Story) -> String {
    let mut out = String::with_capacity(story.html.len() + 1_000);
    if let Some(lead) = &story.lead {
        out.push_str(&lead.figure());
        out.push('\n');
    }
    out.push_str(&story.html);
    for correction in &story.card.corrections {
        note(correction, &mut out);
    }
    out
}

fn note(correction: &CardCorrection, out: &mut String) {
    let day = correction.at.instant().format("%Y-%m-%d");
    let text = quick_xml::escape::escape(correction.text.as_str()).replace('\n', "<br>");
    let _ = writeln!(out, "<aside class=\"correction\" data-kind=\"{}\"><p><time datetime=\"{}\">{day}</time> {text}</p></aside>", correction.kind.as_str(), correction.at);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_by_themselves_and_text_stays_as_it_is() {
        let made = |html| absolute(html, "https://a.example", "https://a.example/story");
        for (html, wanted) in [
            ("<a href=\"/x\">y</a>", "<a href=\"https://a.example/x\">y</a>"),
            ("<a data-ref=\"1\" href=\"#n\" title=\" href=\">\">y</a>", "<a data-ref=\"1\" href=\"https://a.example/story#n\" title=\" href=\">\">y</a>"),
            ("<p>say href=\"/x\" > <a href=\"//b.example\">", "<p>say href=\"/x\" > <a href=\"//b.example\">"),
            ("<a href=\"https://b.example/\">", "<a href=\"https://b.example/\">"),
            ("<a title=\" href=/x\" href=\"/x\">", "<a title=\" href=/x\" href=\"https://a.example/x\">"),
            ("broken <a href=\"/x", "broken <a href=\"https://a.example/x"),
            ("a < b", "a < b"),
        ] {
            assert_eq!(made(html), wanted);
        }
    }
}
