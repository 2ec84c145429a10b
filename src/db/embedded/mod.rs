//! Owns the PostgreSQL server that masthead runs by itself when no DATABASE_URL is given, so that a first start needs
//! nothing but an installed PostgreSQL. Creates no database inside it and knows no table.
//!
//! Several processes may use one data directory: the first starts the server, the others adopt it, the last to leave
//! stops it. A server left behind by a killed process is adopted by the next. Everything here blocks.

mod account;
mod cluster;
mod error;
mod find;
mod install_hint;
mod lock;
mod place;
mod postmaster;
mod settings;
mod throwaway;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub use error::EmbeddedError;
pub use lock::InstanceLock;

use cluster::Server;
use lock::{Lease, Turn};
use place::Place;
use postmaster::DEFAULT_PORT;
use throwaway::ThrowAway;

/// How the embedded server is found and run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder of PostgreSQL's programs; when given, no other place is searched.
    pub pg_bin_dir: Option<PathBuf>,
    /// A TCP port on localhost to open besides the socket, for database tools. They log in as `postgres` with the
    /// password in [`Embedded::password_file`].
    pub pg_port: Option<u16>,
    /// Whether the data may be lost when the machine stops: several times faster, for tests only.
    pub throw_away: bool,
    /// The value of PATH to search for PostgreSQL's programs.
    pub path: Option<OsString>,
    /// The folder for short-lived files, `/tmp` by default.
    pub temp_dir: Option<PathBuf>,
}

/// How a server came to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// The database was made just now; it is empty.
    Created,
    /// The server was started on an existing database.
    Started,
    /// The server was running already.
    Adopted,
}

/// What became of the server when this process left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It was stopped.
    Server,
    /// It keeps running, because other processes use it.
    LeftToOthers,
}

/// A running embedded server, used by this process until [`Embedded::stop`] or drop.
///
/// A process that exits without dropping it leaves the server running for the next one to adopt.
#[derive(Debug)]
pub struct Embedded {
    place: Place,
    options: Options,
    turn_file: PathBuf,
    server: Server,
    lease: Option<Lease>,
    /// Dropped last, when the server has ended.
    _throw_away: Option<ThrowAway>,
}

impl Embedded {
    /// Runs the database of `data_dir`: makes both if they do not exist, starts the server or adopts a running one, and
    /// waits until it answers.
    ///
    /// # Errors
    /// Each [`EmbeddedError`] says what to do about it.
    pub fn start(data_dir: &Path, options: &Options) -> Result<Self, EmbeddedError> {
        Self::start_in(data_dir, options.clone(), None)
    }

    /// Runs a new, empty database for tests, in memory where there is room. It is gone with this process, however that
    /// ends: dropped, exited, or killed.
    ///
    /// # Errors
    /// As [`Embedded::start`].
    pub fn throw_away(options: &Options) -> Result<Self, EmbeddedError> {
        let throw_away = ThrowAway::make(options)?;
        let options = Options { throw_away: true, ..options.clone() };
        Self::start_in(&throw_away.folder.clone(), options, Some(throw_away))
    }

    fn start_in(data_dir: &Path, options: Options, throw_away: Option<ThrowAway>) -> Result<Self, EmbeddedError> {
        let data_dir = lock::make_data_dir(data_dir)?;
        let turn_file = place::turn_file(&data_dir);
        let _turn = Turn::wait(&turn_file)?;
        let lease = Lease::take(&place::lease_file(&data_dir))?;
        let place = Place::choose(&data_dir)?;
        let mut server = Server::bring_up(&place, &options)?;
        if !serves_as_asked(&server, &options) {
            if lease.is_the_only_one()? {
                server.shut_down(&place)?;
                server = Server::bring_up(&place, &options)?;
            } else if options.pg_port.is_some() {
                tracing::warn!("another process runs the database: its port stays as that one has set it");
            }
        }
        Ok(Self { place, options, turn_file, server, lease: Some(lease), _throw_away: throw_away })
    }

    /// Starts the server again if it has died, for example killed for lack of memory; tells whether that was needed.
    ///
    /// # Errors
    /// As [`Embedded::start`].
    pub fn ensure_running(&mut self) -> Result<bool, EmbeddedError> {
        let _turn = Turn::wait(&self.turn_file)?;
        let server = Server::bring_up(&self.place, &self.options)?;
        if server.started == Started::Adopted && server.file.pid == self.server.file.pid {
            return Ok(false);
        }
        self.server = server;
        Ok(true)
    }

    /// Leaves the server, and stops it if no other process uses it: fast, without waiting for sessions to end, but
    /// with everything committed on disk.
    ///
    /// # Errors
    /// [`EmbeddedError::Stop`] when the server does not end within half a minute.
    pub fn stop(mut self) -> Result<Stopped, EmbeddedError> {
        self.leave()
    }

    fn leave(&mut self) -> Result<Stopped, EmbeddedError> {
        let Some(lease) = self.lease.take() else {
            return Ok(Stopped::LeftToOthers);
        };
        let _turn = Turn::wait(&self.turn_file)?;
        if !lease.give_back()? {
            return Ok(Stopped::LeftToOthers);
        }
        self.server.shut_down(&self.place)?;
        Ok(Stopped::Server)
    }

    /// The connection string of `database` for libpq: user `postgres`, over the socket, without a password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        place::url(self.socket_dir(), self.port(), database)
    }

    /// The number in the socket's name, and the TCP port if one was asked for.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.file.port
    }

    /// The folder of the socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.server.file.socket_dir
    }

    /// PostgreSQL's own folder: below the data directory, or where root could make one that its account can enter.
    #[must_use]
    pub fn cluster_dir(&self) -> &Path {
        &self.place.cluster
    }

    /// What the server prints.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.place.log
    }

    /// The file that holds the password for TCP connections.
    #[must_use]
    pub fn password_file(&self) -> PathBuf {
        self.place.password_file()
    }

    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.file.pid
    }

    /// How the server came to run.
    #[must_use]
    pub fn started(&self) -> Started {
        self.server.started
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the embedded database was not stopped");
        }
    }
}

/// A server left behind by a killed process may listen where the operator no longer wants it to, or the other way round.
fn serves_as_asked(server: &Server, options: &Options) -> bool {
    server.file.port == options.pg_port.unwrap_or(DEFAULT_PORT) && server.file.listens_on_tcp == options.pg_port.is_some()
}
