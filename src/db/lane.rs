//! One pool of connections with a queue in front of it. Waiting costs no thread and ends; a connection that was lost is
//! never handed out twice, and what was lost with it is found at the next turn, not at every turn after.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::{CacheSize, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::r2d2::{CustomizeConnection, Error as PoolError, ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection, ConnectionError};
use tokio::sync::Semaphore;

use super::{RETRY, Settings, listen, migrate};
use crate::error::{Code, Error, Result};

/// Marks the refusal of a server that lags behind.
pub(super) const BEHIND: &str = "replica_is_behind";

/// What a lane is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use<'a> {
    /// A libpq URL.
    pub url: &'a str,
    /// Connections at the most.
    pub size: u32,
    /// Whether the server refuses writes on them.
    pub read_only: bool,
    /// Whether it copies another server, and so may lack what a migration has made.
    pub is_standby: bool,
    /// How long a request waits for a connection.
    pub acquire: Duration,
}

/// How a piece of work is treated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Whether it is done again, on another connection, when the first was lost: only what does not write.
    pub again: bool,
    /// How long the caller waits for it altogether.
    pub limit: Duration,
    /// The change of the world that the server must have come to, where it may lag behind.
    pub reached: Option<i64>,
}

/// See the module.
#[derive(Clone)]
pub(super) struct Lane {
    pool: Pool<Connections>,
    losses: Arc<AtomicU64>,
    turns: Arc<Semaphore>,
    size: u32,
    acquire: Duration,
}

impl Lane {
    /// Connects when first asked, so that a start without a database is possible.
    pub(super) fn new(settings: &Settings, purpose: Use<'_>) -> Self {
        let losses = Arc::<AtomicU64>::default();
        let millis = settings.statement_timeout.as_millis();
        let sql = format!(
            "SET statement_timeout = {millis}; SET lock_timeout = {millis}; SET idle_in_transaction_session_timeout = 10000; SET timezone = 'UTC'; SET default_transaction_read_only = {}",
            if purpose.read_only { "on" } else { "off" },
        );
        let pool = Pool::builder()
            .max_size(purpose.size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(purpose.acquire)
            .max_lifetime(Some(Duration::from_secs(1800)))
            .error_handler(Box::new(QuietHandler))
            .connection_customizer(Box::new(OnAcquire { sql, statement_cache: settings.statement_cache, is_standby: purpose.is_standby }))
            .build_unchecked(Connections { url: purpose.url.to_owned(), losses: Arc::clone(&losses) });
        Self { pool, losses, turns: Arc::new(Semaphore::new(purpose.size as usize)), size: purpose.size, acquire: purpose.acquire }
    }

    /// Connections at work.
    pub(super) fn in_use(&self) -> i64 {
        i64::from(self.size) - i64::try_from(self.turns.available_permits()).unwrap_or(0)
    }

    /// Does the work on a connection, off the async threads.
    ///
    /// # Errors
    /// What `work` gives; 503 when there is no connection in time, or the database does not answer in time.
    pub(super) async fn run<T: Send + 'static>(&self, terms: Terms, work: impl Fn(&mut PgConnection) -> Result<T> + Send + 'static) -> Result<T> {
        let Ok(Ok(turn)) = tokio::time::timeout(self.acquire, Arc::clone(&self.turns).acquire_owned()).await else {
            return Err(Error::unavailable("Every database connection is in use. Try again in a moment."));
        };
        let (pool, losses) = (self.pool.clone(), Arc::clone(&self.losses));
        #[expect(clippy::disallowed_methods, reason = "this is the one place that leaves the async threads for the database")]
        let outcome = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, also when the request that waits for it is gone.
            let _turn = turn;
            match attempt(&pool, &losses, terms.reached, &work) {
                Attempt::Done(outcome) => outcome,
                Attempt::Lost(_) if terms.again => attempt(&pool, &losses, terms.reached, &work).outcome(),
                Attempt::Lost(error) => Err(error),
            }
        });
        let outcome = tokio::time::timeout(terms.limit, outcome).await.map_err(|_elapsed| Error::unavailable("The database did not answer in time. Try again in a moment."))?;
        outcome.map_err(Error::internal)?.map_err(|mut error| {
            error.more.remove(RETRY);
            error
        })
    }
}

enum Attempt<T> {
    Done(Result<T>),
    /// It failed because its connection was lost.
    Lost(Error),
}

impl<T> Attempt<T> {
    fn outcome(self) -> Result<T> {
        match self {
            Self::Done(outcome) => outcome,
            Self::Lost(error) => Err(error),
        }
    }
}

