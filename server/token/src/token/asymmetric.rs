//! [`Token`]'s methods for key pairs and for message authentication codes.
//!
//! What needs the public key alone (Verify, RSA encryption, encapsulation) needs no token: the key service does it over
//! the SubjectPublicKeyInfo of [`crate::CreatedKey`].

use strongroom_base::{Deadline, EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, SigningAlgorithm};
use strongroom_material::{Kind, Mac, Material, Message, SharedSecret};

use super::{Token, checks};
use crate::fault::TokenFault;
use crate::job::{DataJob, RsaOpening};
use crate::key::{SigningInput, TokenKey};
use crate::kind::Capability;
use crate::rsa::OaepHash;
use crate::{agreement, rsa, signing};

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
        input: SigningInput,
        deadline: Deadline,
    ) -> Result<Box<[u8]>, TokenFault> {
        self.supports(Capability::Sign(algorithm))?;
        let (mechanism, input) = signing::prepare(key.kind, algorithm, input)?;
        let job = DataJob::Sign {
            key: key.id,
            spec: key.kind.spec(),
            mechanism,
            input,
        };
        self.use_key(job, deadline).await?.into_signed()
    }

    /// What to answer when a signature of the token does not verify with the key's public half: an alarm, and no more. The
    /// next one may be right.
    #[must_use]
    pub fn bad_signature(&self, key: &TokenKey) -> TokenFault {
        let fault = TokenFault::Unavailable {
            cause: format!("a signature of {} does not verify with its public key", key.id),
        };
        self.inner.board.counters.alarms.count();
        tracing::error!(%fault, "the token signs wrongly, which can give a private key away: an operator must look at it");
        fault
    }

    /// Makes a message authentication code; to verify one, make it and compare in constant time.
    ///
    /// # Errors
    /// [`TokenFault`]; `Defect` for an algorithm that the key has not.
    pub async fn mac(
        &self,
        key: &TokenKey,
        algorithm: MacAlgorithm,
        message: Material<Message>,
        deadline: Deadline,
    ) -> Result<Material<Mac>, TokenFault> {
        expect_usage(key, KeyUsage::GenerateVerifyMac)?;
        self.supports(Capability::Key(key.kind))?;
        if key.kind.spec().mac_algorithm() != Some(algorithm) {
            return Err(TokenFault::Defect {
                what: "a message authentication code with an algorithm that the key has not",
            });
        }
        let job = DataJob::Mac {
            key: key.id,
            algorithm,
            message,
        };
        self.use_key(job, deadline).await?.into_mac()
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
        expect_usage(key, KeyUsage::EncryptDecrypt)?;
        let hash = match algorithm {
            EncryptionAlgorithm::RsaesOaepSha1 => OaepHash::Sha1,
            EncryptionAlgorithm::RsaesOaepSha256 => OaepHash::Sha256,
            EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2Pke => {
                return Err(TokenFault::Defect {
                    what: "asymmetric decryption with an algorithm that is not RSA's",
                });
            }
        };
        self.supports(Capability::Decrypt(algorithm))?;
        // What is not as long as the modulus is no ciphertext, whatever the token's state.
        if rsa::ciphertext_bytes(key.kind.spec()) != Some(ciphertext.len()) {
            return Err(TokenFault::InvalidCiphertext);
        }
        let opening = RsaOpening {
            key: key.id,
            witness: checks::witness(key)?,
            hash,
            ciphertext: ciphertext.into(),
        };
        let opened = self.use_key(DataJob::DecryptRsa { opening }, deadline).await?;
        Ok(opened.into_decrypted()?.repurpose())
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
        self.supports(Capability::Key(key.kind))?;
        let peer = agreement::peer_point(key.kind.spec(), peer)?;
        let length = agreement::secret_bytes(key.kind.spec()).ok_or(TokenFault::InvalidPublicKey)?;
        let job = DataJob::Derive {
            key: key.id,
            peer,
            length,
        };
        self.use_key(job, deadline).await?.into_shared_secret()
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
        self.supports(Capability::Key(key.kind))?;
        if encapsulated_bytes(key.kind.spec()) != Some(ciphertext.len()) {
            return Err(TokenFault::InvalidCiphertext);
        }
        let job = DataJob::Decapsulate {
            key: key.id,
            ciphertext: ciphertext.into(),
        };
        self.use_key(job, deadline).await?.into_shared_secret()
    }
}

fn expect_usage(key: &TokenKey, usage: KeyUsage) -> Result<(), TokenFault> {
    if key.kind.usage() == usage {
        Ok(())
    } else {
        Err(TokenFault::Defect {
            what: "a key used for something that it is not for",
        })
    }
}

/// Bytes of an ML-KEM ciphertext (FIPS 203 table 3).
fn encapsulated_bytes(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::MlKem512 => Some(768),
        KeySpec::MlKem768 => Some(1_088),
        KeySpec::MlKem1024 => Some(1_568),
        _ => None,
    }
}
