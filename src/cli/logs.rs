//! Where log lines go: to standard error, as text or as JSON. Decides nothing about what is worth a line.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// What is logged when nothing is set.
const DEFAULT: &str = "info";

/// Starts the log. Commands that end by themselves only warn, unless the setting says otherwise.
///
/// # Errors
/// A sentence when the filter cannot be read.
pub fn begin(config: &Config, is_service: bool) -> Result<(), String> {
    let filter = if is_service || config.log != DEFAULT { config.log.as_str() } else { "warn" };
    // The HTTP server tells of its threads; that is nobody's affair unless asked for.
    let filter = if filter == DEFAULT { "info,actix_server=warn" } else { filter };
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("MASTHEAD_LOG cannot be read: {error}"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = match config.log_format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| error.to_string())
}
