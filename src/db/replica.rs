//! Where reads for the world go: to a standby while it has come to every change that this process knows of, otherwise to
//! the primary. A server that fails is left alone for a moment, and then tried by one request, not by all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::pg::PgConnection;

use super::lane::{BEHIND, Lane, Terms, Use};
use super::listen::Generation;
use super::{Settings, reading};
use crate::error::{Code, Error, Result};

/// How long a server is left alone that could not be used.
const PAUSE: Duration = Duration::from_secs(1);
/// How long one is left alone that lags behind.
const BREATH: Duration = Duration::from_millis(20);
/// How long a standby has for what the primary can do as well: for a connection, and altogether.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(1_500));

/// The servers that answer readers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    primary: Lane,
    terms: Terms,
    replica: Option<Arc<Replica>>,
    generation: Arc<Generation>,
}

struct Replica {
    lane: Lane,
    rest: Rest,
    primary_rest: Rest,
    reads: AtomicU64,
}

impl Readers {
    pub(super) fn new(settings: &Settings, generation: Arc<Generation>) -> Self {
        let to = |url, is_standby, acquire| Use { url, size: settings.readers, read_only: true, is_standby, acquire };
        let replica = settings.read_url.as_deref().map(|url| {
            let lane = Lane::new(settings, to(url, true, PATIENCE.0.min(settings.acquire)));
            Arc::new(Replica { lane, rest: Rest::new(), primary_rest: Rest::new(), reads: AtomicU64::new(0) })
        });
        Self { primary: Lane::new(settings, to(&settings.url, false, settings.acquire)), terms: reading(settings), replica, generation }
    }

    /// Does the work where it belongs.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl Fn(&mut PgConnection) -> Result<T> + Send + Sync + 'static) -> Result<T> {
        let Some(replica) = &self.replica else { return self.primary.run(self.terms, work).await };
        let work = Arc::new(work);
        // While nobody tells of changes, the primary alone knows whether there are any; unless it cannot be asked.
        if self.generation.current().is_some() || replica.primary_rest.is_on() {
            if let Some(outcome) = replica.run(self.generation.seen(), &work).await {
                return outcome;
            }
            return self.ask_primary(replica, &work).await;
        }
        match self.ask_primary(replica, &work).await {
            Err(error) if error.code == Code::Unavailable => replica.run(self.generation.seen(), &work).await.unwrap_or(Err(error)),
            outcome => outcome,
        }
    }

    async fn ask_primary<T: Send + 'static, W: Fn(&mut PgConnection) -> Result<T> + Send + Sync + 'static>(&self, replica: &Replica, work: &Arc<W>) -> Result<T> {
        let work = Arc::clone(work);
        let outcome = self.primary.run(self.terms, move |conn| work(conn)).await;
        replica.primary_rest.note(&outcome);
        outcome
    }

    /// Connections at work, by pool.
    pub(super) fn in_use(&self) -> Vec<(&'static str, i64)> {
        let standby = self.replica.as_ref().map(|replica| ("standby", replica.lane.in_use()));
        [("readers", self.primary.in_use())].into_iter().chain(standby).collect()
    }

    /// Reads that a standby has answered, if there is one.
    pub(super) fn reads_of_replica(&self) -> Option<u64> {
        self.replica.as_ref().map(|replica| replica.reads.load(Ordering::Relaxed))
    }
}

impl Replica {
    /// None where it cannot be used now: it lags behind, cannot be reached, or has failed just before.
    async fn run<T: Send + 'static, W: Fn(&mut PgConnection) -> Result<T> + Send + Sync + 'static>(&self, seen: Option<i64>, work: &Arc<W>) -> Option<Result<T>> {
        let seen = seen?;
        if !self.rest.is_over() {
            return None;
        }
        let work = Arc::clone(work);
        let terms = Terms { again: false, limit: PATIENCE.1, reached: Some(seen) };
        let outcome = self.lane.run(terms, move |conn| work(conn)).await;
        self.rest.note(&outcome);
        if matches!(&outcome, Err(error) if error.code == Code::Unavailable) {
            return None;
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        Some(outcome)
    }
}

/// When a server may be tried again: milliseconds after `since`; 0 while there is nothing against it.
struct Rest {
    since: Instant,
    until: AtomicU64,
}

impl Rest {
    fn new() -> Self {
        Self { since: Instant::now(), until: AtomicU64::new(0) }
    }

    fn after(&self, pause: Duration) -> u64 {
        u64::try_from((self.since.elapsed() + pause).as_millis()).unwrap_or(u64::MAX)
    }

    fn is_on(&self) -> bool {
        self.until.load(Ordering::Acquire) > self.after(Duration::ZERO)
    }

    /// Whether to try now. After a failure, true for one caller; the others hear what came of it.
    fn is_over(&self) -> bool {
        let until = self.until.load(Ordering::Acquire);
        until == 0 || (until <= self.after(Duration::ZERO) && self.until.compare_exchange(until, self.after(PAUSE), Ordering::AcqRel, Ordering::Relaxed).is_ok())
    }

    fn note<T>(&self, outcome: &Result<T>) {
        let until = match outcome {
            Err(Error { code: Code::Unavailable, more, .. }) => self.after(if more.contains_key(BEHIND) { BREATH } else { PAUSE }),
            _ => 0,
        };
        self.until.store(until, Ordering::Release);
    }
}
