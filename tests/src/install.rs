//! What the machine needs besides the Rust toolchain: SoftHSM, Kryoptic, and OpenSSL and cargo-deny for the checks.

pub mod cargo_deny;
pub mod kryoptic;
pub mod openssl;
mod packages;

use std::path::{Path, PathBuf};

use crate::{HarnessFault, console};

/// Names a SoftHSM module elsewhere.
pub const LIBRARY_VARIABLE: &str = "STRONGROOM_SOFTHSM_LIBRARY";
/// Where distributions put the module.
const LIBRARIES: [&str; 6] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
/// The package of Debian and Ubuntu. `libsofthsm2` alone would do, but this one also brings its tools.
const PACKAGE: &str = "softhsm2";

/// The SoftHSM module of this machine; installs the Debian package where it may, and says so first.
///
/// # Errors
/// Where it may not install: the message is the command to type.
pub fn softhsm() -> Result<PathBuf, HarnessFault> {
    if let Some(library) = find_softhsm()? {
        return Ok(library);
    }
    console::say("SoftHSM is not installed");
    if !packages::install(&[PACKAGE])? {
        return Err(advise());
    }
    find_softhsm()?.ok_or_else(advise)
}

/// The module where the variable says, or where distributions put it.
fn find_softhsm() -> Result<Option<PathBuf>, HarnessFault> {
    if let Some(named) = std::env::var_os(LIBRARY_VARIABLE) {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(Some(named));
        }
        let what = format!("{LIBRARY_VARIABLE} names {}, which is no file", named.display());
        return Err(HarnessFault::refused(what, "correct the variable, or unset it"));
    }
    Ok(LIBRARIES.iter().map(PathBuf::from).find(|library| library.is_file()))
}

fn advise() -> HarnessFault {
    let (what, command) = if packages::has_apt() {
        (
            "SoftHSM is not installed, and this user may not install it. Type:",
            "    sudo apt-get install softhsm2",
        )
    } else if Path::new("/usr/bin/dnf").exists() {
        ("SoftHSM is not installed. Type:", "    sudo dnf install softhsm")
    } else {
        (
            "SoftHSM is not installed. Install it, and name its module:",
            "    export STRONGROOM_SOFTHSM_LIBRARY=PATH",
        )
    };
    HarnessFault::refused(what, command)
}
