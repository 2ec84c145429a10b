//! What the whole service shares: built once, the same for `main` and for the tests. The one place that looks at the clock.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use object_store::ObjectStore;

use crate::config::Config;
use crate::darkroom::Darkroom;
use crate::db::listen::Generation;
use crate::db::page::Signer;
use crate::db::probe::Probe;
use crate::db::{Db, Settings};
use crate::delivery::cache::ResponseCache;
use crate::delivery::references::References;
use crate::http::meters::Meters;
use crate::http::reader::Reader;
use crate::http::surrogates::Purger;
use crate::identity::passwords::Passwords;
use crate::identity::throttle::Throttle;
use crate::identity::tokens::Keys;
use crate::timestamp::Timestamp;

/// The time, to the millisecond. Everywhere else time is an argument, or the database's.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
pub fn now() -> Timestamp {
    chrono::Utc::now().into()
}

/// Handlers take it as this.
pub type State = actix_web::web::Data<App>;

/// The service's parts.
pub struct App {
    /// Its settings.
    pub config: Config,
    /// Its address as the world sees it, without a slash at the end.
    pub base: String,
    /// Its database.
    pub db: Db,
    /// Where media files are.
    pub media: Arc<dyn ObjectStore>,
    /// Where pictures are decoded, a few at a time.
    pub darkroom: Darkroom,
    /// What signs access tokens.
    pub keys: Keys,
    /// What signs cursors.
    pub cursors: Signer,
    /// Names, credits and pictures that cards refer to, ready to be shown.
    pub references: References,
    /// Hashes and checks passwords, a few at a time.
    pub passwords: Passwords,
    /// Ready answers to readers.
    pub responses: ResponseCache,
    /// Which change of the world was the last, as far as this process knows.
    pub generation: Arc<Generation>,
    /// What operators watch.
    pub meters: Meters,
    /// Tells a cache in front what to forget, where one is set.
    pub purger: Option<Purger>,
    /// The front end that is served at `/`, where there is one.
    pub reader: Reader,
    /// Slows down guessing of passwords.
    pub throttle: Throttle,
    /// Tells whether the database is well, whatever the pools are at.
    pub probe: Probe,
    /// Set while the schema, the first administrator and the demo are still to come: not ready yet.
    pub preparing: AtomicBool,
    /// Set when the process ends: its background threads end with it.
    pub ended: Arc<AtomicBool>,
    /// Set once a stop has begun: not ready for more.
    pub stopping: AtomicBool,
}

impl App {
    /// Puts the parts together. Connects to nothing yet.
    ///
    /// # Errors
    /// A sentence for the operator, when a key is too short or the media folder cannot be made.
    pub fn build(config: Config, database_url: String, signing_keys: &[String]) -> Result<Self, String> {
        let keys = Keys::new(signing_keys, config.access_ttl, config.token_leeway)?;
        let first = signing_keys.first().ok_or("A signing key is needed.")?;
        let media = crate::media_files::store(&config)?;
        let probe = Probe::new(&database_url);
        let db = Db::new(&Settings {
            url: database_url,
            read_url: config.database_read_url.as_ref().map(|url| url.expose().to_owned()),
            readers: config.pool_size,
            desk: config.desk_pool_size,
            acquire: std::time::Duration::from_millis(config.pool_timeout_ms),
            statement_timeout: std::time::Duration::from_millis(config.statement_timeout_ms),
            statement_cache: config.statement_cache.is_on(),
        });
        Ok(Self {
            base: config.public_base(),
            generation: db.generation(),
            db,
            media,
            darkroom: Darkroom::new(),
            keys,
            cursors: Signer::new(first.as_bytes()),
            references: References::default(),
            responses: ResponseCache::new(config.cache_bytes),
            passwords: Passwords::default(),
            meters: Meters::default(),
            purger: Purger::new(&config)?,
            reader: config.reader_folder().map_or_else(|| Ok(Reader::default()), |folder| Reader::load(&folder, &config.public_base()))?,
            throttle: Throttle::new(&config),
            probe,
            preparing: AtomicBool::new(false),
            ended: Arc::default(),
            stopping: AtomicBool::new(false),
            config,
        })
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.ended.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
