//! Debian's packages: installed where this user may, and said first.

use std::path::Path;
use std::process::Command;

use crate::{HarnessFault, console, process};

/// Installs packages of Debian or Ubuntu; `false` where this user may not.
///
/// # Errors
/// When apt-get fails.
pub(super) fn install(packages: &[&str]) -> Result<bool, HarnessFault> {
    let Some(privilege) = privilege() else {
        return Ok(false);
    };
    console::say(format_args!("Installing the packages {} now", packages.join(", ")));
    run(&privilege, packages)?;
    Ok(true)
}

/// Whether this is a machine with Debian's packages.
pub(super) fn has_apt() -> bool {
    Path::new("/usr/bin/apt-get").exists()
}

/// The words before a command that needs root; `None` where this user cannot become root without typing.
fn privilege() -> Option<Vec<&'static str>> {
    if !has_apt() {
        return None;
    }
    if rustix::process::geteuid().is_root() {
        return Some(Vec::new());
    }
    process::succeeds(Command::new("sudo").args(["-n", "true"])).then(|| vec!["sudo", "-n"])
}

/// Debian machines, and images above all, may have no or outdated package lists: they are fetched at the first failure.
fn run(privilege: &[&str], packages: &[&str]) -> Result<(), HarnessFault> {
    let command = |arguments: &[&str]| {
        let words: Vec<&str> = privilege
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .collect();
        let mut command = Command::new(words.first().copied().unwrap_or("apt-get"));
        command.args(words.iter().skip(1)).args(arguments);
        command
    };
    let install: Vec<&str> = ["install", "--yes", "--no-install-recommends"]
        .iter()
        .chain(packages)
        .copied()
        .collect();
    if process::run(&mut command(&install)).is_ok() {
        return Ok(());
    }
    console::say("The package lists may be missing or old: fetching them");
    process::run(&mut command(&["update"]))?;
    process::run(&mut command(&install))
}
