//! Texts on their way in, read before any transaction begins: a long one costs tens of milliseconds, in which no
//! connection and no article should be held, nor any thread that answers others.

use std::sync::Arc;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::model::BodyInput;
use crate::body::Body;
use crate::error::{Error, Result};

/// Texts read at once: each takes a core.
const AT_ONCE: usize = 2;
/// How long one waits for its turn before the caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// The body that a request means; an empty one where it has none.
///
/// # Errors
/// 422 saying where something cannot be kept; 503 when too many wait.
pub async fn read(input: Option<BodyInput>) -> Result<Body> {
    let Some(input) = input else { return Ok(Body::default()) };
    let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, Arc::clone(&TURNS).acquire_owned()).await else {
        return Err(Error::unavailable("Too many texts are being saved at once. Try again in a moment."));
    };
    #[expect(clippy::disallowed_methods, reason = "the one place that reads texts; the semaphore bounds it")]
    let outcome = tokio::task::spawn_blocking(move || {
        // Kept until the work is done, also when the request that waits for it is gone.
        let _turn = turn;
        input.parse()
    });
    outcome.await.map_err(Error::internal)?
}
