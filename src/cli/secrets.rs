//! Secrets that are made once and kept in the data directory, readable by its owner alone: the signing key and the first
//! administrator's password. Only for the embedded database; with a server of one's own they are settings.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::Rng;

use crate::config::Config;

/// The file of the signing key.
const SIGNING_KEY: &str = "signing.key";
/// The file of the first administrator's password.
const ADMIN_PASSWORD: &str = "admin-password";

/// The signing keys, the one that signs first: from the settings, or with the embedded database one that is kept.
///
/// # Errors
/// A sentence that says what to set.
pub fn signing_keys(config: &Config) -> Result<Vec<String>, String> {
    let set = config.signing_keys();
    if !set.is_empty() {
        return Ok(set);
    }
    if config.signing_key.is_some() {
        return Err("MASTHEAD_SIGNING_KEY is empty: set it to 32 bytes or more, for example to the output of `openssl rand -hex 32`".into());
    }
    if config.database_url.is_some() {
        return Err("With DATABASE_URL a signing key is needed, the same for every replica: set MASTHEAD_SIGNING_KEY, for example to the output of `openssl rand -hex 32`".into());
    }
    fs::create_dir_all(&config.data_dir).map_err(|error| format!("The data directory {} cannot be made: {error}", config.data_dir.display()))?;
    Ok(vec![kept(&config.data_dir.join(SIGNING_KEY), &random_hex(32))?])
}

/// Where the first administrator's password is kept.
#[must_use]
pub fn admin_password_file(config: &Config) -> PathBuf {
    config.data_dir.join(ADMIN_PASSWORD)
}

/// A password nobody could guess: 120 bits in letters that are hard to confuse.
#[must_use]
pub fn random_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 24];
    rand::rng().fill_bytes(&mut bytes);
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('x', char::from);
    bytes.chunks(6).map(|group| group.iter().map(letter).collect::<String>()).collect::<Vec<_>>().join("-")
}

fn random_hex(bytes: usize) -> String {
    let mut random = vec![0_u8; bytes];
    rand::rng().fill_bytes(&mut random);
    random.iter().fold(String::new(), |mut text, byte| {
        let _writing_to_a_string = write!(text, "{byte:02x}");
        text
    })
}

/// The secret in the file; `fresh`, now kept there, when there is no such file. Whole or not there, however this ends.
///
/// # Errors
/// A sentence when the file can be neither read nor made.
pub fn kept(path: &Path, fresh: &str) -> Result<String, String> {
    let refused = |error: std::io::Error| format!("{} cannot be used: {error}", path.display());
    if !path.exists() {
        let unfinished = path.with_extension(format!("{}-unfinished", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).map_err(refused)?;
        file.write_all(fresh.as_bytes()).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all()).map_err(refused)?;
        hand_to_owner_of_folder(&unfinished).map_err(refused)?;
        // A link fails where another process was faster, whose secret is then the one that counts.
        let linked = fs::hard_link(&unfinished, path);
        fs::remove_file(&unfinished).map_err(refused)?;
        if let Err(error) = linked
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(refused(error));
        }
    }
    fs::read_to_string(path).map(|text| text.trim().to_owned()).map_err(refused)
}

/// What root makes in somebody's folder belongs to them, so that they can go on without root.
fn hand_to_owner_of_folder(path: &Path) -> std::io::Result<()> {
    let folder = fs::metadata(path.parent().unwrap_or_else(|| Path::new(".")))?;
    if nix::unistd::geteuid().is_root() && folder.uid() != 0 {
        std::os::unix::fs::lchown(path, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_its_owners_alone() {
        let folder = std::env::temp_dir().join(format!("masthead-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("signing.key");
        assert_eq!(kept(&path, "first").unwrap(), "first");
        assert_eq!(kept(&path, "second").unwrap(), "first");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let (one, other) = (random_password(), random_password());
        assert_eq!(one.len(), 27);
        assert_ne!(one, other);
    }

    #[test]
    fn a_server_of_ones_own_needs_a_key_of_ones_own() {
        let config = Config::from_flags(&["--database-url", "postgres://h/d"]).unwrap();
        assert!(signing_keys(&config).unwrap_err().contains("MASTHEAD_SIGNING_KEY"));
    }
}
