//! The command line of OpenSSL: an implementation that is not ours, for tests of what leaves the service.

use std::path::PathBuf;

use super::packages;
use crate::{HarnessFault, console};

/// Where distributions put it.
const PROGRAM: &str = "/usr/bin/openssl";
/// The package of Debian and Ubuntu.
const PACKAGE: &str = "openssl";

/// The `openssl` program of this machine; installs the Debian package where it may, and says so first.
///
/// # Errors
/// Where it may not install: the message is the command to type.
pub fn openssl() -> Result<PathBuf, HarnessFault> {
    let program = PathBuf::from(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    console::say("OpenSSL's command line is not installed");
    if packages::install(&[PACKAGE])? && program.is_file() {
        return Ok(program);
    }
    Err(HarnessFault::refused(
        "OpenSSL's command line is not installed, and this user may not install it. Type:",
        "    sudo apt-get install openssl",
    ))
}
