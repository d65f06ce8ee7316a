//! `cargo dev`: a whole service on this machine.

use std::process::ExitCode;

use strongroom_tests::{dev, token_tool};

fn main() -> ExitCode {
    token_tool::requested().unwrap_or_else(dev::main)
}
