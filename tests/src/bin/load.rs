//! `cargo load`: the service beside a bare gRPC echo and the bare token.

use std::process::ExitCode;

use strongroom_tests::{load, token_tool};

fn main() -> ExitCode {
    token_tool::requested().unwrap_or_else(load::main)
}
