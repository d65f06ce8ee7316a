//! What the commands of this crate print. A closed terminal is no reason to stop.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

use crate::HarnessFault;

/// Prints one line for the person at the terminal.
pub fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Prints one line on standard error.
pub fn complain(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Prints one JSON document on one line.
///
/// # Errors
/// When the value cannot be JSON.
pub fn say_json(value: &impl Serialize) -> Result<(), HarnessFault> {
    let text = serde_json::to_string(value)
        .map_err(|error| HarnessFault::refused(error.to_string(), "this value cannot be written as JSON"))?;
    say(text);
    Ok(())
}

/// What `main` returns: 0, or 1 after the fault was printed.
#[must_use]
pub fn conclude(outcome: Result<(), HarnessFault>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            complain(format_args!("error: {fault}"));
            ExitCode::FAILURE
        }
    }
}
