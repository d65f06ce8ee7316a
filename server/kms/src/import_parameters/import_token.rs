//! [`ImportToken`]: 32 random bytes that whoever imports shows, with what they are for in front.
//!
//! `format (1) ‖ key id (16) ‖ wrapping key's CKA_ID (32) ‖ valid to (8, milliseconds since the epoch) ‖ secret (32)`. The
//! store keeps the token's digest, so every byte of it is as it was given out.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use strongroom_base::{Code, Fault, KeyId, KeyMaterialId, Timestamp};

const FORMAT: u8 = 1;
const SECRET_BYTES: usize = 32;

/// What GetParametersForImport gives and ImportKeyMaterial wants back. It opens nothing, but lets its bearer import in
/// the place of whom it was given to; so it has no `Debug`.
pub struct ImportToken(Box<[u8]>);

/// What a token says of itself.
pub(crate) struct Named {
    pub(crate) key: KeyId,
    pub(crate) wrapping: KeyMaterialId,
    pub(crate) valid_to: Timestamp,
}

impl ImportToken {
    pub(crate) fn new(key: KeyId, wrapping: KeyMaterialId, valid_to: Timestamp) -> Result<Self, Fault> {
        let mut secret = [0; SECRET_BYTES];
        rand::fill(&mut secret)
            .map_err(|_| Fault::new(Code::Unavailable, "The system has no random numbers to give."))?;
        let valid_to = valid_to.as_millis().to_be_bytes();
        let parts: [&[u8]; 5] = [&[FORMAT], key.as_bytes(), wrapping.as_bytes(), &valid_to, &secret];
        Ok(Self(parts.concat().into()))
    }

    /// The token with these bytes, from a caller; [`Kms::import_parameters`](crate::Kms) looks whether it is one.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for the caller.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256, in hexadecimal: with 256 bits of the token unknown nobody finds it from that.
    pub(crate) fn digest(&self) -> String {
        HEXLOWER.encode(digest(&SHA256, &self.0).as_ref())
    }

    /// What it says of itself; `None` if it is none of ours.
    pub(crate) fn read(&self) -> Option<Named> {
        let ([FORMAT], rest) = self.0.split_first_chunk::<1>()? else {
            return None;
        };
        let (key, rest) = rest.split_first_chunk()?;
        let (wrapping, rest) = rest.split_first_chunk()?;
        let (valid_to, secret) = rest.split_first_chunk()?;
        (secret.len() == SECRET_BYTES).then(|| Named {
            key: KeyId::from_bytes(*key),
            wrapping: KeyMaterialId::from_bytes(*wrapping),
            valid_to: Timestamp(i64::from_be_bytes(*valid_to)),
        })
    }
}

#[cfg(test)]
mod tests;