fn attempt<T>(pool: &Pool<Connections>, losses: &AtomicU64, reached: Option<i64>, work: &dyn Fn(&mut PgConnection) -> Result<T>) -> Attempt<T> {
    let mut slot = match take(pool, losses) {
        Ok(slot) => slot,
        Err(error) => return Attempt::Done(Err(error)),
    };
    let outcome = match reached {
        Some(change) => slot.has_reached(change).and_then(|()| work(&mut slot.conn)),
        None => work(&mut slot.conn),
    };
    match outcome {
        // Which errors mean a lost connection is for the connection to tell.
        Err(error) if matches!(error.code, Code::Unavailable | Code::Internal) && slot.is_lost() => {
            slot.lost = true;
            losses.fetch_add(1, Ordering::AcqRel);
            Attempt::Lost(Error { cause: None, ..Error::unavailable("The connection to the database was lost. Try again in a moment.") })
        }
        outcome => Attempt::Done(outcome),
    }
}

/// A connection that is alive as far as is known: one that is older than the last loss is asked first.
fn take(pool: &Pool<Connections>, losses: &AtomicU64) -> Result<PooledConnection<Connections>> {
    loop {
        #[expect(clippy::disallowed_methods, reason = "this is db, the one room that takes connections")]
        let mut slot = pool.get().map_err(|_gone| Error::unavailable("The database cannot be reached. Try again in a moment."))?;
        let lost = losses.load(Ordering::Acquire);
        if slot.known_good_at == lost {
            return Ok(slot);
        }
        if !slot.is_lost() {
            slot.known_good_at = lost;
            return Ok(slot);
        }
        slot.lost = true;
    }
}

/// A connection and what is known of it.
struct Pooled {
    conn: PgConnection,
    /// How many losses there had been when it was known to be alive.
    known_good_at: u64,
    /// The change of the world that its server had come to when last asked. A server only goes on from there.
    reached: i64,
    lost: bool,
}

impl Pooled {
    fn is_lost(&mut self) -> bool {
        self.conn.batch_execute("SELECT 1").is_err()
    }

    /// Asks only where the answer is not known already.
    fn has_reached(&mut self, change: i64) -> Result<()> {
        if self.reached < change {
            self.reached = listen::last_change(&mut self.conn)?;
        }
        if self.reached < change { Err(Error::unavailable("This server has not come to the world's last change.").with(BEHIND, true)) } else { Ok(()) }
    }
}

/// Makes connections for the pool.
struct Connections {
    url: String,
    losses: Arc<AtomicU64>,
}

impl ManageConnection for Connections {
    type Connection = Pooled;
    type Error = PoolError;

    fn connect(&self) -> Result<Pooled, PoolError> {
        let known_good_at = self.losses.load(Ordering::Acquire);
        let conn = PgConnection::establish(&self.url).map_err(PoolError::ConnectionError)?;
        Ok(Pooled { conn, known_good_at, reached: i64::MIN, lost: false })
    }

    fn is_valid(&self, slot: &mut Pooled) -> Result<(), PoolError> {
        slot.conn.ping().map_err(PoolError::QueryError)
    }

    fn has_broken(&self, slot: &mut Pooled) -> bool {
        slot.lost || std::thread::panicking() || slot.conn.is_broken()
    }
}

#[derive(Debug)]
struct OnAcquire {
    sql: String,
    statement_cache: bool,
    is_standby: bool,
}

impl CustomizeConnection<Pooled, PoolError> for OnAcquire {
    fn on_acquire(&self, slot: &mut Pooled) -> Result<(), PoolError> {
        if !self.statement_cache {
            slot.conn.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        slot.conn.batch_execute(&self.sql).map_err(PoolError::QueryError)?;
        if self.is_standby && !migrate::is_current(&mut slot.conn).map_err(PoolError::QueryError)? {
            return Err(PoolError::ConnectionError(ConnectionError::BadConnection("the standby has not come to the last migration".to_owned())));
        }
        Ok(())
    }
}

/// r2d2 reports every failed attempt to connect; while the database is down one line a few seconds is enough.
#[derive(Debug)]
struct QuietHandler;

impl<E: std::error::Error> diesel::r2d2::HandleError<E> for QuietHandler {
    fn handle_error(&self, error: E) {
        use std::sync::atomic::AtomicI64;
        static LAST: AtomicI64 = AtomicI64::new(0);
        let now = crate::app::now().millis();
        if now - LAST.swap(now, Ordering::Relaxed) > 2_000 {
            let cause = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            tracing::error!(%cause, "database connection failed: {cause}");
        }
    }
}
