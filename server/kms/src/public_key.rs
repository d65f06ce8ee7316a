//! [`PublicKey`]: the public half of a key pair, and what is done with it in this process: signatures are verified,
//! plaintexts encrypted and secrets encapsulated here, without the token (docs/decisions/0014-public-keys-in-process.md).
//!
//! It comes from the key's record, which is sealed: whoever could change it could change the key's state as well.

mod verification;

use aws_lc_rs::kem::{self, EncapsulationKey};
use aws_lc_rs::rsa::{self, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey};
use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strongroom_base::{Code, EncryptionAlgorithm, Fault, KeySpec};
use strongroom_material::{Material, Plaintext, SharedSecret};

/// SubjectPublicKeyInfo in DER (RFC 5280 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Box<[u8]>);

/// A secret and its encapsulation.
pub(crate) struct Encapsulation {
    pub(crate) secret: Material<SharedSecret>,
    pub(crate) ciphertext: Vec<u8>,
}

impl PublicKey {
    /// The key that the token gave out when it made the pair, or showed when the private half was imported.
    pub(crate) fn from_der(der: impl Into<Box<[u8]>>) -> Self {
        Self(der.into())
    }

    /// SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }

    /// Encrypts with RSA-OAEP. The plaintext must not be longer than [`EncryptionAlgorithm::oaep_plaintext_bytes_max`].
    pub(crate) fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &Material<Plaintext>,
    ) -> Result<Vec<u8>, Fault> {
        let padding: &OaepAlgorithm = match algorithm {
            EncryptionAlgorithm::RsaesOaepSha1 => &rsa::OAEP_SHA1_MGF1SHA1,
            EncryptionAlgorithm::RsaesOaepSha256 => &rsa::OAEP_SHA256_MGF1SHA256,
            EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2Pke => return Err(unusable()),
        };
        let key = PublicEncryptingKey::from_der(&self.0).map_err(|_| unusable())?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| unusable())?;
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let written = plaintext
            .reveal_to_cipher(|plaintext| {
                key.encrypt(padding, plaintext, &mut ciphertext, None)
                    .map(|made| made.len())
            })
            .map_err(|_| unusable())?;
        ciphertext.truncate(written);
        Ok(ciphertext)
    }

    /// Makes a secret and encapsulates it (FIPS 203 section 7.2).
    pub(crate) fn encapsulate(&self, spec: KeySpec) -> Result<Encapsulation, Fault> {
        let algorithm = match spec {
            KeySpec::MlKem512 => &kem::ML_KEM_512,
            KeySpec::MlKem768 => &kem::ML_KEM_768,
            KeySpec::MlKem1024 => &kem::ML_KEM_1024,
            _ => return Err(unusable()),
        };
        let key = raw_ml_kem(&self.0).ok_or_else(unusable)?;
        let key = EncapsulationKey::new(algorithm, key).map_err(|_| unusable())?;
        let (ciphertext, secret) = key.encapsulate().map_err(|_| unusable())?;
        // The library wipes its own copy when it goes out of scope.
        let secret = Material::fill(secret.as_ref().len(), |place| {
            place.copy_from_slice(secret.as_ref());
            Ok::<_, Fault>(())
        });
        Ok(Encapsulation {
            secret: secret.map_err(|_| unusable())?,
            ciphertext: ciphertext.as_ref().to_vec(),
        })
    }
}

/// The encapsulation key in its SubjectPublicKeyInfo (RFC 9935): aws-lc-rs reads no other form. What is before it is the
/// same for all keys of one kind: two headers of sequences of more than 255 bytes, an algorithm of 13 bytes, and the header
/// of the bit string with its number of unused bits.
fn raw_ml_kem(spki: &[u8]) -> Option<&[u8]> {
    const BEFORE: usize = 4 + 13 + 4 + 1;
    spki.get(BEFORE..)
}

/// A public key that the token gave out and that cannot be used is a defect: it was looked at when the pair was made.
fn unusable() -> Fault {
    Fault::new(Code::Internal, "The key's public key cannot be used.")
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&BASE64.encode_display(&self.0))
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let der = BASE64.decode(text.as_bytes()).map_err(de::Error::custom)?;
        Ok(Self::from_der(der))
    }
}

#[cfg(test)]
mod tests;
