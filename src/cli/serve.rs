//! `masthead serve`: from the first lock to the last, in order.

use std::net::TcpListener;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;

use super::first_admin::{self, Wanted};
use super::keeper::Keeper;
use super::signals::Signals;
use super::{banner, prepare, secrets};
use crate::app::App;
use crate::config::Config;
use crate::db::embedded::InstanceLock;
use crate::{server, worker};

/// Serves until a signal ends it.
///
/// # Errors
/// A sentence that says why it cannot.
pub fn run(mut config: Config) -> Result<(), String> {
    let _instance = match config.database_url {
        None => Some(InstanceLock::acquire(&config.data_dir).map_err(|error| error.to_string())?),
        // Replicas may share a folder of media.
        Some(_) => None,
    };
    let keys = secrets::signing_keys(&config)?;
    let wanted = first_admin::wanted(&config)?;
    let listener = bind(&mut config)?;
    actix_web::rt::System::new().block_on(serve(config, &keys, wanted, listener))
}

fn bind(config: &mut Config) -> Result<TcpListener, String> {
    let address = config.listen;
    let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("Port {} is in use: stop what listens there, or choose another with --listen {}:{}", address.port(), address.ip(), address.port().wrapping_add(1))
        }
        std::io::ErrorKind::PermissionDenied => format!("Port {} may not be listened on by this account: choose one above 1023 with --listen", address.port()),
        std::io::ErrorKind::AddrNotAvailable => format!("This machine does not have the address {}: choose another with --listen", address.ip()),
        _ => format!("It is not possible to listen on {address}: {error}"),
    })?;
    // Port 0 asks the system for a free one.
    config.listen = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(listener)
}

async fn serve(config: Config, keys: &[String], wanted: Option<Wanted>, listener: TcpListener) -> Result<(), String> {
    let mut signals = Signals::listen().map_err(|error| format!("Signals cannot be received: {error}"))?;
    let (keeper, opened) = Keeper::open(&config);
    let url = tokio::select! {
        opened = opened => opened.map_err(|_gone| "The database could not be opened".to_owned()).flatten(),
        name = signals.next() => Err(format!("stopped by {name}")),
    };
    let outcome = match url {
        Ok(url) => with_database(config, keys, wanted, listener, url, signals).await,
        Err(sentence) => {
            signals.end_at_next();
            Err(sentence)
        }
    };
    keeper.stop();
    outcome
}

async fn with_database(config: Config, keys: &[String], wanted: Option<Wanted>, listener: TcpListener, url: String, mut signals: Signals) -> Result<(), String> {
    let app = Data::new(App::build(config, url.clone(), keys)?);
    app.preparing.store(true, Ordering::SeqCst);
    let server = server::listen(app.clone(), listener).map_err(|error| format!("The listener cannot be used: {error}"))?;
    let handle = server.handle();
    let mut running = actix_web::rt::spawn(server);
    tracing::info!(address = %app.config.listen, "listening on {}", app.config.listen);
    let mut prepared = std::pin::pin!(prepare::prepare(app.clone(), url, wanted));
    let (mut is_ready, mut jobs) = (false, None);
    let outcome = loop {
        tokio::select! {
            done = &mut prepared, if !is_ready => match done {
                Ok(sign_in) => {
                    is_ready = true;
                    app.preparing.store(false, Ordering::SeqCst);
                    jobs = app.config.jobs.is_on().then(|| worker::begin(&app));
                    banner::print(&app, &sign_in);
                }
                Err(sentence) => break Err(sentence),
            },
            name = signals.next() => {
                tracing::info!(signal = name, "{name}: stopping");
                break Ok(());
            }
            ended = &mut running => break Err(format!("The server has ended: {ended:?}")),
        }
    };
    signals.end_at_next();
    stop(&app, &handle, outcome.is_ok()).await;
    if let Some(jobs) = jobs {
        jobs.stop().await;
    }
    outcome
}

/// Not ready first, so that balancers look elsewhere; then the requests under way; the database is the caller's.
async fn stop(app: &App, handle: &ServerHandle, gracefully: bool) {
    app.stopping.store(true, Ordering::SeqCst);
    if gracefully {
        tokio::time::sleep(Duration::from_secs(app.config.pre_stop_delay)).await;
    }
    handle.stop(gracefully).await;
    tracing::info!("every request has been answered");
}
