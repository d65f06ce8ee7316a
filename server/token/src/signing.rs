//! What a token is given to sign, and what becomes of its answer.

use aws_lc_rs::digest::{self, Digest, SHA256, SHA384, SHA512};
use strongroom_base::{KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_material::{FillFault, Material, Message};

use crate::der;
use crate::fault::TokenFault;
use crate::key::SigningInput;
use crate::kind::KeyKind;
use crate::module::{Hash, SignMechanism};
use crate::offer::EXTERNAL_MU;

/// The mechanism of an algorithm, and the bytes that C_Sign gets.
///
/// # Errors
/// [`TokenFault::Defect`] for what the key service must have refused, `Unsupported` for what no token does.
pub(crate) fn prepare(
    kind: KeyKind,
    algorithm: SigningAlgorithm,
    input: SigningInput,
) -> Result<(SignMechanism, Material<Message>), TokenFault> {
    if kind.usage() != KeyUsage::SignVerify || !kind.spec().signing_algorithms().contains(&algorithm) {
        return Err(TokenFault::Defect {
            what: "a signature with an algorithm that the key has not",
        });
    }
    let (mechanism, hash) = mechanism(algorithm)?;
    let input = match (input, hash) {
        (SigningInput::Message(_), None) if algorithm == SigningAlgorithm::Ed25519PhSha512 => {
            return Err(TokenFault::Defect {
                what: "a message where the algorithm signs a digest",
            });
        }
        (SigningInput::Message(message), None) => message,
        (SigningInput::Message(message), Some(hash)) => {
            let digest = message.reveal_to_cipher(|message| digest_of(hash, message));
            framed(mechanism, hash, digest.as_ref())?
        }
        (SigningInput::Digest(digest), hash) if Some(digest.len()) == algorithm.digest_bytes() => match hash {
            Some(hash) => digest.reveal_to_cipher(|digest| framed(mechanism, hash, digest))?,
            None => digest,
        },
        (SigningInput::Digest(_), _) => {
            return Err(TokenFault::Defect {
                what: "a digest that the algorithm does not sign",
            });
        }
        (SigningInput::ExternalMu(_), _) => return Err(EXTERNAL_MU),
    };
    Ok((mechanism, input))
}

/// What leaves: ECDSA signatures as DER, all others as the token made them. `None` for one that no key of this spec makes.
pub(crate) fn finish(spec: KeySpec, mechanism: SignMechanism, signature: Vec<u8>) -> Option<Box<[u8]>> {
    if signature_bytes(spec) != Some(signature.len()) {
        return None;
    }
    match mechanism {
        SignMechanism::Ecdsa => ecdsa(&signature),
        SignMechanism::RsaPss(_)
        | SignMechanism::RsaPkcs
        | SignMechanism::Eddsa
        | SignMechanism::EddsaPh
        | SignMechanism::MlDsa => Some(signature.into()),
    }
}

/// Bytes of a signature as C_Sign answers it: as long as the modulus (RFC 8017 section 8), twice the curve's order (PKCS#11
/// 3.1 section 6.3.1), 64 (RFC 8032 section 5.1.6), or as FIPS 204 table 2 has it.
fn signature_bytes(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::Rsa2048 => Some(256),
        KeySpec::Rsa3072 => Some(384),
        KeySpec::Rsa4096 => Some(512),
        KeySpec::EccNistP256 | KeySpec::EccSecgP256K1 | KeySpec::EccNistEdwards25519 => Some(64),
        KeySpec::EccNistP384 => Some(96),
        KeySpec::EccNistP521 => Some(132),
        KeySpec::MlDsa44 => Some(2_420),
        KeySpec::MlDsa65 => Some(3_309),
        KeySpec::MlDsa87 => Some(4_627),
        _ => None,
    }
}

/// PKCS#11 has r and s side by side, each as long as the curve's order; the world has them as two INTEGERs. Neither is ever
/// zero (FIPS 186-5 section 6.4.1).
fn ecdsa(signature: &[u8]) -> Option<Box<[u8]>> {
    let (r, s) = signature.split_at_checked(signature.len() / 2)?;
    if [r, s].iter().any(|number| number.iter().all(|byte| *byte == 0)) {
        return None;
    }
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
        // AWS hashes what it is given once more, and so does the token: a digest of the caller's is its message.
        SigningAlgorithm::Ed25519PhSha512 => (SignMechanism::EddsaPh, None),
        SigningAlgorithm::Sm2Dsa => {
            return Err(TokenFault::Defect {
                what: "a signature with an algorithm that no token has",
            });
        }
    })
}

fn digest_of(hash: Hash, message: &[u8]) -> Digest {
    let algorithm = match hash {
        Hash::Sha256 => &SHA256,
        Hash::Sha384 => &SHA384,
        Hash::Sha512 => &SHA512,
    };
    digest::digest(algorithm, message)
}

/// RSA PKCS #1 v1.5 signs a DigestInfo, which names the hash (RFC 8017 section 9.2); the others sign the digest.
fn framed(mechanism: SignMechanism, hash: Hash, digest: &[u8]) -> Result<Material<Message>, TokenFault> {
    let name = digest_info_prefix(hash);
    let prefix: &[u8] = if mechanism == SignMechanism::RsaPkcs {
        &name
    } else {
        &[]
    };
    Material::fill(prefix.len() + digest.len(), |place| {
        let (first, rest) = place.split_at_mut_checked(prefix.len()).ok_or(EMPTY)?;
        first.copy_from_slice(prefix);
        rest.copy_from_slice(digest);
        Ok(())
    })
    .map_err(|_: FillFault<TokenFault>| EMPTY)
}

/// No algorithm has a digest of no bytes.
const EMPTY: TokenFault = TokenFault::Defect {
    what: "a signature over an empty digest",
};

/// The DER of a DigestInfo up to the digest, as RFC 8017 section 9.2 note 1 prints it.
fn digest_info_prefix(hash: Hash) -> [u8; 19] {
    let (number, digest_bytes) = match hash {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    let all_bytes = 17 + digest_bytes;
    [
        0x30,
        all_bytes,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        number,
        0x05,
        0x00,
        0x04,
        digest_bytes,
    ]
}

#[cfg(test)]
mod tests;
