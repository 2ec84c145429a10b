//! Words that look like words and mean nothing: vocabularies in Zipf's distribution, and the headlines, names and texts made of them.

use std::collections::HashSet;

use super::random::{Random, Stream, Zipf};

/// Words of a vocabulary.
const WORDS: usize = 12_000;
/// Ranks below which a word has one syllable, and below which it has two.
const SHORT: (usize, usize) = (80, 2_000);

/// The sounds of a language.
struct Sounds {
    onsets: &'static [&'static str],
    nuclei: &'static [&'static str],
    codas: &'static [&'static str],
}

const LATIN: Sounds = Sounds {
    onsets: &["b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr", "r", "s", "sh", "st", "t", "th", "tr", "v", "w", ""],
    nuclei: &["a", "e", "i", "o", "u", "ai", "ea", "ee", "oa", "ou"],
    codas: &["", "", "", "l", "m", "n", "nd", "r", "rk", "s", "st", "t"],
};

const CYRILLIC: Sounds = Sounds {
    onsets: &["б", "в", "вр", "г", "гр", "д", "др", "ж", "з", "к", "кр", "л", "м", "н", "п", "пр", "р", "с", "ст", "т", "х", "ц", "ч", "ш", "щ", ""],
    nuclei: &["а", "е", "и", "і", "о", "у", "я", "є", "ю"],
    codas: &["", "", "", "в", "й", "к", "л", "ль", "м", "н", "р", "с", "ть"],
};

/// A language of the corpus.
pub struct Language {
    /// BCP 47.
    pub tag: &'static str,
    words: Vec<String>,
    zipf: Zipf,
}

impl Language {
    pub fn english(seed: u64) -> Self {
        Self::new("en", &LATIN, seed, 0)
    }

    pub fn ukrainian(seed: u64) -> Self {
        Self::new("uk", &CYRILLIC, seed, 1)
    }

    fn new(tag: &'static str, sounds: &Sounds, seed: u64, number: u64) -> Self {
        let mut random = Random::of(seed, Stream::Words, number);
        let (mut known, mut words) = (HashSet::with_capacity(WORDS), Vec::with_capacity(WORDS));
        while words.len() < WORDS {
            let syllables = match words.len() {
                rank if rank < SHORT.0 => 1,
                rank if rank < SHORT.1 => 2,
                _ => 2 + random.below(3),
            };
            let word: String = (0..syllables).map(|_| syllable(sounds, &mut random)).collect();
            if word.chars().nth(1).is_some() && known.insert(word.clone()) {
                words.push(word);
            }
        }
        Self { tag, words, zipf: Zipf::new(WORDS, 1.0) }
    }

    fn word(&self, random: &mut Random) -> &str {
        self.words.get(self.zipf.pick(random)).map_or("a", String::as_str)
    }

    /// A word that is not one of the commonest, as names are.
    fn rare_word(&self, random: &mut Random) -> &str {
        self.words.get(SHORT.0 + random.below(WORDS - SHORT.0)).map_or("a", String::as_str)
    }

    /// Some words, the first with a capital.
    pub fn phrase(&self, random: &mut Random, words: usize) -> String {
        let mut text = String::with_capacity(words * 8);
        self.write_phrase(random, words, &mut text);
        text
    }

    fn write_phrase(&self, random: &mut Random, words: usize, out: &mut String) {
        for n in 0..words {
            if n == 0 {
                push_capitalised(self.word(random), out);
            } else {
                out.push(' ');
                out.push_str(self.word(random));
            }
        }
    }

    /// A name of so many words, each with a capital.
    pub fn name(&self, random: &mut Random, words: usize) -> String {
        let mut text = String::new();
        for n in 0..words {
            if n > 0 {
                text.push(' ');
            }
            push_capitalised(self.rare_word(random), &mut text);
        }
        text
    }

    fn sentence(&self, random: &mut Random, out: &mut String) -> usize {
        let words = 7 + random.below(12);
        let comma = if random.chance(40) { 3 + random.below(words - 4) } else { words };
        self.write_phrase(random, comma.min(words), out);
        if comma < words {
            out.push_str(", ");
            let rest: Vec<&str> = (comma..words).map(|_| self.word(random)).collect();
            out.push_str(&rest.join(" "));
        }
        out.push('.');
        words
    }

    /// A text in Markdown of about so many words, with what stories have: paragraphs, subheadings, quotes, lists, links, bold words.
    pub fn text(&self, random: &mut Random, words: usize) -> String {
        let mut text = String::with_capacity(words * 12);
        let mut written = 0;
        let mut paragraphs = 0;
        while written < words {
            if paragraphs > 0 {
                text.push_str("\n\n");
            }
            match random.below(100) {
                0..12 if paragraphs > 1 => {
                    text.push_str("## ");
                    let heading = 3 + random.below(4);
                    self.write_phrase(random, heading, &mut text);
                    written += heading;
                }
                12..18 => {
                    text.push_str("> ");
                    written += self.sentence(random, &mut text);
                }
                18..22 => written += self.list(random, &mut text),
                _ => written += self.paragraph(random, &mut text),
            }
            paragraphs += 1;
        }
        text
    }

    fn list(&self, random: &mut Random, out: &mut String) -> usize {
        let mut words = 0;
        for item in 0..3 {
            out.push_str(if item == 0 { "- " } else { "\n- " });
            let length = 4 + random.below(6);
            self.write_phrase(random, length, out);
            words += length;
        }
        words
    }

    fn paragraph(&self, random: &mut Random, out: &mut String) -> usize {
        let mut words = 0;
        for n in 0..2 + random.below(4) {
            if n > 0 {
                out.push(' ');
            }
            words += self.sentence(random, out);
        }
        let (bold, link) = (random.chance(15), random.chance(15));
        if bold {
            out.push_str(" **");
            self.write_phrase(random, 3, out);
            out.push_str("**.");
            words += 3;
        }
        if link {
            out.push_str(" [");
            self.write_phrase(random, 3, out);
            out.push_str("](https://source.example.org/");
            out.push_str(&random.below(100_000).to_string());
            out.push_str(").");
            words += 3;
        }
        words
    }
}

fn syllable(sounds: &Sounds, random: &mut Random) -> String {
    [sounds.onsets, sounds.nuclei, sounds.codas].iter().filter_map(|sounds| random.pick(sounds)).collect()
}

fn push_capitalised(word: &str, out: &mut String) {
    let mut letters = word.chars();
    if let Some(first) = letters.next() {
        out.extend(first.to_uppercase());
        out.push_str(letters.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;

    #[test]
    fn texts_are_bodies_of_about_the_length_asked_for() {
        for language in [Language::english(1), Language::ukrainian(1)] {
            for number in 0..50 {
                let text = language.text(&mut Random::of(1, Stream::Text, number), 600);
                let body = Body::from_markdown(&text).unwrap();
                assert!((600..720).contains(&body.word_count()), "{} of {}", body.word_count(), language.tag);
                assert_eq!(text, language.text(&mut Random::of(1, Stream::Text, number), 600));
            }
        }
    }
}
