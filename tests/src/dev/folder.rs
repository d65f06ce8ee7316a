//! The folder of `cargo dev`: recognised by a marker file, used by one process at a time, emptied only of what is ours.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::{HarnessFault, private_file};

/// A development folder that this process holds.
pub(super) struct Folder {
    root: PathBuf,
    /// Holds the lock until the process ends, however it ends.
    _lock: File,
}

/// The file that says whose folder it is; its content is the version of the layout.
const MARKER: &str = "strongroom-development";
/// The layout of this version.
const LAYOUT: &str = "1\n";
/// The file that a running `cargo dev` has locked.
const LOCK: &str = "lock";
/// All that `cargo dev` and the service put there: what `--fresh` deletes, and nothing else.
const CONTENTS: [&str; 9] = [
    "data",
    "token",
    "certificates",
    "policies",
    "clients",
    "strongroomd.toml",
    "strongroomd.log",
    "strongroomd.pid",
    MARKER,
];

impl Folder {
    /// Makes or recognises the folder, and locks it.
    ///
    /// # Errors
    /// A refusal that says what to do when the folder is somebody else's, in use, or damaged.
    pub(super) fn open(directory: &Path, fresh: bool) -> Result<Self, HarnessFault> {
        if !directory.join(MARKER).is_file() && !is_empty(directory)? {
            let what = format!("{} is not a folder that cargo dev made", directory.display());
            return Err(HarnessFault::refused(
                what,
                "choose another (or one that is not there yet): cargo dev --dir DIR",
            ));
        }
        private_file::make_directory(directory)?;
        let root = fs::canonicalize(directory).map_err(HarnessFault::file("find", directory))?;
        let folder = Self {
            _lock: lock(&root)?,
            root,
        };
        folder.refuse_orphan()?;
        if fresh {
            folder.empty()?;
        }
        folder.check()?;
        private_file::write(&folder.path(MARKER), LAYOUT.as_bytes())?;
        for part in ["policies", "clients"] {
            private_file::make_directory(&folder.path(part))?;
        }
        Ok(folder)
    }

    /// The folder itself, absolute.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file below it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes the command line's configuration for the client `name`.
    pub(super) fn write_client_configuration(&self, name: &str, port: u16) -> Result<(), HarnessFault> {
        let text = format!(
            "version = 1\nendpoint = \"https://127.0.0.1:{port}\"\nca = \"../certificates/ca.pem\"\n\
             certificate = \"../certificates/{name}.pem\"\nprivate-key = \"../certificates/{name}.key\"\n"
        );
        private_file::write(&self.path(&format!("clients/{name}.toml")), text.as_bytes())
    }

    /// Remembers the service's process, for a start after this process was killed.
    pub(super) fn remember(&self, process: u32) -> Result<(), HarnessFault> {
        private_file::write(&self.path("strongroomd.pid"), format!("{process}\n").as_bytes())
    }

    /// A service that outlived its `cargo dev` still has the store open.
    fn refuse_orphan(&self) -> Result<(), HarnessFault> {
        let process = fs::read_to_string(self.path("strongroomd.pid")).unwrap_or_default();
        let process = process.trim();
        let command_line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let configuration = self.path("strongroomd.toml");
        if process.is_empty() || !String::from_utf8_lossy(&command_line).contains(&*configuration.to_string_lossy()) {
            return Ok(());
        }
        let what = format!(
            "the strongroomd of an earlier start still uses {} (process {process})",
            self.root.display()
        );
        Err(HarnessFault::refused(what, format!("end it: kill {process}")))
    }

    /// Keys and the records that name them live and die together.
    fn check(&self) -> Result<(), HarnessFault> {
        let layout = fs::read_to_string(self.path(MARKER)).unwrap_or_else(|_| LAYOUT.to_owned());
        if layout != LAYOUT {
            return Err(self.damaged("another version of the project made it"));
        }
        let token_there = !is_empty(&self.path("token/tokens"))?;
        let records_there = !is_empty(&self.path("data"))?;
        if records_there && !token_there {
            return Err(self.damaged("its records are there, but the token with their keys is gone"));
        }
        if token_there && !self.path("token/pin").is_file() {
            return Err(self.damaged("its token is there, but the token's PIN is gone"));
        }
        Ok(())
    }

    fn damaged(&self, how: &str) -> HarnessFault {
        let what = format!("{} cannot be used: {how}", self.root.display());
        HarnessFault::refused(what, "put back what is missing, or start empty: cargo dev --fresh")
    }

    fn empty(&self) -> Result<(), HarnessFault> {
        for name in CONTENTS {
            let path = self.path(name);
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(HarnessFault::file("delete", &path)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}

fn lock(root: &Path) -> Result<File, HarnessFault> {
    let path = root.join(LOCK);
    let file = File::create(&path).map_err(HarnessFault::file("open", &path))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        let what = format!("another cargo dev is running in {}", root.display());
        HarnessFault::refused(
            what,
            "use that one, end it with Ctrl-C, or choose another folder: cargo dev --dir DIR",
        )
    })?;
    Ok(file)
}

/// Whether there is nothing in a folder but perhaps the lock of a start that was killed at once, or no folder.
fn is_empty(directory: &Path) -> Result<bool, HarnessFault> {
    match fs::read_dir(directory) {
        Ok(entries) => Ok(entries.flatten().all(|entry| entry.file_name() == LOCK)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(HarnessFault::file("list", directory)(error)),
    }
}
