mod wycheproof;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::kem::DecapsulationKey;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, PqdsaKeyPair};
use strongroom_base::{MessageType, SigningAlgorithm};

use super::*;
use crate::message::Message;

fn message(form: MessageType, bytes: &[u8]) -> Message {
    Message::new(Material::take(bytes.to_vec()), Some(form)).unwrap()
}

fn digest(algorithm: SigningAlgorithm, bytes: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let hash = match algorithm.digest_bytes().unwrap() {
        32 => &SHA256,
        48 => &SHA384,
        _ => &SHA512,
    };
    digest(hash, bytes).as_ref().to_vec()
}

/// A key pair in the library: the public key, and what signs.
type Signer = Box<dyn Fn(SigningAlgorithm, &[u8]) -> Vec<u8>>;

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> (PublicKey, Signer) {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let public = PublicKey::from_der(pair.public_key().as_der().unwrap().as_ref());
    let sign = move |_, message: &[u8]| pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec();
    (public, Box::new(sign))
}

fn ml_dsa(algorithm: &'static signature::PqdsaSigningAlgorithm) -> (PublicKey, Signer) {
    let pair = PqdsaKeyPair::generate(algorithm).unwrap();
    let public = PublicKey::from_der(pair.public_key().as_der().unwrap().as_ref());
    let sign = move |_, message: &[u8]| {
        let mut signed = vec![0; pair.algorithm().signature_len()];
        let length = pair.sign(message, &mut signed).unwrap();
        signed.truncate(length);
        signed
    };
    (public, Box::new(sign))
}

fn rsa() -> (PublicKey, Signer) {
    let pair = rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = PublicKey::from_der(pair.public_key().as_der().unwrap().as_ref());
    let sign = move |algorithm, message: &[u8]| {
        let encoding: &'static dyn signature::RsaEncoding = match algorithm {
            SigningAlgorithm::RsassaPssSha256 => &signature::RSA_PSS_SHA256,
            SigningAlgorithm::RsassaPssSha384 => &signature::RSA_PSS_SHA384,
            SigningAlgorithm::RsassaPssSha512 => &signature::RSA_PSS_SHA512,
            SigningAlgorithm::RsassaPkcs1V15Sha256 => &signature::RSA_PKCS1_SHA256,
            SigningAlgorithm::RsassaPkcs1V15Sha384 => &signature::RSA_PKCS1_SHA384,
            _ => &signature::RSA_PKCS1_SHA512,
        };
        let mut signed = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signed).unwrap();
        signed
    };
    (public, Box::new(sign))
}

fn edwards() -> (PublicKey, Signer) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public = PublicKey::from_der(pair.public_key().as_der().unwrap().as_ref());
    (
        public,
        Box::new(move |_, message: &[u8]| pair.sign(message).as_ref().to_vec()),
    )
}

#[test]
fn what_another_program_signs_verifies_and_nothing_else_does() {
    let keys = [
        (KeySpec::Rsa2048, rsa()),
        (KeySpec::EccNistP256, ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)),
        (KeySpec::EccNistP384, ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING)),
        (KeySpec::EccNistP521, ecdsa(&signature::ECDSA_P521_SHA512_ASN1_SIGNING)),
        (
            KeySpec::EccSecgP256K1,
            ecdsa(&signature::ECDSA_P256K1_SHA256_ASN1_SIGNING),
        ),
        (KeySpec::EccNistEdwards25519, edwards()),
        (KeySpec::MlDsa44, ml_dsa(&signature::ML_DSA_44_SIGNING)),
        (KeySpec::MlDsa65, ml_dsa(&signature::ML_DSA_65_SIGNING)),
        (KeySpec::MlDsa87, ml_dsa(&signature::ML_DSA_87_SIGNING)),
    ];
    for (spec, (key, sign)) in keys {
        for algorithm in spec.signing_algorithms() {
            if *algorithm == SigningAlgorithm::Ed25519PhSha512 {
                continue;
            }
            let signed = sign(*algorithm, b"hello");
            let verify = |form, bytes: &[u8], signature: &[u8]| {
                let verified = key.verify(spec, *algorithm, &message(form, bytes), signature);
                verified.map_err(|fault| (fault.code(), fault.message().to_owned()))
            };
            let invalid = Err((Code::KmsInvalidSignature, "The signature is not valid.".to_owned()));
            assert_eq!(
                verify(MessageType::Raw, b"hello", &signed),
                Ok(()),
                "{spec} {algorithm}"
            );
            assert_eq!(
                verify(MessageType::Raw, b"hellO", &signed),
                invalid,
                "{spec} {algorithm}"
            );
            let mut flipped = signed.clone();
            *flipped.last_mut().unwrap() ^= 1;
            for wrong in [&flipped[..], &signed[1..], &[0], &[&signed[..], &[0]].concat()] {
                assert_eq!(verify(MessageType::Raw, b"hello", wrong), invalid, "{spec} {algorithm}");
            }
            if hash_is_signed(*algorithm) {
                let digested = |text: &[u8]| verify(MessageType::Digest, &digest(*algorithm, text), &signed);
                assert_eq!(
                    (digested(b"hello"), digested(b"hellO")),
                    (Ok(()), invalid),
                    "{spec} {algorithm}"
                );
            }
        }
    }
}

