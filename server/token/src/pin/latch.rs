//! [`Latch`]: a refused PIN is remembered on disk, so that it is tried once and not once per restart: a service that
//! restarts ten times would lock a real HSM.

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

/// The file that remembers a refused PIN, as a salted digest of PIN, label and library.
pub(crate) struct Latch {
    path: PathBuf,
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
            place,
        }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this PIN was refused here before. A file that cannot be understood holds, too.
    pub(crate) fn holds(&self, pin: &Material<Pin>) -> Result<bool, TokenFault> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(fault) => return Err(self.unusable(&fault)),
        };
        let parts = text.trim().split_once(' ').and_then(|(salt, digest)| {
            Some((
                HEXLOWER.decode(salt.as_bytes()).ok()?,
                HEXLOWER.decode(digest.as_bytes()).ok()?,
            ))
        });
        let Some((salt, digest)) = parts else { return Ok(true) };
        Ok(self.digest(&salt, pin) == digest.as_slice())
    }

    /// Remembers that this PIN was refused; on disk when it returns.
    pub(crate) fn set(&self, pin: &Material<Pin>) -> Result<(), TokenFault> {
        let mut salt = [0; SALT_BYTES];
        rand::fill(&mut salt).map_err(|_| self.unusable(&io::Error::other("no random numbers for its salt")))?;
        let text = format!(
            "{} {}\n",
            HEXLOWER.encode(&salt),
            HEXLOWER.encode(&self.digest(&salt, pin))
        );
        self.write(text.as_bytes()).map_err(|fault| self.unusable(&fault))
    }

    /// Forgets: the token accepted a PIN.
    pub(crate) fn release(&self) -> Result<(), TokenFault> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(()),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(fault) => Err(self.unusable(&fault)),
        }
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&self.path)?;
        file.write_all(text)?;
        file.sync_all()?;
        self.path
            .parent()
            .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    }

    fn digest(&self, salt: &[u8], pin: &Material<Pin>) -> [u8; DIGEST_BYTES] {
        let mut digest = [0; DIGEST_BYTES];
        let salt = [salt, &self.place].concat();
        pin.reveal_to_cipher(|pin| pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, pin, &mut digest));
        digest
    }

    fn unusable(&self, fault: &io::Error) -> TokenFault {
        TokenFault::File {
            path: self.path.clone(),
            cause: fault.to_string(),
        }
    }
}
