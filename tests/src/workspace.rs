//! Where the project is, and building its programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::{HarnessFault, process};

/// Names the folder with programs that are built already: `cargo ci` sets it, so that its tests do not build again.
pub const BINARIES_VARIABLE: &str = "STRONGROOM_BINARIES";

/// The project's folder, the one with the workspace's Cargo.toml.
///
/// Cargo says where it is when it runs a program or a test; what was compiled in is stale after the folder has moved.
#[must_use]
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let compiled_in = || env!("CARGO_MANIFEST_DIR").into();
        let tests = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(compiled_in));
        tests.parent().map_or_else(|| tests.clone(), Path::to_owned)
    })
}

/// The cargo that started this program, or the one on the PATH.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The folder into which cargo put this program: `target/debug`, `target/release` or the like.
#[must_use]
pub fn profile_directory() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let directory = program.parent().unwrap_or_else(|| root());
    match directory.parent() {
        Some(parent) if directory.ends_with("deps") => parent.to_owned(),
        Some(_) | None => directory.to_owned(),
    }
}

/// The service's program, built if need be, once per process.
///
/// # Errors
/// When it does not build.
pub fn strongroomd() -> Result<PathBuf, HarnessFault> {
    program("strongroomd")
}

/// The command line's program, built if need be, once per process.
///
/// # Errors
/// When it does not build.
pub fn strongroom() -> Result<PathBuf, HarnessFault> {
    program("strongroom")
}

/// Builds strongroomd and strongroom, in the profile of this program, with cargo's progress on the terminal.
///
/// # Errors
/// When cargo fails.
pub fn build() -> Result<(), HarnessFault> {
    let mut command = cargo();
    command.args([
        "build",
        "--locked",
        "--package",
        "strongroomd",
        "--package",
        "strongroom",
        "--bins",
    ]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    process::run(command.stdin(Stdio::null()))
}

fn program(name: &str) -> Result<PathBuf, HarnessFault> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    if let Some(directory) = std::env::var_os(BINARIES_VARIABLE) {
        return Ok(Path::new(&directory).join(name));
    }
    match BUILT.get_or_init(|| build().map_err(|fault| fault.to_string())) {
        Ok(()) => Ok(profile_directory().join(name)),
        Err(what) => Err(HarnessFault::refused(what.clone(), "the compiler's messages are above")),
    }
}
