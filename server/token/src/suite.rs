//! [`Suite`]: how a symmetric key encrypts, fixed for its object's life.

use std::fmt;

use serde::{Deserialize, Serialize};
use strongroom_base::KeyMaterialId;
use strongroom_hsm_config::SuiteName;
use strongroom_material::{Material, Plaintext};

use crate::key::{Fresh, Nonce};
use crate::message_key;
use crate::module::{ModuleFault, ModuleSession};

/// How a symmetric key encrypts. No object serves two: one that derived and encrypted could compute, by an encryption
/// that its policy allows, what it derives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// AES-256-GCM with the key itself and a random 96-bit nonce: every token can.
    #[default]
    Direct,
    /// For each message a key of its own, derived in the token (SP 800-108, counter mode, HMAC-SHA-256) from the key and
    /// a random 128-bit salt, then AES-256-GCM with that. Ciphertexts begin with the salt.
    Derived,
}

impl Suite {
    /// What a profile calls it.
    #[must_use]
    pub const fn name(self) -> SuiteName {
        match self {
            Self::Direct => SuiteName::Aes256Gcm,
            Self::Derived => SuiteName::DerivedAes256Gcm,
        }
    }

    /// Bytes of a ciphertext before the encrypted text itself.
    #[must_use]
    pub const fn prefix_bytes(self) -> usize {
        match self {
            Self::Direct => 0,
            Self::Derived => message_key::SALT_BYTES,
        }
    }

    /// Whether it is the suite of every key that was made before there was another.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        matches!(self, Self::Direct)
    }
}

impl From<SuiteName> for Suite {
    fn from(name: SuiteName) -> Self {
        match name {
            SuiteName::Aes256Gcm => Self::Direct,
            SuiteName::DerivedAes256Gcm => Self::Derived,
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(formatter)
    }
}

/// A symmetric key as jobs name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CipherKey {
    pub(crate) id: KeyMaterialId,
    pub(crate) suite: Suite,
}

/// A symmetric key's object in some session, ready to encrypt and decrypt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cipher<H> {
    pub(crate) key: CipherKey,
    pub(crate) handle: H,
}

impl<H: Copy> Cipher<H> {
    /// Encrypts in the token; answers what [`Self::decrypt`] takes.
    pub(crate) fn encrypt<S: ModuleSession<Handle = H>>(
        &self,
        session: &S,
        fresh: Fresh,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, ModuleFault> {
        match self.key.suite {
            Suite::Direct => session.encrypt(self.handle, fresh.nonce, aad, plaintext),
            Suite::Derived => message_key::encrypt(session, self.handle, &self.key.id, fresh, aad, plaintext),
        }
    }

    /// Decrypts in the token.
    pub(crate) fn decrypt<S: ModuleSession<Handle = H>>(
        &self,
        session: &S,
        nonce: Nonce,
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault> {
        match self.key.suite {
            Suite::Direct => session.decrypt(self.handle, nonce, aad, ciphertext),
            Suite::Derived => message_key::decrypt(session, self.handle, &self.key.id, nonce, aad, ciphertext),
        }
    }
}
