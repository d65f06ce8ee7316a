//! What key pairs and HMAC keys do when all is well, and what they say to requests that are not.

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::encoding::AsDer as _;
use strongroom_base::{
    Code, DataKeyPairSpec, EncapsulationAlgorithm, EncryptionAlgorithm, Fault, KeyAgreementAlgorithm, KeyId, KeySpec,
    KeyUsage, MacAlgorithm, MessageType, SigningAlgorithm,
};
use strongroom_kms::op::{
    Decapsulate, Decrypt, DeriveSharedSecret, Encapsulate, Encrypt, GenerateDataKeyPair,
    GenerateDataKeyPairWithoutPlaintext, GenerateMac, GetPublicKey, ReEncrypt, ReEncryptDestination, ReEncryptSource,
    Sign, Signed, Verify, VerifyMac,
};
use strongroom_kms::{KeyReference, Message};

use crate::bench::{Bench, INVALID, bytes, context, fault, material, refused, scope};
use crate::uses::{create, message};

async fn sign(bench: &Bench, key: KeyId, algorithm: SigningAlgorithm, message: Message) -> Result<Signed, Fault> {
    let key = KeyReference::Key(key);
    bench
        .admin(Sign {
            key,
            algorithm,
            message,
        })
        .await
}

async fn verify(
    bench: &Bench,
    key: KeyId,
    algorithm: SigningAlgorithm,
    message: Message,
    signature: &[u8],
) -> Result<(), Fault> {
    let verify = Verify::new(KeyReference::Key(key), algorithm, message, signature.to_vec())?;
    bench.admin(verify).await.map(drop)
}

fn digest(length: usize, text: &[u8]) -> Message {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let hash = match length {
        32 => &SHA256,
        48 => &SHA384,
        _ => &SHA512,
    };
    let digest = digest(hash, text).as_ref().to_vec();
    Message::new(material(&digest), Some(MessageType::Digest)).unwrap()
}

