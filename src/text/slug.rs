//! The readable part of an address.
//! Owns its form, and how one is made from a headline or a name; whether it is free is the database's to say.

use super::{Invalid, string_schema, text_value, transliteration};
use utoipa::openapi::{RefOr, Schema};

/// Lower-case Latin letters, digits and single hyphens between them, at most 200 characters: `harbour-reopens-2`.
///
/// Never of the form of a UUID: resources answer to their id or their slug at the same address, and a slug must not
/// take the place of somebody else's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// In characters, which are ASCII.
    pub const MAX: usize = 200;
    /// The regular expression that every slug matches.
    pub const PATTERN: &'static str = "^[a-z0-9]+(-[a-z0-9]+)*$";

    /// What a slug made from a text is cut to: longer ones are cut off by what shows them.
    const MADE: usize = 80;
    /// How much of a text is looked at.
    const LOOKED_AT: usize = 2_000;

    /// Parses a slug as it stands, correcting nothing: what is in an address must be what was asked for.
    ///
    /// # Errors
    /// `required`, `too_long`, `malformed`, or `reserved` for the form of a UUID.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::required("Give a slug, or leave the member out to have one made."));
        }
        if text.len() > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        let part_is_sound = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !text.split('-').all(part_is_sound) {
            return Err(Invalid::new("malformed", "Use lower-case letters a to z, digits, and single hyphens between them."));
        }
        if is_uuid(text) {
            return Err(Invalid::new("reserved", "Choose another slug: this one has the form of an id."));
        }
        Ok(Self(text.to_owned()))
    }

    /// Makes a slug of at most 80 characters from a headline or a name, cut where a word ends.
    ///
    /// Cyrillic is transliterated by the table of `language` (a BCP 47 tag), other scripts by a general one. `None` when
    /// nothing readable is left, as of a text of signs only.
    pub fn from_text(text: &str, language: Option<&str>) -> Option<Self> {
        let start: &str = text.char_indices().nth(Self::LOOKED_AT).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
        let mut made = String::with_capacity(Self::MADE * 2);
        let mut word_ended = false;
        transliteration::for_each_piece(start, language, |piece| {
            for c in piece.chars() {
                if !c.is_ascii_alphanumeric() {
                    word_ended = true;
                    continue;
                }
                if std::mem::take(&mut word_ended) && !made.is_empty() {
                    made.push('-');
                }
                made.push(c.to_ascii_lowercase());
            }
            made.len() <= Self::MADE
        });
        Self::parse(cut_at_word(&made, Self::MADE)).ok()
    }

    /// The slug with a number at its end, for when it is taken: `base-2`. What is too long is cut before the number.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let base = cut_at_word(&self.0, Self::MAX - suffix.len());
        Self(format!("{base}{suffix}"))
    }
}

/// At most `max` characters of ASCII text, cut at a hyphen unless that would cost more than half.
fn cut_at_word(text: &str, max: usize) -> &str {
    let Some(head) = text.get(..max).filter(|_| text.len() > max) else {
        return text;
    };
    if text.as_bytes().get(max) == Some(&b'-') {
        return head;
    }
    match head.rsplit_once('-') {
        Some((words, _)) if words.len() * 2 >= max => words,
        _ => head.trim_end_matches('-'),
    }
}

/// The hyphenated form: groups of 8, 4, 4, 4 and 12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

text_value!(Slug);

impl utoipa::PartialSchema for Slug {
    fn schema() -> RefOr<Schema> {
        string_schema(Self::MAX, "harbour-reopens-after-storm").pattern(Some(Self::PATTERN)).description(Some("The readable part of an address. Not of the form of a UUID.")).into()
    }
}

impl utoipa::ToSchema for Slug {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn made(text: &str, language: &str) -> String {
        Slug::from_text(text, Some(language)).map(Slug::into_string).unwrap_or_default()
    }

    #[test]
    fn takes_slugs_and_nothing_else() {
        for text in ["a", "7", "kyiv-2024", &"a".repeat(200), "0190b0a0-0000"] {
            assert_eq!(Slug::parse(text).unwrap().as_str(), text);
        }
        for text in ["-a", "a-", "a--b", "A", "a_b", "a b", "é", "a/b", "..", "a\0", "a\n"] {
            assert_eq!(Slug::parse(text).unwrap_err().code, "malformed", "{text:?}");
        }
        assert_eq!(Slug::parse("").unwrap_err().code, "required");
        assert_eq!(Slug::parse(&"a".repeat(201)).unwrap_err().code, "too_long");
    }

    #[test]
    fn never_looks_like_an_id() {
        let id = "0190b0a0-4c1e-7000-8000-00000000abcd";
        assert_eq!(Slug::parse(id).unwrap_err().code, "reserved");
        assert_eq!(Slug::from_text(id, None), None);
    }

