//! The conformance suite against SoftHSM, and what only a real module can show.
//!
//! A process has one PKCS#11 context, and SoftHSM finds its configuration by an environment variable, which must not be
//! set in a process with threads. So each case runs in a child process of its own, with a token of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails panics"
)]
#![expect(clippy::print_stdout, reason = "this program is its own test harness")]

#[path = "softhsm/cases.rs"]
mod cases;
mod conformance;
#[path = "softhsm/runner.rs"]
mod runner;
#[path = "softhsm/stand.rs"]
mod stand;

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::main()
}
