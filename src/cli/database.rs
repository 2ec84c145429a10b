//! Which database a command works with: the embedded one of the data directory, or the server that DATABASE_URL names.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;

use crate::config::Config;
use crate::db::Db;
use crate::db::embedded::{Embedded, Options};

/// The database that is ours in the embedded server.
const NAME: &str = "masthead";

/// A database to work with. The embedded server stays up for as long as this lives.
pub struct Database {
    /// Its URL for libpq.
    pub url: String,
    /// The server, when it is ours.
    pub embedded: Option<Embedded>,
}

impl Database {
    /// Starts or adopts the embedded server and makes our database in it; with DATABASE_URL only remembers that. Blocks.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn open(config: &Config) -> Result<Self, String> {
        if let Some(url) = &config.database_url {
            return Ok(Self { url: patient(checked(url.expose())?), embedded: None });
        }
        let options =
            Options { pg_bin_dir: config.pg_bin_dir.clone(), pg_port: config.pg_port, throw_away: false, path: crate::config::search_path(), temp_dir: crate::config::temp_dir() };
        let embedded = Embedded::start(&config.data_dir, &options).map_err(|error| error.to_string())?;
        let mut conn = Db::connect(&embedded.url("postgres"))?;
        match conn.batch_execute(&format!("CREATE DATABASE {NAME}")) {
            Err(error) if !error.to_string().contains("already exists") && !error.to_string().contains("pg_database_datname_index") => {
                return Err(format!("The database could not be created: {error}"));
            }
            _ => {}
        }
        Ok(Self { url: embedded.url(NAME), embedded: Some(embedded) })
    }

    /// A connection of one's own.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn connect(&self) -> Result<PgConnection, String> {
        Db::connect(&self.url).map_err(|words| cannot_connect(&words))
    }
}

/// A sentence for the operator from libpq's words.
#[must_use]
pub fn cannot_connect(words: &str) -> String {
    let hint = if words.contains("SSL") && cfg!(feature = "bundled-libpq") {
        ". This build has no TLS to the database: build with `--no-default-features --features system-libpq`"
    } else if words.contains("database \"") && words.contains("does not exist") {
        ". Create it, for example with `createdb`, and start again"
    } else {
        ""
    };
    format!("The database that DATABASE_URL names cannot be used: {}{hint}", words.trim().replace('\n', " "))
}

/// Whether trying again cannot help: a wrong password, no such database, a URL that libpq does not understand.
#[must_use]
pub fn is_permanent(words: &str) -> bool {
    const WORDS: &[&str] = &[
        "authentication failed",
        "no password supplied",
        "no pg_hba.conf entry",
        "does not exist",
        "is not permitted to log in",
        "permission denied for database",
        "invalid URI",
        "invalid connection option",
        "invalid percent-encoded",
        "invalid port number",
        "invalid integer value",
        "unexpected character",
        "sslmode",
        "does not support SSL",
        "extra key/value separator",
        "missing key/value separator",
    ];
    // A socket file that "does not exist" yet is a server that has not started.
    WORDS.iter().any(|word| words.contains(word)) && !words.contains("No such file")
}

fn checked(url: &str) -> Result<&str, String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(url);
    }
    Err("DATABASE_URL must begin with postgres:// or postgresql://".to_owned())
}

/// A network that swallows everything must not hold an attempt to connect, or a statement, for minutes: libpq's own
/// settings, in seconds and milliseconds, where the URL does not set them.
fn patient(url: &str) -> String {
    [("connect_timeout", "3"), ("tcp_user_timeout", "5000")].iter().fold(url.to_owned(), |url, (name, value)| {
        let joint = if url.contains('?') { '&' } else { '?' };
        if url.contains(&format!("{name}=")) { url } else { format!("{url}{joint}{name}={value}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_helps_against_some_failures_only() {
        assert!(is_permanent("FATAL:  password authentication failed for user \"app\""));
        assert!(is_permanent("FATAL:  database \"news\" does not exist"));
        assert!(!is_permanent("connection to server on socket \"/run/.s.PGSQL.5432\" failed: No such file or directory Is the server running locally"));
        assert!(!is_permanent("connection refused"));
        assert!(!is_permanent("FATAL:  the database system is starting up"));
    }

    #[test]
    fn an_attempt_to_connect_has_an_end() {
        assert_eq!(patient("postgres://h/d"), "postgres://h/d?connect_timeout=3&tcp_user_timeout=5000");
        assert_eq!(patient("postgres://h/d?connect_timeout=9"), "postgres://h/d?connect_timeout=9&tcp_user_timeout=5000");
        assert!(checked("mysql://h/d").is_err());
    }
}
