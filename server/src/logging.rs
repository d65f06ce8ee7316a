//! What the operator reads: events on standard error, at the level that `STRONGROOM_LOG` sets (`info` by default).

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging: human-readable on a terminal, JSON lines elsewhere.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("STRONGROOM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.init();
    } else {
        builder.json().init();
    }
}
