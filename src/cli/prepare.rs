//! What has to be there before the service is ready: the schema, the site, the first administrator, the demo. Waits for a
//! database that is not up yet, on a thread of its own.

use std::thread;
use std::time::Duration;

use actix_web::web::Data;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use tokio::sync::oneshot;

use super::database::{cannot_connect, is_permanent};
use super::first_admin::{self, SignIn, Wanted};
use crate::app::App;
use crate::db::{self, Db, migrate};
use crate::demo::newsroom;
use crate::editorial::site::store as site;
use crate::error::Code;

/// The pause between two attempts; a database that comes back is found within it.
const PAUSE: Duration = Duration::from_secs(1);

/// Does it all, however long the database takes to come; gives how to sign in.
///
/// # Errors
/// A sentence that says why it never will be ready.
pub async fn prepare(app: Data<App>, url: String, wanted: Option<Wanted>) -> Result<SignIn, String> {
    let shared = app.clone();
    let sign_in = patiently(url, move |conn| foundations(conn, &shared, wanted.as_ref())).await?;
    if app.config.wants_demo() {
        load_demo(&app).await?;
    }
    Ok(sign_in)
}

/// Only the schema, for whoever needs nothing else.
///
/// # Errors
/// A sentence that says why it never will be there.
pub async fn schema(url: String) -> Result<(), String> {
    patiently(url, migrate_to_current).await
}

/// Does the work on a thread of its own as soon as the database is there, and again if it goes away meanwhile.
async fn patiently<T: Send + 'static>(url: String, work: impl Fn(&mut PgConnection) -> Result<T, String> + Send + 'static) -> Result<T, String> {
    let (done, wait) = oneshot::channel();
    thread::spawn(move || drop(done.send(until_done(&url, work))));
    wait.await.map_err(|_gone| "The preparation of the database has failed".to_owned()).flatten()
}

fn until_done<T>(url: &str, work: impl Fn(&mut PgConnection) -> Result<T, String>) -> Result<T, String> {
    let mut last = String::new();
    loop {
        let failure = match Db::connect(url) {
            Ok(mut conn) => match work(&mut conn) {
                Ok(done) => return Ok(done),
                // With the connection gone it is the database that failed, not the work.
                Err(failure) if conn.batch_execute("SELECT 1").is_ok() => return Err(failure),
                Err(failure) => failure,
            },
            Err(words) if is_permanent(&words) => return Err(cannot_connect(&words)),
            Err(words) => words.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        if failure != last {
            tracing::warn!(cause = %failure, "waiting for the database: {}", failure.escape_debug());
            last = failure;
        }
        thread::sleep(PAUSE);
    }
}

fn migrate_to_current(conn: &mut PgConnection) -> Result<(), String> {
    let ran = migrate::run(conn).map_err(|words| format!("The schema could not be brought up to date: {words}"))?;
    for name in &ran {
        tracing::info!(migration = %name, "migration {name} has run");
    }
    Ok(())
}

/// All but the demo. Each does nothing where it has been done, and several replicas may do them at once.
///
/// # Errors
/// A sentence.
pub fn foundations(conn: &mut PgConnection, app: &App, wanted: Option<&Wanted>) -> Result<SignIn, String> {
    migrate_to_current(conn)?;
    let defaults = site::Defaults::at(&app.base);
    db::transaction(conn, &|tx| site::ensure(tx, &defaults)).map_err(|error| format!("The site's settings could not be made: {error}"))?;
    first_admin::ensure(conn, &app.config, wanted).map_err(|error| format!("The first administrator could not be made: {error}"))
}

async fn load_demo(app: &App) -> Result<(), String> {
    loop {
        match newsroom::load(app).await {
            Ok(report) if report.is_new() => tracing::info!(articles = report.articles, pictures = report.pictures, "the demo newsroom has been loaded"),
            Ok(_) => {}
            Err(error) if error.code == Code::Unavailable => {
                tracing::warn!(cause = %error, "the demo newsroom has to wait: {error}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            // A newsroom with content of its own goes on without the demo.
            Err(error) if error.code.status() < 500 => tracing::warn!(cause = %error, "the demo newsroom was not loaded: {error}"),
            Err(error) => return Err(format!("The demo newsroom could not be loaded: {error}")),
        }
        return Ok(());
    }
}
