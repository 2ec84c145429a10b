//! Owns where things lie: the database's folder, its socket, its log and locks, and what to do when the folder asked for
//! cannot be used. Creates folders; starts nothing.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use super::account::{self, Account};
use super::error::{EmbeddedError, While};
use super::postmaster::DEFAULT_PORT;

/// Where root puts a database whose account cannot enter the data directory.
const FOR_UNREACHABLE: &str = "/var/lib/masthead";

/// Socket addresses hold 104 to 108 bytes depending on the system; the file's name and a separator take 17 of them.
const LONGEST_SOCKET_DIR: usize = 84;

/// The files of one embedded database.
#[derive(Debug)]
pub(super) struct Place {
    /// PostgreSQL's own folder.
    pub(super) cluster: PathBuf,
    /// What the server prints.
    pub(super) log: PathBuf,
    /// As whom the server runs, when not as ourselves.
    pub(super) account: Option<Account>,
}

/// The lock files, known before anything else is.
pub(super) fn turn_file(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres.lock")
}

/// See [`turn_file`].
pub(super) fn lease_file(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres.lease")
}

impl Place {
    /// Decides where the database of `data_dir` (a real path) lies. Only for whoever has the turn.
    ///
    /// A database that exists stays where it is, even if today another place would be chosen.
    pub(super) fn choose(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let here = data_dir.join("postgres");
        let elsewhere = Path::new(FOR_UNREACHABLE).join(slug(data_dir)).join("postgres");
        let is_root = geteuid().is_root();
        let cluster = if made_by(&here).is_none() && is_root && made_by(&elsewhere).is_some() { elsewhere.clone() } else { here.clone() };
        let mut place = Self { account: Account::choose(&cluster)?, cluster, log: data_dir.join("postgres.log") };
        if made_by(&place.cluster).is_none()
            && let Some(account) = &place.account
            && !(account.reaches(data_dir) && can_be_given(data_dir, account))
        {
            tracing::warn!("the account {} cannot use {}: the database is kept in {}", account.name, here.display(), elsewhere.display());
            make_passable(&elsewhere)?;
            place.cluster = elsewhere;
        }
        Ok(place)
    }

    /// Makes the folder that a new database is made in, so that a broken-off attempt is never taken for a database.
    ///
    /// Each process has a name of its own for it: the `initdb` of a killed one may still be writing to the other.
    pub(super) fn make_unfinished(&self) -> Result<PathBuf, EmbeddedError> {
        let beside = self.cluster.parent().unwrap_or(&self.cluster);
        for entry in fs::read_dir(beside).into_iter().flatten().flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(b"postgres.init-") {
                let _tidying_may_fail = fs::remove_dir_all(entry.path());
            }
        }
        let folder = self.cluster.with_extension(format!("init-{}", std::process::id()));
        private_folder(&folder, self.account.as_ref())?;
        Ok(folder)
    }

    /// The password that TCP connections need; the socket needs none.
    pub(super) fn password_file(&self) -> PathBuf {
        self.cluster.with_extension("password")
    }

    /// The folder for the socket: inside the private folder of the database, unless its name is too long for a socket.
    pub(super) fn socket_dir(&self, temp_dir: &Path) -> Result<PathBuf, EmbeddedError> {
        let name = self.cluster.as_os_str().as_encoded_bytes();
        // A comma would separate two hosts in a connection string.
        if name.len() <= LONGEST_SOCKET_DIR && !name.contains(&b',') {
            return Ok(self.cluster.clone());
        }
        let short = temp_dir.join(format!("masthead-{:016x}", fingerprint(name)));
        let reachable = |folder: &Path| folder.as_os_str().len() <= LONGEST_SOCKET_DIR && self.account.as_ref().is_none_or(|account| account.reaches(temp_dir));
        let folder = if reachable(&short) { short } else { Path::new("/tmp").join(short.file_name().unwrap_or_default()) };
        private_folder(&folder, self.account.as_ref())?;
        Ok(folder)
    }
}

/// The major version of the database in `cluster`, `None` when there is no database.
pub(super) fn made_by(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Makes or re-uses a folder that only the server's account may enter, in a place where others can write.
pub(super) fn private_folder(folder: &Path, account: Option<&Account>) -> Result<(), EmbeddedError> {
    match fs::create_dir(folder) {
        Ok(()) => account::give(folder, account)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(folder).while_doing("look at", folder)?;
            let owner = account.map_or_else(|| geteuid().as_raw(), |account| account.uid);
            if !found.is_dir() || found.uid() != owner {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied)).while_doing("use somebody else's", folder);
            }
        }
        Err(error) => return Err(error).while_doing("create", folder),
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700)).while_doing("set the permissions of", folder)
}

