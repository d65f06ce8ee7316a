//! [`Sealer`]: puts a tag on every record and checks it, so that nobody edits, swaps or copies records in the files.
//!
//! A stored value is format (1 byte) ‖ revision (8 bytes, big-endian) ‖ tag (32 bytes, absent in format 0) ‖ body.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use strongroom_material::{Material, SealingKey};

use crate::fault::StoreFault;
use crate::key::{BOOTSTRAP, RecordKey};
use crate::record::{Record, Revision};

/// Bytes of a sealing key: the output of the hash, as NIST SP 800-107 section 5.3.4 advises.
const SEALING_KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 32;
const REVISION_BYTES: usize = 8;
/// The format of bootstrap records: no tag.
const OPEN: u8 = 0;
/// The format of all others.
const SEALED: u8 = 1;
/// Keeps these tags apart from any other use that a key of the same bytes might be put to.
const DOMAIN: &[u8] = b"strongroom/store/record/1\0";
/// The same for bytes that leave the service and come back.
const TOKEN_DOMAIN: &[u8] = b"strongroom/token/1\0";

/// The holder of the sealing key. Clones share it: unlocking one unlocks all.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<OnceLock<hmac::Key>>,
}

impl Sealer {
    /// A sealer that has no key yet. Until it is unlocked every record but those of kind `bootstrap` is refused with
    /// [`StoreFault::Locked`].
    #[must_use]
    pub fn locked() -> Self {
        Self {
            key: Arc::new(OnceLock::new()),
        }
    }

    /// Gives it the key, of 32 bytes, for the rest of the process. The material is wiped here; the cipher library wipes
    /// its own form of the key when the last clone is dropped.
    ///
    /// # Errors
    /// [`StoreFault::SealingKeyLength`], and [`StoreFault::UnlockedAlready`]: a second key would make the records of
    /// the first look damaged.
    pub fn unlock(&self, key: Material<SealingKey>) -> Result<(), StoreFault> {
        if key.len() != SEALING_KEY_BYTES {
            return Err(StoreFault::SealingKeyLength { bytes: key.len() });
        }
        let key = key.reveal_to_cipher(|bytes| hmac::Key::new(hmac::HMAC_SHA256, bytes));
        self.key.set(key).map_err(|_| StoreFault::UnlockedAlready)
    }

    /// Whether it has no key yet.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.key.get().is_none()
    }

    /// A tag over bytes that leave the service and come back, such as a grant token, so that nobody else can make them.
    /// `purpose` keeps the bytes of one kind from passing for another's, and all of them from passing for a record.
    ///
    /// # Errors
    /// [`StoreFault::Locked`].
    pub fn authenticate(&self, purpose: &'static str, bytes: &[u8]) -> Result<[u8; TAG_BYTES], StoreFault> {
        let mut context = hmac::Context::with_key(self.key.get().ok_or(StoreFault::Locked)?);
        context.update(TOKEN_DOMAIN);
        context.update(&length(purpose.as_bytes()));
        context.update(purpose.as_bytes());
        context.update(&length(bytes));
        context.update(bytes);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(context.sign().as_ref());
        Ok(tag)
    }

    /// Refuses a record that cannot be sealed or checked now.
    pub(crate) fn admit(&self, key: &RecordKey) -> Result<(), StoreFault> {
        if key.is_sealed() && self.is_locked() {
            Err(StoreFault::Locked)
        } else {
            Ok(())
        }
    }

    /// Refuses a list that could hold a record that cannot be checked now.
    pub(crate) fn admit_prefix(&self, prefix: &str) -> Result<(), StoreFault> {
        let only_bootstrap = prefix.strip_prefix(BOOTSTRAP).is_some_and(|rest| rest.starts_with('/'));
        if self.is_locked() && !only_bootstrap {
            Err(StoreFault::Locked)
        } else {
            Ok(())
        }
    }

    /// The value to store for this body.
    pub(crate) fn seal(&self, key: &RecordKey, revision: Revision, body: &[u8]) -> Result<Vec<u8>, StoreFault> {
        let mut value = Vec::with_capacity(1 + REVISION_BYTES + TAG_BYTES + body.len());
        value.push(if key.is_sealed() { SEALED } else { OPEN });
        value.extend_from_slice(&revision.0.to_be_bytes());
        if key.is_sealed() {
            value.extend_from_slice(self.tag(key, revision, body)?.as_ref());
        }
        value.extend_from_slice(body);
        Ok(value)
    }

    /// Takes a stored value apart and checks its tag. `newest` is the last revision that the store gave out.
    pub(crate) fn open(&self, key: &RecordKey, value: &[u8], newest: Revision) -> Result<Record, StoreFault> {
        self.admit(key)?;
        let damaged = |what| StoreFault::RecordDamaged {
            key: key.as_str().into(),
            what,
        };
        let (&format, rest) = value.split_first().ok_or_else(|| damaged("it is empty"))?;
        if format != if key.is_sealed() { SEALED } else { OPEN } {
            return Err(damaged("its format is not the one of its kind"));
        }
        let (revision, rest) = rest
            .split_first_chunk::<REVISION_BYTES>()
            .ok_or_else(|| damaged("it is cut off"))?;
        let revision = Revision(u64::from_be_bytes(*revision));
        let body = if key.is_sealed() {
            let (tag, body) = rest
                .split_first_chunk::<TAG_BYTES>()
                .ok_or_else(|| damaged("it is cut off"))?;
            verify_slices_are_equal(self.tag(key, revision, body)?.as_ref(), tag).map_err(|_| {
                damaged("its tag does not fit its name, revision and content, so it was edited, swapped or copied")
            })?;
            body
        } else {
            rest
        };
        if revision > newest {
            return Err(damaged(
                "its revision is later than the store's last one, which was put back",
            ));
        }
        Ok(Record {
            key: key.clone(),
            revision,
            body: body.into(),
        })
    }

    /// Every part has a fixed size or its length in front, so that no two records give the same input.
    fn tag(&self, key: &RecordKey, revision: Revision, body: &[u8]) -> Result<hmac::Tag, StoreFault> {
        let mut context = hmac::Context::with_key(self.key.get().ok_or(StoreFault::Locked)?);
        context.update(DOMAIN);
        context.update(&length(key.as_str().as_bytes()));
        context.update(key.as_str().as_bytes());
        context.update(&[SEALED]);
        context.update(&revision.0.to_be_bytes());
        context.update(&length(body));
        context.update(body);
        Ok(context.sign())
    }
}

fn length(bytes: &[u8]) -> [u8; 8] {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
