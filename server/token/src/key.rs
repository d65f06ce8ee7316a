//! How callers name keys, and what they get back.

use std::fmt;
use std::sync::Arc;

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strongroom_base::KeyMaterialId;
use strongroom_material::{DataKey, Material, Message};

use crate::kind::KeyKind;
use crate::label::ObjectLabel;
use crate::message_key::{SALT_BYTES, Salt};
use crate::provenance::Provenance;

/// Bytes of an AES-GCM nonce: 96 bits, the length that needs no extra hashing (NIST SP 800-38D section 5.2.1.1).
pub const NONCE_BYTES: usize = 12;
/// Bytes of an AES-GCM tag: 128 bits.
pub const TAG_BYTES: usize = 16;
/// C_Encrypt calls that one request may cost at most. A request that ends in a fault may have used that many of the
/// key's invocations: charge them all.
pub const INVOCATIONS_PER_REQUEST_MAX: u32 = 3;

/// An AES-GCM nonce: random, from the token, used once. Not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; NONCE_BYTES]);

impl Nonce {
    /// The nonce with these bytes, from a ciphertext blob.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; NONCE_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; NONCE_BYTES] {
        &self.0
    }
}

/// What one encryption draws and no other may have: the nonce, and the salt of its message key where the key derives one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fresh {
    pub(crate) nonce: Nonce,
    pub(crate) salt: Salt,
}

impl Fresh {
    /// Bytes that are drawn. Without derivation the salt is drawn in vain: what costs is the call, not its bytes.
    pub(crate) const BYTES: usize = NONCE_BYTES + SALT_BYTES;

    /// Takes what was drawn for an encryption from random bytes; what else was drawn is left.
    pub(crate) fn split(drawn: &[u8]) -> Option<(Self, &[u8])> {
        let (nonce, rest) = drawn.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let fresh = Self {
            nonce: Nonce(*nonce),
            salt: *salt,
        };
        Some((fresh, rest))
    }
}

/// A known-good ciphertext of a key (under an AAD of this crate's own, where the key takes one): it tells damaged data from a sick token.
///
/// SoftHSM answers CKR_GENERAL_ERROR to a wrong tag and to a broken token alike. A ciphertext is called invalid only if
/// the witness opens under the same handle in the same session. What it holds, 16 random bytes, nobody looks at.
///
/// For AES-GCM it is the nonce, the ciphertext and the tag; for RSA a ciphertext of RSAES-OAEP with SHA-256. Keys that
/// open nothing have none; but a key for message authentication codes has one to be told from others by: 32 random bytes and
/// the code of a message that begins with them and is longer than any caller's.
#[derive(Clone, PartialEq, Eq)]
pub struct Witness(Box<[u8]>);

impl Witness {
    /// The witness with these bytes.
    pub(crate) fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Witness({} bytes)", self.0.len())
    }
}

impl Serialize for Witness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&BASE64.encode_display(&self.0))
    }
}

impl<'de> Deserialize<'de> for Witness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(de::Error::custom)?;
        if bytes.len() > NONCE_BYTES + TAG_BYTES {
            Ok(Self(bytes.into()))
        } else {
            Err(de::Error::custom(
                "a witness is at least a nonce, a ciphertext and a tag",
            ))
        }
    }
}

/// By what imported material is known when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hallmark {
    /// Of a secret: the witness that it made, which no other opens, or which no other's codes are.
    Witness(Arc<Witness>),
    /// Of a private key: the public half, SubjectPublicKeyInfo in DER. There is no other private key to it.
    PublicKey(Box<[u8]>),
}

/// How callers name a key: the CKA_ID of its object, what it is, and its witness.
#[derive(Debug, Clone)]
pub struct TokenKey {
    /// The CKA_ID.
    pub id: KeyMaterialId,
    /// What it was made as.
    pub kind: KeyKind,
    /// Its known-good ciphertext, from [`CreatedKey`]; what decrypts does not without.
    pub witness: Option<Arc<Witness>>,
}

/// What an encryption answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The nonce that it was made with.
    pub nonce: Nonce,
    /// The ciphertext, with its tag of [`TAG_BYTES`] at the end.
    pub ciphertext: Box<[u8]>,
    /// C_Encrypt calls that it took, retries included, at most [`INVOCATIONS_PER_REQUEST_MAX`]: what the key's budget
    /// must be charged.
    pub invocations: u32,
}

/// A data key, and the same encrypted.
pub struct GeneratedDataKey {
    /// For the caller.
    pub plaintext: Material<DataKey>,
    /// For storage.
    pub encrypted: Encrypted,
}

/// A key that was made, or had been made before with the same id. Making a symmetric one cost one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedKey {
    /// What the token says of it.
    pub provenance: Provenance,
    /// Its witness; `None` for a private key that does not decrypt.
    pub witness: Option<Witness>,
    /// The public half of a key pair: SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER. It is told once: the token does
    /// not keep it.
    pub public_key: Option<Box<[u8]>>,
}

/// What is to be signed.
pub enum SigningInput {
    /// The message itself; what signs a digest gets its digest (AWS's `RAW`).
    Message(Material<Message>),
    /// The message's digest, made by the caller (`DIGEST`).
    Digest(Material<Message>),
    /// The message representative of ML-DSA, made by the caller (`EXTERNAL_MU`, FIPS 204 section 6.2).
    ExternalMu(Material<Message>),
}

/// How a destruction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// The object was there and is gone, on disk too.
    Done,
    /// There was no such object, on a token that is well.
    WasAbsent,
}

/// One of our objects in the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Its CKA_ID.
    pub id: KeyMaterialId,
    /// Its CKA_LABEL.
    pub label: ObjectLabel,
    /// What the token says of it; or, for an object that no operation is done with, why.
    pub provenance: Result<Provenance, String>,
}

#[cfg(test)]
mod tests;
