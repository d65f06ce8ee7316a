//! [`Offer`]: what the connected token can do for keys of each kind, from its mechanism list and its profile.

use strongroom_base::{EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, SigningAlgorithm, WrappingAlgorithm};
use strongroom_hsm_config::{CurveName, MechanismName, Profile};

use crate::fault::TokenFault;
use crate::kind::{Capability, KeyKind};
use crate::module::Unwrapping;
use crate::rsa::OaepHash;
use crate::suite::Suite;
use crate::wrapping_key;

/// What one token offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    mechanisms: Vec<MechanismName>,
    curves: Vec<CurveName>,
    oaep_sha_256: bool,
    ed25519_ph: bool,
    /// How new symmetric keys encrypt.
    suite: Suite,
}

/// How the token opens RSAES-OAEP with SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OaepDecoding {
    /// CKM_RSA_PKCS_OAEP.
    InToken,
    /// CKM_RSA_X_509 in the token, and the rest outside.
    Outside,
}

impl Offer {
    /// What the profile needs, which was found to be there, and what of the rest is not `missing`.
    pub(crate) fn of(profile: &Profile, missing: &[MechanismName]) -> Self {
        let optional = profile.optional_mechanisms.iter();
        let there = optional.filter(|mechanism| !missing.contains(mechanism));
        Self {
            mechanisms: profile.mechanisms.iter().chain(there).copied().collect(),
            curves: profile.curves.clone(),
            oaep_sha_256: profile.oaep_sha_256,
            ed25519_ph: profile.ed25519_ph,
            suite: Suite::Direct,
        }
    }

    /// The same with the suite that a probe has shown to work.
    pub(crate) fn with_suite(self, suite: Suite) -> Self {
        Self { suite, ..self }
    }

    /// How new symmetric keys encrypt here.
    pub(crate) fn suite(&self) -> Suite {
        self.suite
    }

    /// The mechanisms that the service uses on this token.
    pub(crate) fn mechanisms(&self) -> &[MechanismName] {
        &self.mechanisms
    }

