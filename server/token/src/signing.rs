//! What a token is given to sign, and what becomes of its answer.

use std::borrow::Cow;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use strongroom_base::{KeyUsage, SigningAlgorithm};

use crate::der;
use crate::fault::TokenFault;
use crate::key::SigningInput;
use crate::kind::KeyKind;
use crate::module::{Hash, SignMechanism};

/// The mechanism of an algorithm, and the bytes that C_Sign gets.
///
/// # Errors
/// [`TokenFault::Defect`] for what the key service must have refused, `Unsupported` for what no token does.
pub(crate) fn prepare(
    kind: KeyKind,
    algorithm: SigningAlgorithm,
    input: SigningInput<'_>,
) -> Result<(SignMechanism, Box<[u8]>), TokenFault> {
    if kind.usage() != KeyUsage::SignVerify || !kind.spec().signing_algorithms().contains(&algorithm) {
        return Err(TokenFault::Defect {
            what: "a signature with an algorithm that the key has not",
        });
    }
    let (mechanism, hash) = mechanism(algorithm)?;
    let bytes = match (input, hash) {
        (SigningInput::Message(message), Some(hash)) => Cow::Owned(digest_of(hash, message)),
        (SigningInput::Message(message), None) => Cow::Borrowed(message),
        (SigningInput::Digest(digest), Some(_)) if Some(digest.len()) == algorithm.digest_bytes() => {
            Cow::Borrowed(digest)
        }
        (SigningInput::Digest(_), _) => {
            return Err(TokenFault::Defect {
                what: "a digest that the algorithm does not sign",
            });
        }
        // PKCS#11 3.2 has no mechanism that takes it.
        (SigningInput::ExternalMu(_), _) => {
            return Err(TokenFault::Unsupported {
                missing: "CKM_ML_DSA over an external mu",
                what: algorithm.as_str(),
            });
        }
    };
    Ok((mechanism, framed(mechanism, hash, &bytes)))
}

/// What leaves: ECDSA signatures as DER, all others as the token made them. `None` for one that makes no sense.
pub(crate) fn finish(mechanism: SignMechanism, signature: Vec<u8>) -> Option<Box<[u8]>> {
    if signature.is_empty() {
        return None;
    }
    match mechanism {
        SignMechanism::Ecdsa => ecdsa(&signature),
        SignMechanism::RsaPss(_)
        | SignMechanism::RsaPkcs
        | SignMechanism::Eddsa
        | SignMechanism::MlDsa
        | SignMechanism::Hmac(_) => Some(signature.into()),
    }
}

/// PKCS#11 has r and s side by side, each as long as the curve's order; the world has them as two INTEGERs.
fn ecdsa(signature: &[u8]) -> Option<Box<[u8]>> {
    if !signature.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = signature.split_at_checked(signature.len() / 2)?;
    Some(der::sequence(&[&der::integer(r), &der::integer(s)]).into())
}

fn mechanism(algorithm: SigningAlgorithm) -> Result<(SignMechanism, Option<Hash>), TokenFault> {
    let pss = |hash| (SignMechanism::RsaPss(hash), Some(hash));
    Ok(match algorithm {
        SigningAlgorithm::RsassaPssSha256 => pss(Hash::Sha256),
        SigningAlgorithm::RsassaPssSha384 => pss(Hash::Sha384),
        SigningAlgorithm::RsassaPssSha512 => pss(Hash::Sha512),
        SigningAlgorithm::RsassaPkcs1V15Sha256 => (SignMechanism::RsaPkcs, Some(Hash::Sha256)),
        SigningAlgorithm::RsassaPkcs1V15Sha384 => (SignMechanism::RsaPkcs, Some(Hash::Sha384)),
        SigningAlgorithm::RsassaPkcs1V15Sha512 => (SignMechanism::RsaPkcs, Some(Hash::Sha512)),
        SigningAlgorithm::EcdsaSha256 => (SignMechanism::Ecdsa, Some(Hash::Sha256)),
        SigningAlgorithm::EcdsaSha384 => (SignMechanism::Ecdsa, Some(Hash::Sha384)),
        SigningAlgorithm::EcdsaSha512 => (SignMechanism::Ecdsa, Some(Hash::Sha512)),
        SigningAlgorithm::MlDsaShake256 => (SignMechanism::MlDsa, None),
        SigningAlgorithm::Ed25519Sha512 => (SignMechanism::Eddsa, None),
        SigningAlgorithm::Ed25519PhSha512 | SigningAlgorithm::Sm2Dsa => {
            return Err(TokenFault::Defect {
                what: "a signature with an algorithm that no token has",
            });
        }
    })
}

fn digest_of(hash: Hash, message: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    };
    digest::digest(algorithm, message).as_ref().to_vec()
}

/// RSA PKCS #1 v1.5 signs a DigestInfo, which names the hash (RFC 8017 section 9.2); the others sign the digest.
fn framed(mechanism: SignMechanism, hash: Option<Hash>, bytes: &[u8]) -> Box<[u8]> {
    match (mechanism, hash) {
        (SignMechanism::RsaPkcs, Some(hash)) => {
            let algorithm = der::sequence(&[&der::object_identifier(&identifier(hash)), der::NULL]);
            der::sequence(&[&algorithm, &der::octet_string(bytes)]).into()
        }
        _ => bytes.into(),
    }
}

/// 2.16.840.1.101.3.4.2 and the hash's number (RFC 8017 appendix B.1).
fn identifier(hash: Hash) -> [u8; 9] {
    let number = match hash {
        Hash::Sha256 => 1,
        Hash::Sha384 => 2,
        Hash::Sha512 => 3,
    };
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number]
}

#[cfg(test)]
mod tests;
