//! Requests about key pairs and message authentication codes.

use strongroom_base::{
    Code, DataKeyPairSpec, EncapsulationAlgorithm, Fault, KeyAgreementAlgorithm, MacAlgorithm, MessageType,
    SigningAlgorithm, UnknownName,
};
use strongroom_kms::op::{
    Decapsulate, DeriveSharedSecret, Encapsulate, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext,
    GenerateMac, GetPublicKey, Sign, Verify, VerifyMac,
};
use strongroom_kms::{Kms, Message};
use strongroom_material::Material;
use strongroom_proto::v1;

use super::reference;
use crate::field::{context, known, name};

pub(in super::super) fn generate_data_key_pair(
    request: v1::GenerateDataKeyPairRequest,
    kms: &Kms,
) -> Result<GenerateDataKeyPair, Fault> {
    Ok(GenerateDataKeyPair {
        key: reference(&request.key_id, kms)?,
        context: context(request.encryption_context)?,
        spec: pair_spec(request.key_pair_spec)?,
    })
}

pub(in super::super) fn generate_data_key_pair_without_plaintext(
    request: v1::GenerateDataKeyPairWithoutPlaintextRequest,
    kms: &Kms,
) -> Result<GenerateDataKeyPairWithoutPlaintext, Fault> {
    Ok(GenerateDataKeyPairWithoutPlaintext {
        key: reference(&request.key_id, kms)?,
        context: context(request.encryption_context)?,
        spec: pair_spec(request.key_pair_spec)?,
    })
}

pub(in super::super) fn sign(request: v1::SignRequest, kms: &Kms) -> Result<Sign, Fault> {
    let message = Material::take(request.message);
    Ok(Sign {
        key: reference(&request.key_id, kms)?,
        algorithm: signing(request.signing_algorithm)?,
        message: Message::new(message, form(request.message_type)?)?,
    })
}

pub(in super::super) fn verify(request: v1::VerifyRequest, kms: &Kms) -> Result<Verify, Fault> {
    let message = Material::take(request.message);
    Verify::new(
        reference(&request.key_id, kms)?,
        signing(request.signing_algorithm)?,
        Message::new(message, form(request.message_type)?)?,
        request.signature,
    )
}

pub(in super::super) fn get_public_key(request: v1::GetPublicKeyRequest, kms: &Kms) -> Result<GetPublicKey, Fault> {
    Ok(GetPublicKey {
        key: reference(&request.key_id, kms)?,
    })
}

pub(in super::super) fn generate_mac(request: v1::GenerateMacRequest, kms: &Kms) -> Result<GenerateMac, Fault> {
    let message = Material::take(request.message);
    Ok(GenerateMac {
        key: reference(&request.key_id, kms)?,
        algorithm: mac(request.mac_algorithm)?,
        message: Message::new(message, None)?,
    })
}

pub(in super::super) fn verify_mac(request: v1::VerifyMacRequest, kms: &Kms) -> Result<VerifyMac, Fault> {
    let (message, code) = (Material::take(request.message), Material::take(request.mac));
    VerifyMac::new(
        reference(&request.key_id, kms)?,
        mac(request.mac_algorithm)?,
        Message::new(message, None)?,
        code,
    )
}

pub(in super::super) fn derive_shared_secret(
    request: v1::DeriveSharedSecretRequest,
    kms: &Kms,
) -> Result<DeriveSharedSecret, Fault> {
    let (field, text) = ("keyAgreementAlgorithm", v1::KeyAgreementAlgorithm::as_str_name);
    let algorithm = name(request.key_agreement_algorithm, field, text, "KEY_AGREEMENT_ALGORITHM_")?;
    let algorithm: KeyAgreementAlgorithm = required(algorithm, field)?;
    DeriveSharedSecret::new(reference(&request.key_id, kms)?, algorithm, request.public_key)
}

pub(in super::super) fn encapsulate(request: v1::EncapsulateRequest, kms: &Kms) -> Result<Encapsulate, Fault> {
    Ok(Encapsulate {
        key: reference(&request.key_id, kms)?,
        algorithm: encapsulation(request.encapsulation_algorithm)?,
    })
}

pub(in super::super) fn decapsulate(request: v1::DecapsulateRequest, kms: &Kms) -> Result<Decapsulate, Fault> {
    Decapsulate::new(
        reference(&request.key_id, kms)?,
        encapsulation(request.encapsulation_algorithm)?,
        request.shared_secret_ciphertext_blob,
    )
}

fn pair_spec(value: i32) -> Result<DataKeyPairSpec, Fault> {
    let (field, text) = ("keyPairSpec", v1::DataKeyPairSpec::as_str_name);
    required(name(value, field, text, "DATA_KEY_PAIR_SPEC_")?, field)
}

fn signing(value: i32) -> Result<SigningAlgorithm, Fault> {
    let (field, text) = ("signingAlgorithm", v1::SigningAlgorithm::as_str_name);
    required(name(value, field, text, "SIGNING_ALGORITHM_")?, field)
}

fn form(value: i32) -> Result<Option<MessageType>, Fault> {
    let (field, text) = ("messageType", v1::MessageType::as_str_name);
    known(name(value, field, text, "MESSAGE_TYPE_")?, field)
}

fn mac(value: i32) -> Result<MacAlgorithm, Fault> {
    let (field, text) = ("macAlgorithm", v1::MacAlgorithm::as_str_name);
    required(name(value, field, text, "MAC_ALGORITHM_")?, field)
}

fn encapsulation(value: i32) -> Result<EncapsulationAlgorithm, Fault> {
    let (field, text) = ("encapsulationAlgorithm", v1::EncapsulationAlgorithm::as_str_name);
    required(name(value, field, text, "ENCAPSULATION_ALGORITHM_")?, field)
}

/// What a name stands for that must be there.
fn required<T: std::str::FromStr<Err = UnknownName>>(name: &str, field: &str) -> Result<T, Fault> {
    known(name, field)?.ok_or_else(|| {
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be \
                 null"
            ),
        )
    })
}
