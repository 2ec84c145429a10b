//! Every background job by name and how often. Several replicas may run them at once: each job is one statement or touches
//! only this process.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::web::Data;

use crate::app::App;
use crate::db::once;
use crate::editorial::articles::schedule;
use crate::error::Result;
use crate::identity;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

type Work = Pin<Box<dyn Future<Output = Result<()>>>>;

/// Something that is done again and again.
struct Job {
    name: &'static str,
    every: Duration,
    work: fn(Data<App>) -> Work,
}

const JOBS: &[Job] = &[
    Job { name: "do what is scheduled", every: Duration::from_secs(1), work: |app| Box::pin(do_scheduled(app)) },
    Job { name: "forget answers kept for retries", every: Duration::from_secs(HOUR), work: |app| Box::pin(forget_kept_answers(app)) },
    Job { name: "forget ended sessions", every: Duration::from_secs(HOUR), work: |app| Box::pin(forget_ended_sessions(app)) },
];

/// Starts them all; each runs first after its own interval. They end with the runtime.
pub fn begin(app: &Data<App>) {
    for job in JOBS {
        let app = app.clone();
        actix_web::rt::spawn(async move {
            let mut ticks = tokio::time::interval(job.every);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            ticks.tick().await;
            let mut failed = false;
            loop {
                ticks.tick().await;
                let outcome = (job.work)(app.clone()).await;
                // Told once, not at every try of a database that is down.
                if let Err(error) = &outcome
                    && !failed
                {
                    tracing::warn!(job = job.name, cause = %error, "job '{}' failed and will be tried again: {error}", job.name);
                }
                failed = outcome.is_err();
            }
        });
    }
}

/// One by one, each in its own transaction: what cannot be done keeps nothing else waiting.
async fn do_scheduled(app: Data<App>) -> Result<()> {
    while app.db.write(schedule::run_one).await? {}
    Ok(())
}

async fn forget_kept_answers(app: Data<App>) -> Result<()> {
    let forgotten = app.db.write(once::forget_old).await?;
    tracing::debug!(forgotten, "{forgotten} kept answers forgotten");
    Ok(())
}

async fn forget_ended_sessions(app: Data<App>) -> Result<()> {
    let forgotten = app.db.write(identity::sweep).await?;
    tracing::debug!(forgotten, "{forgotten} ended sessions and spent tokens forgotten");
    Ok(())
}
