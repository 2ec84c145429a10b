//! Words of any script in basic Latin letters, by the table of their language where there is one.
//! Owns sounds and letters only; what an address looks like is the slug's subject.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// The alphabets written in Cyrillic that have a table of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cyrillic {
    Russian,
    Ukrainian,
    Bulgarian,
    /// Serbian, Macedonian, Bosnian and Montenegrin.
    SouthSlavic,
    Belarusian,
    Kazakh,
}

impl Cyrillic {
    /// The table for a text: the one of its language, or else the one that its letters give away.
    pub(super) fn of(text: &str, language: Option<&str>) -> Self {
        let primary = language.and_then(|tag| tag.split(['-', '_']).next()).unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "ru" => Self::Russian,
            "uk" => Self::Ukrainian,
            "bg" => Self::Bulgarian,
            "sr" | "mk" | "bs" | "sh" | "cnr" => Self::SouthSlavic,
            "be" => Self::Belarusian,
            "kk" => Self::Kazakh,
            _ => Self::guessed(text),
        }
    }

    fn guessed(text: &str) -> Self {
        text.chars()
            .flat_map(char::to_lowercase)
            .find_map(|c| match c {
                'ї' | 'є' | 'ґ' => Some(Self::Ukrainian),
                'ў' => Some(Self::Belarusian),
                'ђ' | 'ј' | 'љ' | 'њ' | 'ћ' | 'џ' | 'ѓ' | 'ќ' | 'ѕ' => Some(Self::SouthSlavic),
                'ә' | 'ғ' | 'қ' | 'ң' | 'ө' | 'ұ' | 'ү' => Some(Self::Kazakh),
                _ => None,
            })
            .unwrap_or(Self::Russian)
    }

    /// A lower-case letter in Latin. `before` and `after` are its neighbours, lower-case, when they are letters.
    /// `None` for what is no Cyrillic letter that any of the tables knows.
    fn latin(self, letter: char, before: Option<char>, after: Option<char>) -> Option<&'static str> {
        let own = match self {
            Self::Russian => None,
            Self::Ukrainian => ukrainian(letter, before),
            Self::Bulgarian => bulgarian(letter, before, after),
            Self::SouthSlavic => south_slavic(letter),
            Self::Belarusian => belarusian(letter, before),
            Self::Kazakh => kazakh(letter),
        };
        own.or_else(|| russian(letter)).or_else(|| other_cyrillic(letter))
    }
}

/// The everyday press spelling of Russian, which also serves for Cyrillic of no known language.
fn russian(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' => "e",
        'ё' => "yo",
        'ж' => "zh",
        'з' => "z",
        'и' => "i",
        'й' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ы' => "y",
        'э' => "e",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

/// The Ukrainian table, resolution 55 of the Cabinet of Ministers of 27 January 2010.
fn ukrainian(letter: char, before: Option<char>) -> Option<&'static str> {
    let first = before.is_none();
    Some(match letter {
        'г' if before == Some('з') => "gh",
        'г' => "h",
        'ґ' => "g",
        'є' if first => "ye",
        'є' => "ie",
        'и' => "y",
        'і' => "i",
        'ї' if first => "yi",
        'ї' => "i",
        'й' if first => "y",
        'й' => "i",
        'ю' if first => "yu",
        'ю' => "iu",
        'я' if first => "ya",
        'я' => "ia",
        _ => return None,
    })
}

/// The Streamlined System of the Bulgarian Transliteration Act of 2009.
fn bulgarian(letter: char, before: Option<char>, after: Option<char>) -> Option<&'static str> {
    Some(match letter {
        'х' => "h",
        'щ' => "sht",
        'ъ' => "a",
        'ь' => "y",
        'я' if before == Some('и') && after.is_none() => "a",
        _ => return None,
    })
}

