//! SIGINT and SIGTERM: the first asks for an orderly stop, the second ends the process at once.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a process ended by SIGINT exits with, by the shell's convention.
const ENDED_AT_ONCE: i32 = 130;

/// Signals that ask for a stop.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen; from now on neither signal kills by itself.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one and gives its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }

    /// Ends the process at the next signal: for somebody who will not wait for the orderly stop.
    pub fn end_at_next(mut self) {
        actix_web::rt::spawn(async move {
            let name = self.next().await;
            tracing::warn!(signal = name, "{name} again: ended at once");
            process::exit(ENDED_AT_ONCE);
        });
    }
}