/// Some mounted file systems let even root not change owners.
fn can_be_given(data_dir: &Path, account: &Account) -> bool {
    let probe = data_dir.join("postgres.probe");
    let given = fs::create_dir(&probe).is_ok() && account::give(&probe, Some(account)).is_ok() && fs::metadata(&probe).is_ok_and(|folder| folder.uid() == account.uid);
    // Left over from a broken-off attempt or made just now: it is empty either way.
    fs::remove_dir(&probe).is_ok() && given
}

fn make_passable(cluster: &Path) -> Result<(), EmbeddedError> {
    let Some(folder) = cluster.parent() else {
        return Ok(());
    };
    fs::create_dir_all(folder).while_doing("create", folder)?;
    for step in folder.ancestors().take_while(|step| step.starts_with(FOR_UNREACHABLE)) {
        fs::set_permissions(step, Permissions::from_mode(0o711)).while_doing("set the permissions of", step)?;
    }
    Ok(())
}

/// A readable name for a path, made unique by a fingerprint of the whole.
fn slug(path: &Path) -> String {
    let mut slug: String =
        path.to_string_lossy().trim_start_matches('/').chars().take(60).map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' }).collect();
    // Writing to a String cannot fail.
    let _infallible = write!(slug, "-{:016x}", fingerprint(path.as_os_str().as_encoded_bytes()));
    slug
}

/// FNV-1a: short and the same in every version of this program; nothing secret depends on it.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The connection string for the socket in `socket_dir`, as libpq reads it.
pub(super) fn url(socket_dir: &Path, port: u16, database: &str) -> String {
    let host = percent_encoded(socket_dir.as_os_str().as_encoded_bytes());
    let database = percent_encoded(database.as_bytes());
    if port == DEFAULT_PORT { format!("postgresql://postgres@{host}/{database}") } else { format!("postgresql://postgres@{host}:{port}/{database}") }
}

/// Everything but RFC 3986's unreserved characters.
fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cluster: &str) -> Place {
        Place { cluster: cluster.into(), log: "/log".into(), account: None }
    }

    #[test]
    fn urls_survive_any_path() {
        assert_eq!(url(Path::new("/srv/my news/é"), 5432, "masthead"), "postgresql://postgres@%2Fsrv%2Fmy%20news%2F%C3%A9/masthead");
        assert_eq!(url(Path::new("/a"), 5444, "a/b?c#d%"), "postgresql://postgres@%2Fa:5444/a%2Fb%3Fc%23d%25");
    }

    #[test]
    fn short_paths_keep_their_socket_inside() {
        let short = place("/srv/news/postgres");
        assert_eq!(short.socket_dir(Path::new("/t")).unwrap(), short.cluster);
    }

    #[test]
    fn long_paths_and_commas_get_a_private_folder_for_the_socket() {
        let temp = std::env::temp_dir();
        let run = std::process::id();
        for cluster in [format!("/{run}{}", "/x".repeat(60)), format!("/srv/{run},b")] {
            let folder = place(&cluster).socket_dir(&temp).unwrap();
            let mode = fs::metadata(&folder).unwrap().mode();
            fs::remove_dir(&folder).unwrap();
            assert_ne!(folder, Path::new(&cluster));
            assert!(folder.as_os_str().len() <= LONGEST_SOCKET_DIR);
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn a_planted_socket_folder_is_refused() {
        let temp = std::env::temp_dir().join(format!("masthead-place-{}", std::process::id()));
        fs::create_dir_all(&temp).unwrap();
        let long = place(&"/y".repeat(60));
        let honest = long.socket_dir(&temp).unwrap();
        fs::remove_dir(&honest).unwrap();
        std::os::unix::fs::symlink("/", &honest).unwrap();
        let refused = private_folder(&honest, None);
        fs::remove_dir_all(&temp).unwrap();
        assert!(refused.is_err());
    }

    #[test]
    fn slugs_are_readable_and_distinct() {
        let slug_of = |path: &str| slug(Path::new(path));
        assert!(slug_of("/home/Ana Vuk/news").starts_with("home-Ana-Vuk-news-"));
        assert_ne!(slug_of("/a/b"), slug_of("/a-b"));
        assert!(slug_of(&"/long".repeat(99)).len() < 80);
    }
}
