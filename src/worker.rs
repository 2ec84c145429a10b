//! Every background job by name and how often. Several processes may run them at once: each job is one statement or
//! touches only this process.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::web::Data;
use tokio::sync::watch;

use crate::app::App;
use crate::db::once;
use crate::editorial::articles::schedule;
use crate::error::{Error, Result};
use crate::http::surrogates::OVERFULL;
use crate::identity;
use crate::publishing::{purges, searching};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
/// The soonest that a turn follows one that found nothing to do: what is due now is in another process' hands.
const SOON: Duration = Duration::from_millis(5);

/// What a turn comes to: when the next is to be, where that is sooner than usual.
type Turn = Result<Option<Duration>>;
type Work = Pin<Box<dyn Future<Output = Turn>>>;

/// Something that is done again and again.
struct Job {
    name: &'static str,
    every: Duration,
    work: fn(Data<App>) -> Work,
}

const JOBS: &[Job] = &[
    Job { name: "do what is scheduled", every: Duration::from_secs(1), work: |app| Box::pin(do_scheduled(app)) },
    Job { name: "purge caches in front", every: Duration::from_millis(250), work: |app| Box::pin(async { purge_caches(app).await.map(|()| None) }) },
    Job { name: "make live stories searchable", every: Duration::from_secs(MINUTE), work: |app| Box::pin(make_searchable(app)) },
    Job { name: "settle words of search", every: Duration::from_secs(1), work: |app| Box::pin(settle_words(app)) },
    Job { name: "forget answers kept for retries", every: Duration::from_secs(HOUR), work: |app| Box::pin(forget_kept_answers(app)) },
    Job { name: "forget purges that nobody sent", every: Duration::from_secs(HOUR), work: |app| Box::pin(forget_unsent_purges(app)) },
    Job { name: "forget ended sessions", every: Duration::from_secs(HOUR), work: |app| Box::pin(forget_ended_sessions(app)) },
    Job { name: "forget old audit events", every: Duration::from_secs(HOUR), work: |app| Box::pin(forget_old_events(app)) },
];

/// The jobs of this process.
pub struct Jobs {
    stop: watch::Sender<()>,
    running: Vec<JoinHandle<()>>,
}

/// Starts them all; each runs first after its own interval.
#[must_use]
pub fn begin(app: &Data<App>) -> Jobs {
    let (stop, stopped) = watch::channel(());
    let running = JOBS.iter().map(|job| actix_web::rt::spawn(again_and_again(job, app.clone(), stopped.clone()))).collect();
    Jobs { stop, running }
}

async fn again_and_again(job: &Job, app: Data<App>, mut stopped: watch::Receiver<()>) {
    let mut wait = job.every;
    let mut failed = false;
    loop {
        // The other end is dropped at a stop. What has begun is finished first.
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let outcome = (job.work)(app.clone()).await;
        // Told once, not at every try of a database that is down.
        if let Err(error) = &outcome
            && !failed
        {
            tracing::warn!(job = job.name, cause = %error, "job '{}' failed and will be tried again: {error}", job.name);
        }
        failed = outcome.is_err();
        app.meters.turned(job.name, failed);
        wait = outcome.ok().flatten().map_or(job.every, |sooner| sooner.min(job.every));
    }
}

impl Jobs {
    /// Begins nothing more, and waits for what is under way.
    pub async fn stop(self) {
        drop(self.stop);
        for job in self.running {
            if let Err(error) = job.await {
                tracing::error!(%error, "a job has failed: {error}");
            }
        }
    }
}

/// A few in each transaction until nothing is due, then again at the moment at which something is.
async fn do_scheduled(app: Data<App>) -> Turn {
    loop {
        if app.stopping.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let (done, next) = app
            .db
            .write(|tx| {
                let done = schedule::run_due(tx)?;
                Ok((done, if done == 0 { schedule::until_next(tx)? } else { None }))
            })
            .await?;
        if done == 0 {
            return Ok(next.map(|next| next.max(SOON)));
        }
    }
}

/// Has the cache in front forget what has changed. What it did not take is sent again.
///
/// # Errors
/// When the cache cannot be reached or refuses; what the database says.
pub async fn purge_caches(app: Data<App>) -> Result<()> {
    let Some(purger) = &app.purger else { return Ok(()) };
    loop {
        let due = app.db.write(purges::claim).await?;
        if due.is_empty() {
            return Ok(());
        }
        let keys: BTreeSet<String> = due.iter().flat_map(|purge| purge.keys.iter().cloned()).chain([OVERFULL.to_owned()]).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        purger.purge(&keys).await.map_err(Error::internal)?;
        let (due, more) = (Arc::new(due), !app.stopping.load(Ordering::SeqCst));
        let done = Arc::clone(&due);
        app.db.write(move |tx| purges::settle(tx, &done)).await?;
        if due.len() < purges::AT_ONCE || !more {
            return Ok(());
        }
    }
}

async fn forget_unsent_purges(app: Data<App>) -> Turn {
    let forgotten = app.db.write(purges::forget).await?;
    tracing::debug!(forgotten, "{forgotten} purges forgotten");
    Ok(None)
}

/// Stories that an earlier version put before the world: all of them after the update to this one, none later.
async fn make_searchable(app: Data<App>) -> Turn {
    let mut known = 0;
    loop {
        match app.db.write(searching::write_missing).await? {
            some if some > 0 && !app.stopping.load(Ordering::SeqCst) => known += some,
            _ => break,
        }
    }
    tracing::debug!(known, "{known} live stories made known to search");
    Ok(None)
}

async fn settle_words(app: Data<App>) -> Turn {
    app.db.write(searching::settle).await?;
    Ok(None)
}

async fn forget_kept_answers(app: Data<App>) -> Turn {
    let forgotten = app.db.write(once::forget_old).await?;
    tracing::debug!(forgotten, "{forgotten} kept answers forgotten");
    Ok(None)
}

async fn forget_ended_sessions(app: Data<App>) -> Turn {
    let forgotten = app.db.write(identity::sweep).await?;
    tracing::debug!(forgotten, "{forgotten} ended sessions and spent tokens forgotten");
    Ok(None)
}

async fn forget_old_events(app: Data<App>) -> Turn {
    let days = app.config.audit_days;
    let mut forgotten = 0;
    while !app.stopping.load(Ordering::SeqCst) {
        match app.db.write(move |tx| identity::retention::forget_events(tx, days, crate::app::now())).await? {
            0 => break,
            some => forgotten += some,
        }
    }
    if forgotten > 0 {
        tracing::info!(forgotten, days, "{forgotten} audit events older than {days} days forgotten");
    }
    Ok(None)
}
