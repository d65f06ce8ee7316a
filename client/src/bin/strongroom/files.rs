//! Where bytes come from and where they go: files, pipes, and output files that appear only when they are complete.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::fault::CommandFault;

/// A file, or stdin.
pub(crate) struct Source {
    pub(crate) file: File,
    pub(crate) name: String,
    /// Bytes, if it is a regular file.
    pub(crate) length: Option<u64>,
}

/// Who may read an output file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The owner alone: for plaintext.
    Private,
    /// Whoever the umask allows: for ciphertext.
    Ordinary,
}

/// A file that is being written, or stdout.
pub(crate) enum Sink {
    /// stdout, unbuffered: no copy of a secret stays behind.
    Stdout(File),
    /// A device or pipe that exists.
    Special(File, PathBuf),
    /// A file under another name in the same folder; it gets its own by [`Sink::complete`].
    New(NamedTempFile, PathBuf),
}

impl Source {
    /// Opens the file; stdin if there is none, or it is `-`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, CommandFault> {
        let (name, opened) = match path {
            Some(path) if path != Path::new("-") => (path.display().to_string(), File::open(path)),
            _ => ("stdin".to_owned(), duplicate(io::stdin())),
        };
        let fault = |cause| CommandFault::Input {
            name: name.clone(),
            cause,
        };
        let file = opened.map_err(fault)?;
        let metadata = file.metadata().ok();
        // It can be opened, but the first read would fail: after the service was asked.
        if metadata.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(fault(Errno::ISDIR.into()));
        }
        let length = metadata
            .filter(std::fs::Metadata::is_file)
            .map(|metadata| metadata.len());
        Ok(Self { file, name, length })
    }

    /// Whether somebody types.
    pub(crate) fn is_terminal(&self) -> bool {
        self.file.is_terminal()
    }

    /// All bytes, if there are at most `most`. The buffer never grows, so that no part of a secret is left behind.
    pub(crate) fn read_all(mut self, most: usize, what: &'static str) -> Result<Vec<u8>, CommandFault> {
        let mut bytes = Zeroizing::new(vec![0; most + 1]);
        let mut length = 0;
        while let Some(space) = bytes.get_mut(length..).filter(|space| !space.is_empty()) {
            match self.file.read(space) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(CommandFault::Input { name: self.name, cause }),
            }
        }
        if length > most {
            return Err(CommandFault::TooLong {
                name: self.name,
                most,
                what,
            });
        }
        bytes.truncate(length);
        Ok(std::mem::take(&mut *bytes))
    }
}

impl Sink {
    /// Begins a file; stdout if there is none, or it is `-`.
    pub(crate) fn create(path: Option<&Path>, mode: Mode) -> Result<Self, CommandFault> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return duplicate(io::stdout()).map(Self::Stdout).map_err(CommandFault::stdout);
        };
        let fault = |cause| CommandFault::Output {
            name: path.display().to_string(),
            cause,
        };
        let existing = path.metadata().ok();
        if existing.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(fault(Errno::ISDIR.into()));
        }
        // Renaming over a device or a pipe would replace it by a file.
        if existing.is_some_and(|metadata| !metadata.is_file()) {
            let file = OpenOptions::new().write(true).open(path).map_err(fault)?;
            return Ok(Self::Special(file, path.to_owned()));
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."));
        if !folder.metadata().map_err(fault)?.is_dir() {
            return Err(fault(Errno::NOTDIR.into()));
        }
        let permissions = Permissions::from_mode(match mode {
            Mode::Private => 0o600,
            Mode::Ordinary => 0o666,
        });
        let new = tempfile::Builder::new()
            .prefix(".strongroom-")
            .permissions(permissions)
            .tempfile_in(folder)
            // Its own text names the temporary file, which nobody asked for.
            .map_err(|cause| fault(cause.kind().into()))?;
        Ok(Self::New(new, path.to_owned()))
    }

    /// What to write to.
    pub(crate) fn file(&self) -> &File {
        match self {
            Self::Stdout(file) | Self::Special(file, _) => file,
            Self::New(new, _) => new.as_file(),
        }
    }

    /// Writes all of these bytes.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), CommandFault> {
        self.file().write_all(bytes).map_err(|cause| self.fault(cause))
    }

    /// Makes a new file durable and gives it its name, replacing the one that had it.
    pub(crate) fn complete(self) -> Result<(), CommandFault> {
        match self {
            Self::Stdout(_) | Self::Special(..) => Ok(()),
            Self::New(new, path) => {
                let fault = |cause| CommandFault::Output {
                    name: path.display().to_string(),
                    cause,
                };
                new.as_file().sync_all().map_err(fault)?;
                new.persist(&path)
                    .map(|_file| ())
                    .map_err(|persist| fault(persist.error))
            }
        }
    }

    /// What a failure to write here means.
    pub(crate) fn fault(&self, cause: io::Error) -> CommandFault {
        match self {
            Self::Stdout(_) => CommandFault::stdout(cause),
            Self::Special(_, path) | Self::New(_, path) => CommandFault::Output {
                name: path.display().to_string(),
                cause,
            },
        }
    }
}

fn duplicate(stream: impl AsFd) -> io::Result<File> {
    Ok(File::from(stream.as_fd().try_clone_to_owned()?))
}

#[cfg(test)]
mod tests;
