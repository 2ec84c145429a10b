//! `masthead openapi`.

use std::fs;
use std::path::Path;

use clap::Args;

use crate::server::document_json;

/// Where the project keeps the contract.
const CONTRACT: &str = "openapi/openapi.json";

#[derive(Debug, Args)]
pub struct Arguments {
    /// Only print it.
    #[arg(long)]
    print: bool,
}

/// Rewrites the project's contract; prints it where there is no project.
///
/// # Errors
/// A sentence when the file cannot be written.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let document = document_json();
    if arguments.print || !in_the_project() {
        print!("{document}");
        return Ok(());
    }
    let refused = |error: std::io::Error| format!("{CONTRACT} cannot be written: {error}");
    if fs::read_to_string(CONTRACT).is_ok_and(|old| old == document) {
        println!("{CONTRACT} is up to date.");
        return Ok(());
    }
    fs::create_dir_all(Path::new(CONTRACT).parent().unwrap_or_else(|| Path::new("."))).map_err(refused)?;
    fs::write(CONTRACT, document).map_err(refused)?;
    println!("{CONTRACT} has been written.");
    Ok(())
}

fn in_the_project() -> bool {
    fs::read_to_string("Cargo.toml").is_ok_and(|manifest| manifest.lines().any(|line| line == "name = \"masthead\""))
}
