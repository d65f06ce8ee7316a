//! Keys of other kinds than AES that their owners bring along.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use strongroom_base::{Code, InstallationId, KeyMaterialId, KeySpec, KeyUsage, WrappingAlgorithm};
use strongroom_token::{Capability, Destroyed, Hallmark, KeyKind, Provenance, Token, TokenKey, WrappedMaterial};

use super::asymmetric::does_what_it_is_for;
use super::import::{ALGORITHMS, Wrapping, hallmark, import, witness};
use super::pairs::Pair;
use super::{Stand, assert_fault, connected, label, message, run, soon};

const LENGTH: &str = "The key material does not have the length that the key spec requires.";
const KIND: &str = "The key material is not a private key of the kind that the key spec requires, in PKCS #8.";
const OTHER: &str = "The key material is not the same as the key material that was imported before.";

/// A private key that was made outside, and its public half.
struct Outside {
    private: Vec<u8>,
    public: Vec<u8>,
}

fn outside(spec: KeySpec) -> Outside {
    match spec {
        KeySpec::Rsa2048 => rsa(KeySize::Rsa2048),
        KeySpec::Rsa3072 => rsa(KeySize::Rsa3072),
        KeySpec::Rsa4096 => rsa(KeySize::Rsa4096),
        KeySpec::EccNistP384 => on_curve(&ECDSA_P384_SHA384_FIXED_SIGNING),
        KeySpec::EccNistP521 => on_curve(&ECDSA_P521_SHA512_FIXED_SIGNING),
        KeySpec::EccSecgP256K1 => on_curve(&ECDSA_P256K1_SHA256_FIXED_SIGNING),
        _ => on_curve(&ECDSA_P256_SHA256_FIXED_SIGNING),
    }
}

fn rsa(size: KeySize) -> Outside {
    let pair = RsaKeyPair::generate(size).unwrap();
    Outside {
        private: pair.as_der().unwrap().as_ref().to_vec(),
        public: pair.public_key().as_der().unwrap().as_ref().to_vec(),
    }
}

fn on_curve(algorithm: &'static EcdsaSigningAlgorithm) -> Outside {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    Outside {
        private: pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
        public: pair.public_key().as_der().unwrap().as_ref().to_vec(),
    }
}

fn kind(spec: KeySpec, usage: KeyUsage) -> KeyKind {
    KeyKind::new(spec, usage).unwrap()
}

/// The first algorithm by which such a key can be imported here. Wrapping keys have 3,072 bits, so that a private key on
/// P-521 fits.
fn algorithm(token: &Token, kind: KeyKind) -> Option<WrappingAlgorithm> {
    let is_rsa = matches!(kind.spec(), KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096);
    let wraps_rsa = |algorithm: &WrappingAlgorithm| algorithm.as_str().starts_with("RSA_AES");
    let can = |algorithm: &WrappingAlgorithm| token.supports(Capability::Import(kind, *algorithm)).is_ok();
    ALGORITHMS
        .into_iter()
        .find(|algorithm| can(algorithm) && (!is_rsa || wraps_rsa(algorithm)))
}

async fn import_pair(
    token: &Token,
    installation: InstallationId,
    material: &WrappedMaterial,
    id: KeyMaterialId,
    expected: Option<Hallmark>,
) -> Pair {
    let name = label(installation, "a");
    let created = token.import_key(id, &name, material, expected, soon()).await.unwrap();
    let copyable = created.provenance.copyable;
    assert_eq!(created.provenance, Provenance::of_imported(material.kind, copyable));
    assert_eq!(
        created.witness.is_some(),
        material.kind.usage() == KeyUsage::EncryptDecrypt
    );
    Pair {
        key: TokenKey {
            id,
            kind: material.kind,
            witness: created.witness.map(Arc::new),
        },
        public_key: created.public_key.unwrap(),
    }
}

