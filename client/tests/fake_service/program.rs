//! Runs the built `strongroom` program.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::service::Fake;

/// The program, with no configuration but the played service's endpoint.
pub(crate) fn command(fake: &Fake, arguments: &[&str]) -> Command {
    let mut command = bare(arguments);
    command.args(["--endpoint", &fake.endpoint]);
    command
}

/// The program without any configuration.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command
        .args(arguments)
        .env_remove("STRONGROOM_CONFIG")
        .env_remove("XDG_CONFIG_HOME")
        .env("HOME", "/nonexistent");
    command
}

/// Runs it with these bytes on stdin.
pub(crate) fn run(mut command: Command, input: &[u8]) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses its input before reading it closes the pipe.
    let _refused = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Runs it, expects success, and returns stdout.
pub(crate) fn succeed(fake: &Fake, arguments: &[&str], input: &[u8]) -> String {
    let output = run(command(fake, arguments), input);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it, expects this exit status, and returns stderr. Nothing may be on stdout.
pub(crate) fn fail(fake: &Fake, arguments: &[&str], input: &[u8], status: i32) -> String {
    let output = run(command(fake, arguments), input);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", stderr(&output));
    assert_eq!(output.stdout, b"", "{arguments:?}");
    stderr(&output)
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
