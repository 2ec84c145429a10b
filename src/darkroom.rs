//! Where pictures are decoded: a few at a time, so that they can take neither all cores nor all memory. Knows no picture.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// Requests that wait for a turn at the most; more are turned away at once.
const MOST_WAITING: usize = 64;

/// Hands out turns.
pub struct Darkroom {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// What is being made, by name.
    making: Mutex<HashMap<String, Weak<Maker>>>,
}

type Maker = tokio::sync::Mutex<()>;

/// As long as it is held, nobody else makes the same thing.
pub struct Alone {
    _guard: tokio::sync::OwnedMutexGuard<()>,
}

/// A turn: as long as it is held, the memory and the core are its holder's.
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Default for Darkroom {
    fn default() -> Self {
        Self::new()
    }
}

impl Darkroom {
    /// One turn at a time, or two where there are four cores or more: the others keep answering readers.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_turns((cores / 2).clamp(1, 2))
    }

    fn with_turns(turns: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(turns)), waiting: AtomicUsize::new(0), making: Mutex::default() }
    }

    /// Waits for a turn, first come, first served.
    ///
    /// # Errors
    /// 503 when too many wait already, or when none comes in time.
    pub async fn turn(&self, patience: Duration) -> Result<Turn> {
        let _place = Place::taken(&self.waiting)?;
        match tokio::time::timeout(patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
            _ => Err(busy()),
        }
    }

    /// Waits until nobody else makes the thing of this name; most likely it is there then.
    ///
    /// # Errors
    /// 503 when that takes too long.
    pub async fn alone(&self, name: &str, patience: Duration) -> Result<Alone> {
        let maker = {
            let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
            making.retain(|_, maker| maker.strong_count() > 0);
            let known = making.get(name).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let maker = Arc::new(Maker::default());
                making.insert(name.to_owned(), Arc::downgrade(&maker));
                maker
            })
        };
        tokio::time::timeout(patience, maker.lock_owned()).await.map(|guard| Alone { _guard: guard }).map_err(|_elapsed| busy())
    }
}

fn busy() -> Error {
    Error::unavailable("Too many pictures are being worked on. Try again in a moment.")
}

/// A place in the queue, given up also when the request that waits is gone.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn taken(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING { Err(busy()) } else { Ok(place) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turn {
    /// Works on a thread that may be kept busy. The turn goes along, so that it lasts until the work is done even when
    /// nobody waits for the outcome any more.
    ///
    /// # Errors
    /// Only when the work panics.
    pub async fn work<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<(Self, T)> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place where pictures leave the async threads")]
        let outcome = tokio::task::spawn_blocking(move || {
            let made = work();
            (self, made)
        });
        outcome.await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn turns_are_few_and_waiting_ends() {
        let room = Darkroom::with_turns(1);
        let turn = room.turn(Duration::from_secs(1)).await.unwrap();
        assert_eq!(room.turn(Duration::ZERO).await.err().map(|e| e.code.status()), Some(503));
        let (turn, made) = turn.work(|| 7).await.unwrap();
        assert_eq!(made, 7);
        drop(turn);
        assert!(room.turn(Duration::from_secs(1)).await.is_ok());
        assert_eq!(room.waiting.load(Ordering::Relaxed), 0);
    }

    #[actix_web::test]
    async fn a_long_queue_turns_away() {
        let room = Darkroom::with_turns(0);
        let mut queue: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(room.turn(Duration::from_secs(60)))).collect();
        for waiting in &mut queue {
            assert!(futures_util::poll!(waiting).is_pending());
        }
        assert!(room.turn(Duration::from_secs(60)).await.is_err());
        drop(queue);
        assert_eq!(room.waiting.load(Ordering::Relaxed), 0);
    }
}
