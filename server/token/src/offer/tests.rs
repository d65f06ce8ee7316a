use strongroom_base::{EncryptionAlgorithm, KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_hsm_config::{CurveName, MechanismName, Profile};

use super::Offer;
use crate::kind::{Capability, KeyKind};

fn everything() -> Profile {
    Profile {
        optional_mechanisms: MechanismName::ALL.to_vec(),
        curves: CurveName::ALL.to_vec(),
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
        let wanted = !matches!(algorithm, SigningAlgorithm::Sm2Dsa | SigningAlgorithm::Ed25519PhSha512);
        assert_eq!(offer.check(Capability::Sign(*algorithm)).is_ok(), wanted, "{algorithm}");
    }
    assert_eq!(
        refusal(&offer, Capability::Sign(SigningAlgorithm::Ed25519PhSha512)),
        "the token does not offer CKM_EDDSA over a digest, which ED25519_PH_SHA_512 needs"
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
    let curves = vec![CurveName::Secp256R1];
    let offer = Offer::of(&Profile { curves, ..everything() }, &[]);
    assert_eq!(
        refusal(&offer, kind(KeySpec::EccSecgP256K1, KeyUsage::SignVerify)),
        "the token does not offer secp256k1, which ECC_SECG_P256K1 needs"
    );
}
