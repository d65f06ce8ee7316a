//! `strongroom`: keys, encryption and secrets from the command line.
//!
//! Never prints a secret to a terminal unless told to, takes none from an argument, and says what to do when something
//! does not work. The exit status is documented in `--help`.

mod alias_name;
mod arguments;
mod blob;
mod blocking;
mod command;
mod emit;
mod encoding;
mod fault;
mod files;
mod harden;
mod json;
mod key_use;
mod limit;
mod memory;
mod message;
mod names;
mod output;
mod pairs;
mod pem;
mod policy_text;
mod progress;
mod prompt;
mod settings;
mod signals;
mod table;
mod warning;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::Arguments;
use fault::CommandFault;

/// Zeroes what is freed, as in the service: covers copies of secrets inside tonic, hyper and TLS.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    harden::harden();
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            fault.report();
            ExitCode::from(fault.exit_status())
        }
    }
}

/// One worker keeps the connection alive while the main thread reads and writes files.
fn run(arguments: Arguments) -> Result<(), CommandFault> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(CommandFault::Runtime)?;
    let outcome = runtime.block_on(command::run(arguments));
    // A connection that is being closed must not keep the shell waiting.
    runtime.shutdown_background();
    outcome
}
