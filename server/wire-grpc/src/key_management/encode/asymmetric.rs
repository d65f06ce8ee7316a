//! Replies about key pairs and message authentication codes, and the algorithms of keys.

use strongroom_base::{
    DataKeyPairSpec, EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeyOrigin, KeySpec, KeyUsage,
    MacAlgorithm, SigningAlgorithm,
};
use strongroom_kms::Kms;
use strongroom_kms::op::{
    Decapsulated, DerivedSecret, Encapsulated, EncryptedKeyPair, GeneratedKeyPair, GeneratedMac, PublicHalf, Signed,
    Verified, VerifiedMac,
};
use strongroom_proto::v1;

use crate::field::numbered;

/// What a key can be used with: the algorithms of its spec, for its usage.
#[derive(Default)]
pub(super) struct Algorithms {
    pub(super) encryption: Vec<i32>,
    pub(super) signing: Vec<i32>,
    pub(super) mac: Vec<i32>,
    pub(super) key_agreement: Vec<i32>,
    pub(super) encapsulation: Vec<i32>,
}

impl Algorithms {
    pub(super) fn of(spec: KeySpec, usage: KeyUsage) -> Self {
        let none = Self::default();
        match usage {
            KeyUsage::EncryptDecrypt => Self {
                encryption: spec.encryption_algorithms().iter().copied().map(encryption).collect(),
                ..none
            },
            KeyUsage::SignVerify => Self {
                signing: spec.signing_algorithms().iter().copied().map(signing).collect(),
                ..none
            },
            KeyUsage::GenerateVerifyMac => Self {
                mac: spec.mac_algorithm().map(mac).into_iter().collect(),
                ..none
            },
            KeyUsage::KeyAgreement => Self {
                key_agreement: spec.key_agreement_algorithm().map(key_agreement).into_iter().collect(),
                ..none
            },
            KeyUsage::EncapsulateDecapsulate => Self {
                encapsulation: spec.encapsulation_algorithm().map(encapsulation).into_iter().collect(),
                ..none
            },
        }
    }
}

pub(in super::super) fn generate_data_key_pair(reply: GeneratedKeyPair, _: &Kms) -> v1::GenerateDataKeyPairResponse {
    let encryption = reply.pair.encryption;
    v1::GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: encryption.blob,
        private_key_plaintext: reply.private_key.reveal_to_wire(<[u8]>::to_vec),
        public_key: reply.pair.public_key,
        key_id: encryption.arn.to_string(),
        key_pair_spec: pair_spec(reply.pair.spec),
        key_material_id: encryption.material.to_string(),
    }
}

pub(in super::super) fn generate_data_key_pair_without_plaintext(
    reply: EncryptedKeyPair,
    _: &Kms,
) -> v1::GenerateDataKeyPairWithoutPlaintextResponse {
    v1::GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: reply.encryption.blob,
        public_key: reply.public_key,
        key_id: reply.encryption.arn.to_string(),
        key_pair_spec: pair_spec(reply.spec),
        key_material_id: reply.encryption.material.to_string(),
    }
}

pub(in super::super) fn sign(reply: Signed, _: &Kms) -> v1::SignResponse {
    v1::SignResponse {
        key_id: reply.arn.to_string(),
        signature: reply.signature.into_vec(),
        signing_algorithm: signing(reply.algorithm),
    }
}

pub(in super::super) fn verify(reply: Verified, _: &Kms) -> v1::VerifyResponse {
    v1::VerifyResponse {
        key_id: reply.arn.to_string(),
        signature_valid: true,
        signing_algorithm: signing(reply.algorithm),
    }
}

