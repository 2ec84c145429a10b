//! `masthead migrate`.

use clap::Args;

use super::database::Database;
use crate::config::Config;
use crate::db::migrate;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Take every migration back instead, the last first. Deletes all content.
    #[arg(long)]
    revert_all: bool,
}

/// Brings the schema up to date, or takes it all back.
///
/// # Errors
/// A sentence with the database's words.
pub fn run(config: &Config, arguments: &Arguments) -> Result<(), String> {
    let database = Database::open(config)?;
    let mut conn = database.connect()?;
    let (done, names) = if arguments.revert_all { ("taken back", migrate::revert_all(&mut conn)?) } else { ("run", migrate::run(&mut conn)?) };
    for name in &names {
        println!("{done}: {name}");
    }
    if names.is_empty() {
        println!("There was nothing to do.");
    }
    Ok(())
}