/// Gaj's Latin alphabet without its diacritics, and the Macedonian letters.
fn south_slavic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ђ' => "dj",
        'ж' => "z",
        'ј' => "j",
        'љ' => "lj",
        'њ' => "nj",
        'ћ' | 'ч' | 'ц' => "c",
        'х' => "h",
        'џ' => "dz",
        'ш' => "s",
        'ѓ' => "gj",
        'ќ' => "kj",
        'ѕ' => "dz",
        _ => return None,
    })
}

/// The spelling of Belarusian that the press uses in English.
fn belarusian(letter: char, before: Option<char>) -> Option<&'static str> {
    let opens = before.is_none_or(|c| "аеёіоуыэюяўь".contains(c));
    Some(match letter {
        'г' => "h",
        'е' if opens => "ye",
        'і' => "i",
        'ў' => "u",
        _ => return None,
    })
}

/// The letters that Kazakh adds, near to its Latin alphabet of 2021 without the diacritics.
fn kazakh(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ә' => "a",
        'ғ' => "g",
        'қ' => "q",
        'ң' => "n",
        'ө' => "o",
        'ұ' | 'ү' => "u",
        'һ' => "h",
        'і' => "i",
        _ => return None,
    })
}

/// Letters of one Cyrillic language inside a text of another.
fn other_cyrillic(letter: char) -> Option<&'static str> {
    match letter {
        'є' => Some("ie"),
        'ї' => Some("i"),
        'ґ' => Some("g"),
        'ў' => Some("u"),
        _ => south_slavic(letter).or_else(|| kazakh(letter)),
    }
}

/// The long vowels and the silent letters of Arabic and Hebrew, for which the general table has apostrophes and signs.
fn semitic(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ا' | 'أ' | 'آ' | 'ٱ' | 'ى' | 'ة' | 'א' => "a",
        'إ' => "i",
        'ؤ' => "u",
        'ئ' => "y",
        'ء' | 'ع' | 'ע' => "",
        _ => return None,
    })
}

/// German writes its umlauts out; elsewhere the dots are dropped.
fn umlaut(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ä' => "ae",
        'ö' => "oe",
        'ü' => "ue",
        _ => return None,
    })
}

/// Signs that belong to a word and have no sound of their own: apostrophes, modifier letters such as ayin and hamza.
fn is_silent(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | '＇' | '\u{2b0}'..='\u{2ff}' | '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// Pictures and their modifiers, which the general table would name in English in the middle of any language.
fn is_pictogram(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{e01ef}')
}

/// Calls `emit` with each piece of the text in ASCII, in order; `" "` where a word ends. Stops when `emit` says so by
/// answering `false`.
pub(super) fn for_each_piece(text: &str, language: Option<&str>, mut emit: impl FnMut(&str) -> bool) {
    let table = Cyrillic::of(text, language);
    let german = language.is_some_and(|tag| tag.split(['-', '_']).next().is_some_and(|l| l.eq_ignore_ascii_case("de")));
    let letters: Vec<char> = text.nfc().flat_map(char::to_lowercase).filter(|c| !is_silent(*c)).collect();
    let mut before = None;
    for (at, &letter) in letters.iter().enumerate() {
        let after = letters.get(at + 1).copied().filter(|c| c.is_alphabetic());
        let piece: Cow<'static, str> = if let Some(latin) = table.latin(letter, before, after) {
            latin.into()
        } else if let Some(latin) = semitic(letter).or_else(|| german.then(|| umlaut(letter)).flatten()) {
            latin.into()
        } else {
            general(letter)
        };
        if !emit(&piece) {
            return;
        }
        before = Some(letter).filter(|c| c.is_alphabetic());
    }
}

fn general(letter: char) -> Cow<'static, str> {
    if is_pictogram(letter) {
        return " ".into();
    }
    match deunicode::deunicode_char(letter) {
        None => " ".into(),
        // For a letter, signs in the table stand for sounds that have no Latin letter: they do not end a word.
        Some(ascii) if letter.is_alphabetic() && ascii.contains(|c: char| c.is_ascii_punctuation()) => {
            ascii.chars().filter(|c| !c.is_ascii_punctuation()).collect::<String>().into()
        }
        Some(ascii) => ascii.into(),
    }
}
