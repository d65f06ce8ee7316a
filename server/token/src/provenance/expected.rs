//! What a key that was generated in the token must say, by its kind.

use strongroom_base::{KeySpec, KeyUsage};
use strongroom_hsm_config::{CurveName, MechanismName};

use super::Provenance;
use crate::kind::KeyKind;
use crate::offer;
use crate::spki;
use crate::suite::Suite;

/// The class of secret keys.
const SECRET_KEY: &str = "CKO_SECRET_KEY";
/// The class of private keys.
pub(super) const PRIVATE_KEY: &str = "CKO_PRIVATE_KEY";
/// Edwards25519, by the name that RFC 8032 gives it.
pub(crate) const EDWARDS25519: &str = "edwards25519";

/// Bytes of a secret key that this crate makes: AES-256, or as long as the code that it makes (FIPS 198-1 section 3).
pub(crate) fn secret_bytes(spec: KeySpec) -> Option<u64> {
    match (spec, spec.mac_algorithm()) {
        (KeySpec::SymmetricDefault, _) => Some(32),
        (_, Some(algorithm)) => Some(algorithm.bytes() as u64),
        (_, None) => None,
    }
}

/// The parameter set of an ML-DSA or ML-KEM key: CKP_ML_DSA_44 and the like (PKCS#11 3.2).
fn parameter_set(spec: KeySpec) -> Option<u64> {
    match spec {
        KeySpec::MlDsa44 | KeySpec::MlKem512 => Some(1),
        KeySpec::MlDsa65 | KeySpec::MlKem768 => Some(2),
        KeySpec::MlDsa87 | KeySpec::MlKem1024 => Some(3),
        _ => None,
    }
}

fn curve(spec: KeySpec) -> Option<&'static str> {
    match spec {
        KeySpec::EccNistEdwards25519 => Some(EDWARDS25519),
        other => offer::curve(other).map(CurveName::as_str),
    }
}

/// CKA_KEY_TYPE.
fn key_type(kind: KeyKind) -> &'static str {
    match kind.spec() {
        // HMAC takes keys without a cipher.
        KeySpec::SymmetricDefault if kind.suite() == Some(Suite::Derived) => "CKK_GENERIC_SECRET",
        KeySpec::SymmetricDefault => "CKK_AES",
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => "CKK_RSA",
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256K1
        // No token makes these: PKCS#11 has no mechanism for them.
        | KeySpec::Sm2 => "CKK_EC",
        KeySpec::EccNistEdwards25519 => "CKK_EC_EDWARDS",
        KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => "CKK_GENERIC_SECRET",
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => "CKK_ML_DSA",
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => "CKK_ML_KEM",
    }
}

impl Provenance {
    /// What a key of this kind that was generated in the token must say. `copyable` as the profile's `session_copies`.
    #[must_use]
    pub fn of_generated(kind: KeyKind, copyable: bool) -> Self {
        let (spec, usage) = (kind.spec(), kind.usage());
        let is_private = spec.is_asymmetric();
        // It encrypts nothing by itself: an encryption must not compute what it derives.
        let derives = kind.suite() == Some(Suite::Derived);
        Self {
            class: if is_private { PRIVATE_KEY } else { SECRET_KEY }.to_owned(),
            key_type: key_type(kind).to_owned(),
            value_len: secret_bytes(spec),
            modulus_bits: spki::modulus_bits(spec),
            curve: curve(spec).map(str::to_owned),
            parameter_set: parameter_set(spec),
            key_gen_mechanism: offer::generation(kind).map_or("", MechanismName::as_str).to_owned(),
            token: true,
            private: true,
            local: true,
            always_sensitive: true,
            never_extractable: true,
            sensitive: true,
            extractable: false,
            encrypt: !is_private && usage == KeyUsage::EncryptDecrypt && !derives,
            decrypt: usage == KeyUsage::EncryptDecrypt && !derives,
            sign: matches!(usage, KeyUsage::SignVerify | KeyUsage::GenerateVerifyMac),
            sign_recover: None,
            verify: usage == KeyUsage::GenerateVerifyMac,
            wrap: false,
            unwrap: false,
            derive: usage == KeyUsage::KeyAgreement || derives,
            decapsulate: (usage == KeyUsage::EncapsulateDecapsulate).then_some(true),
            modifiable: copyable,
            copyable,
        }
    }

    /// What differs from the kind of key that comes nearest, by what such a key must say: nothing, for a key of ours.
    pub(super) fn least_differences(&self, expected: impl Fn(KeyKind) -> Self) -> Vec<&'static str> {
        let alike = |kind: &KeyKind| key_type(*kind) == self.key_type;
        let mut nearest: Option<Vec<_>> = None;
        let deriving = std::iter::once(KeyKind::symmetric(Suite::Derived));
        for kind in KeyKind::all().chain(deriving).filter(alike) {
            let differences = self.differences(&expected(kind));
            if nearest.as_ref().is_none_or(|known| differences.len() < known.len()) {
                nearest = Some(differences);
            }
        }
        nearest.unwrap_or_else(|| vec!["CKA_KEY_TYPE"])
    }
}
