//! [`GrantToken`]: a text that names a grant, and that nobody else can make.
//!
//! Not secret and no permission in itself: a grant permits to its grantee alone, with its token or without. Base64 of
//! format (1 byte) ‖ key id (16) ‖ grant id (32) ‖ random bytes (16) ‖ tag (32); see `docs/formats.md`.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use data_encoding::BASE64;
use strongroom_base::{Code, Fault, GrantId, KeyId};
use strongroom_store::Sealer;

/// The one format.
const FORMAT: u8 = 1;
const PURPOSE: &str = "grant-token";
const RANDOM_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// The grant that a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GrantToken {
    pub(crate) key: KeyId,
    pub(crate) grant: GrantId,
}

impl GrantToken {
    /// A new text for it; no two are the same.
    pub(crate) fn issue(self, sealer: &Sealer) -> Result<String, Fault> {
        let mut random = [0; RANDOM_BYTES];
        rand::fill(&mut random)
            .map_err(|_| Fault::new(Code::Unavailable, "The system has no random numbers to give."))?;
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(self.key.as_bytes());
        bytes.extend_from_slice(self.grant.as_bytes());
        bytes.extend_from_slice(&random);
        let tag = sealer.authenticate(PURPOSE, &bytes)?;
        bytes.extend_from_slice(&tag);
        Ok(BASE64.encode(&bytes))
    }

    /// Reads a text that [`Self::issue`] made. Whether there is still such a grant is another question.
    ///
    /// # Errors
    /// InvalidGrantTokenException.
    pub(crate) fn parse(text: &str, sealer: &Sealer) -> Result<Self, Fault> {
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| invalid())?;
        let (body, tag) = bytes.split_last_chunk::<TAG_BYTES>().ok_or_else(invalid)?;
        let expected = sealer.authenticate(PURPOSE, body)?;
        verify_slices_are_equal(&expected, tag).map_err(|_| invalid())?;
        Self::from_body(body).ok_or_else(invalid)
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let (format, rest) = body.split_first()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (grant, random) = rest.split_first_chunk()?;
        (*format == FORMAT && random.len() == RANDOM_BYTES).then(|| Self {
            key: KeyId::from_bytes(*key),
            grant: GrantId::from_bytes(*grant),
        })
    }
}

/// The one answer for text that is no token, and for tokens of grants that are gone.
pub(crate) fn invalid() -> Fault {
    Fault::new(Code::InvalidGrantToken, "The grant token is not valid.")
}

#[cfg(test)]
mod tests;
