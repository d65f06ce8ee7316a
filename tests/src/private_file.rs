//! Files that only their owner can read: PINs and private keys.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use crate::HarnessFault;

/// Makes a folder (and those above it) that only its owner can enter.
///
/// # Errors
/// [`HarnessFault::File`].
pub fn make_directory(path: &Path) -> Result<(), HarnessFault> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(HarnessFault::file("make the folder", path))
}

/// Writes a whole file with permissions 0600, or leaves what was there: a kill in between leaves no half file.
///
/// # Errors
/// [`HarnessFault::File`].
pub fn write(path: &Path, content: &[u8]) -> Result<(), HarnessFault> {
    let temporary = beside(path);
    let attempt = || -> std::io::Result<()> {
        let mut file = create_private(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    attempt().map_err(HarnessFault::file("write", path))
}

/// Makes a file with `bytes` random bytes as hexadecimal digits, unless it is there already.
///
/// # Errors
/// [`HarnessFault::File`], and a refusal where the file can be read by others.
pub fn ensure_random(path: &Path, bytes: usize) -> Result<(), HarnessFault> {
    if path.exists() {
        return refuse_if_open(path);
    }
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)
        .map_err(|error| HarnessFault::refused(format!("no random numbers: {error}"), "the system must have some"))?;
    write(path, HEXLOWER.encode(&random).as_bytes())
}

fn refuse_if_open(path: &Path) -> Result<(), HarnessFault> {
    let mode = fs::metadata(path)
        .map_err(HarnessFault::file("read", path))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let what = format!(
        "{} can be read by other users (mode {:o})",
        path.display(),
        mode & 0o777
    );
    Err(HarnessFault::refused(
        what,
        format!("close it again: chmod 600 {}", path.display()),
    ))
}

fn create_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}
