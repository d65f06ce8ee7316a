//! `cargo soak`: the long proofs that nothing acknowledged is ever lost. `cargo ci` runs a short form of each.

mod agreement;
pub mod full_disk;
pub mod kill;
pub mod ledger;
mod lookup;
pub mod power_cut;
pub mod token_loss;
mod writer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use tempfile::TempDir;

use crate::leftover::{self, Leftover};
use crate::{HarnessFault, console};

/// Kills the service, cuts its power and takes its token away, over and over, and looks for anything lost.
#[derive(Parser)]
#[command(name = "cargo soak")]
struct Arguments {
    /// The proofs to run [default: all].
    #[arg(value_enum)]
    proof: Vec<Proof>,
    /// Rounds of each proof.
    #[arg(long, value_name = "N", default_value_t = 50)]
    rounds: usize,
    /// Keep the folder of a proof that fails.
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proof {
    /// SIGKILL at a random moment while keys and secrets are written.
    Kill,
    /// The disk as it is at a random moment, mounted again (needs root).
    PowerCut,
    /// The disk filled up by writers, and given room again (needs root).
    FullDisk,
    /// The token's folder moved away under load, and back.
    TokenLoss,
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    console::conclude(Arguments::parse().run())
}

impl Arguments {
    fn run(self) -> Result<(), HarnessFault> {
        leftover::remove_when_interrupted()?;
        let all = [Proof::Kill, Proof::TokenLoss, Proof::FullDisk, Proof::PowerCut];
        let proofs = if self.proof.is_empty() {
            all.to_vec()
        } else {
            self.proof
        };
        for proof in proofs {
            let name = proof
                .to_possible_value()
                .map_or_else(String::new, |value| value.get_name().to_owned());
            console::say(format_args!("== {name}: {} rounds", self.rounds));
            let started = Instant::now();
            prove(proof, self.rounds, self.keep)?;
            console::say(format_args!(
                "== {name}: passed after {} s",
                started.elapsed().as_secs()
            ));
        }
        Ok(())
    }
}

fn prove(proof: Proof, rounds: usize, keep: bool) -> Result<(), HarnessFault> {
    let mut directory = TempDir::with_prefix("strongroom-soak-")
        .map_err(HarnessFault::file("make a folder in", &std::env::temp_dir()))?;
    directory.disable_cleanup(keep);
    let _leftover = (!keep).then(|| Leftover::directory(directory.path().to_owned()));
    let helper = helper()?;
    let outcome = match proof {
        Proof::Kill => kill::prove(directory.path(), &helper, rounds).map(console::say),
        Proof::FullDisk => full_disk::prove(directory.path(), &helper, rounds).map(console::say),
        Proof::PowerCut => power_cut::prove(directory.path(), &helper, rounds).map(console::say),
        Proof::TokenLoss => token_loss::prove(directory.path(), &helper, rounds).map(console::say),
    };
    if outcome.is_err() && keep {
        console::say(format_args!("what is left is in {}", directory.path().display()));
    } else {
        directory.disable_cleanup(false);
    }
    outcome
}

/// For moments and samples; nothing secret is made of it.
fn random_number() -> Result<u32, HarnessFault> {
    getrandom::u32()
        .map_err(|error| HarnessFault::refused(format!("no random numbers: {error}"), "the system must have some"))
}

fn helper() -> Result<PathBuf, HarnessFault> {
    std::env::current_exe().map_err(HarnessFault::file("find", Path::new("this program")))
}
