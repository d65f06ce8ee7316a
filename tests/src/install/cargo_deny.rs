//! cargo-deny in the one version that the checks are made with.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{HarnessFault, console, process, workspace};

/// Newer versions read `deny.toml` differently, older ones cannot read newer advisories.
const VERSION: &str = "0.20.2";

/// A cargo-deny of that version: the one on the PATH, or one built into `<target>/tools`.
///
/// # Errors
/// When it does not build.
pub fn ensure() -> Result<PathBuf, HarnessFault> {
    let tools = target_directory().join("tools");
    let ours = tools.join("bin/cargo-deny");
    for candidate in [Path::new("cargo-deny"), &ours] {
        if is_pinned(candidate) {
            return Ok(candidate.to_owned());
        }
    }
    console::say(format_args!(
        "Building cargo-deny {VERSION} into {} (some minutes, once)",
        tools.display()
    ));
    process::run(&mut installation(&tools))?;
    Ok(ours)
}

/// Below `target`, so that `cargo clean` removes it.
fn target_directory() -> PathBuf {
    let profile = workspace::profile_directory();
    profile.parent().unwrap_or(&profile).to_owned()
}

fn is_pinned(program: &Path) -> bool {
    let version = process::output_of(Command::new(program).arg("--version"));
    version.is_ok_and(|said| said.split_whitespace().last() == Some(VERSION))
}

/// Optimised for the time it takes to build on two cores, not for the seconds that it runs.
fn installation(tools: &Path) -> Command {
    let mut command = workspace::cargo();
    command
        .args(["install", "cargo-deny", "--locked", "--version", VERSION, "--root"])
        .arg(tools);
    command.arg("--target-dir").arg(tools.join("build"));
    command
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    command
}
