//! Whether the database is reachable and migrated, asked on a connection of its own, so that the answer comes in time also
//! when every pooled connection is busy. However often it is asked, the database hears of it twice a second at the most.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;

use super::migrate;

/// How long an answer holds.
const FRESH: Duration = Duration::from_millis(500);
/// How long the database has for its answer.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// The probe.
pub struct Probe {
    url: String,
    conn: Arc<Mutex<Option<PgConnection>>>,
    seen: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

impl Probe {
    /// For the database at this URL. Connects when first asked.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: quick(url), conn: Arc::default(), seen: tokio::sync::Mutex::new(None) }
    }

    /// Whether the database is reachable and has every migration. Answers within one and a half seconds.
    pub async fn is_well(&self) -> bool {
        let mut seen = self.seen.lock().await;
        if let Some((at, well)) = *seen
            && at.elapsed() < FRESH
        {
            return well;
        }
        let (url, conn) = (self.url.clone(), Arc::clone(&self.conn));
        #[expect(clippy::disallowed_methods, reason = "db is the one room that leaves the async threads for the database; one question at a time")]
        let asked = tokio::task::spawn_blocking(move || ask(&url, &conn));
        let answer = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Some(false),
        };
        // While an earlier question still waits for its answer, the last one stands.
        let Some(well) = answer else { return seen.is_some_and(|(_, well)| well) };
        *seen = Some((Instant::now(), well));
        well
    }
}

fn ask(url: &str, conn: &Mutex<Option<PgConnection>>) -> Option<bool> {
    let mut slot = match conn.try_lock() {
        Ok(slot) => slot,
        Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
        Err(TryLockError::WouldBlock) => return None,
    };
    // A connection may be a leftover of a server that has gone since: then a new one decides.
    if let Some(conn) = slot.as_mut() {
        match migrate::is_current(conn) {
            Ok(well) => return Some(well),
            Err(_) => *slot = None,
        }
    }
    let Ok(mut fresh) = PgConnection::establish(url) else { return Some(false) };
    let well = fresh.batch_execute("SET statement_timeout = 1000; SET default_transaction_read_only = on").and_then(|()| migrate::is_current(&mut fresh));
    *slot = Some(fresh);
    Some(well.unwrap_or(false))
}

/// A dead network must not hold the probe for long: libpq's own settings, in seconds and milliseconds.
fn quick(url: &str) -> String {
    [("connect_timeout", "2"), ("tcp_user_timeout", "2000"), ("application_name", "masthead-probe")].iter().fold(url.to_owned(), |url, (name, value)| {
        let joint = if url.contains('?') { '&' } else { '?' };
        if url.contains(&format!("{name}=")) { url } else { format!("{url}{joint}{name}={value}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_has_set_stays() {
        assert_eq!(quick("postgres://h/d?connect_timeout=9"), "postgres://h/d?connect_timeout=9&tcp_user_timeout=2000&application_name=masthead-probe");
        assert_eq!(quick("postgres://h/d"), "postgres://h/d?connect_timeout=2&tcp_user_timeout=2000&application_name=masthead-probe");
    }
}