/// A byte more or less is another key, and zeros are bytes, though HMAC would not tell them apart.
pub(super) fn codes_keys_are_imported_with_exactly_their_length(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        let wrapping = Wrapping::new(&token, installation, KeySpec::Rsa2048).await;
        for (spec, bytes, outside) in [
            (KeySpec::Hmac224, 28, hmac::HMAC_SHA224),
            (KeySpec::Hmac256, 32, hmac::HMAC_SHA256),
            (KeySpec::Hmac384, 48, hmac::HMAC_SHA384),
            (KeySpec::Hmac512, 64, hmac::HMAC_SHA512),
        ] {
            let kind = kind(spec, KeyUsage::GenerateVerifyMac);
            let wrap = |material: &[u8]| wrapping.wrap_as(kind, WrappingAlgorithm::RsaesOaepSha1, material);
            let secret: Vec<u8> = (0..bytes).map(|byte| byte as u8 ^ 0x5a).collect();
            for wrong in [
                &secret[1..],
                &[secret.as_slice(), &[0]].concat(),
                &secret.repeat(2),
                &[7; 16],
            ] {
                let fault = token.recognise(&wrap(wrong), vec![], soon()).await.unwrap_err();
                assert_fault(fault, Code::IncorrectKeyMaterial, LENGTH);
                let id = KeyMaterialId::random().unwrap();
                let fault = import(&token, installation, &wrap(wrong), id, None).await.unwrap_err();
                assert_fault(fault, Code::IncorrectKeyMaterial, LENGTH);
            }
            let (right, other) = (wrap(&secret), wrap(&vec![0x33; bytes]));
            let id = KeyMaterialId::random().unwrap();
            let key = import(&token, installation, &right, id, None).await.unwrap();
            let mac = spec.mac_algorithm().unwrap();
            let code = token.mac(&key, mac, message(b"message"), soon()).await.unwrap();
            let expected = hmac::sign(&hmac::Key::new(outside, &secret), b"message");
            assert_eq!(code.reveal_to_wire(<[u8]>::to_vec), expected.as_ref(), "{spec}");

            let known = || vec![witness(&key)];
            assert_eq!(token.recognise(&right, known(), soon()).await.unwrap(), Some(id));
            assert_eq!(token.recognise(&other, known(), soon()).await.unwrap(), None);
            let name = label(installation, "a");
            assert_eq!(token.destroy_key(id, &name, soon()).await.unwrap(), Destroyed::Done);
            let refused = import(&token, installation, &other, id, Some(hallmark(&key))).await;
            assert_fault(refused.unwrap_err(), Code::IncorrectKeyMaterial, OTHER);
            let again = import(&token, installation, &right, id, Some(hallmark(&key))).await;
            assert_eq!(again.unwrap().witness, key.witness);
        }
        assert_eq!(token.status().counts.alarms, 0);
        assert_eq!(
            token.objects(soon()).await.unwrap().len(),
            5,
            "the wrapping key and four"
        );
        token.stop().await;
    });
}

/// Every kind that the token has, by what it is for: the public half is the one that was left outside.
pub(super) fn private_keys_are_imported_with_their_public_halves(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        let wrapping = Wrapping::new(&token, installation, KeySpec::Rsa3072).await;
        let mut tried = 0;
        for kind in KeyKind::all().filter(|kind| kind.spec().is_asymmetric()) {
            let Some(algorithm) = algorithm(&token, kind) else {
                continue;
            };
            let (made, other) = (outside(kind.spec()), outside(kind.spec()));
            let (right, wrong) = (
                wrapping.wrap_as(kind, algorithm, &made.private),
                wrapping.wrap_as(kind, algorithm, &other.private),
            );
            let id = KeyMaterialId::random().unwrap();
            assert_eq!(token.recognise(&right, vec![], soon()).await.unwrap(), None);
            let pair = import_pair(&token, installation, &right, id, None).await;
            assert_eq!(*pair.public_key, *made.public, "{kind:?}");
            does_what_it_is_for(&token, &pair).await;

            let public = || Hallmark::PublicKey(pair.public_key.clone());
            let known = || vec![(id, public())];
            assert_eq!(token.recognise(&right, known(), soon()).await.unwrap(), Some(id));
            assert_eq!(token.recognise(&wrong, known(), soon()).await.unwrap(), None);
            let name = label(installation, "a");
            assert_eq!(token.destroy_key(id, &name, soon()).await.unwrap(), Destroyed::Done);
            let refused = token.import_key(id, &name, &wrong, Some(public()), soon()).await;
            assert_fault(refused.unwrap_err(), Code::IncorrectKeyMaterial, OTHER);
            let again = import_pair(&token, installation, &right, id, Some(public())).await;
            assert_eq!(again.public_key, pair.public_key);
            does_what_it_is_for(&token, &again).await;
            tried += 1;
        }
        assert!(
            tried >= 12,
            "{tried} kinds: six of RSA, and three curves for two things each"
        );
        assert_eq!(token.status().counts.alarms, 0);
        assert_eq!(token.objects(soon()).await.unwrap().len(), tried + 1);
        token.stop().await;

        // Another connection finds each of them as it was.
        let token = connected(stand, settings.clone()).await;
        let objects = token.objects(soon()).await.unwrap();
        let good = objects.iter().filter(|object| object.provenance.is_ok()).count();
        assert_eq!(good, tried);
        token.stop().await;
    });
}