    /// The specs of keys that can be made here, for at least one usage.
    pub(crate) fn specs(&self) -> Vec<&'static str> {
        let can = |kind: &KeyKind| self.check_key(*kind).is_ok();
        let mut specs: Vec<_> = KeyKind::all().filter(can).map(|kind| kind.spec().as_str()).collect();
        specs.dedup();
        specs
    }

    /// How RSAES-OAEP with SHA-256 is opened here.
    pub(crate) fn oaep_sha_256(&self) -> OaepDecoding {
        if self.oaep_sha_256 {
            OaepDecoding::InToken
        } else {
            OaepDecoding::Outside
        }
    }

    /// Whether the token can do this.
    ///
    /// # Errors
    /// [`TokenFault::Unsupported`], naming what is missing.
    pub(crate) fn check(&self, capability: Capability) -> Result<(), TokenFault> {
        match capability {
            Capability::Key(kind) => self.check_key(kind),
            Capability::Sign(algorithm) => self.check_signing(algorithm),
            Capability::SignExternalMu => Err(EXTERNAL_MU),
            Capability::Decrypt(algorithm) => self.check_decryption(algorithm),
            Capability::Import(kind, algorithm) => {
                self.check_imported(kind)?;
                self.check_import(algorithm)
            }
        }
    }

    /// Import may not decode outside: the material must never be in this process.
    fn check_import(&self, algorithm: WrappingAlgorithm) -> Result<(), TokenFault> {
        let what = algorithm.as_str();
        let steps = wrapping_key::steps(algorithm).ok_or_else(|| unsupported(NO_MECHANISM, what))?;
        self.need(MechanismName::RsaPkcsKeyPairGen, what)?;
        self.need(MechanismName::RsaPkcsOaep, what)?;
        if steps.hash == OaepHash::Sha256 && !self.oaep_sha_256 {
            return Err(unsupported("CKM_RSA_PKCS_OAEP with SHA-256", what));
        }
        if steps.through_aes && self.key_wrap().is_none() {
            return Err(unsupported(MechanismName::AesKeyWrapKwp.as_str(), what));
        }
        Ok(())
    }

    /// What opens AES-KWP here, if anything does.
    pub(crate) fn key_wrap(&self) -> Option<Unwrapping> {
        let has = |mechanism| self.mechanisms.contains(&mechanism);
        if has(MechanismName::AesKeyWrapKwp) {
            Some(Unwrapping::AesKeyWrapKwp)
        } else {
            has(MechanismName::AesKeyWrapPad).then_some(Unwrapping::AesKeyWrapPad)
        }
    }

    /// What an imported key is for, and what it takes to find out what it is: a private key signs once, and one on a curve
    /// agrees with the curve's generator, which tells its public half. Nothing tells that of other kinds.
    fn check_imported(&self, kind: KeyKind) -> Result<(), TokenFault> {
        let what = kind.spec().as_str();
        match kind.spec() {
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => self.need(MechanismName::RsaPkcs, what)?,
            spec if curve(spec).is_some() => {
                self.need(MechanismName::Ecdsa, what)?;
                self.need(MechanismName::Ecdh1Derive, what)?;
            }
            spec if spec.is_asymmetric() => return Err(unsupported("the public key of an imported private key", what)),
            _ => {}
        }
        self.check_use(kind)
    }

    fn check_key(&self, kind: KeyKind) -> Result<(), TokenFault> {
        let what = kind.spec().as_str();
        let generation = generation(kind).ok_or_else(|| unsupported(NO_MECHANISM, what))?;
        self.need(generation, what)?;
        self.check_use(kind)
    }

    /// What a key is for, wherever it comes from.
    fn check_use(&self, kind: KeyKind) -> Result<(), TokenFault> {
        let what = kind.spec().as_str();
        if let Some(curve) = curve(kind.spec())
            && !self.curves.contains(&curve)
        {
            return Err(unsupported(curve.as_str(), what));
        }
        match (kind.usage(), kind.spec()) {
            (KeyUsage::EncryptDecrypt, KeySpec::SymmetricDefault) => {
                if kind.suite() == Some(Suite::Derived) && self.suite == Suite::Direct {
                    return Err(unsupported(MechanismName::Sp800108CounterKdf.as_str(), what));
                }
                self.need(MechanismName::AesGcm, what)
            }
            (KeyUsage::EncryptDecrypt, _) => self.check_decryption(EncryptionAlgorithm::RsaesOaepSha256),
            (KeyUsage::SignVerify, spec) => match spec.signing_algorithms().first() {
                Some(algorithm) => self.check_signing(*algorithm),
                None => Err(unsupported(NO_MECHANISM, what)),
            },
            (KeyUsage::GenerateVerifyMac, spec) => match spec.mac_algorithm() {
                Some(algorithm) => self.need(mac(algorithm), what),
                None => Err(unsupported(NO_MECHANISM, what)),
            },
            (KeyUsage::KeyAgreement, _) => self.need(MechanismName::Ecdh1Derive, what),
            (KeyUsage::EncapsulateDecapsulate, _) => self.need(MechanismName::MlKem, what),
        }
    }

    fn check_signing(&self, algorithm: SigningAlgorithm) -> Result<(), TokenFault> {
        if algorithm == SigningAlgorithm::Ed25519PhSha512 && !self.ed25519_ph {
            return Err(unsupported("CKM_EDDSA with phFlag", algorithm.as_str()));
        }
        match signing(algorithm) {
            Some(mechanism) => self.need(mechanism, algorithm.as_str()),
            None => Err(unsupported(NO_MECHANISM, algorithm.as_str())),
        }
    }

    fn check_decryption(&self, algorithm: EncryptionAlgorithm) -> Result<(), TokenFault> {
        let mechanism = match (algorithm, self.oaep_sha_256()) {
            (EncryptionAlgorithm::SymmetricDefault, _) => MechanismName::AesGcm,
            (EncryptionAlgorithm::RsaesOaepSha1, _) | (EncryptionAlgorithm::RsaesOaepSha256, OaepDecoding::InToken) => {
                MechanismName::RsaPkcsOaep
            }
            (EncryptionAlgorithm::RsaesOaepSha256, OaepDecoding::Outside) => MechanismName::RsaX509,
            (EncryptionAlgorithm::Sm2Pke, _) => return Err(unsupported(NO_MECHANISM, algorithm.as_str())),
        };
        self.need(mechanism, algorithm.as_str())
    }

    fn need(&self, mechanism: MechanismName, what: &'static str) -> Result<(), TokenFault> {
        if self.mechanisms.contains(&mechanism) {
            Ok(())
        } else {
            Err(unsupported(mechanism.as_str(), what))
        }
    }
}

