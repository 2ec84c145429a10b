//! `masthead demo`.

use clap::Args;

use super::database::Database;
use super::{first_admin, prepare, secrets};
use crate::app::App;
use crate::config::Config;
use crate::demo::newsroom;

#[derive(Debug, Args)]
pub struct Arguments {}

/// Loads the demo newsroom, unless it is or was there.
///
/// # Errors
/// A sentence.
pub fn run(config: Config, _arguments: &Arguments) -> Result<(), String> {
    let wanted = first_admin::wanted(&config)?;
    let keys = secrets::signing_keys(&config)?;
    let database = Database::open(&config)?;
    let app = App::build(config, database.url.clone(), &keys)?;
    prepare::foundations(&mut database.connect()?, &app, wanted.as_ref())?;
    let report = actix_web::rt::System::new().block_on(newsroom::load(&app)).map_err(|error| format!("The demo newsroom could not be loaded: {error}"))?;
    if report.is_new() {
        println!("The demo newsroom is here: {} articles, {} of them live, with {} pictures.", report.articles, report.live, report.pictures);
    } else {
        println!("The demo newsroom has been loaded before.");
    }
    Ok(())
}
