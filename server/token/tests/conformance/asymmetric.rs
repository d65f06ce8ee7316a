//! Key pairs: making them, signing, decrypting, agreeing, each against another library in the other role.

use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey as Peer, agree};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::kem::{EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    ML_DSA_44, ML_DSA_65, ML_DSA_87, UnparsedPublicKey, VerificationAlgorithm,
};
use strongroom_base::{Code, EncryptionAlgorithm, KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_material::Plaintext;
use strongroom_token::{Capability, KeyKind, SigningInput, Token, TokenFault, TokenKey};

use super::pairs::{Pair, kinds, new_pair};
use super::{INVALID, Stand, assert_fault, connected, message, revealed, run, soon};

const MESSAGE: &[u8] = b"what is signed";

fn verifier(spec: KeySpec, algorithm: SigningAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        SigningAlgorithm::RsassaPssSha256 => &signature::RSA_PSS_2048_8192_SHA256,
        SigningAlgorithm::RsassaPssSha384 => &signature::RSA_PSS_2048_8192_SHA384,
        SigningAlgorithm::RsassaPssSha512 => &signature::RSA_PSS_2048_8192_SHA512,
        SigningAlgorithm::RsassaPkcs1V15Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        SigningAlgorithm::RsassaPkcs1V15Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        SigningAlgorithm::RsassaPkcs1V15Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        SigningAlgorithm::EcdsaSha256 if spec == KeySpec::EccSecgP256K1 => &ECDSA_P256K1_SHA256_ASN1,
        SigningAlgorithm::EcdsaSha256 => &ECDSA_P256_SHA256_ASN1,
        SigningAlgorithm::EcdsaSha384 => &ECDSA_P384_SHA384_ASN1,
        SigningAlgorithm::EcdsaSha512 => &ECDSA_P521_SHA512_ASN1,
        SigningAlgorithm::Ed25519Sha512 => &ED25519,
        SigningAlgorithm::MlDsaShake256 if spec == KeySpec::MlDsa44 => &ML_DSA_44,
        SigningAlgorithm::MlDsaShake256 if spec == KeySpec::MlDsa65 => &ML_DSA_65,
        SigningAlgorithm::MlDsaShake256 => &ML_DSA_87,
        SigningAlgorithm::Ed25519PhSha512 | SigningAlgorithm::Sm2Dsa => return None,
    })
}

fn digest(algorithm: SigningAlgorithm) -> Option<Vec<u8>> {
    let hash = match algorithm.digest_bytes()? {
        32 => &aws_lc_rs::digest::SHA256,
        48 => &aws_lc_rs::digest::SHA384,
        _ => &aws_lc_rs::digest::SHA512,
    };
    Some(aws_lc_rs::digest::digest(hash, MESSAGE).as_ref().to_vec())
}

/// Every spec that the token has, with every algorithm of the spec: messages and digests.
pub(super) fn signatures_verify_elsewhere(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        for kind in kinds(&token, KeyUsage::SignVerify) {
            let pair = new_pair(&token, settings.installation, kind).await;
            for algorithm in kind.spec().signing_algorithms() {
                if *algorithm != SigningAlgorithm::Ed25519PhSha512 {
                    signs(&token, &pair, *algorithm).await;
                }
            }
        }
        assert_eq!(token.status().counts.alarms, 0);
        token.stop().await;
    });
}

async fn signs(token: &Token, pair: &Pair, algorithm: SigningAlgorithm) {
    let spec = pair.key.kind.spec();
    let digest = digest(algorithm);
    let inputs = [
        ("message", Some(SigningInput::Message(message(MESSAGE)))),
        ("digest", digest.map(|digest| SigningInput::Digest(message(&digest)))),
    ];
    for (form, input) in inputs {
        let Some(input) = input else { continue };
        let signature = token.sign(&pair.key, algorithm, input, soon()).await.unwrap();
        let public = UnparsedPublicKey::new(verifier(spec, algorithm).unwrap(), &pair.public_key);
        assert!(public.verify(MESSAGE, &signature).is_ok(), "{spec} {algorithm} {form}");
    }
}

/// One use of the private half, and the public one in another library's hands.
pub(super) async fn does_what_it_is_for(token: &Token, pair: &Pair) {
    let kind = pair.key.kind;
    match kind.usage() {
        KeyUsage::SignVerify => signs(token, pair, kind.spec().signing_algorithms()[0]).await,
        KeyUsage::EncryptDecrypt => {
            for (algorithm, outside) in OAEP {
                let ciphertext = encrypted(pair, outside, b"value");
                assert_eq!(
                    opened(token, &pair.key, algorithm, &ciphertext).await.unwrap(),
                    b"value"
                );
            }
        }
        _ => agrees(token, pair).await,
    }
}

