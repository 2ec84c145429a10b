//! Secrets that are handed out once and kept only as a digest: refresh tokens, API keys, password-reset tokens, previews.
//! 256 random bits each, so one plain SHA-256 is enough; passwords need more (see `passwords`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What a secret is for; it begins with a word that says so, for scanners of leaked secrets and for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Renews a session, once.
    Refresh,
    /// Stands for an account on a server.
    ApiKey,
    /// Sets a password, once.
    PasswordReset,
    /// Shows an article that is not published yet.
    Preview,
}

impl Purpose {
    /// What every secret of this purpose begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "mhr_",
            Self::ApiKey => "mhk_",
            Self::PasswordReset => "mhs_",
            Self::Preview => "mhp_",
        }
    }
}

/// Bytes of randomness in a secret.
const RANDOM: usize = 32;
/// Characters of a secret that may be shown later, to tell it from others.
const SHOWN: usize = 10;

/// A new secret. Show it once; keep `digest`.
pub struct Minted {
    /// The secret itself.
    pub secret: String,
    /// What is stored.
    pub digest: Vec<u8>,
}

impl Minted {
    /// Makes one from the operating system's randomness.
    #[must_use]
    pub fn new(purpose: Purpose) -> Self {
        let secret = format!("{}{}", purpose.prefix(), URL_SAFE_NO_PAD.encode(rand::random::<[u8; RANDOM]>()));
        Self { digest: digest(&secret), secret }
    }

    /// Its first characters, which may be shown ever after.
    #[must_use]
    pub fn shown(&self) -> String {
        self.secret.chars().take(SHOWN).collect()
    }
}

/// The digest of a secret that is offered, if it has the form of one of this purpose.
#[must_use]
pub fn digest_of(purpose: Purpose, offered: &str) -> Option<Vec<u8>> {
    let random = offered.strip_prefix(purpose.prefix())?;
    (random.len() == RANDOM.div_ceil(3) * 4 - 1 && random.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')).then(|| digest(offered))
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognised_for_its_own_purpose_alone() {
        let minted = Minted::new(Purpose::Refresh);
        assert_eq!(digest_of(Purpose::Refresh, &minted.secret), Some(minted.digest));
        assert_eq!(digest_of(Purpose::ApiKey, &minted.secret), None);
        assert_eq!(digest_of(Purpose::Refresh, &format!("{}x", minted.secret)), None);
        assert_eq!(digest_of(Purpose::Refresh, "mhr_"), None);
        assert_ne!(Minted::new(Purpose::ApiKey).secret, Minted::new(Purpose::ApiKey).secret);
    }

    #[test]
    fn what_is_shown_later_gives_next_to_nothing_away() {
        let minted = Minted::new(Purpose::ApiKey);
        let shown = minted.shown();
        assert!(shown.starts_with("mhk_") && minted.secret.starts_with(&shown));
        assert!(minted.secret.len() - shown.len() > 32);
    }
}
