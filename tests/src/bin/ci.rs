//! `cargo ci`: every check that continuous integration runs.

use std::process::ExitCode;

use strongroom_tests::ci;

fn main() -> ExitCode {
    ci::main()
}
