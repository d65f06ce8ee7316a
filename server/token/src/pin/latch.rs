//! [`Latch`]: a refused PIN is remembered on disk, so that it is tried once and not once per restart: a service that
//! restarts ten times would lock a real HSM.
//!
//! What would be remembered is on disk before the PIN is tried, under another name: on a disk that is full or cannot be
//! written, no PIN is tried at all. A refusal then needs no more than a rename.
//!
//! A crash between the try and its answer leaves that other file, and nobody knows what the answer was. Such a PIN may be
//! tried once more: a power cut must not lock a right PIN out. But it is latched before that try, so that a module that
//! crashes in C_Login does not use up a real HSM's tries: a PIN costs at most two without an answer, and after that its
//! operator must remove the latch.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::{pbkdf2, rand};
use data_encoding::HEXLOWER;
use strongroom_material::{Material, Pin};

use crate::fault::TokenFault;
use crate::settings::TokenSettings;

/// Rounds of PBKDF2: 30 ms. A refused PIN is often the right one with one letter wrong; the file must not give it away.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(99_999);
const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
const FILE_NAME: &str = "pin-latch";
const PREPARED_NAME: &str = "pin-latch.prepared";

/// The file that remembers a refused PIN, as a salted digest of PIN, label and library.
pub(crate) struct Latch {
    path: PathBuf,
    /// The same while the token has not answered.
    prepared: PathBuf,
    /// What the PIN was tried on: other settings are another try.
    place: Vec<u8>,
}

impl Latch {
    /// The latch of this token.
    pub(crate) fn of(settings: &TokenSettings) -> Self {
        let mut place = Vec::new();
        for part in [
            settings.label.as_bytes(),
            settings.library.as_os_str().as_encoded_bytes(),
        ] {
            place.extend_from_slice(&(part.len() as u64).to_be_bytes());
            place.extend_from_slice(part);
        }
        Self {
            path: settings.state_directory.join(FILE_NAME),
            prepared: settings.state_directory.join(PREPARED_NAME),
            place,
        }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this PIN was refused here before. A file that cannot be understood holds, too.
    pub(crate) fn holds(&self, pin: &Material<Pin>) -> Result<bool, TokenFault> {
        let line = read(&self.path).map_err(|fault| unusable(&self.path, &fault))?;
        Ok(line.is_some_and(|line| self.fits(&line, pin).unwrap_or(true)))
    }

    /// Whether `line` is what an attempt with this PIN writes; `None` if it is not such a line at all.
    pub(crate) fn fits(&self, line: &str, pin: &Material<Pin>) -> Option<bool> {
        let (salt, digest) = line.trim().split_once(' ')?;
        let salt = HEXLOWER.decode(salt.as_bytes()).ok()?;
        let digest = HEXLOWER.decode(digest.as_bytes()).ok()?;
        Some(self.digest(&salt, pin) == digest.as_slice())
    }

    /// Prepares to remember that this PIN was refused; on disk when it returns. Without it no PIN may be tried.
    ///
    /// # Errors
    /// [`TokenFault::File`], which says what to do.
    pub(crate) fn prepare(&self, pin: &Material<Pin>) -> Result<Attempt<'_>, TokenFault> {
        // A damaged leftover was never complete, so its PIN was never tried.
        let leftover = read(&self.prepared).map_err(|fault| self.unprepared(&fault))?;
        if let Some(line) = leftover.filter(|line| self.fits(line, pin) == Some(true)) {
            self.put_in_place().map_err(|fault| self.unprepared(&fault))?;
            let file = &self.path;
            return Ok(Attempt {
                latch: self,
                file,
                line,
            });
        }
        let line = self.line(pin).map_err(|fault| self.unprepared(&fault))?;
        self.write(line.as_bytes()).map_err(|fault| self.unprepared(&fault))?;
        let file = &self.prepared;
        Ok(Attempt {
            latch: self,
            file,
            line,
        })
    }

    fn line(&self, pin: &Material<Pin>) -> io::Result<String> {
        let mut salt = [0; SALT_BYTES];
        rand::fill(&mut salt).map_err(|_| io::Error::other("no random numbers for its salt"))?;
        let digest = self.digest(&salt, pin);
        Ok(format!("{} {}\n", HEXLOWER.encode(&salt), HEXLOWER.encode(&digest)))
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.prepared)?;
        file.write_all(line)?;
        file.sync_all()?;
        self.sync_directory()
    }

    fn put_in_place(&self) -> io::Result<()> {
        fs::rename(&self.prepared, &self.path)?;
        self.sync_directory()
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.path
            .parent()
            .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    }

    fn unprepared(&self, fault: &io::Error) -> TokenFault {
        TokenFault::File {
            path: self.prepared.clone(),
            cause: format!(
                "{fault}; no PIN is tried while a refusal could not be remembered: make its directory writable, with \
                 room on its disk"
            ),
        }
    }

    fn digest(&self, salt: &[u8], pin: &Material<Pin>) -> [u8; DIGEST_BYTES] {
        let mut digest = [0; DIGEST_BYTES];
        let salt = [salt, &self.place].concat();
        pin.reveal_to_cipher(|pin| pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, pin, &mut digest));
        digest
    }
}

/// A login that is about to be tried, already on disk.
pub(crate) struct Attempt<'l> {
    latch: &'l Latch,
    /// Where it is on disk: prepared, or in the latch's place already.
    file: &'l Path,
    line: String,
}

impl Attempt<'_> {
    /// The token refused the PIN: remembers it. If that fails, the answer is what must be remembered in memory.
    pub(crate) fn refused(self) -> Result<(), (String, TokenFault)> {
        if self.file == self.latch.path {
            return Ok(());
        }
        let put = self.latch.put_in_place();
        put.map_err(|fault| (self.line, unusable(&self.latch.path, &fault)))
    }

    /// The token accepted the PIN: forgets everything.
    pub(crate) fn accepted(self) -> Result<(), TokenFault> {
        remove(&self.latch.path)?;
        remove(&self.latch.prepared)?;
        // A power cut must not bring it back: it would count as a try whose answer nobody knows.
        self.latch
            .sync_directory()
            .map_err(|fault| unusable(&self.latch.prepared, &fault))
    }

    /// The token said neither: forgets this attempt, and not what was refused before.
    pub(crate) fn undecided(self) {
        if let Err(fault) = remove(self.file) {
            tracing::warn!(%fault, "an attempt to log in that came to nothing stays on disk");
        }
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn remove(path: &Path) -> Result<(), TokenFault> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(unusable(path, &fault)),
    }
}

fn unusable(path: &Path, fault: &io::Error) -> TokenFault {
    TokenFault::File {
        path: path.to_owned(),
        cause: fault.to_string(),
    }
}
