//! The database: pools, read and write transactions, keyset pages, migrations, the embedded server.
//! The only room that takes a connection or leaves the async threads for one.

pub mod embedded;
mod lane;
pub mod listen;
pub mod migrate;
pub mod once;
pub mod page;
pub mod probe;
mod replica;
pub mod statement;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Timestamptz;
use diesel::{Connection, RunQueryDsl};

use crate::error::{Code, Error, Result};
use crate::http::reply::Reply;
use crate::timestamp::Timestamp;
use lane::{Lane, Terms, Use};
use listen::Generation;
use once::Once;
use replica::Readers;
use statement::Statement;

/// How the pools are made; from `Config`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A libpq URL.
    pub url: String,
    /// The URL of a standby for readers, if there is one.
    pub read_url: Option<String>,
    /// Connections for readers.
    pub readers: u32,
    /// Connections for the desk.
    pub desk: u32,
    /// How long a request waits for a connection.
    pub acquire: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// Whether prepared statements are kept on a connection.
    pub statement_cache: bool,
}

/// The pools. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Readers,
    desk: Lane,
    reading: Terms,
    planning: Planning,
    url: Arc<str>,
    generation: Arc<Generation>,
}

/// How the statements of a write are planned.
#[derive(Debug, Clone, Copy)]
enum Planning {
    /// As Postgres sees fit: often anew for what is bound.
    AsBound,
    /// Once for whatever is bound.
    Once,
}

impl Db {
    /// Makes the pools. Connects when first asked, so that a start without a database is possible.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let generation = Arc::<Generation>::default();
        Self {
            readers: Readers::new(settings, Arc::clone(&generation)),
            desk: Lane::new(settings, Use { url: &settings.url, size: settings.desk, read_only: false, is_standby: false, acquire: settings.acquire }),
            reading: reading(settings),
            planning: Planning::AsBound,
            url: settings.url.as_str().into(),
            generation,
        }
    }

    /// Reads for the world, from a standby where there is one that lags behind nothing this process knows: each statement is
    /// a snapshot of its own. Tried once more if the connection was broken.
    ///
    /// # Errors
    /// What `work` gives; 503 when no connection is to be had in time.
    pub async fn read<T: Send + 'static>(&self, work: impl Fn(&mut PgConnection) -> Result<T> + Send + Sync + 'static) -> Result<T> {
        self.readers.run(work).await
    }

    /// Reads for the desk, in one read-only snapshot, so that a page, its count and its references agree.
    ///
    /// # Errors
    /// What `work` gives; 503 when no connection is to be had in time.
    pub async fn snapshot<T: Send + 'static>(&self, work: impl Fn(&mut PgConnection) -> Result<T> + Send + Sync + 'static) -> Result<T> {
        self.desk.run(self.reading, move |conn| conn.build_transaction().read_only().repeatable_read().run(|tx| work(tx))).await
    }

    /// Reads for the desk with one statement, which is a snapshot by itself. Tried once more if the connection was broken.
    ///
    /// # Errors
    /// What `work` gives; 503 when no connection is to be had in time.
    pub async fn glance<T: Send + 'static>(&self, work: impl Fn(&mut PgConnection) -> Result<T> + Send + Sync + 'static) -> Result<T> {
        self.desk.run(self.reading, work).await
    }

    /// For writes whose statements all find their rows by keys. Each is then planned once on a connection, whatever is
    /// bound: Postgres takes a list of ids for ten, and would rather plan again and again for the one or two that it has.
    #[must_use]
    pub fn by_key(&self) -> Self {
        Self { planning: Planning::Once, ..self.clone() }
    }

    /// The only way to write: one transaction, whole or not at all. Deadlocks and serialisation failures are tried again.
    ///
    /// # Errors
    /// What `work` gives; 503 when no connection is to be had in time.
    pub async fn write<T: Send + 'static>(&self, work: impl Fn(&mut PgConnection) -> Result<T> + Send + 'static) -> Result<T> {
        let (generation, planning) = (self.generation(), self.planning);
        self.desk
            .run(Terms { again: false, limit: LONGEST_WRITE, reached: None }, move |conn| {
                let outcome = repeated(|| match planning {
                    Planning::AsBound => conn.transaction(|tx| work(tx)),
                    Planning::Once => planned_once(conn, &work),
                });
                // Before the answer: whoever has written reads what they wrote.
                if let Some(number) = MOVED.take().filter(|_| outcome.is_ok()) {
                    generation.advance(number);
                }
                outcome
            })
            .await
    }

    /// A write whose answer is kept under the request's Idempotency-Key, in the same transaction: a retry gets that answer.
    ///
    /// # Errors
    /// What `work` gives; 422 when the key was used for another request; 503 when no connection is to be had in time.
    pub async fn write_once(&self, once: Option<Once>, work: impl Fn(&mut PgConnection) -> Result<Reply> + Send + 'static) -> Result<Reply> {
        let outcome = self.write(move |tx| once::keep(tx, once.as_ref(), &work)).await;
        match outcome {
            Err(Error { replay: Some(reply), .. }) => Ok(*reply),
            outcome => outcome,
        }
    }

    /// The number of the world's last change, as far as this process knows.
    #[must_use]
    pub fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.generation)
    }

    /// Hears of changes that other processes make, until `stop` says so. Until then no number is trusted.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn follow_changes(&self, channel: &'static str, stop: Arc<AtomicBool>) -> std::io::Result<()> {
        listen::follow(self.url.to_string(), channel, self.generation(), stop)
    }

    /// Connections at work, by pool.
    #[must_use]
    pub fn in_use(&self) -> Vec<(&'static str, i64)> {
        let mut pools = self.readers.in_use();
        pools.push(("desk", self.desk.in_use()));
        pools
    }

    /// Reads that the standby has answered, if there is one.
    #[must_use]
    pub fn reads_of_replica(&self) -> Option<u64> {
        self.readers.reads_of_replica()
    }

    /// A connection outside the pools, for commands and jobs that need a session of their own.
    ///
    /// # Errors
    /// libpq's words when it cannot be had.
    pub fn connect(url: &str) -> Result<PgConnection, String> {
        PgConnection::establish(url).map_err(|error| error.to_string())
    }
}

