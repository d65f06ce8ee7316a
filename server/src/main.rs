//! `strongroomd`: the service's command line, configuration, composition, listeners and background jobs.
//!
//! The binary knows every crate and is known by none. It must never know how an operation is done: it puts the parts
//! together and starts them; the `tidy` test checks that nothing depends on it.

mod bounds;
mod cli;
mod config;
mod gathered;
mod harden;
mod health;
mod jobs;
mod listener;
mod logging;
mod metrics;
mod open;
mod parts;
mod serve;
mod tls;
mod watchdog;

use std::process::ExitCode;

/// Zeroes what is freed: covers copies of secrets inside tonic, hyper and TLS, which are out of our hands.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    cli::run()
}