#[tokio::test]
async fn what_was_signed_verifies_as_message_and_as_digest() {
    let bench = Bench::new().await;
    for spec in KeySpec::ALL
        .iter()
        .filter(|spec| !matches!(spec, KeySpec::Sm2 | KeySpec::Rsa4096))
    {
        if !spec.usages().contains(&KeyUsage::SignVerify) {
            continue;
        }
        let key = create(&bench, *spec, KeyUsage::SignVerify).await;
        for algorithm in spec.signing_algorithms() {
            let algorithm = *algorithm;
            if algorithm == SigningAlgorithm::Ed25519PhSha512 {
                continue;
            }
            let signed = sign(&bench, key, algorithm, message(b"hello")).await.unwrap();
            assert_eq!((&signed.arn, signed.algorithm), (&scope().key_arn(&key), algorithm));
            verify(&bench, key, algorithm, message(b"hello"), &signed.signature)
                .await
                .unwrap();
            let wrong = verify(&bench, key, algorithm, message(b"hallo"), &signed.signature).await;
            refused(wrong, Code::KmsInvalidSignature, "The signature is not valid.");
            if let Some(length) = algorithm.digest_bytes() {
                let of_digest = sign(&bench, key, algorithm, digest(length, b"hello")).await.unwrap();
                let (raw, hashed) = (message(b"hello"), digest(length, b"hello"));
                verify(&bench, key, algorithm, raw, &of_digest.signature).await.unwrap();
                verify(&bench, key, algorithm, hashed, &signed.signature).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_signature_of_another_key_does_not_verify() {
    let bench = Bench::new().await;
    let (one, other) = (
        create(&bench, KeySpec::EccNistP256, KeyUsage::SignVerify).await,
        create(&bench, KeySpec::EccNistP256, KeyUsage::SignVerify).await,
    );
    let algorithm = SigningAlgorithm::EcdsaSha256;
    let signed = sign(&bench, one, algorithm, message(b"x")).await.unwrap();
    let outcome = verify(&bench, other, algorithm, message(b"x"), &signed.signature).await;
    refused(outcome, Code::KmsInvalidSignature, "The signature is not valid.");
    for length in [0, 6_145] {
        refused(
            Verify::new(KeyReference::Key(one), algorithm, message(b"x"), vec![0; length]),
            Code::Validation,
            "1 validation error detected: Value at 'signature' failed to satisfy constraint: Member must have length \
             between 1 and 6144",
        );
    }
}

#[tokio::test]
async fn algorithms_and_messages_fit_the_key() {
    let bench = Bench::new().await;
    let key = create(&bench, KeySpec::EccNistP384, KeyUsage::SignVerify).await;
    for algorithm in [SigningAlgorithm::EcdsaSha256, SigningAlgorithm::RsassaPssSha384] {
        let expected = format!("Algorithm {algorithm} is incompatible with key spec ECC_NIST_P384.");
        let signed = sign(&bench, key, algorithm, message(b"x")).await;
        refused(signed, Code::InvalidKeyUsage, &expected);
        let verified = verify(&bench, key, algorithm, message(b"x"), b"x").await;
        refused(verified, Code::InvalidKeyUsage, &expected);
    }
    let algorithm = SigningAlgorithm::EcdsaSha384;
    let expected = "Digest is invalid length for algorithm ECDSA_SHA_384.";
    let signed = sign(&bench, key, algorithm, digest(32, b"x")).await;
    refused(signed, Code::Validation, expected);
    let verified = verify(&bench, key, algorithm, digest(64, b"x"), b"x").await;
    refused(verified, Code::Validation, expected);
}

/// Neither this token nor the library that verifies has it.
#[tokio::test]
async fn ed25519ph_is_refused_by_name() {
    let bench = Bench::new().await;
    let key = create(&bench, KeySpec::EccNistEdwards25519, KeyUsage::SignVerify).await;
    let algorithm = SigningAlgorithm::Ed25519PhSha512;
    refused(
        sign(&bench, key, algorithm, digest(64, b"x")).await,
        Code::UnsupportedOperation,
        "The HSM does not offer CKM_EDDSA with phFlag, which ED25519_PH_SHA_512 needs.",
    );
    refused(
        verify(&bench, key, algorithm, digest(64, b"x"), &[0; 64]).await,
        Code::UnsupportedOperation,
        "This service does not verify ED25519_PH_SHA_512 with message type DIGEST; verify with the public key.",
    );
}

#[tokio::test]
async fn codes_verify_and_changed_ones_do_not() {
    let bench = Bench::new().await;
    for spec in [KeySpec::Hmac224, KeySpec::Hmac256, KeySpec::Hmac384, KeySpec::Hmac512] {
        let id = create(&bench, spec, KeyUsage::GenerateVerifyMac).await;
        let (key, algorithm) = (KeyReference::Key(id), spec.mac_algorithm().unwrap());
        let generate = |key, text: &[u8]| GenerateMac {
            key,
            algorithm,
            message: message(text),
        };
        let made = bench.admin(generate(key.clone(), b"hello")).await.unwrap();
        assert_eq!((made.arn, made.algorithm), (scope().key_arn(&id), algorithm));
        let mac = bytes(&made.mac);
        assert_eq!(mac.len(), algorithm.bytes());
        let again = bench.admin(generate(key.clone(), b"hello")).await.unwrap();
        assert_eq!(bytes(&again.mac), mac);
        let mut changed = mac.clone();
        changed[0] ^= 1;
        let verify =
            |text: &[u8], mac: &[u8]| VerifyMac::new(key.clone(), algorithm, message(text), material(mac)).unwrap();
        bench.admin(verify(b"hello", &mac)).await.unwrap();
        for wrong in [
            verify(b"hallo", &mac),
            verify(b"hello", &changed),
            verify(b"hello", &mac[1..]),
            verify(b"hello", &[&mac[..], &[0]].concat()),
        ] {
            refused(
                bench.admin(wrong).await,
                Code::KmsInvalidMac,
                "The message authentication code is not valid.",
            );
        }
        let other = MacAlgorithm::ALL.iter().find(|other| **other != algorithm).unwrap();
        let wrong = GenerateMac {
            algorithm: *other,
            ..generate(key.clone(), b"x")
        };
        let expected = format!("Algorithm {other} is incompatible with key spec {spec}.");
        refused(bench.admin(wrong).await, Code::InvalidKeyUsage, &expected);
    }
    for length in [0, 6_145] {
        let key = KeyReference::Key(KeyId::random());
        refused(
            VerifyMac::new(key, MacAlgorithm::HmacSha256, message(b"x"), material(&vec![0; length])),
            Code::Validation,
            "1 validation error detected: Value at 'mac' failed to satisfy constraint: Member must have length between 1 \
             and 6144",
        );
    }
}

#[tokio::test]
async fn both_sides_of_an_agreement_have_one_secret() {
    let bench = Bench::new().await;
    for (spec, algorithm, length) in [
        (KeySpec::EccNistP256, &agreement::ECDH_P256, 32),
        (KeySpec::EccNistP384, &agreement::ECDH_P384, 48),
        (KeySpec::EccNistP521, &agreement::ECDH_P521, 66),
    ] {
        let key = KeyReference::Key(create(&bench, spec, KeyUsage::KeyAgreement).await);
        let own = bench.admin(GetPublicKey { key: key.clone() }).await.unwrap().public_key;
        let other = PrivateKey::generate(algorithm).unwrap();
        let peer = other.compute_public_key().unwrap().as_der().unwrap().as_ref().to_vec();
        let ecdh = KeyAgreementAlgorithm::Ecdh;
        let derive = DeriveSharedSecret::new(key.clone(), ecdh, peer.clone()).unwrap();
        let derived = bench.admin(derive).await.unwrap();
        let own = UnparsedPublicKey::new(algorithm, own.as_der());
        let theirs = agree(&other, own, (), |secret| Ok(secret.to_vec())).unwrap();
        assert_eq!((theirs.len(), bytes(&derived.secret)), (length, theirs));

        let mut off_the_curve = peer.clone();
        *off_the_curve.last_mut().unwrap() ^= 1;
        let foreign = PrivateKey::generate(&agreement::X25519)
            .unwrap()
            .compute_public_key()
            .unwrap();
        for wrong in [off_the_curve, foreign.as_der().unwrap().as_ref().to_vec(), vec![0; 91]] {
            let derive = DeriveSharedSecret::new(key.clone(), ecdh, wrong).unwrap();
            refused(
                bench.admin(derive).await,
                Code::Validation,
                "The public key is not a valid one for the key's curve.",
            );
        }
    }
    for length in [0, 8_193] {
        let key = KeyReference::Key(KeyId::random());
        refused(
            DeriveSharedSecret::new(key, KeyAgreementAlgorithm::Ecdh, vec![0; length]),
            Code::Validation,
            "1 validation error detected: Value at 'publicKey' failed to satisfy constraint: Member must have length \
             between 1 and 8192",
        );
    }
}

#[tokio::test]
async fn an_encapsulation_opens_to_its_secret() {
    let bench = Bench::new().await;
    let algorithm = EncapsulationAlgorithm::MlKem;
    for (spec, length) in [
        (KeySpec::MlKem512, 768),
        (KeySpec::MlKem768, 1_088),
        (KeySpec::MlKem1024, 1_568),
    ] {
        let key = KeyReference::Key(create(&bench, spec, KeyUsage::EncapsulateDecapsulate).await);
        let made = bench
            .admin(Encapsulate {
                key: key.clone(),
                algorithm,
            })
            .await
            .unwrap();
        assert_eq!((made.ciphertext.len(), made.secret.len()), (length, 32));
        let open = |ciphertext: Vec<u8>| Decapsulate::new(key.clone(), algorithm, ciphertext).unwrap();
        let opened = bench.admin(open(made.ciphertext.clone())).await.unwrap();
        assert_eq!(bytes(&opened.secret), bytes(&made.secret));
        let mut changed = made.ciphertext.clone();
        changed[0] ^= 1;
        let other = bench.admin(open(changed)).await.unwrap();
        assert_ne!(bytes(&other.secret), bytes(&made.secret), "ML-KEM rejects implicitly");
        refused(
            bench.admin(open(made.ciphertext[1..].to_vec())).await,
            Code::InvalidCiphertext,
            INVALID,
        );
    }
    for length in [0, 6_145] {
        refused(
            Decapsulate::new(KeyReference::Key(KeyId::random()), algorithm, vec![0; length]),
            Code::Validation,
            "1 validation error detected: Value at 'sharedSecretCiphertextBlob' failed to satisfy constraint: Member \
             must have length between 1 and 6144",
        );
    }
}

const OAEP: [EncryptionAlgorithm; 2] = [EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256];

fn encrypt(key: KeyId, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Encrypt {
    Encrypt::with_algorithm(KeyReference::Key(key), algorithm, context(&[]), material(plaintext)).unwrap()
}

fn decrypt(key: KeyId, algorithm: EncryptionAlgorithm, ciphertext: &[u8]) -> Decrypt {
    Decrypt::with_algorithm(Some(KeyReference::Key(key)), algorithm, context(&[]), ciphertext).unwrap()
}

#[tokio::test]
async fn rsa_encrypts_what_fits_and_decrypts_it() {
    let bench = Bench::new().await;
    let key = create(&bench, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).await;
    for (algorithm, most) in OAEP.into_iter().zip([214, 190]) {
        for length in [1, most] {
            let encryption = bench.admin(encrypt(key, algorithm, &vec![7; length])).await.unwrap();
            assert_eq!((encryption.algorithm, encryption.blob.len()), (algorithm, 256));
            let opened = bench.admin(decrypt(key, algorithm, &encryption.blob)).await.unwrap();
            assert_eq!(
                (opened.algorithm, bytes(&opened.plaintext)),
                (algorithm, vec![7; length])
            );
        }
        let expected =
            format!("Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger than {most} bytes.");
        let longer = encrypt(key, algorithm, &vec![7; most + 1]);
        refused(bench.admin(longer).await, Code::Validation, &expected);
    }
    assert_eq!(bench.stored("key-budget").len(), 0, "nothing is counted");
}

#[tokio::test]
async fn a_ciphertext_of_rsa_names_nothing() {
    let bench = Bench::new().await;
    let (key, other) = (
        create(&bench, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).await,
        create(&bench, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).await,
    );
    let [one, two] = OAEP;
    let blob = bench.admin(encrypt(key, two, b"x")).await.unwrap().blob;
    let mut changed = blob.clone();
    changed[100] ^= 1;
    for wrong in [
        decrypt(other, two, &blob),
        decrypt(key, one, &blob),
        decrypt(key, two, &changed),
        decrypt(key, two, &blob[1..]),
        decrypt(key, two, &[0; 6_145]),
        // Without its algorithm it is no blob of ours.
        decrypt(key, EncryptionAlgorithm::SymmetricDefault, &blob),
    ] {
        refused(bench.admin(wrong).await, Code::InvalidCiphertext, INVALID);
    }
    let nameless = Decrypt::with_algorithm(None, two, context(&[]), &blob);
    refused(nameless, Code::Validation, "KeyId must not be null");
    let nothing = Decrypt::with_algorithm(Some(KeyReference::Key(key)), two, context(&[]), b"");
    assert_eq!(fault(nothing).code(), Code::Validation);
}

#[tokio::test]
async fn rsa_takes_no_encryption_context() {
    let bench = Bench::new().await;
    let key = create(&bench, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).await;
    let by_id = || KeyReference::Key(key);
    let (algorithm, pairs) = (OAEP[1], || context(&[("a", "b")]));
    let expected = "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.";
    let sealing = Encrypt::with_algorithm(by_id(), algorithm, pairs(), material(b"x")).unwrap();
    refused(bench.admin(sealing).await, Code::Validation, expected);
    let opening = Decrypt::with_algorithm(Some(by_id()), algorithm, pairs(), &[0; 256]).unwrap();
    refused(bench.admin(opening).await, Code::Validation, expected);
    let symmetric = bench.key().await;
    let expected = format!("Algorithm {algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.");
    refused(
        bench.admin(encrypt(symmetric, algorithm, b"x")).await,
        Code::InvalidKeyUsage,
        &expected,
    );
    let expected = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.";
    let sealing = encrypt(key, EncryptionAlgorithm::SymmetricDefault, b"x");
    refused(bench.admin(sealing).await, Code::InvalidKeyUsage, expected);
}

#[tokio::test]
async fn ciphertexts_move_between_keys_of_all_kinds() {
    let bench = Bench::new().await;
    let rsa = create(&bench, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).await;
    let symmetric = bench.key().await;
    let kinds = [
        (symmetric, EncryptionAlgorithm::SymmetricDefault),
        (rsa, OAEP[0]),
        (rsa, OAEP[1]),
    ];
    for (from, algorithm) in kinds {
        let made = bench
            .admin(encrypt(from, algorithm, b"attack at dawn"))
            .await
            .unwrap()
            .blob;
        for (into, other) in kinds {
            let source = ReEncryptSource {
                key: Some(KeyReference::Key(from)),
                algorithm,
                context: context(&[]),
                ciphertext: &made,
            };
            let destination = ReEncryptDestination {
                key: KeyReference::Key(into),
                algorithm: other,
                context: context(&[]),
            };
            let moving = ReEncrypt::with_algorithms(source, destination).unwrap();
            let moved = bench.admin(moving).await.unwrap();
            assert_eq!(
                (moved.source_algorithm, moved.destination_algorithm),
                (algorithm, other)
            );
            let opened = bench.admin(decrypt(into, other, &moved.blob)).await.unwrap();
            assert_eq!(bytes(&opened.plaintext), b"attack at dawn");
        }
    }
}

#[tokio::test]
async fn a_data_key_pair_comes_with_its_private_key_encrypted() {
    let bench = Bench::new().await;
    let id = bench.key().await;
    let key = || KeyReference::Key(id);
    let pairs = || context(&[("file", "1")]);
    for spec in [
        DataKeyPairSpec::Rsa2048,
        DataKeyPairSpec::EccNistP384,
        DataKeyPairSpec::EccNistEdwards25519,
    ] {
        let request = GenerateDataKeyPair {
            key: key(),
            context: pairs(),
            spec,
        };
        let made = bench.admin(request).await.unwrap();
        assert_eq!(
            (made.pair.spec, &made.pair.encryption.arn),
            (spec, &scope().key_arn(&id))
        );
        let opening = Decrypt::new(None, pairs(), &made.pair.encryption.blob).unwrap();
        let opened = bench.admin(opening).await.unwrap();
        assert_eq!(bytes(&opened.plaintext), bytes(&made.private_key));
        let elsewhere = Decrypt::new(None, context(&[]), &made.pair.encryption.blob).unwrap();
        refused(bench.admin(elsewhere).await, Code::InvalidCiphertext, INVALID);

        let without = GenerateDataKeyPairWithoutPlaintext {
            key: key(),
            context: pairs(),
            spec,
        };
        let made = bench.admin(without).await.unwrap();
        let opening = Decrypt::new(None, pairs(), &made.encryption.blob).unwrap();
        assert!(bench.admin(opening).await.unwrap().plaintext.len() > 40);
    }
    let used = bench.describe(id).await.versions[0].budget.unwrap().used;
    assert_eq!(used, 7, "the witness and six private keys");
    let request = GenerateDataKeyPair {
        key: key(),
        context: pairs(),
        spec: DataKeyPairSpec::MlKem768,
    };
    refused(
        bench.admin(request).await,
        Code::UnsupportedOperation,
        "This service makes no data key pairs of key pair spec ML_KEM_768.",
    );
}

/// One RSA signature that went wrong in half of its computation tells the private key to who gets it.
#[tokio::test]
async fn an_rsa_signature_that_does_not_verify_leaves_nobody() {
    let bench = Bench::new().await;
    let key = create(&bench, KeySpec::Rsa2048, KeyUsage::SignVerify).await;
    for algorithm in KeySpec::Rsa2048.signing_algorithms() {
        let length = algorithm.digest_bytes().unwrap();
        let messages = || [message(b"hello"), digest(length, b"hello")];
        for message in messages() {
            let alarms = bench.token.status().counts.alarms;
            bench.fake.spoil_signatures(Some(|signature| signature[200] ^= 1));
            let refusal = fault(sign(&bench, key, *algorithm, message).await);
            let expected = "The HSM is not available at the moment; try again.";
            assert_eq!((refusal.code(), refusal.message()), (Code::Unavailable, expected));
            assert_eq!(bench.token.status().counts.alarms, alarms + 1);
        }
        bench.fake.spoil_signatures(None);
        for message in messages() {
            sign(&bench, key, *algorithm, message).await.unwrap();
        }
    }
}
