//! What a token in files needs and a real HSM does not: its files synced, copied aside and swept.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;

use crate::fault::TokenFault;
use crate::settings::TokenSettings;

/// An empty object file younger than this may be one that another process is writing.
const EMPTY_OBJECT_AGE_MIN: Duration = Duration::from_secs(10);
/// SoftHSM's file with the token's label, serial number and PINs.
const TOKEN_OBJECT: &str = "token.object";

/// The files of a software token; nothing for others.
pub(crate) struct SoftwareToken<'a> {
    settings: &'a TokenSettings,
    directory: Option<&'a Path>,
}

impl<'a> SoftwareToken<'a> {
    pub(crate) fn of(settings: &'a TokenSettings) -> Self {
        Self {
            settings,
            directory: settings.sync_directory.as_deref(),
        }
    }

    /// Refuses settings without a directory where the profile needs one.
    pub(crate) fn check(&self) -> Result<(), TokenFault> {
        let profile = &self.settings.profile;
        let needed = profile.sync_directory || profile.sweep_empty_objects || profile.keep_token_object;
        match self.directory {
            None if needed => Err(TokenFault::SettingMissing {
                what: format!(
                    "`sync-directory` in [token]: the profile {:?} is a token in files, and they must be synced",
                    profile.name
                ),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses a directory that does not hold the token's files while the token answers. One that is moved away takes the
    /// answers with it; one that was away for a moment is there when it is looked at again.
    pub(crate) fn check_files(
        &self,
        serial: &str,
        answers: impl FnOnce() -> Result<(), TokenFault>,
    ) -> Result<(), TokenFault> {
        if self.check_holds(serial).is_ok() {
            return Ok(());
        }
        answers()?;
        self.check_holds(serial)
    }

    /// Refuses a directory that does not hold the files of the token with this serial number: what is synced, swept and
    /// copied aside would be something else, and a power cut would take keys that had been acknowledged.
    fn check_holds(&self, serial: &str) -> Result<(), TokenFault> {
        let profile = &self.settings.profile;
        let in_directories = profile.sync_directory || profile.sweep_empty_objects || profile.keep_token_object;
        let Some(directory) = self.directory.filter(|_| in_directories) else {
            return Ok(());
        };
        let ending = name_ending(serial);
        let found = match token_directories(directory) {
            Ok(tokens) if tokens.iter().any(|token| name(token).ends_with(&ending)) => return Ok(()),
            Ok(tokens) if tokens.is_empty() => "there is no token".to_owned(),
            Ok(tokens) => format!(
                "there is: {}",
                tokens.iter().map(|token| name(token)).collect::<Vec<_>>().join(", ")
            ),
            Err(fault) if is_mistake(&fault) => format!("it cannot be read: {fault}"),
            Err(fault) => {
                return Err(TokenFault::Unavailable {
                    cause: format!("{} cannot be read: {fault}", directory.display()),
                });
            }
        };
        Err(TokenFault::FilesElsewhere {
            directory: directory.to_owned(),
            wanted: format!("*{ending}/{TOKEN_OBJECT}"),
            found: match directory.try_exists() {
                Ok(false) => "there is no such directory".to_owned(),
                Ok(true) | Err(_) => found,
            },
        })
    }

    /// Makes all that the module has written durable. SoftHSM syncs nothing: a power cut took a fifth of the keys that
    /// had been acknowledged, and none after syncfs.
    pub(crate) fn sync(&self) -> Result<(), TokenFault> {
        let Some(directory) = self.directory.filter(|_| self.settings.profile.sync_directory) else {
            return Ok(());
        };
        let fault = match File::open(directory).map(|file| rustix::fs::syncfs(&file)) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(Errno::NOSPC | Errno::DQUOT)) => {
                return Err(TokenFault::StorageFull {
                    cause: format!("syncing {}", directory.display()),
                });
            }
            Ok(Err(errno)) => io::Error::from(errno),
            Err(fault) => fault,
        };
        Err(TokenFault::Unavailable {
            cause: format!("{} cannot be synced: {fault}", directory.display()),
        })
    }

    /// Removes the empty object files that a process killed in C_GenerateKey leaves, and that nothing else removes.
    /// Before C_Initialize, which would read them. Answers how many.
    pub(crate) fn sweep(&self) -> io::Result<usize> {
        let Some(directory) = self.directory.filter(|_| self.settings.profile.sweep_empty_objects) else {
            return Ok(0);
        };
        let mut swept = 0;
        for token in token_directories(directory)? {
            for entry in fs::read_dir(token)? {
                let entry = entry?;
                if is_empty_object(&entry)? {
                    fs::remove_file(entry.path())?;
                    tracing::warn!(file = %entry.path().display(), "removed an empty object file that a kill left");
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }

    /// Copies each token's own file aside before a login rewrites it in place: if it ended up empty, every key would be
    /// lost. An empty file does not replace a good copy.
    pub(crate) fn keep_token_objects(&self) -> io::Result<()> {
        let Some(directory) = self.directory.filter(|_| self.settings.profile.keep_token_object) else {
            return Ok(());
        };
        for token in token_directories(directory)? {
            let original = token.join(TOKEN_OBJECT);
            let content = match fs::read(&original) {
                Ok(content) if content.is_empty() => {
                    tracing::error!(file = %original.display(), "the token's own file is empty; a copy is kept aside");
                    continue;
                }
                Ok(content) => content,
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => continue,
                Err(fault) => return Err(fault),
            };
            self.keep(&content, token.file_name().unwrap_or_default())?;
        }
        Ok(())
    }

    fn keep(&self, content: &[u8], token: &OsStr) -> io::Result<()> {
        let directory = self.settings.state_directory.join("token-objects");
        fs::create_dir_all(&directory)?;
        let mut name = token.to_owned();
        name.push(".");
        name.push(TOKEN_OBJECT);
        let copy = directory.join(&name);
        if fs::read(&copy).is_ok_and(|kept| kept == content) {
            return Ok(());
        }
        name.push(".new");
        let new = directory.join(&name);
        fs::write(&new, content)?;
        File::open(&new)?.sync_all()?;
        fs::rename(&new, &copy)?;
        File::open(&directory)?.sync_all()
    }
}

/// The directories with a token's own file in them: one per token. None at all while the whole directory is away.
/// Others are somebody else's, and nothing is removed from them.
fn token_directories(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let mut tokens = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() && has_token_object(&entry.path())? {
            tokens.push(entry.path());
        }
    }
    Ok(tokens)
}

fn has_token_object(directory: &Path) -> io::Result<bool> {
    match fs::metadata(directory.join(TOKEN_OBJECT)) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(fault) if is_mistake(&fault) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Whether this is what a wrong directory gives. Other faults are a disk's or a network's, and may pass.
fn is_mistake(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory
    )
}

/// How SoftHSM's name for a token's directory ends: a UUID, whose last 16 digits are the serial number. That of serial
/// number bef3cc77ccc3d9b4 ends in `-bef3-cc77ccc3d9b4`.
fn name_ending(serial: &str) -> String {
    match serial.split_at_checked(4) {
        Some((group, node)) => format!("-{group}-{node}"),
        None => serial.to_owned(),
    }
}

fn name(directory: &Path) -> Cow<'_, str> {
    directory.file_name().unwrap_or_default().to_string_lossy()
}

fn is_empty_object(entry: &DirEntry) -> io::Result<bool> {
    let path = entry.path();
    if path.extension() != Some(OsStr::new("object")) || path.file_name() == Some(OsStr::new(TOKEN_OBJECT)) {
        return Ok(false);
    }
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        // Another process has just destroyed it.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(fault) => return Err(fault),
    };
    let age = metadata.modified()?.elapsed().unwrap_or_default();
    Ok(metadata.is_file() && metadata.len() == 0 && age >= EMPTY_OBJECT_AGE_MIN)
}

#[cfg(test)]
mod tests;
