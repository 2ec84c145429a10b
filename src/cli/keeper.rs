//! Keeps the embedded server running from a thread of its own: starts it, starts it again if it dies, stops it last.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::database::Database;
use crate::config::Config;
use crate::db::embedded::Stopped;

/// How often it is looked whether the server is still there.
const ROUND: Duration = Duration::from_secs(2);

/// The thread that has the database.
pub struct Keeper {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Begins to open the database; the receiver gets its URL, or why there is none.
    #[must_use]
    pub fn open(config: &Config) -> (Self, oneshot::Receiver<Result<String, String>>) {
        let (opened, wait) = oneshot::channel();
        let (stop, stopped) = channel();
        let config = config.clone();
        let thread = thread::spawn(move || match Database::open(&config) {
            Ok(database) => {
                let told = opened.send(Ok(database.url.clone()));
                if told.is_ok() {
                    keep(database, &stopped);
                }
            }
            Err(sentence) => drop(opened.send(Err(sentence))),
        });
        (Self { stop, thread }, wait)
    }

    /// Stops the server, if it is ours and nobody else uses it. Blocks until it has ended.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread that keeps the database has failed");
        }
    }
}

fn keep(mut database: Database, stopped: &Receiver<()>) {
    while stopped.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
        let Some(server) = &mut database.embedded else { continue };
        match server.ensure_running() {
            Ok(false) => {}
            Ok(true) => tracing::warn!(pid = server.pid(), "the embedded database had ended and runs again"),
            Err(error) => tracing::error!(%error, "the embedded database has ended and cannot be started: {error}"),
        }
    }
    match database.embedded.map(crate::db::embedded::Embedded::stop) {
        Some(Ok(Stopped::Server)) => tracing::info!("the embedded database has stopped"),
        Some(Ok(Stopped::LeftToOthers)) => tracing::info!("the embedded database is left to the others that use it"),
        Some(Err(error)) => tracing::error!(%error, "the embedded database did not stop: {error}"),
        None => {}
    }
}
