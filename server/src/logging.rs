//! What the operator reads: events on standard error, at the level that `STRONGROOM_LOG` sets (`info` by default).

mod queue;

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};
use std::panic::{self, PanicHookInfo};
use std::thread;

use tracing_subscriber::EnvFilter;

pub(crate) use self::queue::LogQueue;

const VARIABLE: &str = "STRONGROOM_LOG";
const DEFAULT: &str = "info";

/// Starts logging: human-readable on a terminal, JSON lines elsewhere. Fails when the filter cannot be read: a service
/// that logs something else than it was told is noticed when the log is needed.
pub(crate) fn start() -> Result<LogQueue, Box<dyn Error>> {
    let filter = filter(env::var_os(VARIABLE).as_deref())?;
    let queue = LogQueue::start(io::stderr())?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(queue.clone());
    if io::stderr().is_terminal() {
        builder.init();
    } else {
        builder.json().init();
    }
    panic::set_hook(Box::new(log_panic));
    Ok(queue)
}

/// In place of the hook that writes to standard error: while nobody reads that, a worker that panicked would hang in it.
fn log_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    let text = info.payload_as_str().unwrap_or("the panic has no text");
    let thread = thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    tracing::error!(thread, location, text, "a defect of the service: a panic");
}

fn filter(variable: Option<&OsStr>) -> Result<EnvFilter, String> {
    let text = variable.unwrap_or_default().to_string_lossy();
    let text = if text.is_empty() { DEFAULT } else { &text };
    EnvFilter::try_new(text).map_err(|_| {
        format!(
            "{VARIABLE} is {text:?}, which is not a filter; write a level (error, warn, info, debug, trace), and \
             target=level for exceptions, as in info,strongroom_token=debug"
        )
    })
}

#[cfg(test)]
mod tests;