/// The time by the database's own clock, cut to the millisecond: what is decided by it is never decided early.
///
/// # Errors
/// What the database says.
pub fn now(conn: &mut PgConnection) -> Result<Timestamp> {
    Ok(Statement::<Timestamptz>::new("SELECT clock_timestamp()").get_result(conn)?)
}

thread_local! {
    /// The number that the transaction on this thread has moved the world to, if it has.
    static MOVED: Cell<Option<i64>> = const { Cell::new(None) };
}

/// The transaction on this thread moves the world to this number, if it commits.
pub fn note_generation(number: i64) {
    MOVED.set(Some(number));
}

/// How reads are treated. They wait a little less than a statement has: a server that has stopped answering must not decide
/// when we do.
fn reading(settings: &Settings) -> Terms {
    Terms { again: true, limit: settings.statement_timeout * 9 / 10, reached: None }
}

/// How long a caller waits for a write; what it was waiting for may still be done.
const LONGEST_WRITE: Duration = Duration::from_secs(30);
const TRIES: u32 = 4;

/// One transaction, repeated when the database says that only its timing was at fault.
///
/// # Errors
/// What `work` gives.
pub fn transaction<T>(conn: &mut PgConnection, work: &dyn Fn(&mut PgConnection) -> Result<T>) -> Result<T> {
    repeated(|| conn.transaction(|tx| work(tx)))
}

/// The setting goes with the transaction's begin, which would be a message to the server anyway.
fn planned_once<T>(conn: &mut PgConnection, work: &dyn Fn(&mut PgConnection) -> Result<T>) -> Result<T> {
    AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan")?;
    match work(conn) {
        Ok(done) => {
            AnsiTransactionManager::commit_transaction(conn)?;
            Ok(done)
        }
        Err(error) => match AnsiTransactionManager::rollback_transaction(conn) {
            // Then there was none any more, and what came first is what matters.
            Ok(()) | Err(DieselError::BrokenTransactionManager) => Err(error),
            Err(broken) => Err(broken.into()),
        },
    }
}

