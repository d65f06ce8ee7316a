//! `cargo soak`: the long proofs.

use std::process::ExitCode;

use strongroom_tests::{soak, token_tool};

fn main() -> ExitCode {
    token_tool::requested().unwrap_or_else(soak::main)
}
