//! Key pairs and message authentication codes: a signature is its message, so that tests can read it.

use strongroom::v1;
use tonic::{Code, Status};

use super::{KEY_ARN, asked, blob};
use crate::service::{State, refusal};

pub(crate) const PUBLIC_KEY: &[u8] = b"the public key";
pub(crate) const PRIVATE_KEY: &[u8] = b"the private key";
pub(crate) const SHARED: &[u8] = b"the shared secret";

/// A signature, or a code: how it was made, and of what.
fn mark(algorithm: &str, message: &[u8]) -> Vec<u8> {
    [algorithm.as_bytes(), b"|", message].concat()
}

pub(crate) fn sign(state: &State, message: v1::SignRequest) -> Result<v1::SignResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    let how = format!(
        "{} {}",
        message.signing_algorithm().as_str_name(),
        message.message_type().as_str_name()
    );
    Ok(v1::SignResponse {
        key_id: KEY_ARN.to_owned(),
        signature: mark(&how, &message.message),
        signing_algorithm: message.signing_algorithm,
    })
}

pub(crate) fn verify(state: &State, message: v1::VerifyRequest) -> Result<v1::VerifyResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    let how = format!(
        "{} {}",
        message.signing_algorithm().as_str_name(),
        message.message_type().as_str_name()
    );
    if message.signature != mark(&how, &message.message) {
        return Err(refusal(Code::InvalidArgument, "KMSInvalidSignatureException", None));
    }
    Ok(v1::VerifyResponse {
        key_id: KEY_ARN.to_owned(),
        signature_valid: true,
        signing_algorithm: message.signing_algorithm,
    })
}

pub(crate) fn public_key(state: &State, message: v1::GetPublicKeyRequest) -> Result<v1::GetPublicKeyResponse, Status> {
    asked(state, &message.grant_tokens, false)?;
    Ok(v1::GetPublicKeyResponse {
        key_id: KEY_ARN.to_owned(),
        public_key: PUBLIC_KEY.to_vec(),
        key_spec: v1::KeySpec::EccNistP256.into(),
        key_usage: v1::KeyUsage::SignVerify.into(),
        signing_algorithms: vec![v1::SigningAlgorithm::EcdsaSha256.into()],
        ..v1::GetPublicKeyResponse::default()
    })
}

pub(crate) fn generate_mac(state: &State, message: v1::GenerateMacRequest) -> Result<v1::GenerateMacResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    Ok(v1::GenerateMacResponse {
        key_id: KEY_ARN.to_owned(),
        mac: mark(message.mac_algorithm().as_str_name(), &message.message),
        mac_algorithm: message.mac_algorithm,
    })
}

pub(crate) fn verify_mac(state: &State, message: v1::VerifyMacRequest) -> Result<v1::VerifyMacResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    if message.mac != mark(message.mac_algorithm().as_str_name(), &message.message) {
        return Err(refusal(Code::InvalidArgument, "KMSInvalidMacException", None));
    }
    Ok(v1::VerifyMacResponse {
        key_id: KEY_ARN.to_owned(),
        mac_valid: true,
        mac_algorithm: message.mac_algorithm,
    })
}

/// The secret shows the peer, so that tests see what arrived.
pub(crate) fn derive(
    state: &State,
    message: v1::DeriveSharedSecretRequest,
) -> Result<v1::DeriveSharedSecretResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    Ok(v1::DeriveSharedSecretResponse {
        key_id: KEY_ARN.to_owned(),
        shared_secret: mark("with", &message.public_key),
        key_agreement_algorithm: message.key_agreement_algorithm,
        key_origin: v1::Origin::AwsKms.into(),
    })
}

pub(crate) fn encapsulate(state: &State, message: v1::EncapsulateRequest) -> Result<v1::EncapsulateResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    Ok(v1::EncapsulateResponse {
        key_id: KEY_ARN.to_owned(),
        shared_secret: SHARED.to_vec(),
        shared_secret_ciphertext_blob: mark("sealed", SHARED),
        encapsulation_algorithm: message.encapsulation_algorithm,
    })
}

pub(crate) fn decapsulate(state: &State, message: v1::DecapsulateRequest) -> Result<v1::DecapsulateResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    let opened = message
        .shared_secret_ciphertext_blob
        .strip_prefix(b"sealed|".as_slice());
    Ok(v1::DecapsulateResponse {
        key_id: KEY_ARN.to_owned(),
        shared_secret: opened.unwrap_or(b"another secret").to_vec(),
        encapsulation_algorithm: message.encapsulation_algorithm,
    })
}

pub(crate) fn pair(
    state: &State,
    message: v1::GenerateDataKeyPairRequest,
) -> Result<v1::GenerateDataKeyPairResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    Ok(v1::GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: blob(PRIVATE_KEY, &message.encryption_context),
        private_key_plaintext: PRIVATE_KEY.to_vec(),
        public_key: PUBLIC_KEY.to_vec(),
        key_id: KEY_ARN.to_owned(),
        key_pair_spec: message.key_pair_spec,
        key_material_id: "ab".repeat(32),
    })
}

pub(crate) fn pair_without_plaintext(
    state: &State,
    message: v1::GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<v1::GenerateDataKeyPairWithoutPlaintextResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    Ok(v1::GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: blob(PRIVATE_KEY, &message.encryption_context),
        public_key: PUBLIC_KEY.to_vec(),
        key_id: KEY_ARN.to_owned(),
        key_pair_spec: message.key_pair_spec,
        key_material_id: "ab".repeat(32),
    })
}
