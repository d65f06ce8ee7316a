//! [`EncryptionContext`] and its canonical bytes: what ciphertext is bound to besides its key.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use strongroom_base::limits::ENCRYPTION_CONTEXT_LENGTH_MAX;
use strongroom_base::{Code, Fault};

/// Pairs of text that must be the same at decryption. Order does not count, case does. Not secret: audit records show
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// Takes the pairs of a request.
    ///
    /// # Errors
    /// ValidationException when keys and values together are longer than [`ENCRYPTION_CONTEXT_LENGTH_MAX`] characters.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Fault> {
        let pairs = BTreeMap::from_iter(pairs);
        let length: usize = pairs
            .iter()
            .map(|(key, value)| key.chars().count() + value.chars().count())
            .sum();
        if length > ENCRYPTION_CONTEXT_LENGTH_MAX {
            return Err(Fault::new(
                Code::Validation,
                format!(
                    "1 validation error detected: Value at 'encryptionContext' failed to satisfy constraint: \
                     Keys and values together must have length less than or equal to {ENCRYPTION_CONTEXT_LENGTH_MAX}"
                ),
            ));
        }
        Ok(Self(pairs))
    }

    /// The pairs, sorted by the bytes of their keys.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The pairs as policies and grants look at them.
    pub(crate) fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// SHA-256 over the canonical encoding: the number of pairs, then each key and value, sorted by the bytes of the
    /// keys, each after its length as 4 bytes, most significant first. No two contexts have the same encoding.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        context.update(&length_prefix(self.0.len()));
        for text in self.0.iter().flat_map(|(key, value)| [key, value]) {
            context.update(&length_prefix(text.len()));
            context.update(text.as_bytes());
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        digest
    }
}

/// Lengths fit: the request's message is bounded far below 4 GiB.
fn length_prefix(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
