//! [`Material`]: secret bytes in one heap allocation that is filled in place, never grown, and zeroed on drop.

use std::marker::PhantomData;

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroize;

use crate::kind::Kind;

/// Secret bytes of one [`Kind`].
///
/// None of Debug, Display, Clone, PartialEq, Hash, Deref, AsRef, From, Default and Serialize: what cannot be formatted
/// cannot be logged, and what cannot be cloned is wiped once. The bytes are read through a closure behind a door named
/// after where they go; the `tidy` test lists the files that may open each door.
pub struct Material<K: Kind> {
    bytes: Box<[u8]>,
    kind: PhantomData<fn() -> K>,
}

/// Why [`Material::fill`] made nothing.
#[derive(Debug)]
pub enum FillFault<E> {
    /// A length of zero was asked for: there is no such secret.
    Empty,
    /// The source of the bytes failed; what it had written was wiped.
    Source(E),
}

impl<K: Kind> Material<K> {
    /// Makes `length` bytes (at least 1) and lets `source` write them in place, so that no second copy exists.
    ///
    /// # Errors
    /// [`FillFault::Empty`] for a length of zero, [`FillFault::Source`] with what `source` answered.
    pub fn fill<E>(length: usize, source: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, FillFault<E>> {
        if length == 0 {
            return Err(FillFault::Empty);
        }
        let mut material = Self {
            bytes: vec![0; length].into_boxed_slice(),
            kind: PhantomData,
        };
        source(&mut material.bytes).map_err(FillFault::Source)?;
        Ok(material)
    }

    /// Takes bytes that a library handed out as a plain vector, on the line after it did. The vector's own allocation
    /// is wiped, spare capacity included; the material may be empty.
    #[must_use]
    pub fn take(mut bytes: Vec<u8>) -> Self {
        let material = Self {
            bytes: bytes.as_slice().into(),
            kind: PhantomData,
        };
        bytes.zeroize();
        material
    }

    /// Gives the same bytes another purpose without copying them: a decrypted plaintext that is a data key.
    #[must_use]
    pub fn repurpose<J: Kind>(mut self) -> Material<J> {
        Material {
            bytes: std::mem::take(&mut self.bytes),
            kind: PhantomData,
        }
    }

    /// The number of bytes. Lengths are not secret.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are no bytes: an empty plaintext.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Compares in time that depends on the lengths only.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> Choice {
        self.bytes.ct_eq(&other.bytes)
    }

    /// Opens the bytes to the PKCS#11 token.
    pub fn reveal_to_token<R>(&self, door: impl FnOnce(&[u8]) -> R) -> R {
        door(&self.bytes)
    }

    /// Opens the bytes to a cipher or a message authentication code in this process.
    pub fn reveal_to_cipher<R>(&self, door: impl FnOnce(&[u8]) -> R) -> R {
        door(&self.bytes)
    }

    /// Opens the bytes to the rules that a parameter's value must keep, and to what becomes of a value that turns out to
    /// be no secret.
    pub fn reveal_to_rules<R>(&self, door: impl FnOnce(&[u8]) -> R) -> R {
        door(&self.bytes)
    }

    /// Opens the bytes to the wire: the message that goes to the caller who asked for them.
    pub fn reveal_to_wire<R>(&self, door: impl FnOnce(&[u8]) -> R) -> R {
        door(&self.bytes)
    }
}

impl<K: Kind> Drop for Material<K> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
mod tests;
