//! Password hashes: Argon2id (RFC 9106) with the parameters of the OWASP cheat sheet, a few at a time, off the async
//! threads. The only place that hashes a password; what a password must be is `text::Password`'s affair.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::text::{Password, PasswordAttempt};

/// Kibibytes of memory, passes and lanes.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at work at once: each takes 19 MiB and a core for some 30 ms.
const AT_ONCE: usize = 2;
/// How long one waits for its turn before the caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(3);
/// Compared with where there is no hash, so that an unknown account takes as long as a known one. It is nobody's.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgb3duIHNhbHQ$bm9ib2R5J3Mgb3duIGhhc2gsIG9mIG5vdGhpbmcgISE";

/// Hashes and checks passwords, with a queue in front.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

/// What checking a password has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// It is the one.
    pub matches: bool,
    /// It was hashed with other parameters than today's, and should be hashed anew.
    pub outdated: bool,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub async fn hash(&self, password: Password) -> Result<String> {
        self.work(move || hash(password.expose())).await
    }

    /// The hash, with today's parameters, of a password that has just been found right.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub async fn hash_anew(&self, password: PasswordAttempt) -> Result<String> {
        self.work(move || hash(password.expose())).await
    }

    /// Compares a password with a hash. Without one it takes as long and never matches.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub async fn check(&self, password: PasswordAttempt, hash: Option<String>) -> Result<Verdict> {
        self.work(move || check(password.expose(), hash.as_deref())).await
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await else {
            return Err(Error::unavailable("Too many are signing in at once. Try again in a moment."));
        };
        #[expect(clippy::disallowed_methods, reason = "the one place that hashes passwords; the semaphore bounds it")]
        let outcome = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, also when the request that waits for it is gone.
            let _turn = turn;
            work()
        });
        outcome.await.map_err(Error::internal)?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a new password, made on this very thread: for commands, which have no other work.
///
/// # Errors
/// Only ours.
pub fn hash_here(password: &Password) -> Result<String> {
    hash(password.expose())
}

fn hash(password: &str) -> Result<String> {
    Ok(argon2()?.hash_password(password.as_bytes()).map_err(Error::internal)?.to_string())
}

fn check(password: &str, hash: Option<&str>) -> Result<Verdict> {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODYS)).map_err(Error::internal)?;
    let same = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(Verdict { matches: same && hash.is_some(), outdated: is_outdated(&parsed) })
}

fn is_outdated(hash: &PasswordHash) -> bool {
    let today = Params::new(MEMORY, PASSES, LANES, None).ok();
    let then = Params::try_from(hash).ok();
    let costs = |params: Option<Params>| params.map(|p| (p.m_cost(), p.t_cost(), p.p_cost()));
    hash.algorithm.as_str() != "argon2id" || hash.version != Some(Version::V0x13.into()) || costs(then) != costs(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_the_right_kind_and_matches_the_exact_text_alone() {
        let hundred = "the lighthouse keeper's seven umbrellas were drying by the stove when the mail boat came at last, á";
        let made = hash(hundred).unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert_ne!(made, hash(hundred).unwrap());
        assert_eq!(check(hundred, Some(&made)).unwrap(), Verdict { matches: true, outdated: false });
        let (upper, trimmed, decomposed) = (hundred.to_uppercase(), format!("{hundred} "), hundred.replace('á', "a\u{301}"));
        let late = hundred.replace("last", "lost");
        for other in [upper, trimmed, decomposed, late] {
            assert!(!check(&other, Some(&made)).unwrap().matches, "{other}");
        }
    }

    #[test]
    fn where_there_is_no_hash_nothing_matches() {
        assert!(!check("anything", None).unwrap().matches);
        assert!(!is_outdated(&PasswordHash::new(NOBODYS).unwrap()), "the comparison with nothing must cost what a real one costs");
    }

    #[test]
    fn weaker_parameters_are_noticed() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).unwrap());
        let old = weak.hash_password(b"correct otter bridge lamp").unwrap().to_string();
        assert_eq!(check("correct otter bridge lamp", Some(&old)).unwrap(), Verdict { matches: true, outdated: true });
    }
}
