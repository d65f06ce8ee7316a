//! The conformance suite against Kryoptic, and what only a real module can show.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails panics"
)]
#![expect(clippy::print_stdout, reason = "this program is its own test harness")]

#[path = "kryoptic/cases.rs"]
mod cases;
mod conformance;
mod real;
#[path = "kryoptic/stand.rs"]
mod stand;

use std::process::ExitCode;

fn main() -> ExitCode {
    real::runner::main::<stand::Kryoptic>()
}