/// What unwraps is a key all the same, or something else: never the one that was asked for.
pub(super) fn a_private_key_of_another_kind_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        let wrapping = Wrapping::new(&token, installation, KeySpec::Rsa3072).await;
        let (short, p_256, p_384) = (
            outside(KeySpec::Rsa2048).private,
            outside(KeySpec::EccNistP256).private,
            outside(KeySpec::EccNistP384).private,
        );
        // In the modulus. A damaged factor, or a damaged exponent, is made good by what the rest says of it.
        let mut flipped = short.clone();
        flipped[100] ^= 1;
        let rsa = |spec| kind(spec, KeyUsage::SignVerify);
        let cases = [
            ("a shorter modulus", rsa(KeySpec::Rsa3072), short.clone()),
            ("a damaged modulus", rsa(KeySpec::Rsa2048), flipped),
            ("a point for RSA", rsa(KeySpec::Rsa2048), p_256.clone()),
            ("RSA for a point", rsa(KeySpec::EccNistP256), short),
            ("another curve", rsa(KeySpec::EccNistP256), p_384.clone()),
            (
                "another curve",
                kind(KeySpec::EccNistP384, KeyUsage::KeyAgreement),
                p_256,
            ),
            ("no key", rsa(KeySpec::EccNistP384), vec![0x30; 185]),
            ("half a key", rsa(KeySpec::EccNistP384), p_384[..90].to_vec()),
        ];
        for (name, kind, material) in cases {
            let Some(algorithm) = ALGORITHMS
                .into_iter()
                .rev()
                .find(|algorithm| token.supports(Capability::Import(kind, *algorithm)).is_ok())
            else {
                continue;
            };
            let wrapped = wrapping.wrap_as(kind, algorithm, &material);
            let id = KeyMaterialId::random().unwrap();
            let label = label(installation, "a");
            let imported = token.import_key(id, &label, &wrapped, None, soon()).await;
            for fault in [
                token.recognise(&wrapped, vec![], soon()).await.unwrap_err(),
                imported.unwrap_err(),
            ] {
                println!("{name}: {fault}");
                assert_fault(fault, Code::IncorrectKeyMaterial, KIND);
            }
        }
        assert_eq!(token.objects(soon()).await.unwrap().len(), 1, "the wrapping key");
        assert_eq!((token.status().counts.alarms, stand.session_objects()), (0, 0));
        token.stop().await;
    });
}

/// An Ed25519 signature verifies with a public key that is known before, and tells none.
pub(super) fn what_no_token_can_show_the_public_half_of_is_not_imported(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        let wrapping = Wrapping::new(&token, installation, KeySpec::Rsa2048).await;
        let pair = Ed25519KeyPair::generate().unwrap();
        let material = pair.to_pkcs8v1().unwrap();
        for spec in [KeySpec::EccNistEdwards25519, KeySpec::MlDsa44, KeySpec::Sm2] {
            let kind = kind(spec, KeyUsage::SignVerify);
            let wrapped = wrapping.wrap_as(kind, WrappingAlgorithm::RsaesOaepSha1, material.as_ref());
            let text = format!("The HSM does not offer the public key of an imported private key, which {spec} needs.");
            let fault = token.recognise(&wrapped, vec![], soon()).await.unwrap_err();
            assert_fault(fault, Code::UnsupportedOperation, &text);
        }
        token.stop().await;
    });
}
