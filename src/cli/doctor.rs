//! `masthead doctor`: one line a check, each with what to do. Changes nothing but for making the data directory and the
//! embedded database where they are not there yet, and with `--sweep` for removing files that nothing needs.

use std::net::TcpListener;

use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{QueryableByName, RunQueryDsl};

mod media;

use super::database::Database;
use super::{first_admin, secrets};
use crate::config::Config;
use crate::db::{Db, listen, migrate};
use crate::identity::tokens::Keys;
use crate::identity::users::store as users;
use crate::media_files;

/// The oldest major version of PostgreSQL that will do.
const OLDEST: i32 = 15;
/// Milliseconds by which the two clocks may differ before it is worth a word, and before it does harm.
const CLOCK_WORTH_A_WORD: i64 = 1_000;
const CLOCK_HARMFUL: i64 = 30_000;
/// Bytes of free space below which it is worth a word, and below which uploads will soon fail.
const SPACE_WORTH_A_WORD: u64 = 2 << 30;
const SPACE_HARMFUL: u64 = 200 << 20;

/// What is looked at besides.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Compare every stored file with what the database needs, and name what is missing or needed by nothing.
    #[arg(long)]
    media: bool,
    /// Remove the stored files that nothing needs; with --media.
    #[arg(long, requires = "media")]
    sweep: bool,
}

enum Finding {
    Ok(String),
    Warn(String),
    Fail(String),
}

use Finding::{Fail, Ok as Fine, Warn};

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    words: String,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Bool)]
    has_trigrams: bool,
    #[diesel(sql_type = Bool)]
    is_replica: bool,
    #[diesel(sql_type = BigInt)]
    now: i64,
    #[diesel(sql_type = BigInt)]
    connections: i64,
}

