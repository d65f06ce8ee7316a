//! Running all tests and counting them: the numbers come from what the test programs print.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::workspace::BINARIES_VARIABLE;
use crate::{HarnessFault, console, process, workspace};

/// What a person types to repeat the tests.
const TYPED: &str = "    cargo test --workspace --locked";

/// How a test says that it is no test but the program that another test starts.
const CHILD: &str = "ignored, a child process of another test";

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
    /// Adds one line of output if it is a test program's result, or a test that was not run.
    pub(super) fn count(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            let parts = result.split([';', '.']);
            parts.for_each(|part| self.add(part));
        } else if is_result_of_own_harness(line) {
            line.split(", ").for_each(|part| self.add(part));
        } else if line.starts_with("test ") && line.contains(" ... ignored") && !line.ends_with(CHILD) {
            self.ignored += 1;
        }
    }

    /// Adds what a part such as `3 passed` says.
    fn add(&mut self, part: &str) {
        let mut words = part.split_whitespace();
        let (Some(Ok(number)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
            return;
        };
        match what {
            "passed" => self.passed += number,
            "failed" => self.failed += number,
            "filtered" => self.ignored += number,
            _ => {}
        }
    }
}

/// The token's conformance program is its own harness (each case needs a process) and ends with `N passed, N failed`.
fn is_result_of_own_harness(line: &str) -> bool {
    line.split_once(" passed, ").is_some_and(|(passed, failed)| {
        let failed = failed.strip_suffix(" failed");
        [Some(passed), failed]
            .iter()
            .all(|number| number.is_some_and(|number| number.parse::<u64>().is_ok()))
    })
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
