//! A question in words, as web searches take it: all of these words, `"a phrase"`, `-not this`, `this or that`, `begin*`.
//! Read here and written as a `tsquery` for each way of stemming that the site's languages need. Pure.

use crate::error::{Error, Result};
use crate::search_words::{Stemming, marks, words};

/// Words that a question may have.
const MOST_WORDS: usize = 16;
/// Letters that the begin of a word must have: the fewer, the more words there are to look at.
const SHORTEST_BEGIN: usize = 3;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Any of these will do.
    alternatives: Vec<Vec<Term>>,
}

/// One word, or several that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    words: Vec<String>,
    /// The last word may go on.
    begins: bool,
}

/// Where the words have to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Anywhere.
    Anywhere,
    /// In the headline.
    Headline,
}

/// A question as the database takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What a story must fit.
    pub exact: String,
    /// What the index can tell without looking at the story: everything that fits, and perhaps more.
    pub loose: String,
    /// The words that count for the rank.
    pub rank: String,
}

impl Question {
    /// Reads a question; the last word may be unfinished.
    ///
    /// # Errors
    /// 400 for more words than anybody means.
    pub fn parse(text: &str) -> Result<Self> {
        let mut alternatives = vec![Vec::new()];
        let mut rest = text.trim();
        let mut last_is_open = false;
        while !rest.is_empty() {
            let negated = rest.strip_prefix('-').filter(|after| after.starts_with(|c: char| !c.is_whitespace()));
            let from = negated.unwrap_or(rest);
            let (token, after, quoted) = match from.strip_prefix('"') {
                Some(quote) => quote.split_once('"').map_or((quote, "", true), |(token, after)| (token, after, true)),
                None => {
                    let end = from.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(from.len());
                    let (token, after) = from.split_at(end);
                    (token, after, false)
                }
            };
            rest = after.trim_start();
            if !quoted && negated.is_none() && token.eq_ignore_ascii_case("or") {
                last_is_open = false;
                if alternatives.last().is_some_and(|terms| !terms.is_empty()) {
                    alternatives.push(Vec::new());
                }
                continue;
            }
            let words: Vec<_> = words(token).map(|word| word.text).collect();
            let long_enough = words.last().is_some_and(|word| word.chars().nth(SHORTEST_BEGIN - 1).is_some());
            last_is_open = !quoted && negated.is_none() && long_enough;
            if let Some(terms) = alternatives.last_mut()
                && !words.is_empty()
            {
                terms.push(Term { negated: negated.is_some(), words, begins: !quoted && long_enough && token.ends_with('*') });
            }
        }
        alternatives.retain(|terms| !terms.is_empty());
        if alternatives.iter().flatten().map(|term| term.words.len()).sum::<usize>() > MOST_WORDS {
            return Err(Error::parameter("q", "too_many", format!("There may be {MOST_WORDS} words at the most.")));
        }
        if let Some(last) = alternatives.last_mut().and_then(|terms| terms.last_mut()) {
            last.begins |= last_is_open;
        }
        Ok(Self { alternatives })
    }

