//! Hears of changes that other processes made: a connection of its own that LISTENs. While it is down nothing that was
//! heard is trusted; after it is back it listens first and then reads the number afresh, so that nothing falls between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;

use crate::schema::generations;
use crate::timestamp::Timestamp;

/// The channel on which a transaction that changes the world tells the new number.
pub const CHANNEL: &str = "masthead_generation";
/// How often the socket is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// How often the number is read though nothing was heard: finds half-open sockets, and is the fallback.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The number of the world's last change, as far as this process knows.
#[derive(Debug, Default)]
pub struct Generation {
    value: AtomicI64,
    trusted: AtomicBool,
    /// When it last moved, in milliseconds since 1970.
    moved: AtomicI64,
}

impl Generation {
    /// The number, if it can be relied on now.
    #[must_use]
    pub fn current(&self) -> Option<i64> {
        // The number is read after the trust: a number that was put right before trust came back is seen with it.
        self.trusted.load(Ordering::Acquire).then(|| self.value.load(Ordering::Acquire))
    }

    /// The last number that this process has come to know, whether or not there may be later ones. None at first.
    #[must_use]
    pub fn seen(&self) -> Option<i64> {
        Some(self.value.load(Ordering::Acquire)).filter(|number| *number > 0)
    }

    /// A change has been heard of, or made here. Numbers only grow.
    pub fn advance(&self, to: i64) {
        if self.value.fetch_max(to, Ordering::AcqRel) < to {
            self.moved.store(crate::app::now().millis(), Ordering::Relaxed);
        }
    }

    /// How long ago this process came to know of the last change.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<chrono::Duration> {
        Some(self.moved.load(Ordering::Relaxed)).filter(|moved| *moved > 0).map(|moved| chrono::Duration::milliseconds(now.millis() - moved))
    }

    fn trust(&self, trusted: bool) {
        self.trusted.store(trusted, Ordering::Release);
    }
}

/// Listens until `stop` says so, on a thread of its own.
///
/// # Errors
/// When no thread can be had.
pub fn follow(url: String, channel: &'static str, generation: Arc<Generation>, stop: Arc<AtomicBool>) -> std::io::Result<()> {
    let run = move || {
        let mut pause = Duration::from_millis(50);
        while !stop.load(Ordering::Relaxed) {
            if let Err(cause) = session(&url, channel, &generation, &stop) {
                tracing::debug!(%cause, "not listening: {cause}");
            } else {
                pause = Duration::from_millis(50);
            }
            generation.trust(false);
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    };
    std::thread::Builder::new().name("generation".to_owned()).spawn(run).map(|_| ())
}

/// The number of the world's last change, as the server at the other end has it.
///
/// # Errors
/// What the database says.
pub fn last_change(conn: &mut PgConnection) -> QueryResult<i64> {
    generations::table.find("content").select(generations::value).first(conn)
}

fn session(url: &str, channel: &str, generation: &Generation, stop: &AtomicBool) -> Result<(), String> {
    let mut conn = PgConnection::establish(url).map_err(|e| e.to_string())?;
    conn.batch_execute(&format!("SET statement_timeout = '3s'; LISTEN {channel}")).map_err(|e| e.to_string())?;
    let read = |conn: &mut PgConnection| last_change(conn).map_err(|e| e.to_string());
    generation.advance(read(&mut conn)?);
    generation.trust(true);
    let mut beat = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        for heard in conn.notifications_iter() {
            let heard = heard.map_err(|e| e.to_string())?;
            if let Ok(number) = heard.payload.parse() {
                generation.advance(number);
            }
        }
        if beat.elapsed() > HEARTBEAT {
            generation.advance(read(&mut conn)?);
            beat = Instant::now();
        }
        std::thread::park_timeout(LOOK);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_only_while_it_is_trusted_and_never_falls() {
        let generation = Generation::default();
        generation.advance(7);
        assert_eq!(generation.current(), None);
        generation.trust(true);
        generation.advance(3);
        assert_eq!(generation.current(), Some(7));
        generation.trust(false);
        assert_eq!(generation.current(), None);
    }
}
