//! Running all tests and counting them: the numbers come from what the test programs print.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::workspace::BINARIES_VARIABLE;
use crate::{HarnessFault, console, process, workspace};

/// What a person types to repeat the tests.
const TYPED: &str = "    cargo test --workspace --locked";

/// Sums over all test programs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// Tests that passed.
    pub(super) passed: u64,
    /// Tests that failed.
    pub(super) failed: u64,
    /// Tests that were not run.
    pub(super) ignored: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Tally {
    /// Adds one line of output if it is a test program's result line.
    pub(super) fn count(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "filtered" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// Runs every test of the workspace; a test that is skipped counts as a failure of the run.
///
/// # Errors
/// When one fails or is skipped, or none ran.
pub(super) fn run(binaries: &Path) -> Result<Tally, HarnessFault> {
    let mut command = workspace::cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    command
        .env(BINARIES_VARIABLE, binaries)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| process::failed(&command, error))?;
    let mut tally = Tally::default();
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|stdout| BufReader::new(stdout).lines())
    {
        let line = line.map_err(|error| process::failed(&command, error))?;
        tally.count(&line);
        console::say(line);
    }
    let status = child.wait().map_err(|error| process::failed(&command, error))?;
    if !status.success() || tally.failed > 0 {
        return Err(HarnessFault::refused(format!("{tally}; repeat the tests with"), TYPED));
    }
    if tally.ignored > 0 || tally.passed == 0 {
        let what = format!(
            "{tally}, but {} were not run: a check that is skipped checks nothing",
            tally.ignored
        );
        return Err(HarnessFault::refused(what, TYPED));
    }
    Ok(tally)
}

#[cfg(test)]
mod tests;
