//! The commands: one file each. Reads the command line, starts the log, hands over; knows no feature itself.

mod banner;
mod database;
mod demo;
mod doctor;
mod first_admin;
mod keeper;
mod logs;
mod migrate;
mod openapi;
mod prepare;
mod secrets;
mod serve;
mod signals;
mod user;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// A headless CMS for news: a JSON/REST service on PostgreSQL.
///
/// Without any setting it starts a private PostgreSQL server under the data directory, loads a demo newsroom, makes an
/// administrator, and prints where everything is.
#[derive(Debug, Parser)]
#[command(name = "masthead", version, max_term_width = 120)]
struct CommandLine {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service (what happens without a command).
    Serve,
    /// Do the background jobs alone, without HTTP; beside `serve` with MASTHEAD_JOBS=off, or in addition to it.
    Worker,
    /// Bring the database's schema up to date.
    Migrate(migrate::Arguments),
    /// Load the demo newsroom, or a large corpus to measure with.
    Demo(demo::Arguments),
    /// Manage accounts.
    #[command(subcommand)]
    User(user::Command),
    /// Check settings, storage, database and clock, and say what to do.
    Doctor(doctor::Arguments),
    /// Write the OpenAPI document to openapi/openapi.json, or print it outside the project's folder.
    Openapi(openapi::Arguments),
}

/// Runs the command of the command line. A failure is one sentence on standard error and exit code 1; a command line
/// that cannot be read is exit code 2.
#[must_use]
pub fn main() -> ExitCode {
    let CommandLine { config, command } = CommandLine::parse();
    let command = command.unwrap_or(Command::Serve);
    let outcome = logs::begin(&config, matches!(command, Command::Serve | Command::Worker)).and_then(|()| match command {
        Command::Serve => serve::run(config),
        Command::Worker => worker::run(config),
        Command::Migrate(arguments) => migrate::run(&config, &arguments),
        Command::Demo(arguments) => demo::run(config, &arguments),
        Command::User(command) => user::run(&config, command),
        Command::Doctor(arguments) => doctor::run(&config, &arguments),
        Command::Openapi(arguments) => openapi::run(&arguments),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("masthead: {}.", sentence.trim_end().trim_end_matches('.'));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound_and_every_setting_has_an_environment_variable() {
        CommandLine::command().debug_assert();
        let command = CommandLine::command();
        let without: Vec<_> = command.get_arguments().filter(|a| a.get_env().is_none()).map(|a| a.get_id().as_str()).collect();
        assert!(without.is_empty(), "{without:?}");
        assert!(command.get_arguments().all(|a| a.get_help().is_some()));
    }
}