    /// Whether there is any word in it.
    pub fn is_empty(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// What it asks of stories whose words are brought to their stems in these ways.
    pub fn asked(&self, stemmings: &[Stemming], place: Place) -> Asked {
        let each = |form: Form| stemmings.iter().map(|stemming| format!("('{}' & ({}))", marks::stemming(*stemming), self.write(*stemming, form))).collect::<Vec<_>>().join(" | ");
        let mut rank: Vec<_> = stemmings.iter().flat_map(|stemming| self.wanted(*stemming)).map(|(word, begins)| lexeme(&word, begins, false)).collect();
        rank.sort_unstable();
        rank.dedup();
        Asked { exact: each(Form { loose: false, place }), loose: each(Form { loose: true, place }), rank: rank.join(" | ") }
    }

    /// The words that are wanted, each with whether it may go on.
    pub fn wanted(&self, stemming: Stemming) -> Vec<(String, bool)> {
        let terms = self.alternatives.iter().flat_map(|terms| needed(terms, stemming)).filter(|term| !term.negated);
        terms
            .flat_map(|term| {
                term.words.iter().enumerate().flat_map(move |(at, word)| {
                    let begins = (term.begins && at + 1 == term.words.len()).then(|| (word.clone(), true));
                    std::iter::once((stemming.stem(word).into_owned(), false)).chain(begins)
                })
            })
            .collect()
    }

    fn write(&self, stemming: Stemming, form: Form) -> String {
        let terms = |terms: &Vec<Term>| {
            let written: Vec<_> = needed(terms, stemming).filter_map(|term| term.write(stemming, form)).collect();
            // Only phrases that must not be there: nothing is left that the index could tell.
            if written.is_empty() { format!("'{}'", marks::stemming(stemming)) } else { written.join(" & ") }
        };
        self.alternatives.iter().map(terms).collect::<Vec<_>>().join(" | ")
    }
}

/// All but small words where there are others.
fn needed(terms: &[Term], stemming: Stemming) -> impl Iterator<Item = &Term> {
    let is_small = move |term: &Term| !term.negated && matches!(term.words.as_slice(), [word] if stemming.is_small(word));
    let others = terms.iter().any(|term| !term.negated && !is_small(term));
    terms.iter().filter(move |term| !others || !is_small(term))
}

#[derive(Debug, Clone, Copy)]
struct Form {
    loose: bool,
    place: Place,
}

impl Term {
    /// `None` for what only the story itself can tell.
    fn write(&self, stemming: Stemming, form: Form) -> Option<String> {
        if form.loose && self.negated && self.words.len() > 1 {
            return None;
        }
        let in_headline = !form.loose && form.place == Place::Headline;
        let last = self.words.len().saturating_sub(1);
        let word = |(at, word): (usize, &String)| {
            let stem = stemming.stem(word);
            let whole = lexeme(&stem, false, in_headline);
            if !self.begins || at != last {
                whole
            } else if stem == *word {
                lexeme(word, true, in_headline)
            } else {
                format!("({whole} | {})", lexeme(word, true, in_headline))
            }
        };
        let words: Vec<_> = self.words.iter().enumerate().map(word).collect();
        let words = words.join(if form.loose { " & " } else { " <-> " });
        Some(if self.negated { format!("!({words})") } else { format!("({words})") })
    }
}

/// A word as a `tsquery` has it. Folded words and stems hold nothing that would need escaping.
fn lexeme(word: &str, begins: bool, in_headline: bool) -> String {
    let flags = match (begins, in_headline) {
        (false, false) => "",
        (true, false) => ":*",
        (false, true) => ":A",
        (true, true) => ":*A",
    };
    format!("'{word}'{flags}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str, language: &str) -> String {
        let asked = Question::parse(text).unwrap().asked(&[Stemming::of(language)], Place::Anywhere);
        asked.exact
    }

    #[test]
    fn questions_are_read_as_web_searches_read_them() {
        for (text, expected) in [
            ("harbours reopening", "(('harbour') & (('reopen' | 'reopening':*)))"),
            ("\"harbour reopens\" -storms", "(('harbour' <-> 'reopen') & !('storm'))"),
            ("storm or -\"rail bridge\"", "(('storm') | !('rail' <-> 'bridg'))"),
            ("the harbour of", "(('harbour'))"),
            ("the of", "(('the') & ('of'))"),
            ("rail-bridge", "(('rail' <-> ('bridg' | 'bridge':*)))"),
            ("harb* st", "(('harb':*) & ('st'))"),
            ("or or storm or", "(('storm'))"),
        ] {
            let all = exact(text, "en");
            assert_eq!(all.strip_prefix("('~sen' & ").and_then(|rest| rest.strip_suffix(')')).unwrap(), expected, "{text}");
        }
        assert_eq!(exact("ракети", "uk"), "('~s-' & (('ракети':*)))");
        assert!(Question::parse(" - \"\" … or").unwrap().is_empty());
        assert!(Question::parse(&"word ".repeat(17)).is_err());
    }

    #[test]
    fn the_index_is_asked_for_no_less_than_what_fits() {
        let asked = Question::parse("\"a b\" -\"c d\" -e").unwrap().asked(&[Stemming::of("uk")], Place::Headline);
        assert_eq!(asked.loose, "('~s-' & (('a' & 'b') & !('e')))");
        assert_eq!(asked.exact, "('~s-' & (('a':A <-> 'b':A) & !('c':A <-> 'd':A) & !('e':A)))");
        assert_eq!(asked.rank, "'a' | 'b'");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_only_quotes_words(text in "\\PC{0,60}|[-\"' a-z*:&|!()<>\\\\]{0,40}") {
            if let Ok(question) = Question::parse(&text) {
                let asked = question.asked(&[Stemming::of("en"), Stemming::of("uk")], Place::Anywhere);
                prop_assert!(asked.exact.split('\'').skip(1).step_by(2).all(|word| !word.contains(['\\', ':', ' '])));
                prop_assert_eq!(asked.exact.matches('\'').count() % 2, 0);
            }
        }
    }
}