/// What the key service must have refused is refused here too, before the token sees it.
pub(super) fn what_a_key_does_not_sign_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let kind = KeyKind::new(KeySpec::EccNistP256, KeyUsage::SignVerify).unwrap();
        let key = new_pair(&token, settings.installation, kind).await.key;
        let jobs = token.status().counts.jobs;
        let text = "The service asked the HSM for something that it must not.";
        for length in [31, 33, 0] {
            let input = SigningInput::Digest(message(&vec![7; length]));
            let fault = token.sign(&key, SigningAlgorithm::EcdsaSha256, input, soon()).await;
            assert_fault(fault.unwrap_err(), Code::Internal, text);
        }
        for algorithm in [SigningAlgorithm::EcdsaSha384, SigningAlgorithm::RsassaPssSha256] {
            let input = SigningInput::Message(message(MESSAGE));
            let fault = token.sign(&key, algorithm, input, soon()).await;
            assert_fault(fault.unwrap_err(), Code::Internal, text);
        }
        let fault = token.encrypt(&key, b"aad", super::plaintext(b"x"), soon()).await;
        assert_fault(fault.unwrap_err(), Code::Internal, text);
        let fault = token.derive_shared_secret(&key, &[], soon()).await;
        assert_fault(fault.err().unwrap(), Code::Internal, text);
        assert_eq!(token.status().counts.jobs, jobs);
        token.stop().await;
    });
}

fn encrypted(pair: &Pair, algorithm: &'static OaepAlgorithm, bytes: &[u8]) -> Vec<u8> {
    let public = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&pair.public_key).unwrap()).unwrap();
    let mut ciphertext = vec![0; public.ciphertext_size()];
    public.encrypt(algorithm, bytes, &mut ciphertext, None).unwrap();
    ciphertext
}

async fn opened(
    token: &Token,
    key: &TokenKey,
    algorithm: EncryptionAlgorithm,
    ciphertext: &[u8],
) -> Result<Vec<u8>, TokenFault> {
    let opened = token
        .decrypt_asymmetric::<Plaintext>(key, algorithm, ciphertext, soon())
        .await;
    opened.map(|plaintext| revealed(&plaintext))
}

const OAEP: [(EncryptionAlgorithm, &OaepAlgorithm); 2] = [
    (EncryptionAlgorithm::RsaesOaepSha1, &OAEP_SHA1_MGF1SHA1),
    (EncryptionAlgorithm::RsaesOaepSha256, &OAEP_SHA256_MGF1SHA256),
];

pub(super) fn what_was_encrypted_elsewhere_opens(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        for kind in kinds(&token, KeyUsage::EncryptDecrypt) {
            let pair = new_pair(&token, settings.installation, kind).await;
            for (algorithm, outside) in OAEP {
                for bytes in [vec![], vec![0], vec![1; 100], vec![0xff; 190]] {
                    let ciphertext = encrypted(&pair, outside, &bytes);
                    let plaintext = opened(&token, &pair.key, algorithm, &ciphertext).await.unwrap();
                    assert_eq!(plaintext, bytes, "{kind:?} {algorithm}");
                }
            }
        }
        token.stop().await;
    });
}

/// One answer for all: it never says what is wrong. And the token is not blamed for any of it.
pub(super) fn an_rsa_ciphertext_that_was_changed_does_not_open(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let kind = KeyKind::new(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).unwrap();
        let pair = new_pair(&token, settings.installation, kind).await;
        let other = new_pair(&token, settings.installation, kind).await;
        for (algorithm, outside) in OAEP {
            let good = encrypted(&pair, outside, b"value");
            let mut changed = good.clone();
            changed[255] ^= 1;
            let (_, swapped) = OAEP.into_iter().find(|(other, _)| *other != algorithm).unwrap();
            let cases = [
                ("a bit", changed),
                ("another key's", encrypted(&other, outside, b"value")),
                ("another hash", encrypted(&pair, swapped, b"value")),
                ("zero", vec![0; 256]),
                ("one", [vec![0; 255], vec![1]].concat()),
                ("more than the modulus", vec![0xff; 256]),
                ("a byte less", good[..255].to_vec()),
                ("a byte more", [good.clone(), vec![0]].concat()),
                ("empty", Vec::new()),
            ];
            for (name, ciphertext) in cases {
                let fault = opened(&token, &pair.key, algorithm, &ciphertext).await.unwrap_err();
                assert_eq!(fault, TokenFault::InvalidCiphertext, "{algorithm} {name}");
                assert_fault(fault, Code::InvalidCiphertext, INVALID);
            }
            assert_eq!(opened(&token, &pair.key, algorithm, &good).await.unwrap(), b"value");
        }
        assert_eq!(token.status().counts.connections, 1);
        token.stop().await;
    });
}

