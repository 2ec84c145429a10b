//! Stems of words, by the language of the text (the Snowball algorithms). A language without an algorithm keeps its words
//! whole; so does a word in letters that its algorithm was not made for.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// How the words of a language are brought to their stems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stemming {
    code: &'static str,
}

/// Code, languages by their primary subtag, small words that a question can do without.
const LANGUAGES: &[(&str, &[&str], &[&str])] = &[
    ("da", &["da"], &[]),
    ("nl", &["nl"], &["de", "het", "een", "en", "in", "op", "van", "te", "is"]),
    (
        "en",
        &["en"],
        &["a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "its", "of", "on", "or", "s", "t", "that", "the", "to", "was", "were", "with"],
    ),
    ("fi", &["fi"], &[]),
    ("fr", &["fr"], &["a", "au", "aux", "c", "ce", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour", "qu", "que", "s", "sur", "un", "une"]),
    ("de", &["de"], &["am", "an", "auf", "das", "dem", "den", "der", "des", "die", "ein", "eine", "im", "in", "ist", "mit", "und", "von", "zu", "zum", "zur"]),
    ("hu", &["hu"], &[]),
    ("it", &["it"], &["a", "al", "con", "da", "del", "della", "di", "e", "gli", "i", "il", "in", "la", "le", "lo", "per", "un", "una"]),
    ("no", &["no", "nb", "nn"], &[]),
    ("pt", &["pt"], &["a", "as", "com", "da", "das", "de", "do", "dos", "e", "em", "na", "no", "o", "os", "para", "um", "uma"]),
    ("ro", &["ro", "mo"], &[]),
    ("ru", &["ru"], &["а", "в", "во", "для", "за", "и", "из", "к", "на", "не", "о", "об", "от", "по", "с", "со", "у"]),
    ("es", &["es"], &["a", "al", "con", "de", "del", "el", "en", "la", "las", "los", "para", "por", "se", "un", "una", "y"]),
    ("sv", &["sv"], &[]),
];
/// Words stay as they are.
const WHOLE: &str = "-";
const SMALL_WORDS_OF_OTHERS: &[&str] = &["а", "в", "для", "до", "з", "за", "зі", "й", "і", "із", "на", "не", "о", "об", "від", "по", "про", "та", "у", "що"];

impl Stemming {
    /// That of a language (a BCP 47 tag).
    #[must_use]
    pub fn of(language: &str) -> Self {
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let found = LANGUAGES.iter().find(|(_, languages, _)| languages.contains(&primary.as_str()));
        Self { code: found.map_or(WHOLE, |(code, ..)| code) }
    }

    /// Its name in vectors.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// Whether words stay as they are.
    #[must_use]
    pub fn keeps_words_whole(self) -> bool {
        self.code == WHOLE
    }

    /// Whether a question that has other words can do without this one.
    #[must_use]
    pub fn is_small(self, word: &str) -> bool {
        let small = LANGUAGES.iter().find(|(code, ..)| *code == self.code).map_or(SMALL_WORDS_OF_OTHERS, |(.., small)| small);
        small.contains(&word)
    }

    fn algorithm(self) -> Option<Algorithm> {
        Some(match self.code {
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            _ => return None,
        })
    }

    /// The stem of a folded word.
    #[must_use]
    pub fn stem(self, word: &str) -> Cow<'_, str> {
        let own_letters = match self.code {
            WHOLE => false,
            "ru" => word.chars().all(|c| matches!(c, 'а'..='я')),
            _ => word.bytes().all(|b| b.is_ascii_lowercase()),
        };
        let Some(algorithm) = self.algorithm().filter(|_| own_letters) else { return Cow::Owned(word.to_owned()) };
        let stem = Stemmer::create(algorithm).stem(word).into_owned();
        Cow::Owned(if stem.is_empty() { word.to_owned() } else { stem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_one_stem_meet_and_others_do_not() {
        let stem = |language: &str, word: &str| Stemming::of(language).stem(word).into_owned();
        assert_eq!(stem("en-GB", "reopening"), stem("en", "reopened"));
        assert_eq!(stem("de", "raketen"), stem("de", "rakete"));
        assert_eq!(stem("ru", "ракеты"), stem("ru", "ракетами"));
        assert_eq!(stem("nb", "husene"), stem("no", "huset"));
        assert_eq!(stem("uk", "ракети"), "ракети");
        assert_eq!(stem("en", "ракети"), "ракети");
        assert_eq!(stem("en", "covid19"), "covid19");
        assert!(Stemming::of("uk").keeps_words_whole() && Stemming::of("tlh").keeps_words_whole());
        assert!(Stemming::of("en").is_small("the") && !Stemming::of("de").is_small("the"));
    }

    proptest! {
        #[test]
        fn every_word_has_a_stem_in_every_language(word in "[a-z]{1,40}|[а-я]{1,40}|\\PC{1,40}", vowels in "[aeiouy]{1,12}[a-z]{0,8}") {
            for (code, ..) in LANGUAGES {
                prop_assert!(!Stemming::of(code).stem(&word).is_empty());
                prop_assert!(!Stemming::of(code).stem(&vowels).is_empty());
            }
        }
    }
}