/// Checks everything that it can.
///
/// # Errors
/// How many checks failed.
pub fn run(config: &Config, arguments: &Arguments) -> Result<(), String> {
    let mut failed = 0;
    let mut tell = |name: &str, finding: Finding| {
        let (word, text) = match finding {
            Fine(text) => ("ok  ", text),
            Warn(text) => ("warn", text),
            Fail(text) => {
                failed += 1;
                ("fail", text)
            }
        };
        println!("{word}  {name:<11} {text}");
    };
    tell("settings", settings(config));
    tell("listener", listener(config));
    tell("storage", storage(config));
    tell("space", space(config));
    match Database::open(config) {
        Err(sentence) => tell("database", Fail(sentence)),
        Ok(database) => match database.connect() {
            Err(sentence) => tell("database", Fail(sentence)),
            Ok(mut conn) => {
                let place = database.embedded.as_ref().map_or("DATABASE_URL".to_owned(), |server| server.cluster_dir().display().to_string());
                for (name, finding) in in_database(config, &mut conn, &place) {
                    tell(name, finding);
                }
                if arguments.media || arguments.sweep {
                    for finding in media::look(config, &mut conn, arguments.sweep) {
                        tell("media", finding);
                    }
                }
                if let Some(url) = &config.database_read_url {
                    tell("standby", standby(url.expose(), &mut conn));
                }
            }
        },
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of the checks failed")) }
}

fn settings(config: &Config) -> Finding {
    let keys = secrets::signing_keys(config).and_then(|keys| Keys::new(&keys, config.access_ttl, config.token_leeway).map(|_| ()));
    if let Err(sentence) = keys.and_then(|()| first_admin::wanted(config).map(|_| ())) {
        return Fail(sentence);
    }
    if config.database_url.is_some() && config.public_url.is_none() {
        return Warn("MASTHEAD_PUBLIC_URL is not set: links in answers begin with the listen address, which the world may not reach".into());
    }
    Fine("they can be read and fit together".into())
}

fn listener(config: &Config) -> Finding {
    match TcpListener::bind(config.listen) {
        Ok(_) => Fine(format!("{} is free", config.listen)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Warn(format!("{} is in use: by masthead, if it runs; otherwise choose another with --listen", config.listen))
        }
        Err(error) => Fail(format!("{} cannot be listened on: {error}; choose another with --listen", config.listen)),
    }
}

fn storage(config: &Config) -> Finding {
    let place = config.storage_url.as_ref().map_or_else(|| config.data_dir.join("media").display().to_string(), ToString::to_string);
    let advice = if config.storage_url.is_some() { "check the address, the keys and what they allow" } else { "give it to this account, or choose another with --data-dir" };
    let tried = runtime().and_then(|runtime| runtime.block_on(media::try_store(&*media_files::store(config)?)));
    match tried {
        Ok(true) => Fine(format!("{place} can be written and read")),
        Ok(false) => Fail(format!("{place} gives back something else than was written: check the disk")),
        Err(error) => Fail(format!("{place} cannot be used: {}; {advice}", error.trim_end_matches('.'))),
    }
}

/// The store is asynchronous.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

fn space(config: &Config) -> Finding {
    let stats = match nix::sys::statvfs::statvfs(&config.data_dir) {
        Ok(stats) => stats,
        Err(error) => return Warn(format!("the free space of {} cannot be told: {error}", config.data_dir.display())),
    };
    let free = stats.blocks_available().saturating_mul(stats.fragment_size());
    let words = format!("{} MB are free where {} is", free >> 20, config.data_dir.display());
    match free {
        free if free < SPACE_HARMFUL => Fail(format!("{words}: make room, or uploads and the database will fail")),
        free if free < SPACE_WORTH_A_WORD => Warn(format!("{words}: make room soon")),
        _ => Fine(words),
    }
}

fn in_database(config: &Config, conn: &mut PgConnection, place: &str) -> Vec<(&'static str, Finding)> {
    let server = diesel::sql_query(
        "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS words, \
         pg_encoding_to_char(encoding)::text AS encoding, EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') AS has_trigrams, \
         pg_is_in_recovery() AS is_replica, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, current_setting('max_connections')::bigint AS connections \
         FROM pg_database WHERE datname = current_database()",
    );
    let server: Server = match server.get_result(conn) {
        Ok(server) => server,
        Err(error) => return vec![("database", Fail(format!("it cannot be asked: {error}")))],
    };
    vec![
        ("database", reachable(&server, place)),
        ("connections", connections(config, &server)),
        ("clock", clock(&server)),
        ("migrations", migrations(conn)),
        ("accounts", accounts(conn)),
    ]
}

fn reachable(server: &Server, place: &str) -> Finding {
    if server.version / 10_000 < OLDEST {
        return Fail(format!("PostgreSQL {} is too old: upgrade the server to {OLDEST} or newer", server.words));
    }
    if server.encoding != "UTF8" {
        return Fail(format!("its encoding is {}: create the database anew with ENCODING 'UTF8'", server.encoding));
    }
    if !server.has_trigrams {
        return Fail("the extension pg_trgm is missing: install PostgreSQL's contrib package on the server".into());
    }
    if server.is_replica {
        return Fail("it is a read-only replica: let DATABASE_URL name the primary".into());
    }
    Fine(format!("PostgreSQL {} answers ({place})", server.words))
}

fn connections(config: &Config, server: &Server) -> Finding {
    // The probe, the listener for changes and a command have one each besides the pools.
    let wanted = i64::from(config.pool_size) + i64::from(config.desk_pool_size) + 3;
    let words = format!("this instance takes up to {wanted} of the server's {}", server.connections);
    if wanted + 3 > server.connections { Fail(format!("{words}: lower MASTHEAD_POOL_SIZE and MASTHEAD_DESK_POOL_SIZE, or raise max_connections")) } else { Fine(words) }
}

fn clock(server: &Server) -> Finding {
    let difference = (crate::app::now().millis() - server.now).abs();
    let words = format!("this machine's and the database's differ by {difference} ms");
    match difference {
        d if d >= CLOCK_HARMFUL => Fail(format!("{words}: set both by NTP, or sessions and embargoes end at wrong times")),
        d if d >= CLOCK_WORTH_A_WORD => Warn(format!("{words}: set both by NTP")),
        _ => Fine(words),
    }
}

fn migrations(conn: &mut PgConnection) -> Finding {
    match migrate::is_current(conn) {
        Ok(true) => Fine("every one has run".into()),
        Ok(false) => Warn("some have not run: start the service, or run `masthead migrate`".into()),
        Err(_) => Warn("none has run: start the service, or run `masthead migrate`".into()),
    }
}

/// The server that answers readers: a copy of the other one, as far as can be told.
fn standby(url: &str, primary: &mut PgConnection) -> Finding {
    let Ok(mut conn) = Db::connect(url) else {
        return Fail("the server that DATABASE_READ_URL names cannot be reached: readers are answered by the primary alone".into());
    };
    let is_copy = diesel::select(diesel::dsl::sql::<Bool>("pg_is_in_recovery()")).get_result::<bool>(&mut conn);
    if !matches!(is_copy, Ok(true)) {
        return Warn("DATABASE_READ_URL names no standby: a copy that is not kept by streaming replication is never caught up".into());
    }
    if !matches!(migrate::is_current(&mut conn), Ok(true)) {
        return Warn("it has not come to the last migration: readers are answered by the primary alone".into());
    }
    match (listen::last_change(primary), listen::last_change(&mut conn)) {
        (Ok(there), Ok(here)) if here >= there => Fine("it answers, and has every change".into()),
        (Ok(there), Ok(here)) => Warn(format!("it is {} changes behind: readers are answered by the primary until it has caught up", there - here)),
        _ => Warn("what it has come to cannot be told".into()),
    }
}

fn accounts(conn: &mut PgConnection) -> Finding {
    match users::has_admin(conn) {
        Ok(true) => Fine("there is an administrator".into()),
        Ok(false) => Warn("there is no administrator: run `masthead user add EMAIL --role admin`".into()),
        Err(_) => Warn("they cannot be read before the migrations have run".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        Server { version: 150_014, words: "15.14".into(), encoding: "UTF8".into(), has_trigrams: true, is_replica: false, now: crate::app::now().millis(), connections: 100 }
    }

    #[test]
    fn what_is_wrong_with_a_server_is_named() {
        assert!(matches!(reachable(&server(), "here"), Fine(_)));
        assert!(matches!(reachable(&Server { version: 140_003, ..server() }, "here"), Fail(text) if text.contains("too old")));
        assert!(matches!(reachable(&Server { encoding: "LATIN1".into(), ..server() }, "here"), Fail(_)));
        assert!(matches!(clock(&Server { now: server().now - 60_000, ..server() }), Fail(_)));
        assert!(matches!(clock(&server()), Fine(_)));
    }
}