    #[test]
    fn each_cyrillic_language_has_its_table() {
        assert_eq!(made("Київ: що відбувається в Єгипті, її ґрунт", "uk"), "kyiv-shcho-vidbuvaietsia-v-yehypti-yii-grunt");
        assert_eq!(made("Згурський, Запоріжжя, Юрій, Знам’янка", "uk-UA"), "zghurskyi-zaporizhzhia-yurii-znamianka");
        assert_eq!(made("Новости о щёлочи и объёмах", "ru"), "novosti-o-shchyolochi-i-obyomakh");
        assert_eq!(made("Съединение: България и Щастие", "bg"), "saedinenie-balgaria-i-shtastie");
        assert_eq!(made("Ђорђе и Љубица: џеп, ћуп, Шабац", "sr"), "djordje-i-ljubica-dzep-cup-sabac");
        assert_eq!(made("Святлана Ціханоўская і Еўропа", "be"), "svyatlana-tsikhanouskaya-i-yeuropa");
        assert_eq!(made("Қазақстан, Өскемен, Ұлы", "kk"), "qazaqstan-oskemen-uly");
    }

    #[test]
    fn letters_give_the_language_away_when_nobody_says_it() {
        assert_eq!(Slug::from_text("Її Київ", None).unwrap().as_str(), "yii-kyiv");
        assert_eq!(Slug::from_text("Живот у Њујорку", Some("en")).unwrap().as_str(), "zivot-u-njujorku");
        assert_eq!(Slug::from_text("Жизнь в Нью-Йорке", None).unwrap().as_str(), "zhizn-v-nyu-yorke");
    }

    #[test]
    fn other_scripts_give_something_readable() {
        assert_eq!(made("Željko Čović auf der Straße", "hr"), "zeljko-covic-auf-der-strasse");
        assert_eq!(made("Für Köln", "de"), "fuer-koeln");
        assert_eq!(made("Việt Nam Đường", "vi"), "viet-nam-duong");
        assert_eq!(made("الأخبار العاجلة", "ar"), "alakhbar-alajla");
        assert_eq!(made("北京", "zh"), "bei-jing");
        assert_eq!(made("Αθήνα", "el"), "athena");
        assert_eq!(made("İstanbul'da IŞIK", "tr"), "istanbulda-isik");
        for (text, language) in [("東京で地震", "ja"), ("서울 뉴스", "ko"), ("עולם", "he"), ("ข่าว", "th"), ("समाचार", "hi")] {
            assert!(!made(text, language).is_empty(), "{text}");
        }
    }

    #[test]
    fn signs_end_words_and_apostrophes_do_not() {
        assert_eq!(made("Don’t panic: C++ — 50% off!", "en"), "dont-panic-c-50-off");
        assert_eq!(made("O'Neil & Qur`an, Hawaiʻi", "en"), "oneil-quran-hawaii");
        assert_eq!(made("🇮🇪 Storm 🔥 hits", "en"), "storm-hits");
        for nothing in ["", "!!!", "—", "🔥", "\0", "'’"] {
            assert_eq!(Slug::from_text(nothing, None), None, "{nothing:?}");
        }
    }

    #[test]
    fn is_cut_where_a_word_ends() {
        let long = "word ".repeat(40);
        assert_eq!(made(&long, "en"), vec!["word"; 16].join("-"));
        assert_eq!(made(&"x".repeat(300), "en"), "x".repeat(80));
        assert_eq!(made(&format!("a {}", "x".repeat(300)), "en").len(), 80);
    }

    #[test]
    fn a_number_fits_within_the_limit() {
        assert_eq!(Slug::parse("base").unwrap().numbered(2).as_str(), "base-2");
        let long = Slug::parse(&"a".repeat(200)).unwrap().numbered(u32::MAX);
        assert_eq!(Slug::parse(long.as_str()).unwrap().as_str().len(), 200);
    }

    #[test]
    fn a_book_instead_of_a_headline_costs_nothing() {
        assert_eq!(made(&"щ".repeat(3_000_000), "ru").len(), 80);
    }

    proptest! {
        #[test]
        fn a_made_slug_is_valid_and_makes_itself(text in "\\PC{0,200}", language in proptest::option::of("[a-z]{2}")) {
            if let Some(slug) = Slug::from_text(&text, language.as_deref()) {
                prop_assert_eq!(&Slug::parse(slug.as_str()).unwrap(), &slug);
                prop_assert_eq!(Slug::from_text(slug.as_str(), language.as_deref()), Some(slug.clone()));
                for number in [2, 10, 4_000_000_000] {
                    prop_assert!(Slug::parse(slug.numbered(number).as_str()).is_ok());
                }
            }
        }

        #[test]
        fn any_text_is_taken_without_panic(text in ".{0,300}") {
            let _made = Slug::from_text(&text, Some("uk"));
            let _parsed = Slug::parse(&text);
        }
    }
}
