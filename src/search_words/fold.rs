//! Words of a text in one spelling: lower case, accents off where readers leave them off, apostrophes that do not matter
//! gone. Owns where a word begins and ends; done here and not in the database, whose locale may not know the letters.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters of a word that count; what comes after them is not looked at.
pub const LONGEST_WORD: usize = 40;

/// A word, folded, and the bytes of the text that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Letters and digits only.
    pub text: String,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The words of a text, in order. Linear in its length.
pub fn words(text: &str) -> Words<'_> {
    Words { text, rest: text.char_indices().peekable() }
}

/// See [`words`].
#[derive(Debug)]
pub struct Words<'a> {
    text: &'a str,
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        loop {
            let (start, first) = self.rest.find(|(_, c)| begins_word(*c))?;
            let mut word = Word { text: String::new(), start, end: start + first.len_utf8() };
            let mut letters = 0;
            let mut last = first;
            take(first, &mut word.text, &mut letters);
            while !is_ideograph(first)
                && let Some((at, c)) = self.rest.peek().copied()
            {
                if is_apostrophe(c) && is_cyrillic(last) && self.text.get(at + c.len_utf8()..).and_then(|after| after.chars().next()).is_some_and(is_cyrillic) {
                    // п'ять, п’ять and пʼять are one word, also for those who leave it out.
                } else if is_ideograph(c) || !(begins_word(c) || is_combining_mark(c)) {
                    break;
                } else {
                    take(c, &mut word.text, &mut letters);
                    word.end = at + c.len_utf8();
                    last = c;
                }
                self.rest.next();
            }
            if !word.text.is_empty() {
                return Some(word);
            }
        }
    }
}

fn begins_word(c: char) -> bool {
    // Most Cyrillic letters without a look at the tables of all letters.
    matches!(c, 'А'..='я') || (c.is_alphanumeric() && !is_apostrophe(c))
}

/// Scripts without spaces between words: each sign is taken for a word, as their word counts do.
#[must_use]
pub const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

const fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}' | '\u{2018}' | '`' | '\u{b4}')
}

fn take(c: char, out: &mut String, letters: &mut usize) {
    let mut push = |c: char| {
        if *letters < LONGEST_WORD {
            out.push(c);
            *letters += 1;
        }
    };
    if c.is_ascii() {
        return push(c.to_ascii_lowercase());
    }
    for c in c.to_lowercase() {
        match c {
            'ё' => push('е'),
            'ß' => "ss".chars().for_each(&mut push),
            'æ' => "ae".chars().for_each(&mut push),
            'œ' => "oe".chars().for_each(&mut push),
            'þ' => "th".chars().for_each(&mut push),
            'ø' => push('o'),
            'ł' => push('l'),
            'đ' | 'ð' => push('d'),
            'ħ' => push('h'),
            'ı' => push('i'),
            'ς' => push('σ'),
            // Й and ї are letters of their own; in Latin and Greek, readers leave accents out.
            '\u{400}'..='\u{52f}' => push(c),
            // Accents that stand alone, Arabic vowel signs and Hebrew points: aids to reading, seldom typed.
            '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{652}' | '\u{670}' => {}
            '\u{80}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}' => std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c)).for_each(&mut push),
            c => push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> String {
        words(text).map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_spelling_for_what_readers_take_for_one_word() {
        for (text, expected) in [
            ("Élysée, CAFÉ — naïve!", "elysee cafe naive"),
            ("Straße Łódź Ærø Þingvellir", "strasse lodz aero thingvellir"),
            ("п'ять п’ять пʼять пять", "пять пять пять пять"),
            ("Київ, Йосип і їжа; ёлка", "київ йосип і їжа елка"),
            ("за\u{301}мок", "замок"),
            ("don't Ukraine's", "don t ukraine s"),
            ("Нью-Йорк и/или 12.5%", "нью йорк и или 12 5"),
            ("東京タワー", "東 京 タ ワ ー"),
            ("<b>&amp;</b>", "b amp b"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("\u{301} ' - …", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_are_slices_in_order_and_never_too_long(text in "\\PC{0,80}") {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(word.start >= end && word.end > word.start && text.get(word.start..word.end).is_some());
                prop_assert!(!word.text.is_empty() && word.text.chars().count() <= LONGEST_WORD);
                prop_assert!(!word.text.contains(['\'', '\\', '~', ' ', ':', '\0']));
                end = word.end;
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
        }
    }
}