fn hash_is_signed(algorithm: SigningAlgorithm) -> bool {
    algorithm.digest_bytes().is_some()
}

#[test]
fn what_the_library_cannot_verify_is_said() {
    let (key, _) = edwards();
    let cases = [
        (
            KeySpec::EccNistEdwards25519,
            SigningAlgorithm::Ed25519PhSha512,
            MessageType::Digest,
            "This service does not verify ED25519_PH_SHA_512 with message type DIGEST; verify with the public key.",
        ),
        (
            KeySpec::MlDsa44,
            SigningAlgorithm::MlDsaShake256,
            MessageType::ExternalMu,
            "This service does not verify ML_DSA_SHAKE_256 with message type EXTERNAL_MU; verify with the public key.",
        ),
    ];
    for (spec, algorithm, form, text) in cases {
        let fault = key
            .verify(spec, algorithm, &message(form, &[0; 64]), &[0; 64])
            .unwrap_err();
        assert_eq!((fault.code(), fault.message()), (Code::UnsupportedOperation, text));
    }
}

#[test]
fn what_is_encrypted_opens_elsewhere_up_to_the_longest() {
    for (size, bytes) in [(KeySize::Rsa2048, 256), (KeySize::Rsa3072, 384)] {
        let private = PrivateDecryptingKey::generate(size).unwrap();
        let key = PublicKey::from_der(private.public_key().as_der().unwrap().as_ref());
        let private = OaepPrivateDecryptingKey::new(private).unwrap();
        for (algorithm, padding) in [
            (EncryptionAlgorithm::RsaesOaepSha1, &rsa::OAEP_SHA1_MGF1SHA1),
            (EncryptionAlgorithm::RsaesOaepSha256, &rsa::OAEP_SHA256_MGF1SHA256),
        ] {
            let most = algorithm.oaep_plaintext_bytes_max(bytes).unwrap();
            for length in [1, most] {
                let made = key.encrypt(algorithm, &Material::take(vec![7; length])).unwrap();
                assert_eq!(made.len(), bytes);
                let mut place = vec![0; private.min_output_size()];
                let opened = private.decrypt(padding, &made, &mut place, None).unwrap();
                assert_eq!(opened, vec![7; length]);
            }
            assert!(key.encrypt(algorithm, &Material::take(vec![7; most + 1])).is_err());
        }
    }
}

/// The model's table.
#[test]
fn rsa_takes_what_aws_says() {
    let of = |spec: KeySpec, algorithm: EncryptionAlgorithm| {
        algorithm
            .oaep_plaintext_bytes_max(spec.rsa_modulus_bytes().unwrap())
            .unwrap()
    };
    let (one, two) = (EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256);
    assert_eq!((of(KeySpec::Rsa2048, one), of(KeySpec::Rsa2048, two)), (214, 190));
    assert_eq!((of(KeySpec::Rsa3072, one), of(KeySpec::Rsa3072, two)), (342, 318));
    assert_eq!((of(KeySpec::Rsa4096, one), of(KeySpec::Rsa4096, two)), (470, 446));
}

/// SubjectPublicKeyInfo as RFC 9935 has it.
fn ml_kem_spki(last: u8, raw: &[u8]) -> Vec<u8> {
    let of = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    let bits = [&[0x03, 0x82][..], &of(raw.len() + 1), &[0], raw].concat();
    let algorithm = [
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, last,
    ];
    [&[0x30, 0x82][..], &of(algorithm.len() + bits.len()), &algorithm, &bits].concat()
}

#[test]
fn what_is_encapsulated_opens_elsewhere() {
    let kinds = [
        (KeySpec::MlKem512, &kem::ML_KEM_512, 1, 768),
        (KeySpec::MlKem768, &kem::ML_KEM_768, 2, 1_088),
        (KeySpec::MlKem1024, &kem::ML_KEM_1024, 3, 1_568),
    ];
    for (spec, algorithm, last, length) in kinds {
        let private = DecapsulationKey::generate(algorithm).unwrap();
        let raw = private.encapsulation_key().unwrap().key_bytes().unwrap();
        let key = PublicKey::from_der(ml_kem_spki(last, raw.as_ref()));
        let made = key.encapsulate(spec).unwrap();
        assert_eq!((made.ciphertext.len(), made.secret.len()), (length, 32));
        let opened = private.decapsulate(made.ciphertext.as_slice().into()).unwrap();
        assert!(
            made.secret.reveal_to_cipher(|secret| secret == opened.as_ref()),
            "{spec}"
        );
    }
}

#[test]
fn a_public_key_reads_back_and_a_damaged_one_is_refused() {
    let (key, _) = edwards();
    let text = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<PublicKey>(&text).unwrap(), key);
    assert!(serde_json::from_str::<PublicKey>("\"?\"").is_err());
    let garbage = PublicKey::from_der([0_u8; 10]);
    let fault = garbage
        .encrypt(EncryptionAlgorithm::RsaesOaepSha1, &Material::take(vec![1]))
        .unwrap_err();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::Internal, "The key's public key cannot be used.")
    );
    assert!(garbage.encapsulate(KeySpec::MlKem512).is_err());
}
