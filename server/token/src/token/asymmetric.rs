//! [`Token`]'s methods for key pairs and for message authentication codes.
//!
//! What needs the public key alone (Verify, RSA encryption, encapsulation) needs no token: the key service does it over
//! the SubjectPublicKeyInfo of [`crate::CreatedKey`].

use strongroom_base::{Deadline, EncryptionAlgorithm, KeyUsage, MacAlgorithm, SigningAlgorithm};
use strongroom_material::{Kind, Material, SharedSecret};

use super::Token;
use crate::fault::TokenFault;
use crate::key::{SigningInput, TokenKey};
use crate::kind::Capability;

impl Token {
    /// Signs. ECDSA signatures are DER (`ECDSA-Sig-Value` of RFC 3279) with minimal integers, all others the standard's
    /// bytes.
    ///
    /// # Errors
    /// [`TokenFault::Unsupported`] if the token lacks the mechanism; `Defect` for an algorithm that the key has not, or
    /// for a digest of another length than the algorithm's.
    pub async fn sign(
        &self,
        key: &TokenKey,
        algorithm: SigningAlgorithm,
        input: SigningInput<'_>,
        deadline: Deadline,
    ) -> Result<Box<[u8]>, TokenFault> {
        self.supports(Capability::Sign(algorithm))?;
        let _ = (key, input, deadline);
        Err(NOT_YET)
    }

    /// Makes a message authentication code; to verify one, make it and compare in constant time.
    ///
    /// # Errors
    /// [`TokenFault`]; `Defect` for an algorithm that the key has not.
    pub async fn mac(
        &self,
        key: &TokenKey,
        algorithm: MacAlgorithm,
        message: &[u8],
        deadline: Deadline,
    ) -> Result<Box<[u8]>, TokenFault> {
        self.supports(Capability::Key(key.kind))?;
        let _ = (algorithm, message, deadline);
        Err(NOT_YET)
    }

    /// Opens what was encrypted under a key pair's public half.
    ///
    /// # Errors
    /// [`TokenFault::InvalidCiphertext`] only if the token is well; it never says what is wrong with the ciphertext.
    pub async fn decrypt_asymmetric<K: Kind>(
        &self,
        key: &TokenKey,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
        deadline: Deadline,
    ) -> Result<Material<K>, TokenFault> {
        self.supports(Capability::Decrypt(algorithm))?;
        let _ = (key, ciphertext, deadline);
        Err(NOT_YET)
    }

    /// The x-coordinate that an elliptic-curve Diffie-Hellman with `peer` comes to (SP 800-56A section 5.7.1.2), as long
    /// as a field element. `peer` is a SubjectPublicKeyInfo in DER of a key on the same curve.
    ///
    /// # Errors
    /// [`TokenFault::InvalidPublicKey`] for a peer that is not one, is on another curve, or on none.
    pub async fn derive_shared_secret(
        &self,
        key: &TokenKey,
        peer: &[u8],
        deadline: Deadline,
    ) -> Result<Material<SharedSecret>, TokenFault> {
        expect_usage(key, KeyUsage::KeyAgreement)?;
        let _ = (peer, deadline);
        Err(NOT_YET)
    }

    /// The shared secret of 32 bytes in an ML-KEM ciphertext. A ciphertext of the right length always opens: a wrong one
    /// to bytes that nobody has (FIPS 203 section 6.3).
    ///
    /// # Errors
    /// [`TokenFault::InvalidCiphertext`] for one of another length.
    pub async fn decapsulate(
        &self,
        key: &TokenKey,
        ciphertext: &[u8],
        deadline: Deadline,
    ) -> Result<Material<SharedSecret>, TokenFault> {
        expect_usage(key, KeyUsage::EncapsulateDecapsulate)?;
        let _ = (ciphertext, deadline);
        Err(NOT_YET)
    }
}

const NOT_YET: TokenFault = TokenFault::Unsupported {
    missing: "keys of this kind",
    what: "the request",
};

fn expect_usage(key: &TokenKey, usage: KeyUsage) -> Result<(), TokenFault> {
    if key.kind.usage() == usage {
        Ok(())
    } else {
        Err(TokenFault::Defect {
            what: "a key used for something that it is not for",
        })
    }
}
