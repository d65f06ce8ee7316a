//! Running other programs: visibly, or for their output.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::HarnessFault;

/// The unit of times in /proc, which Linux fixed at a hundredth of a second for programs (USER_HZ).
const TICK_MILLIS: u64 = 10;

/// Runs a program whose output goes to the terminal.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<(), HarnessFault> {
    let status = command.status().map_err(|error| failed(command, error))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(command, status))
    }
}

/// Runs a program and returns its standard output; on failure the fault carries its standard error.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn output_of(command: &mut Command) -> Result<String, HarnessFault> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(command, error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(command, format_args!("{}: {}", output.status, said.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program runs and succeeds, without a word.
#[must_use]
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The processor time that a process has used since it started, in the kernel and outside.
///
/// # Errors
/// When there is no such process.
pub fn processor_time(process: u32) -> Result<Duration, HarnessFault> {
    let file = PathBuf::from(format!("/proc/{process}/stat"));
    let text = std::fs::read_to_string(&file).map_err(HarnessFault::file("read", &file))?;
    // The second field is the program's name in parentheses and may hold anything; 14 and 15 are what we want.
    let fields = text
        .rsplit_once(')')
        .map_or("", |(_, fields)| fields)
        .split_whitespace()
        .skip(11);
    let ticks: u64 = fields.take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * TICK_MILLIS))
}

/// The fault for `command` that ended with `outcome`.
pub fn failed(command: &Command, outcome: impl std::fmt::Display) -> HarnessFault {
    HarnessFault::Command {
        command: describe(command),
        outcome: format!("failed: {outcome}"),
    }
}

/// The command line, quoted so that it can be pasted into a shell; variables that it sets come first.
#[must_use]
pub fn describe(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut words: Vec<String> = variables
        .map(|(name, value)| format!("{}={}", name.to_string_lossy(), quoted(value)))
        .collect();
    words.push(quoted(command.get_program()));
    words.extend(command.get_args().map(quoted));
    words.join(" ")
}

/// One word of a shell command.
#[must_use]
pub fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
