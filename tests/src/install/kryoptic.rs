//! Kryoptic as a PKCS#11 module, built once from what crates.io has: `tests/kryoptic` says how, its lock file what.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::packages;
use crate::{HarnessFault, console, process, workspace};

/// Names a Kryoptic module elsewhere.
pub const LIBRARY_VARIABLE: &str = "STRONGROOM_KRYOPTIC_LIBRARY";
/// The files of the build, by their names where it is built. Compiled in, so that they are of one version with this.
const SOURCES: [(&str, &str); 3] = [
    ("Cargo.toml", include_str!("../../kryoptic/manifest.toml")),
    ("Cargo.lock", include_str!("../../kryoptic/Cargo.lock")),
    ("module.rs", include_str!("../../kryoptic/module.rs")),
];
/// What the build needs beside the Rust toolchain, as (program or library, Debian's package).
const TOOLS: [(&str, &str); 3] = [("make", "make"), ("perl", "perl"), ("libclang", "libclang1")];
/// Where libclang may be, for bindgen.
const LIBRARY_FOLDERS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
];

/// The Kryoptic module: built if need be, which takes two to five minutes on two cores, once.
///
/// # Errors
/// When a tool is missing that this user may not install, or it does not build; the message says what to do.
pub fn ensure() -> Result<PathBuf, HarnessFault> {
    if let Some(named) = std::env::var_os(LIBRARY_VARIABLE) {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(named);
        }
        let what = format!("{LIBRARY_VARIABLE} names {}, which is no file", named.display());
        return Err(HarnessFault::refused(what, "correct the variable, or unset it"));
    }
    if is_current() {
        return Ok(module());
    }
    provide_tools()?;
    write_sources()?;
    console::say("Building Kryoptic and its OpenSSL below target/kryoptic (some minutes, once)");
    process::run(&mut build())?;
    // Last: what is recorded has been built.
    record()?;
    Ok(module())
}

/// The module if there is one, for tests that are left out without it.
///
/// # Errors
/// What to do to have it.
pub fn built() -> Result<PathBuf, HarnessFault> {
    match std::env::var_os(LIBRARY_VARIABLE) {
        Some(named) => Ok(PathBuf::from(named)),
        None if is_current() => Ok(module()),
        None => Err(HarnessFault::refused(
            "Kryoptic is not built",
            "run `cargo ci` or `cargo dev --token kryoptic`, which build it",
        )),
    }
}

/// Below `target`, so that `cargo clean` removes it.
fn folder() -> PathBuf {
    let profile = workspace::profile_directory();
    profile.parent().unwrap_or(&profile).join("kryoptic")
}

fn module() -> PathBuf {
    folder().join("build/debug/libkryoptic_pkcs11.so")
}

/// A copy of all sources, written after they were built.
fn receipt() -> PathBuf {
    folder().join("build/debug/sources")
}

fn all_sources() -> String {
    SOURCES.iter().map(|(_, text)| *text).collect()
}

fn is_current() -> bool {
    module().is_file() && fs::read_to_string(receipt()).is_ok_and(|built| built == all_sources())
}

fn record() -> Result<(), HarnessFault> {
    fs::write(receipt(), all_sources()).map_err(HarnessFault::file("write", &receipt()))
}

fn write_sources() -> Result<(), HarnessFault> {
    let folder = folder().join("source");
    fs::create_dir_all(&folder).map_err(HarnessFault::file("make", &folder))?;
    for (name, text) in SOURCES {
        let file = folder.join(name);
        fs::write(&file, text).map_err(HarnessFault::file("write", &file))?;
    }
    Ok(())
}

fn build() -> Command {
    let mut command = workspace::cargo();
    command
        .args(["build", "--locked", "--manifest-path"])
        .arg(folder().join("source/Cargo.toml"));
    command.arg("--target-dir").arg(folder().join("build"));
    if let Some(arguments) = headers_for_clang() {
        command.env("BINDGEN_EXTRA_CLANG_ARGS", arguments);
    }
    command.stdin(Stdio::null());
    command
}

/// The compiler's own headers, such as stddef.h: the package libclang1 has none.
fn headers_for_clang() -> Option<String> {
    if std::env::var_os("BINDGEN_EXTRA_CLANG_ARGS").is_some() {
        return None;
    }
    let folder = process::output_of(Command::new("cc").arg("-print-file-name=include")).ok()?;
    Some(format!("-isystem {}", folder.trim()))
}

fn provide_tools() -> Result<(), HarnessFault> {
    let missing: Vec<&str> = TOOLS
        .iter()
        .filter(|(tool, _)| !is_there(tool))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() || packages::install(&missing)? {
        return Ok(());
    }
    let what = format!(
        "Kryoptic cannot be built without {}, and this user may not install what is missing. Type:",
        missing.join(", ")
    );
    let install = if packages::has_apt() { "apt-get" } else { "dnf" };
    Err(HarnessFault::refused(
        what,
        format!("    sudo {install} install {}", missing.join(" ")),
    ))
}

fn is_there(tool: &str) -> bool {
    match tool {
        "libclang" => has_libclang(),
        // Debian's images have a perl without the modules that OpenSSL's build needs.
        "perl" => process::succeeds(Command::new("perl").args(["-MFindBin", "-MIPC::Cmd", "-e", "1"])),
        program => process::succeeds(Command::new(program).arg("--version")),
    }
}

fn has_libclang() -> bool {
    std::env::var_os("LIBCLANG_PATH").is_some()
        || LIBRARY_FOLDERS.iter().any(|folder| holds_libclang(Path::new(folder)))
}

/// bindgen loads `libclang.so`, `libclang-14.so.1` and the like; `libclang-cpp.so` is another library.
fn holds_libclang(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.any(|name| name.starts_with("libclang") && !name.starts_with("libclang-cpp") && name.contains(".so"))
}
