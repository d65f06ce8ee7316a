//! Running all tests and counting them: the numbers come from what the test programs print.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::ops::Add;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::workspace::BINARIES_VARIABLE;
use crate::{HarnessFault, console, process, workspace};

/// Which tests, and what they are told by their environment.
pub(super) struct Selection {
    /// Beside those of [`ALWAYS`].
    arguments: &'static [&'static str],
    /// Name and value.
    variable: Option<(&'static str, &'static str)>,
}

/// All tests.
pub(super) const ALL: Selection = Selection {
    arguments: &[],
    variable: None,
};
/// The key service again, on a token that derives a key for each message: `server/kms/tests/kms/bench.rs` reads the variable.
/// Of the workspace, and not of its package, so that nothing is compiled a second time.
pub(super) const KEYS_THAT_DERIVE: Selection = Selection {
    arguments: &["--test", "kms"],
    variable: Some(("STRONGROOM_TEST_SUITE", "SP800_108_AES_256_GCM")),
};

const ALWAYS: [&str; 3] = ["test", "--workspace", "--locked"];

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

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            ignored: self.ignored + other.ignored,
        }
    }
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
            parts.for_each(|part| self.add_part(part));
        } else if is_result_of_own_harness(line) {
            line.split(", ").for_each(|part| self.add_part(part));
        } else if line.starts_with("test ") && line.contains(" ... ignored") && !line.ends_with(CHILD) {
            self.ignored += 1;
        }
    }

    /// Adds what a part such as `3 passed` says.
    fn add_part(&mut self, part: &str) {
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

impl Selection {
    fn arguments(&self) -> impl Iterator<Item = &'static str> {
        ALWAYS.into_iter().chain(self.arguments.iter().copied())
    }

    /// What a person types to repeat the tests.
    fn typed(&self) -> String {
        let mut command = Command::new("cargo");
        let command = command.args(self.arguments()).envs(self.variable);
        format!("    {}", process::describe(command))
    }
}

/// Runs tests of the workspace; a test that is skipped counts as a failure of the run.
///
/// # Errors
/// When one fails or is skipped, or none ran.
pub(super) fn run(selection: &Selection, binaries: &Path) -> Result<Tally, HarnessFault> {
    let mut command = workspace::cargo();
    command
        .args(selection.arguments())
        .arg("--no-fail-fast")
        .envs(selection.variable)
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
        let what = format!("{tally}; repeat the tests with");
        return Err(HarnessFault::refused(what, selection.typed()));
    }
    if tally.ignored > 0 || tally.passed == 0 {
        let what = format!(
            "{tally}, but {} were not run: a check that is skipped checks nothing",
            tally.ignored
        );
        return Err(HarnessFault::refused(what, selection.typed()));
    }
    Ok(tally)
}

#[cfg(test)]
mod tests;
