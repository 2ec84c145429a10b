//! Owns what can go wrong with the embedded server, each said in one sentence a person can act on. Decides nothing.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL server cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// No server programs on this machine.
    NotInstalled {
        /// The oldest major version that will do.
        minimum: u32,
        /// The command that installs it on this system, as a clause.
        install: String,
    },
    /// Only versions that cannot be used were found.
    TooOld {
        /// The oldest major version that will do.
        minimum: u32,
        /// The versions that are here.
        found: String,
        /// The command that installs a newer one, as a clause.
        install: String,
    },
    /// The data belongs to a major version that is not installed.
    WrongMajor {
        /// The folder of the database.
        cluster: PathBuf,
        /// The major version it needs.
        made_by: u32,
        /// The versions that are here.
        found: String,
    },
    /// The folder named by the operator holds no usable server.
    BinDir {
        /// The folder as given.
        folder: PathBuf,
        /// What is missing there.
        why: String,
    },
    /// The account that must run the server cannot reach the programs.
    ProgramsUnreachable {
        /// The account's name.
        account: String,
        /// The folder of the programs.
        folder: PathBuf,
    },
    /// Root needs an unprivileged account to run the server, and there is none.
    NoAccount,
    /// The database belongs to somebody else.
    WrongOwner {
        /// The folder of the database.
        cluster: PathBuf,
        /// The numeric id of its owner.
        owner: u32,
    },
    /// A folder whose name cannot be written into PostgreSQL's own files.
    FolderName {
        /// The folder as given.
        folder: PathBuf,
    },
    /// A second server process on the same data directory.
    InstanceRunning {
        /// The process that holds the directory, when it can be told.
        pid: Option<u32>,
        /// The data directory.
        data_dir: PathBuf,
    },
    /// A server answers in the data directory, but from where this process cannot see it.
    ServedElsewhere {
        /// The folder of the database.
        cluster: PathBuf,
    },
    /// `initdb` failed.
    Create {
        /// The folder that was to hold it.
        cluster: PathBuf,
        /// The last lines it printed.
        output: String,
    },
    /// The server ended while starting.
    Start {
        /// The last lines it printed.
        output: String,
        /// The whole log.
        log: PathBuf,
    },
    /// The server neither became ready nor ended.
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// The whole log.
        log: PathBuf,
    },
    /// The server did not end although it was told to.
    Stop {
        /// Its process id.
        pid: u32,
    },
    /// No folder for short-lived files can be used.
    NoRoom,
    /// The operating system refused something.
    Io {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// To which file or program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Display for EmbeddedError {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled { minimum, install } => write!(
                out,
                "PostgreSQL {minimum} or newer was not found: {install}, name the folder of its programs in MASTHEAD_PG_BIN_DIR, or set DATABASE_URL to a server you run yourself"
            ),
            Self::TooOld { minimum, found, install } => write!(out, "PostgreSQL {minimum} or newer is needed, but only {found} was found: {install}"),
            Self::WrongMajor { cluster, made_by, found } => write!(
                out,
                "the database in {} was made by PostgreSQL {made_by}, but only {found} was found: install PostgreSQL {made_by} or name its folder in MASTHEAD_PG_BIN_DIR",
                cluster.display()
            ),
            Self::BinDir { folder, why } => write!(out, "{} does not hold PostgreSQL's programs: {why}", folder.display()),
            Self::ProgramsUnreachable { account, folder } => write!(
                out,
                "the account {account} that runs the database for root may not enter {}: move PostgreSQL's programs to a folder everybody may enter",
                folder.display()
            ),
            Self::NoAccount => out.write_str(
                "PostgreSQL does not run as root and none of the accounts postgres, _postgres, nobody and daemon exists here: create one, for example with `useradd --system postgres`",
            ),
            Self::WrongOwner { cluster, owner } => write!(
                out,
                "the database in {} belongs to user id {owner}: run masthead as that user, or choose another folder with --data-dir",
                cluster.display()
            ),
            Self::FolderName { folder } => write!(out, "the folder name {folder:?} cannot be used for a database: it contains a line break"),
            Self::InstanceRunning { pid: Some(pid), data_dir } => write!(out, "another masthead (pid {pid}) already serves from {}", data_dir.display()),
            Self::InstanceRunning { pid: None, data_dir } => write!(out, "another masthead already serves from {}", data_dir.display()),
            Self::ServedElsewhere { cluster } => write!(
                out,
                "the database in {} is already served by a process that cannot be seen from here, perhaps in another container: stop that one first",
                cluster.display()
            ),
            Self::Create { cluster, output } => write!(out, "the database could not be created in {}: {output}", cluster.display()),
            Self::Start { output, log } => write!(out, "PostgreSQL could not be started: {output} (more in {})", log.display()),
            Self::NotReady { seconds, log } => write!(out, "PostgreSQL was not ready after {seconds} seconds: see {}", log.display()),
            Self::Stop { pid } => write!(out, "the PostgreSQL server with process id {pid} did not stop"),
            Self::NoRoom => out.write_str("no folder was found for a test database: set TMPDIR to one that every account may enter"),
            Self::Io { doing, path, source } => write!(out, "could not {doing} {}: {source}", path.display()),
        }
    }
}

/// The sentence already contains the cause, so there is no source to follow.
impl std::error::Error for EmbeddedError {}

/// Says what was being done to which path when the system refused.
pub(super) trait While<T> {
    fn while_doing(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError>;
}

impl<T> While<T> for io::Result<T> {
    fn while_doing(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError> {
        self.map_err(|source| EmbeddedError::Io { doing, path: path.to_owned(), source })
    }
}

impl<T> While<T> for nix::Result<T> {
    fn while_doing(self, doing: &'static str, path: &Path) -> Result<T, EmbeddedError> {
        self.map_err(io::Error::from).while_doing(doing, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_instance_is_named() {
        let error = EmbeddedError::InstanceRunning { pid: Some(42), data_dir: "/srv/news".into() };
        assert_eq!(error.to_string(), "another masthead (pid 42) already serves from /srv/news");
    }
}
