//! Files that are in memory: a private folder on a memory file system, whose files are replaced as a whole.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::statfs;
use tempfile::TempDir;

use crate::fault::CommandFault;

/// statfs(2), `linux/magic.h`.
const TMPFS_MAGIC: i64 = 0x0102_1994;
const RAMFS_MAGIC: i64 = 0x8584_58f6;

/// Who may do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The owner may read it.
    Read,
    /// The owner may read and write it.
    Write,
}

/// A folder that only this user can look into. It goes with all its files when this is dropped.
pub(crate) struct MemoryFolder(TempDir);

impl MemoryFolder {
    /// A folder in `parent`, or where memory file systems usually are: `$XDG_RUNTIME_DIR`, then `/dev/shm`.
    ///
    /// # Errors
    /// [`CommandFault::NoMemoryFolder`] if nothing of it is in memory. A disk keeps what was written to it after the file is
    /// gone, so none is taken instead.
    pub(crate) fn create(parent: Option<&Path>) -> Result<Self, CommandFault> {
        let usual = || {
            let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
            runtime.into_iter().chain([PathBuf::from("/dev/shm")]).collect()
        };
        let candidates: Vec<PathBuf> = parent.map_or_else(usual, |parent| vec![parent.to_owned()]);
        Self::create_in(&candidates)
    }

    fn create_in(candidates: &[PathBuf]) -> Result<Self, CommandFault> {
        for candidate in candidates.iter().filter(|candidate| is_in_memory(candidate)) {
            let made = tempfile::Builder::new()
                .prefix("strongroom-")
                .permissions(Permissions::from_mode(0o700))
                .tempdir_in(candidate);
            if let Ok(folder) = made {
                return Ok(Self(folder));
            }
        }
        let tried = candidates
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>();
        Err(CommandFault::NoMemoryFolder {
            tried: tried.join(", "),
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a file there, in the place of the one that had the name: whoever opens it gets one or the other, whole.
    pub(crate) fn put(&self, name: &str, bytes: &[u8], access: Access) -> Result<PathBuf, CommandFault> {
        let path = self.path().join(name);
        let fault = |cause: io::Error| CommandFault::Output {
            name: path.display().to_string(),
            cause,
        };
        let mode = match access {
            Access::Read => 0o400,
            Access::Write => 0o600,
        };
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(self.path())
            .map_err(fault)?;
        file.write_all(bytes).map_err(fault)?;
        file.persist(&path).map_err(|refused| fault(refused.error))?;
        Ok(path)
    }
}

fn is_in_memory(folder: &Path) -> bool {
    statfs(folder).is_ok_and(|system| [TMPFS_MAGIC, RAMFS_MAGIC].contains(&system.f_type))
}

#[cfg(test)]
mod tests;
