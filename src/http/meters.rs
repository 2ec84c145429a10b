//! What operators watch: how many answers of which kind and how long they took, what the cache, the pools and the jobs do.
//! Kept for whoever has the token, in the text format of OpenMetrics 1.0. Names no reader, no story, no address.

use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::app::App;

/// Upper bounds of the classes of time, in seconds: from an answer out of memory to one that waited for its statement.
const CLASSES: [f64; 12] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: Method,
    route: String,
    status: u16,
}

/// A method by its name; one that HTTP does not know must not make a line of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Method(&'static str);

impl EncodeLabelValue for Method {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.0.encode(encoder)
    }
}

impl From<&actix_web::http::Method> for Method {
    fn from(method: &actix_web::http::Method) -> Self {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        Self(KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Turn {
    job: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

/// What is counted as it happens.
#[derive(Debug)]
pub struct Meters {
    answers: Family<Asked, Histogram, fn() -> Histogram>,
    turns: Family<Turn, Counter>,
}

impl Default for Meters {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(CLASSES);
        Self { answers: Family::new_with_constructor(histogram), turns: Family::default() }
    }
}

impl Meters {
    /// A request has been answered. `route` is the pattern that it fitted, not its path: there are only so many.
    pub fn answered(&self, method: &actix_web::http::Method, route: Option<String>, status: u16, took: Duration) {
        let asked = Asked { method: method.into(), route: route.unwrap_or_else(|| "none".to_owned()), status };
        self.answers.get_or_create(&asked).observe(took.as_secs_f64());
    }

    /// A background job has had its turn.
    pub fn turned(&self, job: &'static str, failed: bool) {
        self.turns.get_or_create(&Turn { job, outcome: if failed { "failed" } else { "done" } }).inc();
    }
}

/// All of it as text, as it is now.
///
/// # Errors
/// None that a `String` gives.
pub fn text(app: &App) -> Result<String, std::fmt::Error> {
    let mut all = Registry::with_prefix("masthead");
    all.register_with_unit("answers", "Answers by route, and how long they took", Unit::Seconds, app.meters.answers.clone());
    all.register("job_turns", "Turns of background jobs", app.meters.turns.clone());
    let mut count = |name: &str, help: &str, value: u64| {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        all.register(name, help, counter);
    };
    count("cache_hits", "Requests of readers answered from memory", app.responses.hits.load(Ordering::Relaxed));
    count("cache_misses", "Requests of readers that were computed", app.responses.misses.load(Ordering::Relaxed));
    if let Some(reads) = app.db.reads_of_replica() {
        count("standby_reads", "Reads for the world that the standby answered", reads);
    }
    let mut show = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        all.register(name, help, gauge);
    };
    let (entries, bytes) = app.responses.size();
    show("cache_entries", "Answers kept in memory", entries);
    show("cache_bytes", "Bytes of the answers kept in memory", bytes);
    show("generation", "Number of the world's last change that this process knows of", app.generation.seen().unwrap_or(0));
    show("generation_trusted", "1 while this process hears of changes that others make", i64::from(app.generation.current().is_some()));
    if let Some(age) = app.generation.age(crate::app::now()) {
        show("generation_age_seconds", "Seconds since this process came to know of the last change", age.num_seconds());
    }
    let in_use = Family::<Pool, Gauge>::default();
    for (pool, connections) in app.db.in_use() {
        in_use.get_or_create(&Pool { pool }).set(connections);
    }
    all.register("database_connections_in_use", "Database connections at work, by pool", in_use);
    let mut text = String::new();
    encode(&mut text, &all)?;
    Ok(text)
}
