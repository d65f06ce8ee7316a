//! How signatures are verified, algorithm by algorithm.

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use strongroom_base::{Code, Fault, KeySpec, MessageType, SigningAlgorithm};

use super::PublicKey;
use crate::message::Message;

/// What an RSA signature must verify with before it leaves.
pub(crate) struct Countercheck<'k> {
    key: UnparsedPublicKey<&'k [u8]>,
    digest: Digest,
}

impl Countercheck<'_> {
    /// Whether the token's signature is one.
    pub(crate) fn holds(&self, signature: &[u8]) -> bool {
        self.key.verify_digest(&self.digest, signature).is_ok()
    }
}

impl PublicKey {
    /// How a signature over `message`, which was checked against `spec` and `algorithm`, is looked at before it leaves:
    /// `None` but for RSA. One RSA signature that went wrong in half of its computation is enough to tell the private key
    /// (docs/decisions/0019-rsa-signatures-are-verified-before-they-leave.md).
    pub(crate) fn countercheck(
        &self,
        spec: KeySpec,
        algorithm: SigningAlgorithm,
        message: &Message,
    ) -> Option<Countercheck<'_>> {
        let is_rsa = matches!(spec, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096);
        let (verification, hash) = (verification(spec, algorithm).filter(|_| is_rsa)?, hash(algorithm)?);
        let digest = message.bytes().reveal_to_cipher(|bytes| match message.form() {
            MessageType::Raw => Some(digest::digest(hash, bytes)),
            MessageType::Digest => Digest::import_less_safe(bytes, hash).ok(),
            MessageType::ExternalMu => None,
        })?;
        let key = UnparsedPublicKey::new(verification, self.as_der());
        Some(Countercheck { key, digest })
    }

    /// Verifies a signature. `spec` is the key's, `algorithm` one of it, and `message` was checked against both.
    ///
    /// # Errors
    /// KMSInvalidSignatureException; UnsupportedOperationException for what this process cannot verify.
    pub(crate) fn verify(
        &self,
        spec: KeySpec,
        algorithm: SigningAlgorithm,
        message: &Message,
        signature: &[u8],
    ) -> Result<(), Fault> {
        let verification = verification(spec, algorithm).ok_or_else(|| unsupported(algorithm, message.form()))?;
        let key = UnparsedPublicKey::new(verification, self.as_der());
        let verified = match message.form() {
            MessageType::Raw => message.bytes().reveal_to_cipher(|bytes| key.verify(bytes, signature)),
            MessageType::Digest => {
                let hash = hash(algorithm).ok_or_else(|| unsupported(algorithm, message.form()))?;
                let digest = message
                    .bytes()
                    .reveal_to_cipher(|digest| Digest::import_less_safe(digest, hash));
                digest.and_then(|digest| key.verify_digest(&digest, signature))
            }
            // aws-lc-rs has no way in for the message representative.
            MessageType::ExternalMu => return Err(unsupported(algorithm, message.form())),
        };
        verified.map_err(|_| Fault::new(Code::KmsInvalidSignature, "The signature is not valid."))
    }
}

/// What the library calls it. P-256 and secp256k1 both sign with ECDSA_SHA_256.
fn verification(spec: KeySpec, algorithm: SigningAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, spec) {
        (SigningAlgorithm::RsassaPssSha256, _) => &signature::RSA_PSS_2048_8192_SHA256,
        (SigningAlgorithm::RsassaPssSha384, _) => &signature::RSA_PSS_2048_8192_SHA384,
        (SigningAlgorithm::RsassaPssSha512, _) => &signature::RSA_PSS_2048_8192_SHA512,
        (SigningAlgorithm::RsassaPkcs1V15Sha256, _) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (SigningAlgorithm::RsassaPkcs1V15Sha384, _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (SigningAlgorithm::RsassaPkcs1V15Sha512, _) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (SigningAlgorithm::EcdsaSha256, KeySpec::EccSecgP256K1) => &signature::ECDSA_P256K1_SHA256_ASN1,
        (SigningAlgorithm::EcdsaSha256, _) => &signature::ECDSA_P256_SHA256_ASN1,
        (SigningAlgorithm::EcdsaSha384, _) => &signature::ECDSA_P384_SHA384_ASN1,
        (SigningAlgorithm::EcdsaSha512, _) => &signature::ECDSA_P521_SHA512_ASN1,
        (SigningAlgorithm::Ed25519Sha512, _) => &signature::ED25519,
        (SigningAlgorithm::MlDsaShake256, KeySpec::MlDsa44) => &signature::ML_DSA_44,
        (SigningAlgorithm::MlDsaShake256, KeySpec::MlDsa65) => &signature::ML_DSA_65,
        (SigningAlgorithm::MlDsaShake256, KeySpec::MlDsa87) => &signature::ML_DSA_87,
        (SigningAlgorithm::MlDsaShake256 | SigningAlgorithm::Ed25519PhSha512 | SigningAlgorithm::Sm2Dsa, _) => {
            return None;
        }
    })
}

/// The hash whose digests the algorithm signs.
fn hash(algorithm: SigningAlgorithm) -> Option<&'static digest::Algorithm> {
    match algorithm {
        SigningAlgorithm::RsassaPssSha256 | SigningAlgorithm::RsassaPkcs1V15Sha256 | SigningAlgorithm::EcdsaSha256 => {
            Some(&digest::SHA256)
        }
        SigningAlgorithm::RsassaPssSha384 | SigningAlgorithm::RsassaPkcs1V15Sha384 | SigningAlgorithm::EcdsaSha384 => {
            Some(&digest::SHA384)
        }
        SigningAlgorithm::RsassaPssSha512 | SigningAlgorithm::RsassaPkcs1V15Sha512 | SigningAlgorithm::EcdsaSha512 => {
            Some(&digest::SHA512)
        }
        SigningAlgorithm::Sm2Dsa
        | SigningAlgorithm::MlDsaShake256
        | SigningAlgorithm::Ed25519Sha512
        | SigningAlgorithm::Ed25519PhSha512 => None,
    }
}

fn unsupported(algorithm: SigningAlgorithm, form: MessageType) -> Fault {
    Fault::new(
        Code::UnsupportedOperation,
        format!("This service does not verify {algorithm} with message type {form}; verify with the public key."),
    )
}