pub(in super::super) fn get_public_key(reply: PublicHalf, _: &Kms) -> v1::GetPublicKeyResponse {
    let algorithms = Algorithms::of(reply.spec, reply.usage);
    v1::GetPublicKeyResponse {
        key_id: reply.arn.to_string(),
        public_key: reply.public_key.as_der().to_vec(),
        key_spec: numbered("KEY_SPEC_", reply.spec.as_str(), v1::KeySpec::from_str_name),
        key_usage: numbered("KEY_USAGE_", reply.usage.as_str(), v1::KeyUsage::from_str_name),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        key_agreement_algorithms: algorithms.key_agreement,
        encapsulation_algorithms: algorithms.encapsulation,
    }
}

pub(in super::super) fn generate_mac(reply: GeneratedMac, _: &Kms) -> v1::GenerateMacResponse {
    v1::GenerateMacResponse {
        key_id: reply.arn.to_string(),
        mac: reply.mac.reveal_to_wire(<[u8]>::to_vec),
        mac_algorithm: mac(reply.algorithm),
    }
}

pub(in super::super) fn verify_mac(reply: VerifiedMac, _: &Kms) -> v1::VerifyMacResponse {
    v1::VerifyMacResponse {
        key_id: reply.arn.to_string(),
        mac_valid: true,
        mac_algorithm: mac(reply.algorithm),
    }
}

pub(in super::super) fn derive_shared_secret(reply: DerivedSecret, _: &Kms) -> v1::DeriveSharedSecretResponse {
    v1::DeriveSharedSecretResponse {
        key_id: reply.arn.to_string(),
        shared_secret: reply.secret.reveal_to_wire(<[u8]>::to_vec),
        key_agreement_algorithm: key_agreement(reply.algorithm),
        key_origin: origin(reply.origin),
    }
}

pub(in super::super) fn encapsulate(reply: Encapsulated, _: &Kms) -> v1::EncapsulateResponse {
    v1::EncapsulateResponse {
        key_id: reply.arn.to_string(),
        shared_secret: reply.secret.reveal_to_wire(<[u8]>::to_vec),
        shared_secret_ciphertext_blob: reply.ciphertext,
        encapsulation_algorithm: encapsulation(reply.algorithm),
    }
}

pub(in super::super) fn decapsulate(reply: Decapsulated, _: &Kms) -> v1::DecapsulateResponse {
    v1::DecapsulateResponse {
        key_id: reply.arn.to_string(),
        shared_secret: reply.secret.reveal_to_wire(<[u8]>::to_vec),
        encapsulation_algorithm: encapsulation(reply.algorithm),
    }
}

pub(super) fn encryption(algorithm: EncryptionAlgorithm) -> i32 {
    let number = v1::EncryptionAlgorithm::from_str_name;
    numbered("ENCRYPTION_ALGORITHM_", algorithm.as_str(), number)
}

fn signing(algorithm: SigningAlgorithm) -> i32 {
    let number = v1::SigningAlgorithm::from_str_name;
    numbered("SIGNING_ALGORITHM_", algorithm.as_str(), number)
}

fn mac(algorithm: MacAlgorithm) -> i32 {
    numbered("MAC_ALGORITHM_", algorithm.as_str(), v1::MacAlgorithm::from_str_name)
}

fn key_agreement(algorithm: KeyAgreementAlgorithm) -> i32 {
    let number = v1::KeyAgreementAlgorithm::from_str_name;
    numbered("KEY_AGREEMENT_ALGORITHM_", algorithm.as_str(), number)
}

fn encapsulation(algorithm: EncapsulationAlgorithm) -> i32 {
    let number = v1::EncapsulationAlgorithm::from_str_name;
    numbered("ENCAPSULATION_ALGORITHM_", algorithm.as_str(), number)
}

fn pair_spec(spec: DataKeyPairSpec) -> i32 {
    numbered("DATA_KEY_PAIR_SPEC_", spec.as_str(), v1::DataKeyPairSpec::from_str_name)
}

pub(super) fn origin(origin: KeyOrigin) -> i32 {
    numbered("ORIGIN_", origin.as_str(), v1::Origin::from_str_name)
}