fn repeated<T>(mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        match attempt() {
            Err(error) if error.more.contains_key(RETRY) && tries < TRIES => tries += 1,
            Err(mut error) => {
                error.more.remove(RETRY);
                return Err(error);
            }
            done => return done,
        }
    }
}

const RETRY: &str = "retry_transaction";

/// What a failed statement means for the caller.
pub fn refusal(error: DieselError) -> Error {
    match error {
        DieselError::NotFound => Error::new(Code::NotFound, "There is nothing with this id or slug."),
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => unique(info.constraint_name().unwrap_or_default()),
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info) => foreign_key(info.constraint_name().unwrap_or_default(), info.message()),
        DieselError::DatabaseError(DatabaseErrorKind::CheckViolation, info) => {
            Error::invalid(vec![crate::error::FieldError::body("", "constraint", format!("The content breaks the rule {}.", info.constraint_name().unwrap_or("of its table")))])
        }
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Error::unavailable("Others were changing the same things. Try again.").with(RETRY, true),
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Error::unavailable("The database takes no changes just now."),
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) | DieselError::BrokenTransactionManager => {
            Error::unavailable("The connection to the database was lost. Try again in a moment.")
        }
        DieselError::DatabaseError(_, ref info) if is_passing(info.message()) => {
            tracing::warn!(cause = info.message(), "database refused for now: {}", info.message());
            let transient = info.message().contains("deadlock detected");
            let refusal = Error::unavailable("The database could not do this just now. Try again in a moment.");
            if transient { refusal.with(RETRY, true) } else { refusal }
        }
        DieselError::RollbackErrorOnCommit { commit_error, .. } => refusal(*commit_error),
        other => Error::internal(other),
    }
}

/// libpq gives no SQLSTATE through diesel for these; Postgres' own words are stable with `lc_messages` C.
fn is_passing(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "deadlock detected",
        "canceling statement due to",
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "could not extend file",
        "No space left on device",
        "remaining connection slots",
        "too many clients",
        "connection to server",
        "no connection to the server",
        "SSL connection has been closed",
    ];
    WORDS.iter().any(|word| message.contains(word))
}

fn unique(constraint: &str) -> Error {
    match constraint {
        "users_email_key" => Error {
            errors: vec![crate::error::FieldError::body("/email", "taken", "Another account has this address.")],
            ..Error::new(Code::EmailTaken, "Another account has this e-mail address.")
        },
        "users_author_key" => Error {
            errors: vec![crate::error::FieldError::body("/author_id", "taken", "Another account is this author.")],
            ..Error::new(Code::AlreadyExists, "Another account is this author already.")
        },
        "takedowns_standing_key" => Error::new(Code::AlreadyExists, "A takedown of this stands already. Reverse it first, or read it in the list of takedowns."),
        name if name.ends_with("_slug_key") || name == "article_slugs_pkey" || name == "live_article_slugs_pkey" => Error {
            errors: vec![crate::error::FieldError::body("/slug", "taken", "Something else has this slug.")],
            ..Error::new(Code::SlugTaken, "Something else has this slug already.")
        },
        name => Error::new(Code::AlreadyExists, format!("The rule {name} allows it only once.")),
    }
}

/// A missing referent is the input's fault; a delete of something in use is a conflict.
fn foreign_key(constraint: &str, message: &str) -> Error {
    if message.contains("is still referenced") || message.starts_with("update or delete") {
        return Error::new(Code::InUse, "Something still refers to it.");
    }
    let pointer = match constraint {
        "articles_assignee_fkey" => "/assignee",
        "article_authors_author_fkey" => "/authors",
        "article_tags_tag_fkey" => "/tags",
        "article_media_media_fkey" => "/body",
        "authors_avatar_fkey" => "/avatar_media_id",
        "tags_parent_fkey" => "/parent_id",
        "media_credit_fkey" => "/credit_id",
        "users_author_fkey" => "/author_id",
        "site_logo_fkey" => "/logo_media_id",
        _ => "",
    };
    Error::invalid_field(pointer, "unknown_reference", "What this refers to does not exist.")
}
