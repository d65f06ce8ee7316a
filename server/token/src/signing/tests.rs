use strongroom_base::{KeySpec, KeyUsage, SigningAlgorithm};

use super::{finish, prepare};
use crate::fault::TokenFault;
use crate::key::SigningInput;
use crate::kind::KeyKind;
use crate::module::{Hash, SignMechanism};

fn signer(spec: KeySpec) -> KeyKind {
    KeyKind::new(spec, KeyUsage::SignVerify).unwrap()
}

#[test]
fn a_message_and_its_digest_come_to_the_same() {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, b"message");
    let kind = signer(KeySpec::Rsa2048);
    for algorithm in [
        SigningAlgorithm::RsassaPssSha384,
        SigningAlgorithm::RsassaPkcs1V15Sha384,
    ] {
        assert_eq!(
            prepare(kind, algorithm, SigningInput::Message(b"message")).unwrap(),
            prepare(kind, algorithm, SigningInput::Digest(digest.as_ref())).unwrap()
        );
    }
    let (mechanism, bytes) = prepare(
        kind,
        SigningAlgorithm::RsassaPssSha384,
        SigningInput::Digest(digest.as_ref()),
    )
    .unwrap();
    assert_eq!(
        (mechanism, &*bytes),
        (SignMechanism::RsaPss(Hash::Sha384), digest.as_ref())
    );
}

/// The DigestInfo of SHA-256 as RFC 8017 section 9.2 note 1 prints it.
#[test]
fn a_digest_info_is_the_printed_one() {
    let (_, bytes) = prepare(
        signer(KeySpec::Rsa3072),
        SigningAlgorithm::RsassaPkcs1V15Sha256,
        SigningInput::Digest(&[7; 32]),
    )
    .unwrap();
    let printed = data_encoding::HEXLOWER
        .decode(b"3031300d060960864801650304020105000420")
        .unwrap();
    assert_eq!(*bytes, *[printed.as_slice(), &[7; 32]].concat());
}

#[test]
fn what_the_key_service_must_have_refused_is_a_defect() {
    let cases = [
        (
            KeySpec::Rsa2048,
            SigningAlgorithm::EcdsaSha256,
            SigningInput::Message(b"a"),
        ),
        (
            KeySpec::EccNistP256,
            SigningAlgorithm::EcdsaSha384,
            SigningInput::Message(b"a"),
        ),
        (
            KeySpec::EccNistP256,
            SigningAlgorithm::EcdsaSha256,
            SigningInput::Digest(&[1; 31]),
        ),
        (
            KeySpec::EccNistP521,
            SigningAlgorithm::EcdsaSha512,
            SigningInput::Digest(&[1; 65]),
        ),
        (
            KeySpec::EccNistEdwards25519,
            SigningAlgorithm::Ed25519Sha512,
            SigningInput::Digest(&[1; 64]),
        ),
        (
            KeySpec::MlDsa44,
            SigningAlgorithm::MlDsaShake256,
            SigningInput::Digest(&[1; 64]),
        ),
    ];
    for (spec, algorithm, input) in cases {
        let fault = prepare(signer(spec), algorithm, input).unwrap_err();
        assert!(
            matches!(fault, TokenFault::Defect { .. }),
            "{spec} {algorithm}: {fault}"
        );
    }
    let agreement = KeyKind::new(KeySpec::EccNistP256, KeyUsage::KeyAgreement).unwrap();
    prepare(agreement, SigningAlgorithm::EcdsaSha256, SigningInput::Message(b"a")).unwrap_err();
    let mu = prepare(
        signer(KeySpec::MlDsa44),
        SigningAlgorithm::MlDsaShake256,
        SigningInput::ExternalMu(&[1; 64]),
    );
    assert_eq!(
        mu.unwrap_err().to_string(),
        "the token does not offer CKM_ML_DSA over an external mu, which ML_DSA_SHAKE_256 needs"
    );
}

#[test]
fn ecdsa_signatures_leave_as_two_minimal_integers() {
    let raw = [&[0, 0, 5], [0xff, 0, 1].as_slice()].concat();
    let der = finish(SignMechanism::Ecdsa, raw).unwrap();
    assert_eq!(*der, [0x30, 9, 2, 1, 5, 2, 4, 0, 0xff, 0, 1]);
    assert_eq!(finish(SignMechanism::Ecdsa, vec![1; 63]), None);
    assert_eq!(finish(SignMechanism::Ecdsa, Vec::new()), None);
    assert_eq!(finish(SignMechanism::Eddsa, vec![1; 64]).unwrap().len(), 64);
}
