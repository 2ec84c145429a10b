//! `masthead worker`: the background jobs alone, without HTTP. Any number of them may run, beside any number of `serve`.

use std::sync::atomic::Ordering;

use actix_web::web::Data;

use super::keeper::Keeper;
use super::signals::Signals;
use super::{prepare, secrets};
use crate::app::App;
use crate::config::Config;
use crate::worker;

/// Works until a signal ends it.
///
/// # Errors
/// A sentence that says why it cannot.
pub fn run(config: Config) -> Result<(), String> {
    let keys = secrets::signing_keys(&config)?;
    actix_web::rt::System::new().block_on(work(config, &keys))
}

async fn work(config: Config, keys: &[String]) -> Result<(), String> {
    let mut signals = Signals::listen().map_err(|error| format!("Signals cannot be received: {error}"))?;
    let (keeper, opened) = Keeper::open(&config);
    let url = tokio::select! {
        opened = opened => opened.map_err(|_gone| "The database could not be opened".to_owned()).flatten(),
        name = signals.next() => Err(format!("stopped by {name}")),
    };
    let outcome = match url {
        Ok(url) => with_database(config, keys, url, signals).await,
        Err(sentence) => {
            signals.end_at_next();
            Err(sentence)
        }
    };
    keeper.stop();
    outcome
}

async fn with_database(config: Config, keys: &[String], url: String, mut signals: Signals) -> Result<(), String> {
    let app = Data::new(App::build(config, url.clone(), keys)?);
    let ready = tokio::select! {
        ready = prepare::schema(url) => ready.map(|()| true),
        name = signals.next() => {
            tracing::info!(signal = name, "{name}: stopping");
            Ok(false)
        }
    };
    if !matches!(ready, Ok(true)) {
        signals.end_at_next();
        return ready.map(drop);
    }
    let jobs = worker::begin(&app);
    tracing::info!("working");
    let name = signals.next().await;
    tracing::info!(signal = name, "{name}: stopping");
    signals.end_at_next();
    app.stopping.store(true, Ordering::SeqCst);
    jobs.stop().await;
    tracing::info!("every job under way has been finished");
    Ok(())
}
