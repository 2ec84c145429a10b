//! Passwords: what a new one must be, and the bytes of one that is offered at the door.
//! Never trims, normalises, shows or serialises one; hashing and comparing belong to identity.

use super::{Email, Invalid};
use std::fmt;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use zeroize::Zeroizing;

/// Well-known passwords that are long enough to be chosen, one a line, in lower case and without spaces.
const KNOWN: &str = include_str!("known_passwords.txt");

/// Words around which people build passwords: with nothing but digits and signs beside them they are among the first
/// that are tried. The product's own name is one.
const STEMS: [&str; 30] = [
    "masthead",
    "password",
    "passwort",
    "passwd",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pa$$word",
    "contrasena",
    "motdepasse",
    "qwerty",
    "azerty",
    "qwertz",
    "welcome",
    "letmein",
    "changeme",
    "iloveyou",
    "administrator",
    "admin",
    "editor",
    "newsroom",
    "secret",
    "default",
    "monkey",
    "dragon",
    "football",
    "sunshine",
    "princess",
    "пароль",
    "йцукен",
];

/// Rows of keys; a finger that goes along a row, or to the nearest key of the next, makes a walk.
const ROWS: [&str; 4] = ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"];

/// A new password: 15 to 128 characters of any kind, kept exactly as typed.
///
/// The rules are those of NIST SP 800-63B-4, section 3.1.1: length, a list of what is commonly used, expected or
/// compromised, and no rules of composition.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// In characters (Unicode scalar values).
    pub const MIN: usize = 15;
    /// In characters; four bytes each at most, so that hashing stays cheap.
    pub const MAX: usize = 128;

    /// Parses a new password. Whether it repeats its owner's address is asked by [`Password::differs_from`].
    ///
    /// # Errors
    /// `too_short`, `too_long` or `too_guessable`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // Counted to the limit only: what is offered may be megabytes.
        let length = text.chars().take(Self::MAX + 1).count();
        if length > Self::MAX {
            return Err(Invalid::too_long(Self::MAX));
        }
        if length < Self::MIN {
            let detail = format!("Choose a password of at least {} characters; a few words do well.", Self::MIN);
            return Err(Invalid::new("too_short", detail));
        }
        if is_guessable(text) {
            return Err(guessable("Choose another password: this one is well known or follows a simple pattern."));
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Refuses a password that is its owner's address, or the part before the `@`, with nothing but digits and signs.
    ///
    /// # Errors
    /// `too_guessable`.
    pub fn differs_from(&self, owner: &Email) -> Result<(), Invalid> {
        let password = letters_of(&self.0);
        let [whole, local] = [owner.as_str(), owner.local_part()].map(letters_of);
        let repeats = |word: &str| !word.is_empty() && !password.is_empty() && password.replace(word, "").is_empty();
        if repeats(&whole) || repeats(&local) || self.0.eq_ignore_ascii_case(owner.as_str()) {
            return Err(guessable("Choose a password that is not made of your e-mail address."));
        }
        Ok(())
    }

    /// The password, for hashing and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A password offered to log in: any text of 1 to 128 characters.
///
/// It is not measured by the rules for new ones, which would tell a stranger something about the accounts; but what is
/// too long for any account is refused before anything is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordAttempt(Zeroizing<String>);

impl PasswordAttempt {
    /// Parses an offered password.
    ///
    /// # Errors
    /// `required` or `too_long`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::required("Give the password."));
        }
        if text.chars().nth(Password::MAX).is_some() {
            return Err(Invalid::too_long(Password::MAX));
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The password, for checking and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn guessable(detail: &str) -> Invalid {
    Invalid::new("too_guessable", detail)
}

fn letters_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

fn is_guessable(text: &str) -> bool {
    let folded: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    is_repetition(&folded) || is_walk(&folded) || is_known(&folded.iter().collect::<String>())
}

/// One short piece over and over: `abcabcabcabcabc`, `passwordpassword`. A piece longer than twelve characters is
/// enough of a secret by itself.
fn is_repetition(text: &[char]) -> bool {
    (1..=12.min(text.len() / 2)).any(|size| {
        let piece = text.get(..size).unwrap_or_default();
        text.chunks(size).all(|chunk| piece.starts_with(chunk))
    })
}

/// Mostly steps to the same, the next or the previous character, in the alphabet or on the keyboard: fewer turns than
/// one in every four characters.
fn is_walk(text: &[char]) -> bool {
    let turns = text.windows(2).filter(|pair| !matches!(pair, [a, b] if is_step(*a, *b))).count();
    (turns + 1) * 4 <= text.len()
}

fn is_step(a: char, b: char) -> bool {
    if (u32::from(a)).abs_diff(u32::from(b)) <= 1 || matches!((a, b), ('9', '0') | ('0', '9')) {
        return true;
    }
    match (key_of(a), key_of(b)) {
        (Some((row, column)), Some((other_row, other_column))) => row.abs_diff(other_row) <= 1 && column.abs_diff(other_column) <= 1,
        _ => false,
    }
}

fn key_of(c: char) -> Option<(usize, usize)> {
    ROWS.iter().enumerate().find_map(|(row, keys)| keys.chars().position(|key| key == c).map(|column| (row, column)))
}

/// On the list, or a stem with nothing beside it but digits, signs and other stems.
fn is_known(text: &str) -> bool {
    if KNOWN.lines().any(|known| known == text) {
        return true;
    }
    let mut rest = text.to_owned();
    for stem in STEMS {
        rest = rest.replace(stem, "");
    }
    rest.len() < text.len() && !rest.chars().any(char::is_alphabetic)
}

/// Prints nothing of what it holds, and takes it from JSON but never gives it back.
macro_rules! secret {
    ($name:ident, $min:expr, $description:literal) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Zeroizing::new(String::deserialize(deserializer)?);
                Self::parse(&text).map_err(Invalid::into_serde)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
                    .min_length(Some($min))
                    .max_length(Some(Password::MAX))
                    .write_only(true)
                    .description(Some($description))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

secret!(Password, Password::MIN, "A new password: any characters, kept as typed; well-known and simple ones are refused.");
secret!(PasswordAttempt, 1, "The password, exactly as it was set.");

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Password::parse(text).map_or_else(|invalid| invalid.code, |_| "taken")
    }

    #[test]
    fn length_is_the_only_rule_of_form() {
        assert_eq!(code("seven77"), "too_short");
        assert_eq!(code("qhfjwkxmznbvpt"), "too_short");
        for text in [
            "vkqjhwtxznbmpfg",
            "correct otter bridge lamp",
            "пароль для редакции",
            "🦊🌊🧭🎻🪁🦉🌵🍋🚲🗺🎲🧩🪐🦀🍀",
            " leading and trailing ",
            "mastheads never sleep at night",
            "my password is unguessable",
            "Tr0ub4dor&3-and-friends",
        ] {
            assert_eq!(code(text), "taken", "{text}");
        }
        for length in [64, 128] {
            let varied: String = "the lighthouse keeper's seven umbrellas ".chars().cycle().take(length).collect();
            assert_eq!(code(&varied), "taken");
        }
        assert_eq!(code(&"xk".repeat(65)), "too_long");
        assert_eq!(code(&"x".repeat(10_000_000)), "too_long");
    }

    #[test]
    fn well_known_and_simple_ones_are_refused() {
        for text in [
            "123456789012345",
            "passwordpassword",
            "aaaaaaaaaaaaaaa",
            "abcabcabcabcabc",
            "abcdefghijklmno",
            "987654321098765",
            "qwertyuiopasdfgh",
            "1qaz2wsx3edc4rfv",
            "1q2w3e4r5t6y7u8i9o",
            "qwerty1234567890",
            "zyxwvutsrqponml",
            "абвгдежзийклмно",
            "masthead1234567",
            "Masthead-2026!!!!",
            "MASTHEAD20262026",
            "password12345678",
            "Password!!!!!!!!!",
            "welcome2026welcome",
            "correct horse battery staple",
            "CorrectHorseBatteryStaple",
            "editor masthead 7",
            "p@ssw0rdp@ssw0rd",
        ] {
            assert_eq!(code(text), "too_guessable", "{text}");
        }
    }

    #[test]
    fn the_list_holds_what_its_rule_says() {
        for known in KNOWN.lines() {
            assert!(known.chars().count() >= Password::MIN, "{known} is refused for its length already");
            assert!(!known.contains(|c: char| c.is_whitespace() || c.is_uppercase()), "{known} would never match");
        }
    }

    #[test]
    fn is_kept_verbatim() {
        for text in ["  spaces at both ends  ", "Cafe\u{301} au lait et brioche", "Café au lait et brioche"] {
            assert_eq!(Password::parse(text).unwrap().expose(), text);
            assert_eq!(PasswordAttempt::parse(text).unwrap().expose(), text);
        }
    }

    #[test]
    fn the_owners_address_is_no_password() {
        let owner = Email::parse("margaret.okonkwo@example.org").unwrap();
        for text in ["margaret.okonkwo", "MargaretOkonkwo2026!", "margaret.okonkwo@example.org", "margaretokonkwo-margaretokonkwo"] {
            let password = Password::parse(text).unwrap();
            assert_eq!(password.differs_from(&owner).unwrap_err().code, "too_guessable", "{text}");
        }
        for text in ["margaret likes 9 lamps", "83 74 65 01 92 83 74", "🦊🌊🧭🎻🪁🦉🌵🍋🚲🗺🎲🧩🪐🦀🍀"] {
            assert!(Password::parse(text).unwrap().differs_from(&owner).is_ok(), "{text}");
        }
        let digits = Email::parse("1234@example.org").unwrap();
        assert!(Password::parse("vkqjhwtxznbmpfg").unwrap().differs_from(&digits).is_ok());
    }

    #[test]
    fn debug_and_errors_show_nothing() {
        let password = Password::parse("vkqjhwtxznbmpfg").unwrap();
        assert_eq!(format!("{password:?}"), "Password(…)");
        let error = serde_json::from_str::<Password>("\"masthead1234567\"").unwrap_err().to_string();
        assert!(!error.contains("1234567"), "{error}");
        assert_eq!(Invalid::in_message(&error).unwrap().code, "too_guessable");
    }

    #[test]
    fn an_attempt_is_bounded_and_nothing_more() {
        assert!(PasswordAttempt::parse("short").is_ok());
        assert_eq!(PasswordAttempt::parse("").unwrap_err().code, "required");
        assert_eq!(PasswordAttempt::parse(&"x".repeat(1_000_000)).unwrap_err().code, "too_long");
    }
}