/// Both ways come to the same secret, and nothing is left in the session.
pub(super) fn agreements_come_to_the_same_secret(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        for kind in kinds(&token, KeyUsage::KeyAgreement) {
            let pair = new_pair(&token, settings.installation, kind).await;
            // Often enough for a secret that begins with a zero.
            for _ in 0..20 {
                agrees(&token, &pair).await;
            }
            let fault = token.derive_shared_secret(&pair.key, b"no key", soon()).await;
            let text = "The public key is not a valid one for the key's curve.";
            assert_fault(fault.err().unwrap(), Code::Validation, text);
        }
        token.stop().await;
    });
}

async fn agrees(token: &Token, pair: &Pair) {
    let algorithm = match pair.key.kind.spec() {
        KeySpec::EccNistP256 => &ECDH_P256,
        KeySpec::EccNistP384 => &ECDH_P384,
        _ => &ECDH_P521,
    };
    let other = PrivateKey::generate(algorithm).unwrap();
    let public = other.compute_public_key().unwrap();
    let peer = public.as_der().unwrap();
    let here = token
        .derive_shared_secret(&pair.key, peer.as_ref(), soon())
        .await
        .unwrap();
    let own = Peer::new(algorithm, &pair.public_key);
    let there = agree(&other, own, "no agreement", |secret| Ok(secret.to_vec())).unwrap();
    assert_eq!(here.reveal_to_wire(<[u8]>::to_vec), there, "{:?}", pair.key.kind);
}

pub(super) fn what_was_encapsulated_elsewhere_is_opened(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        for kind in kinds(&token, KeyUsage::EncapsulateDecapsulate) {
            let pair = new_pair(&token, settings.installation, kind).await;
            let (algorithm, length) = match kind.spec() {
                KeySpec::MlKem512 => (&ML_KEM_512, 800),
                KeySpec::MlKem768 => (&ML_KEM_768, 1_184),
                _ => (&ML_KEM_1024, 1_568),
            };
            let bytes = &pair.public_key[pair.public_key.len() - length..];
            let (ciphertext, there) = EncapsulationKey::new(algorithm, bytes).unwrap().encapsulate().unwrap();
            let mut ciphertext = ciphertext.as_ref().to_vec();
            let here = token.decapsulate(&pair.key, &ciphertext, soon()).await.unwrap();
            assert_eq!(here.reveal_to_wire(<[u8]>::to_vec), there.as_ref());
            ciphertext[0] ^= 1;
            let other = token.decapsulate(&pair.key, &ciphertext, soon()).await.unwrap();
            assert!(!bool::from(here.ct_eq(&other)));
            let fault = token.decapsulate(&pair.key, &ciphertext[1..], soon()).await;
            assert_fault(fault.err().unwrap(), Code::InvalidCiphertext, INVALID);
        }
        token.stop().await;
    });
}

/// By the mechanism's name, and before anything is made.
pub(super) fn what_the_token_lacks_is_named(stand: &dyn Stand) {
    run(async {
        let mut settings = stand.settings();
        settings.profile.optional_mechanisms.clear();
        let token = connected(stand, settings.clone()).await;
        let cases = [
            (KeySpec::Rsa2048, KeyUsage::SignVerify, "CKM_RSA_PKCS_KEY_PAIR_GEN"),
            (KeySpec::EccNistP256, KeyUsage::KeyAgreement, "CKM_EC_KEY_PAIR_GEN"),
            (
                KeySpec::Hmac256,
                KeyUsage::GenerateVerifyMac,
                "CKM_GENERIC_SECRET_KEY_GEN",
            ),
            (KeySpec::MlDsa65, KeyUsage::SignVerify, "CKM_ML_DSA_KEY_PAIR_GEN"),
            (KeySpec::Sm2, KeyUsage::SignVerify, "a mechanism of PKCS#11"),
        ];
        for (spec, usage, mechanism) in cases {
            let kind = KeyKind::new(spec, usage).unwrap();
            let id = strongroom_base::KeyMaterialId::random().unwrap();
            let name = super::label(settings.installation, "a");
            let text = format!("The HSM does not offer {mechanism}, which {spec} needs.");
            let fault = token.create_key(id, &name, kind, soon()).await.unwrap_err();
            assert_eq!(fault, token.supports(Capability::Key(kind)).unwrap_err());
            assert_fault(fault, Code::UnsupportedOperation, &text);
        }
        assert!(token.objects(soon()).await.unwrap().is_empty());
        token.supports(Capability::Key(KeyKind::SYMMETRIC)).unwrap();
        token.stop().await;
    });
}
