//! `cargo ci`: every check, in the order in which they fail fastest; continuous integration runs the same command.

mod step;
mod test_run;

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use crate::install::{self, cargo_deny};
use crate::soak::power_cut;
use crate::{HarnessFault, console, process, workspace};
use step::Step;
use test_run::Tally;

/// Runs every check that continuous integration runs, and installs what they need.
#[derive(Parser)]
#[command(name = "cargo ci")]
struct Arguments {}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let Arguments {} = Arguments::parse();
    let started = Instant::now();
    let mut left_out = LeftOut::default();
    let outcome = checks(&mut left_out);
    console::say(format_args!("total: {}", seconds(started.elapsed())));
    left_out.0.iter().for_each(console::say);
    // The last line is for scripts: what was counted, and nothing else.
    if let Ok(tally) = &outcome {
        console::say(tally);
    }
    console::conclude(outcome.map(drop))
}

/// Checks that this machine cannot make: said where they would be, and again in the summary.
#[derive(Default)]
struct LeftOut(Vec<String>);

impl LeftOut {
    fn add(&mut self, name: &str, why: impl Display) {
        let line = format!("== {name}: not checked: {why}");
        console::say(&line);
        self.0.push(line);
    }
}

fn checks(left_out: &mut LeftOut) -> Result<Tally, HarnessFault> {
    announced("softhsm", || install::softhsm().map(drop))?;
    // Not every machine can build it; its tests are left out then.
    if let Err(fault) = announced_value("kryoptic", install::kryoptic::ensure) {
        left_out.add("kryoptic", fault);
    }
    Step::cargo("format", &["fmt", "--all", "--check"]).run()?;
    Step::cargo(
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    )
    .run()?;
    let deny = announced_value("cargo-deny", cargo_deny::ensure)?;
    Step::program(
        "bans, licenses, sources",
        &deny,
        &["--locked", "check", "bans", "licenses", "sources"],
    )
    .run()?;
    advisories(&deny, left_out)?;
    // With all targets, so that the programs and the tests share one set of features and everything compiles once.
    Step::cargo("build", &["build", "--workspace", "--all-targets", "--locked"]).run()?;
    Step::cargo("documentation", &["doc", "--workspace", "--no-deps", "--locked"])
        .with_variable(("RUSTDOCFLAGS", "-D warnings"))
        .run()?;
    disk_proofs(left_out)?;
    tests(&workspace::profile_directory())
}

/// All tests, and those of the key service again as they are where the token derives a key for each message.
fn tests(binaries: &Path) -> Result<Tally, HarnessFault> {
    let all = announced_value("tests", || test_run::run(&test_run::ALL, binaries))?;
    let again = announced_value("tests of keys that derive", || {
        test_run::run(&test_run::KEYS_THAT_DERIVE, binaries)
    })?;
    Ok(all + again)
}

/// Whether a dependency has a known weakness is asked only where the database can be fetched.
fn advisories(deny: &Path, left_out: &mut LeftOut) -> Result<(), HarnessFault> {
    let fetch = Step::program("advisories", deny, &["--locked", "fetch", "db"]);
    if !process::succeeds(&mut fetch.command()) {
        left_out.add("advisories", "the advisory database cannot be reached from here");
        return Ok(());
    }
    Step::program(
        "advisories",
        deny,
        &["--locked", "check", "--disable-fetch", "advisories"],
    )
    .run()
}

/// Needs a mounted file system of its own; where that cannot be had, the line says so.
fn disk_proofs(left_out: &mut LeftOut) -> Result<(), HarnessFault> {
    if let Err(fault) = power_cut::possible() {
        left_out.add("power cut and full disk", fault);
        return Ok(());
    }
    let programs = workspace::profile_directory();
    let soak = programs.join("soak");
    let variable = (workspace::BINARIES_VARIABLE, &*programs.to_string_lossy());
    Step::program("power cut", &soak, &["power-cut", "--rounds", "2"])
        .with_variable(variable)
        .run()?;
    Step::program("full disk", &soak, &["full-disk", "--rounds", "1"])
        .with_variable(variable)
        .run()
}

fn announced(name: &str, work: impl FnOnce() -> Result<(), HarnessFault>) -> Result<(), HarnessFault> {
    announced_value(name, work)
}

/// Prints the name of a check before it and the time that it took after it.
fn announced_value<T>(name: &str, work: impl FnOnce() -> Result<T, HarnessFault>) -> Result<T, HarnessFault> {
    console::say(format_args!("== {name}"));
    let started = Instant::now();
    let outcome = work();
    let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
    console::say(format_args!(
        "== {name}: {verdict} after {}",
        seconds(started.elapsed())
    ));
    outcome
}

fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        short @ 0..60 => format!("{short} s"),
        long => format!("{} min {} s", long / 60, long % 60),
    }
}
