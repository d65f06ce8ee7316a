//! Names and parameters of mechanisms in `cryptoki`'s words.

use cryptoki::mechanism::dsa::{HedgeType, SignAdditionalContext};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use strongroom_base::MacAlgorithm;
use strongroom_hsm_config::MechanismName;

use super::key_wrap;
use crate::module::{Hash, RsaPadding, SignMechanism};

/// The mechanism of this name.
pub(super) fn mechanism_type(name: MechanismName) -> MechanismType {
    match name {
        MechanismName::AesKeyGen => MechanismType::AES_KEY_GEN,
        MechanismName::AesGcm => MechanismType::AES_GCM,
        MechanismName::Sp800108CounterKdf => MechanismType::SP800_108_COUNTER_KDF,
        MechanismName::AesKeyWrapPad => MechanismType::AES_KEY_WRAP_PAD,
        MechanismName::AesKeyWrapKwp => key_wrap::mechanism_type(),
        MechanismName::GenericSecretKeyGen => MechanismType::GENERIC_SECRET_KEY_GEN,
        MechanismName::Sha224Hmac => MechanismType::SHA224_HMAC,
        MechanismName::Sha256Hmac => MechanismType::SHA256_HMAC,
        MechanismName::Sha384Hmac => MechanismType::SHA384_HMAC,
        MechanismName::Sha512Hmac => MechanismType::SHA512_HMAC,
        MechanismName::RsaPkcsKeyPairGen => MechanismType::RSA_PKCS_KEY_PAIR_GEN,
        MechanismName::RsaPkcs => MechanismType::RSA_PKCS,
        MechanismName::RsaPkcsPss => MechanismType::RSA_PKCS_PSS,
        MechanismName::RsaPkcsOaep => MechanismType::RSA_PKCS_OAEP,
        MechanismName::RsaX509 => MechanismType::RSA_X_509,
        MechanismName::EcKeyPairGen => MechanismType::ECC_KEY_PAIR_GEN,
        MechanismName::Ecdsa => MechanismType::ECDSA,
        MechanismName::Ecdh1Derive => MechanismType::ECDH1_DERIVE,
        MechanismName::EcEdwardsKeyPairGen => MechanismType::ECC_EDWARDS_KEY_PAIR_GEN,
        MechanismName::Eddsa => MechanismType::EDDSA,
        MechanismName::MlDsaKeyPairGen => MechanismType::ML_DSA_KEY_PAIR_GEN,
        MechanismName::MlDsa => MechanismType::ML_DSA,
        MechanismName::MlKemKeyPairGen => MechanismType::ML_KEM_KEY_PAIR_GEN,
        MechanismName::MlKem => MechanismType::ML_KEM,
    }
}

/// The standard's name of a mechanism that we know, else what `cryptoki` calls it.
pub(super) fn name_of(mechanism: MechanismType) -> String {
    let known = MechanismName::ALL
        .iter()
        .find(|name| mechanism_type(**name) == mechanism);
    known.map_or_else(|| mechanism.to_string(), ToString::to_string)
}

pub(super) fn signing(mechanism: SignMechanism) -> Mechanism<'static> {
    match mechanism {
        SignMechanism::RsaPss(hash) => Mechanism::RsaPkcsPss(pss(hash)),
        SignMechanism::RsaPkcs => Mechanism::RsaPkcs,
        SignMechanism::Ecdsa => Mechanism::Ecdsa,
        SignMechanism::Eddsa => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)),
        SignMechanism::EddsaPh => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519ph(&[]))),
        SignMechanism::MlDsa => Mechanism::MlDsa(SignAdditionalContext::new(HedgeType::Preferred, None)),
    }
}

pub(super) fn hmac(algorithm: MacAlgorithm) -> Mechanism<'static> {
    match algorithm {
        MacAlgorithm::HmacSha224 => Mechanism::Sha224Hmac,
        MacAlgorithm::HmacSha256 => Mechanism::Sha256Hmac,
        MacAlgorithm::HmacSha384 => Mechanism::Sha384Hmac,
        MacAlgorithm::HmacSha512 => Mechanism::Sha512Hmac,
    }
}

/// The salt is as long as the digest.
fn pss(hash: Hash) -> PkcsPssParams {
    let (hash_alg, mgf, salt_bytes) = match hash {
        Hash::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32_u64),
        Hash::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        Hash::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
    };
    PkcsPssParams {
        hash_alg,
        mgf,
        s_len: salt_bytes.into(),
    }
}

pub(super) fn rsa_decryption(padding: RsaPadding) -> Mechanism<'static> {
    let oaep = |hash, mgf| Mechanism::RsaPkcsOaep(PkcsOaepParams::new(hash, mgf, PkcsOaepSource::empty()));
    match padding {
        RsaPadding::OaepSha1 => oaep(MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        RsaPadding::OaepSha256 => oaep(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        RsaPadding::None => Mechanism::RsaX509,
    }
}
