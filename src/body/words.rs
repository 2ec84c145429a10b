//! Counts words and the minutes that they take. Knows scripts that do not part words with spaces.

/// Words a minute of silent reading (Brysbaert 2019, a review of 190 studies).
pub const WORDS_PER_MINUTE: u32 = 238;

/// Letters of an average word in the scripts of South-East Asia that are written without spaces.
const LETTERS_PER_WORD: u32 = 5;

/// How a character takes part in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Ideographs and kana: each counts as a word, as word processors count them.
    Word,
    /// Thai, Lao, Burmese, Khmer.
    Unspaced,
    Letter,
    /// Joins letters: apostrophes, hyphens, points within numbers and addresses.
    Joiner,
    Gap,
}

/// The number of words in a text.
pub fn count(text: &str) -> u32 {
    let mut words = 0_u32;
    let mut unspaced = 0_u32;
    let mut in_word = false;
    for c in text.chars() {
        let role = role(c);
        if role != Role::Unspaced && unspaced > 0 && role != Role::Joiner {
            words = words.saturating_add(unspaced.div_ceil(LETTERS_PER_WORD));
            unspaced = 0;
        }
        match role {
            Role::Word => {
                words = words.saturating_add(1);
                in_word = false;
            }
            Role::Unspaced => {
                unspaced = unspaced.saturating_add(1);
                in_word = false;
            }
            Role::Letter if !in_word => {
                words = words.saturating_add(1);
                in_word = true;
            }
            Role::Letter | Role::Joiner => {}
            Role::Gap => in_word = false,
        }
    }
    words.saturating_add(unspaced.div_ceil(LETTERS_PER_WORD))
}

/// Whole minutes of reading, rounded, at least one.
pub fn reading_minutes(words: u32) -> u32 {
    (words.saturating_add(WORDS_PER_MINUTE / 2) / WORDS_PER_MINUTE).max(1)
}

fn role(c: char) -> Role {
    match c {
        // Most of what there is, without a look at the tables of all letters.
        'a'..='z' | 'A'..='Z' | '0'..='9' | 'А'..='я' => Role::Letter,
        ' ' | '\n' => Role::Gap,
        '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            if c.is_alphanumeric() { Role::Word } else { Role::Joiner }
        }
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => {
            if c.is_alphabetic() {
                Role::Unspaced
            } else if c.is_numeric() {
                Role::Letter
            } else {
                Role::Joiner
            }
        }
        c if c.is_whitespace() => Role::Gap,
        c if c.is_alphanumeric() => Role::Letter,
        '\u{2013}' | '\u{2014}' | '\u{2026}' | '/' | '|' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' => Role::Gap,
        _ => Role::Joiner,
    }
}
