//! Ciphertext blobs: `version ‖ suite ‖ key id ‖ key material id ‖ nonce ‖ ciphertext ‖ tag`, and what they are bound to.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | format version, 1 |
//! | 1 | 1 | suite: 1 = AES-256-GCM in the token, random 96-bit nonce from the token; 2 = the same with a key derived for the message |
//! | 2 | 16 | key id |
//! | 18 | 32 | key material id |
//! | 50 | 12 | nonce |
//! | 62 | n + 16 | suite 1: ciphertext and tag |
//! | 62 | 16 + n + 16 | suite 2: salt of the message's key, ciphertext and tag |
//!
//! The nonce is outside the additional authenticated data: some HSMs make it only during encryption, and GCM
//! authenticates it anyway.

use strongroom_base::limits::CIPHERTEXT_BLOB_BYTES_MAX;
use strongroom_base::{Code, Fault, KeyId, KeyMaterialId};
use strongroom_token::{Encrypted, Nonce, Suite};

use crate::context::EncryptionContext;

const FORMAT_VERSION: u8 = 1;
const HEADER_BYTES: usize = 2 + 16 + KeyMaterialId::BYTES;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Which key and which of its materials made a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlobKey {
    pub(crate) key: KeyId,
    pub(crate) material: KeyMaterialId,
    pub(crate) suite: Suite,
}

/// The suite byte.
const fn number(suite: Suite) -> u8 {
    match suite {
        Suite::Direct => 1,
        Suite::Derived => 2,
    }
}

/// The suite with this byte.
fn numbered(number_of: u8) -> Option<Suite> {
    [Suite::Direct, Suite::Derived]
        .into_iter()
        .find(|suite| number(*suite) == number_of)
}

impl BlobKey {
    fn header(&self) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        let parts: [&[u8]; 3] = [
            &[FORMAT_VERSION, number(self.suite)],
            self.key.as_bytes().as_slice(),
            self.material.as_bytes().as_slice(),
        ];
        for (place, byte) in header.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        header
    }

    /// The additional authenticated data: the header and the digest of the context. Always 82 bytes: never empty
    /// (SoftHSM 2.6.1 may abort on empty data) and within every token's limit.
    pub(crate) fn authenticated_data(&self, context: &EncryptionContext) -> [u8; HEADER_BYTES + 32] {
        let mut data = [0; HEADER_BYTES + 32];
        for (place, byte) in data.iter_mut().zip(self.header().iter().chain(&context.digest())) {
            *place = *byte;
        }
        data
    }
}

/// A blob, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) key: BlobKey,
    pub(crate) nonce: Nonce,
    /// Salt if the suite has one, ciphertext and tag.
    pub(crate) ciphertext: Box<[u8]>,
}

impl Blob {
    /// Takes a caller's bytes apart.
    ///
    /// # Errors
    /// InvalidCiphertextException for whatever this service did not make, without saying what is wrong with it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() > CIPHERTEXT_BLOB_BYTES_MAX {
            return Err(invalid());
        }
        Self::split(bytes).ok_or_else(invalid)
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let ([FORMAT_VERSION, suite], rest) = bytes.split_first_chunk::<2>()? else {
            return None;
        };
        let suite = numbered(*suite)?;
        let (key, rest) = rest.split_first_chunk::<16>()?;
        let (material, rest) = rest.split_first_chunk::<{ KeyMaterialId::BYTES }>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if ciphertext.len() < suite.prefix_bytes() + TAG_BYTES {
            return None;
        }
        let key = BlobKey {
            key: KeyId::from_bytes(*key),
            material: KeyMaterialId::from_bytes(*material),
            suite,
        };
        Some(Self {
            key,
            nonce: Nonce::from_bytes(*nonce),
            ciphertext: ciphertext.into(),
        })
    }

    /// Joins what the token made with the key that it was made under.
    pub(crate) fn join(key: &BlobKey, encrypted: &Encrypted) -> Vec<u8> {
        [
            key.header().as_slice(),
            encrypted.nonce.as_bytes(),
            &encrypted.ciphertext,
        ]
        .concat()
    }
}

/// The one answer to every ciphertext that does not open, word for word the token's own.
pub(crate) fn invalid() -> Fault {
    Fault::new(Code::InvalidCiphertext, "The ciphertext is not valid.")
}

#[cfg(test)]
mod tests;
