//! Shows where a story fits a question: the headline and a piece of its text as HTML, everything escaped, with `<mark>`
//! around the words that were asked for. Pure.

use std::collections::HashSet;

use super::question::Question;
use crate::search_words::{Stemming, Word, words};

/// Words before the first that was found, and words in all, of a piece of text.
const BEFORE: usize = 8;
const PIECE: usize = 32;

/// Knows the words of a question in the stems of one language.
#[derive(Debug)]
pub struct Marker {
    stemming: Stemming,
    whole: HashSet<String>,
    begins: Vec<String>,
}

impl Marker {
    /// That of a question for texts in this language.
    pub fn new(question: &Question, language: &str) -> Self {
        let stemming = Stemming::of(language);
        let (begins, whole): (Vec<_>, Vec<_>) = question.wanted(stemming).into_iter().partition(|(_, begins)| *begins);
        Self { stemming, whole: whole.into_iter().map(|(word, _)| word).collect(), begins: begins.into_iter().map(|(word, _)| word).collect() }
    }

    fn fits(&self, word: &Word) -> bool {
        self.whole.contains(self.stemming.stem(&word.text).as_ref()) || self.begins.iter().any(|begin| word.text.starts_with(begin.as_str()))
    }

    /// The whole text, and whether anything in it was asked for.
    pub fn mark(&self, text: &str) -> (String, bool) {
        let found: Vec<_> = words(text).filter(|word| self.fits(word)).collect();
        (write(text, 0, text.len(), &found), !found.is_empty())
    }

    /// A piece of the text around the first word that was asked for, if there is one.
    pub fn piece(&self, text: &str) -> Option<String> {
        let all: Vec<_> = words(text).collect();
        let first = all.iter().position(|word| self.fits(word))?;
        let begin = first.saturating_sub(BEFORE);
        let shown = all.get(begin..all.len().min(begin + PIECE))?;
        let (late, early) = (begin > 0, begin + shown.len() < all.len());
        let from = if late { shown.first()?.start } else { 0 };
        let to = if early { shown.last()?.end } else { text.len() };
        let found: Vec<_> = shown.iter().filter(|word| self.fits(word)).cloned().collect();
        let cut_off = |cut: bool| if cut { "…" } else { "" };
        Some(format!("{}{}{}", cut_off(late), write(text, from, to, &found), cut_off(early)))
    }
}

fn write(text: &str, from: usize, to: usize, found: &[Word]) -> String {
    let mut out = String::with_capacity((to - from) * 5 / 4 + found.len() * 13);
    let mut at = from;
    for word in found {
        escape(text.get(at..word.start).unwrap_or_default(), &mut out);
        out.push_str("<mark>");
        escape(text.get(word.start..word.end).unwrap_or_default(), &mut out);
        out.push_str("</mark>");
        at = word.end;
    }
    escape(text.get(at..to).unwrap_or_default(), &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// What a reader reads of the begin of a prepared body: JSON string, slots and HTML taken off. It may break off anywhere.
pub fn readable(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    // Every second part is a slot; pictures stand there, with words of their own that are not the text's.
    for part in html.split('\u{1f}').step_by(2) {
        let mut whole = part;
        // An escape that was cut in two has no meaning.
        let text: String = loop {
            match serde_json::from_str(&format!("\"{whole}\"")) {
                Ok(text) => break text,
                Err(_) if whole.is_empty() => break String::new(),
                Err(_) => whole = whole.rsplit_once('\\').map_or("", |(before, _)| before),
            }
        };
        without_tags(&text, &mut out);
        out.push(' ');
    }
    html_entities(&out)
}

fn without_tags(html: &str, out: &mut String) {
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let (name, after) = tag.split_once('>').unwrap_or((tag, ""));
        // Words inside a line stay together; those of two blocks do not.
        if !["a", "em", "strong", "code", "s", "u", "sub", "sup", "mark"].contains(&name.trim_start_matches('/').split(' ').next().unwrap_or_default()) {
            out.push(' ');
        }
        rest = after;
    }
    out.push_str(rest);
}

/// Those that our own writer writes.
fn html_entities(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&nbsp;", " ").replace("&amp;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marker(question: &str, language: &str) -> Marker {
        Marker::new(&Question::parse(question).unwrap(), language)
    }

    #[test]
    fn words_are_marked_in_every_form_of_theirs_and_markup_is_not_let_through() {
        assert_eq!(marker("reopening", "en").mark("Harbour <b>reopens</b> & more").0, "Harbour &lt;b&gt;<mark>reopens</mark>&lt;/b&gt; &amp; more");
        assert_eq!(marker("cafe", "fr").mark("Le Café d'Élise").0, "Le <mark>Café</mark> d&#39;Élise");
        assert_eq!(marker("запоріж", "uk").mark("У Запоріжжі тихо").0, "У <mark>Запоріжжі</mark> тихо");
        assert_eq!(marker("-storm", "en").mark("A storm").0, "A storm");
    }

    #[test]
    fn a_piece_shows_what_was_found_and_says_that_it_is_one() {
        let text = (0..100).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        let piece = marker("\"word50\"", "en").piece(&text).unwrap();
        assert!(piece.starts_with("…word42 ") && piece.contains(" <mark>word50</mark> ") && piece.ends_with(" word73…"), "{piece}");
        assert_eq!(marker("absent", "en").piece(&text), None);
    }

    #[test]
    fn prepared_text_becomes_readable_again() {
        assert_eq!(readable("<p>One <em>t</em>wo &amp; \\\"three\\\"</p>\u{1f}figure\u{1e}alt\u{1f}<p>four\\u00"), "One two & \"three\" four");
    }

    proptest! {
        #[test]
        fn nothing_but_marks_is_markup(text in "\\PC{0,60}|[<>&\"'a-z/ ]{0,60}", asked in "[a-z]{1,3}") {
            let html = marker(&asked, "en").mark(&text).0;
            let rest = html.replace("<mark>", "").replace("</mark>", "");
            prop_assert!(!rest.contains(['<', '>', '"', '\'']));
        }

        #[test]
        fn any_begin_of_a_text_is_readable(text in "\\PC{0,80}|[\\\\<>&;\"\u{1f}a-z]{0,60}") {
            readable(&text);
        }
    }
}
