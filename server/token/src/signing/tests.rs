use strongroom_base::{KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_material::Material;

use super::{finish, prepare};
use crate::fault::TokenFault;
use crate::key::SigningInput;
use crate::kind::KeyKind;
use crate::module::{Hash, SignMechanism};

fn signer(spec: KeySpec) -> KeyKind {
    KeyKind::new(spec, KeyUsage::SignVerify).unwrap()
}

fn raw(bytes: &[u8]) -> SigningInput {
    SigningInput::Message(Material::take(bytes.to_vec()))
}

fn digested(bytes: &[u8]) -> SigningInput {
    SigningInput::Digest(Material::take(bytes.to_vec()))
}

/// What the token would get, or why it gets nothing.
fn prepared(
    kind: KeyKind,
    algorithm: SigningAlgorithm,
    input: SigningInput,
) -> Result<(SignMechanism, Vec<u8>), TokenFault> {
    let (mechanism, input) = prepare(kind, algorithm, input)?;
    Ok((mechanism, input.reveal_to_token(<[u8]>::to_vec)))
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
            prepared(kind, algorithm, raw(b"message")).unwrap(),
            prepared(kind, algorithm, digested(digest.as_ref())).unwrap()
        );
    }
    let (mechanism, bytes) = prepared(kind, SigningAlgorithm::RsassaPssSha384, digested(digest.as_ref())).unwrap();
    assert_eq!(
        (mechanism, &*bytes),
        (SignMechanism::RsaPss(Hash::Sha384), digest.as_ref())
    );
}

/// The beginnings of DigestInfos as RFC 8017 section 9.2 note 1 prints them.
#[test]
fn a_digest_info_is_the_printed_one() {
    for (algorithm, length, printed) in [
        (
            SigningAlgorithm::RsassaPkcs1V15Sha256,
            32,
            "3031300d060960864801650304020105000420",
        ),
        (
            SigningAlgorithm::RsassaPkcs1V15Sha384,
            48,
            "3041300d060960864801650304020205000430",
        ),
        (
            SigningAlgorithm::RsassaPkcs1V15Sha512,
            64,
            "3051300d060960864801650304020305000440",
        ),
    ] {
        let digest = vec![7; length];
        let (mechanism, bytes) = prepared(signer(KeySpec::Rsa3072), algorithm, digested(&digest)).unwrap();
        let printed = data_encoding::HEXLOWER.decode(printed.as_bytes()).unwrap();
        assert_eq!((mechanism, bytes), (SignMechanism::RsaPkcs, [printed, digest].concat()));
    }
}

#[test]
fn what_the_key_service_must_have_refused_is_a_defect() {
    let cases = [
        (KeySpec::Rsa2048, SigningAlgorithm::EcdsaSha256, raw(b"a")),
        (KeySpec::EccNistP256, SigningAlgorithm::EcdsaSha384, raw(b"a")),
        (KeySpec::EccNistP256, SigningAlgorithm::EcdsaSha256, digested(&[1; 31])),
        (KeySpec::EccNistP521, SigningAlgorithm::EcdsaSha512, digested(&[1; 65])),
        (
            KeySpec::EccNistEdwards25519,
            SigningAlgorithm::Ed25519Sha512,
            digested(&[1; 64]),
        ),
        (
            KeySpec::EccNistEdwards25519,
            SigningAlgorithm::Ed25519PhSha512,
            digested(&[1; 32]),
        ),
        (
            KeySpec::EccNistEdwards25519,
            SigningAlgorithm::Ed25519PhSha512,
            raw(&[1; 64]),
        ),
        (KeySpec::MlDsa44, SigningAlgorithm::MlDsaShake256, digested(&[1; 64])),
    ];
    for (spec, algorithm, input) in cases {
        let fault = prepared(signer(spec), algorithm, input).unwrap_err();
        assert!(
            matches!(fault, TokenFault::Defect { .. }),
            "{spec} {algorithm}: {fault}"
        );
    }
    let agreement = KeyKind::new(KeySpec::EccNistP256, KeyUsage::KeyAgreement).unwrap();
    prepared(agreement, SigningAlgorithm::EcdsaSha256, raw(b"a")).unwrap_err();
    let mu = prepared(
        signer(KeySpec::MlDsa44),
        SigningAlgorithm::MlDsaShake256,
        SigningInput::ExternalMu(Material::take(vec![1; 64])),
    );
    assert_eq!(
        mu.unwrap_err().to_string(),
        "the token does not offer CKM_ML_DSA over an external mu, which ML_DSA_SHAKE_256 needs"
    );
}

#[test]
fn ecdsa_signatures_leave_as_two_minimal_integers() {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    (r[31], s[0], s[31]) = (5, 0xff, 1);
    let der = finish(KeySpec::EccNistP256, SignMechanism::Ecdsa, [r, s].concat()).unwrap();
    let expected = [&[0x30, 38, 2, 1, 5, 2, 33, 0], s.as_slice()].concat();
    assert_eq!(*der, *expected);
    for zero in [[r, [0; 32]].concat(), [[0; 32], s].concat()] {
        assert_eq!(finish(KeySpec::EccNistP256, SignMechanism::Ecdsa, zero), None);
    }
}

/// The lengths that the standards give; nothing else leaves.
#[test]
fn signatures_are_as_long_as_their_keys_make_them() {
    for (spec, mechanism, length) in [
        (KeySpec::Rsa2048, SignMechanism::RsaPkcs, 256),
        (KeySpec::Rsa3072, SignMechanism::RsaPss(Hash::Sha256), 384),
        (KeySpec::Rsa4096, SignMechanism::RsaPkcs, 512),
        (KeySpec::EccNistP256, SignMechanism::Ecdsa, 64),
        (KeySpec::EccSecgP256K1, SignMechanism::Ecdsa, 64),
        (KeySpec::EccNistP384, SignMechanism::Ecdsa, 96),
        (KeySpec::EccNistP521, SignMechanism::Ecdsa, 132),
        (KeySpec::EccNistEdwards25519, SignMechanism::Eddsa, 64),
        (KeySpec::EccNistEdwards25519, SignMechanism::EddsaPh, 64),
        (KeySpec::MlDsa44, SignMechanism::MlDsa, 2_420),
        (KeySpec::MlDsa65, SignMechanism::MlDsa, 3_309),
        (KeySpec::MlDsa87, SignMechanism::MlDsa, 4_627),
    ] {
        let of = |length| finish(spec, mechanism, vec![1; length]);
        assert!(of(length).is_some(), "{spec}");
        for wrong in [0, 1, length - 2, length - 1, length + 1, length + 2] {
            assert_eq!(of(wrong), None, "{spec}, {wrong} bytes");
        }
    }
}