/// PKCS#11 3.2 has no mechanism that takes it.
pub(crate) const EXTERNAL_MU: TokenFault = TokenFault::Unsupported {
    missing: "CKM_ML_DSA over an external mu",
    what: SigningAlgorithm::MlDsaShake256.as_str(),
};

/// SM2, which PKCS#11 has no mechanisms for.
const NO_MECHANISM: &str = "a mechanism of PKCS#11";

fn unsupported(missing: &'static str, what: &'static str) -> TokenFault {
    TokenFault::Unsupported { missing, what }
}

/// What makes a key.
pub(crate) fn generation(kind: KeyKind) -> Option<MechanismName> {
    match kind.spec() {
        KeySpec::SymmetricDefault if kind.suite() == Some(Suite::Derived) => Some(MechanismName::GenericSecretKeyGen),
        KeySpec::SymmetricDefault => Some(MechanismName::AesKeyGen),
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Some(MechanismName::RsaPkcsKeyPairGen),
        KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 | KeySpec::EccSecgP256K1 => {
            Some(MechanismName::EcKeyPairGen)
        }
        KeySpec::EccNistEdwards25519 => Some(MechanismName::EcEdwardsKeyPairGen),
        KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => {
            Some(MechanismName::GenericSecretKeyGen)
        }
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => Some(MechanismName::MlDsaKeyPairGen),
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Some(MechanismName::MlKemKeyPairGen),
        KeySpec::Sm2 => None,
    }
}

/// The curve that a key is on, where the mechanism that makes it knows several.
pub(crate) fn curve(spec: KeySpec) -> Option<CurveName> {
    match spec {
        KeySpec::EccNistP256 => Some(CurveName::Secp256R1),
        KeySpec::EccNistP384 => Some(CurveName::Secp384R1),
        KeySpec::EccNistP521 => Some(CurveName::Secp521R1),
        KeySpec::EccSecgP256K1 => Some(CurveName::Secp256K1),
        _ => None,
    }
}

fn mac(algorithm: MacAlgorithm) -> MechanismName {
    match algorithm {
        MacAlgorithm::HmacSha224 => MechanismName::Sha224Hmac,
        MacAlgorithm::HmacSha256 => MechanismName::Sha256Hmac,
        MacAlgorithm::HmacSha384 => MechanismName::Sha384Hmac,
        MacAlgorithm::HmacSha512 => MechanismName::Sha512Hmac,
    }
}

fn signing(algorithm: SigningAlgorithm) -> Option<MechanismName> {
    match algorithm {
        SigningAlgorithm::RsassaPssSha256 | SigningAlgorithm::RsassaPssSha384 | SigningAlgorithm::RsassaPssSha512 => {
            Some(MechanismName::RsaPkcsPss)
        }
        SigningAlgorithm::RsassaPkcs1V15Sha256
        | SigningAlgorithm::RsassaPkcs1V15Sha384
        | SigningAlgorithm::RsassaPkcs1V15Sha512 => Some(MechanismName::RsaPkcs),
        SigningAlgorithm::EcdsaSha256 | SigningAlgorithm::EcdsaSha384 | SigningAlgorithm::EcdsaSha512 => {
            Some(MechanismName::Ecdsa)
        }
        SigningAlgorithm::MlDsaShake256 => Some(MechanismName::MlDsa),
        SigningAlgorithm::Ed25519Sha512 | SigningAlgorithm::Ed25519PhSha512 => Some(MechanismName::Eddsa),
        SigningAlgorithm::Sm2Dsa => None,
    }
}

#[cfg(test)]
mod tests;
