//! Work with a PKCS#11 module in a process of its own: the programs of this crate start themselves again for it.
//!
//! A module is initialised once per process, reads its environment then, and must not live through a fork.

mod initialise;
pub mod measure;
mod module;
pub mod objects;
mod substitute;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{HarnessFault, console};

/// The first argument that makes a program of this crate act as the token tool.
pub const MARK: &str = "token-tool";

/// Acts as the token tool if the arguments say so; every `main` of this crate begins with it.
#[must_use]
pub fn requested() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != MARK {
        return None;
    }
    let tool = Tool::parse_from(std::iter::once(MARK.into()).chain(arguments));
    Some(console::conclude(tool.run()))
}

/// Raw work on one token, beside the service.
#[derive(Parser)]
struct Tool {
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Makes the token and its user PIN, unless they are there.
    Initialise(Initialise),
    /// Prints every object of the token as one JSON document.
    Objects(TokenArguments),
    /// Gives the object with an id the usage CKA_DERIVE, or takes it away: what an intruder might do.
    Derive(Derive),
    /// Puts another AES key in the place of the one with an id, alike in all that it says of itself.
    Substitute(Substitute),
    /// Drives the token from one thread and prints how fast it was.
    Measure(measure::Measure),
}

/// Which token, and how to log in.
#[derive(Args)]
struct TokenArguments {
    /// The PKCS#11 module.
    #[arg(long)]
    library: PathBuf,
    /// The token's label.
    #[arg(long)]
    label: String,
    /// The file with the user PIN.
    #[arg(long)]
    pin_file: PathBuf,
}

#[derive(Args)]
struct Initialise {
    #[command(flatten)]
    token: TokenArguments,
    /// The file with the security officer's PIN.
    #[arg(long)]
    security_officer_pin_file: PathBuf,
}

#[derive(Args)]
struct Derive {
    #[command(flatten)]
    token: TokenArguments,
    /// Take it away.
    #[arg(long)]
    never: bool,
    /// CKA_ID in hexadecimal digits.
    #[arg(long)]
    id: String,
}

#[derive(Args)]
struct Substitute {
    #[command(flatten)]
    token: TokenArguments,
    /// CKA_ID in hexadecimal digits.
    #[arg(long)]
    id: String,
}

impl Tool {
    fn run(self) -> Result<(), HarnessFault> {
        match self.work {
            Work::Initialise(work) => initialise::run(&work.token, &work.security_officer_pin_file),
            Work::Objects(token) => objects::run(&token),
            Work::Derive(work) => objects::allow_derivation(&work.token, &work.id, !work.never),
            Work::Substitute(work) => substitute::run(&work.token, &work.id),
            Work::Measure(work) => measure::run(&work),
        }
    }
}
