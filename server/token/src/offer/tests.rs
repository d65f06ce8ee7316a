use strongroom_base::{EncryptionAlgorithm, KeySpec, KeyUsage, SigningAlgorithm, WrappingAlgorithm};
use strongroom_hsm_config::{CurveName, MechanismName, Profile};

use super::Offer;
use crate::kind::{Capability, KeyKind};
use crate::module::Unwrapping;

fn everything() -> Profile {
    Profile {
        optional_mechanisms: MechanismName::ALL.to_vec(),
        curves: CurveName::ALL.to_vec(),
        ed25519_ph: true,
        ..Profile::named("softhsm2").unwrap()
    }
}

fn refusal(offer: &Offer, capability: Capability) -> String {
    offer.check(capability).unwrap_err().to_string()
}

/// Each kind needs something; what a token with everything lacks is what PKCS#11 has no mechanism for.
#[test]
fn a_token_with_everything_has_all_kinds_but_those_that_pkcs11_lacks() {
    let offer = Offer::of(&everything(), &[]);
    for kind in KeyKind::all() {
        let wanted = kind.spec() != KeySpec::Sm2;
        assert_eq!(offer.check(Capability::Key(kind)).is_ok(), wanted, "{kind:?}");
    }
    for algorithm in SigningAlgorithm::ALL {
        let wanted = *algorithm != SigningAlgorithm::Sm2Dsa;
        assert_eq!(offer.check(Capability::Sign(*algorithm)).is_ok(), wanted, "{algorithm}");
    }
    assert_eq!(
        refusal(&offer, Capability::Sign(SigningAlgorithm::Sm2Dsa)),
        "the token does not offer a mechanism of PKCS#11, which SM2DSA needs"
    );
}

#[test]
fn what_is_missing_is_named() {
    let offer = Offer::of(&everything(), &[MechanismName::MlDsa, MechanismName::RsaX509]);
    let kind = |spec, usage| Capability::Key(KeyKind::new(spec, usage).unwrap());
    assert_eq!(
        refusal(&offer, kind(KeySpec::MlDsa65, KeyUsage::SignVerify)),
        "the token does not offer CKM_ML_DSA, which ML_DSA_SHAKE_256 needs"
    );
    // This profile opens OAEP with SHA-256 by raw RSA.
    assert_eq!(
        refusal(&offer, kind(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt)),
        "the token does not offer CKM_RSA_X_509, which RSAES_OAEP_SHA_256 needs"
    );
    offer
        .check(Capability::Decrypt(EncryptionAlgorithm::RsaesOaepSha1))
        .unwrap();
    let offer = Offer::of(&Profile::named("softhsm2").unwrap(), &[]);
    assert_eq!(
        refusal(&offer, Capability::Sign(SigningAlgorithm::Ed25519PhSha512)),
        "the token does not offer CKM_EDDSA with phFlag, which ED25519_PH_SHA_512 needs"
    );
    let curves = vec![CurveName::Secp256R1];
    let offer = Offer::of(&Profile { curves, ..everything() }, &[]);
    assert_eq!(
        refusal(&offer, kind(KeySpec::EccSecgP256K1, KeyUsage::SignVerify)),
        "the token does not offer secp256k1, which ECC_SECG_P256K1 needs"
    );
}

/// An import needs what opens the wrapping, what the key is for, and what shows what the key is.
#[test]
fn what_an_import_lacks_is_named() {
    let import =
        |spec, usage| Capability::Import(KeyKind::new(spec, usage).unwrap(), WrappingAlgorithm::RsaAesKeyWrapSha1);
    let rsa = import(KeySpec::Rsa3072, KeyUsage::SignVerify);
    let curve = import(KeySpec::EccNistP384, KeyUsage::SignVerify);
    let all = Offer::of(&everything(), &[]);
    for capability in [rsa, curve, import(KeySpec::Hmac224, KeyUsage::GenerateVerifyMac)] {
        all.check(capability).unwrap();
    }
    for (missing, capability, text) in [
        (MechanismName::RsaPkcs, rsa, "CKM_RSA_PKCS, which RSA_3072"),
        (
            MechanismName::Ecdh1Derive,
            curve,
            "CKM_ECDH1_DERIVE, which ECC_NIST_P384",
        ),
        (MechanismName::Ecdsa, curve, "CKM_ECDSA, which ECC_NIST_P384"),
    ] {
        let offer = Offer::of(&everything(), &[missing]);
        let expected = format!("the token does not offer {text} needs");
        assert_eq!(refusal(&offer, capability), expected);
    }
    let ed25519 = import(KeySpec::EccNistEdwards25519, KeyUsage::SignVerify);
    assert_eq!(
        refusal(&all, ed25519),
        "the token does not offer the public key of an imported private key, which ECC_NIST_EDWARDS25519 needs"
    );
}

/// By its own name if the token has that.
#[test]
fn aes_kwp_has_two_names() {
    let with = |missing: &[MechanismName]| Offer::of(&everything(), missing).key_wrap();
    assert_eq!(with(&[]), Some(Unwrapping::AesKeyWrapKwp));
    assert_eq!(with(&[MechanismName::AesKeyWrapKwp]), Some(Unwrapping::AesKeyWrapPad));
    assert_eq!(
        with(&[MechanismName::AesKeyWrapKwp, MechanismName::AesKeyWrapPad]),
        None
    );
}
