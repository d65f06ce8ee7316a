use std::time::Duration;

use aws_lc_rs::signature::{UnparsedPublicKey, VerificationAlgorithm};

use super::*;

async fn make<const N: usize>(spec: DataKeyPairSpec) -> Result<NewPair<N>, Fault> {
    let deadline = Deadline::after(Duration::from_secs(60));
    PairMaker::default().make(spec, deadline).await
}

/// Signs with the private key as a caller reads it.
fn sign(spec: DataKeyPairSpec, private: &[u8], message: &[u8]) -> (Vec<u8>, &'static dyn VerificationAlgorithm) {
    let random = aws_lc_rs::rand::SystemRandom::new();
    let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm| {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, private).unwrap();
        pair.sign(&random, message).unwrap().as_ref().to_vec()
    };
    match kind(spec).unwrap() {
        Kind::Ed25519 => {
            let pair = Ed25519KeyPair::from_pkcs8(private).unwrap();
            (pair.sign(message).as_ref().to_vec(), &signature::ED25519)
        }
        Kind::Rsa(_) => {
            let pair = rsa::KeyPair::from_pkcs8(private).unwrap();
            let mut signed = vec![0; pair.public_modulus_len()];
            pair.sign(&signature::RSA_PSS_SHA256, &random, message, &mut signed)
                .unwrap();
            (signed, &signature::RSA_PSS_2048_8192_SHA256)
        }
        Kind::Ecdsa(algorithm) => match spec {
            DataKeyPairSpec::EccNistP384 => (ecdsa(algorithm), &signature::ECDSA_P384_SHA384_ASN1),
            DataKeyPairSpec::EccNistP521 => (ecdsa(algorithm), &signature::ECDSA_P521_SHA512_ASN1),
            DataKeyPairSpec::EccSecgP256K1 => (ecdsa(algorithm), &signature::ECDSA_P256K1_SHA256_ASN1),
            _ => (ecdsa(algorithm), &signature::ECDSA_P256_SHA256_ASN1),
        },
    }
}

#[tokio::test]
async fn what_the_private_key_signs_the_public_key_verifies() {
    for spec in DataKeyPairSpec::ALL {
        let Ok(pair) = make::<2>(*spec).await else {
            continue;
        };
        let [one, other] = pair.private;
        assert!(bool::from(one.ct_eq(&other)), "{spec}");
        let (signed, algorithm) = one.reveal_to_cipher(|private| sign(*spec, private, b"hello"));
        let verified = UnparsedPublicKey::new(algorithm, &pair.public).verify(b"hello", &signed);
        assert!(verified.is_ok(), "{spec}");
    }
}

#[tokio::test]
async fn kinds_that_cannot_be_made_are_refused_by_name() {
    let refused: Vec<_> = ["SM2", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"].into();
    for spec in DataKeyPairSpec::ALL {
        if !refused.contains(&spec.as_str()) {
            assert!(kind(*spec).is_ok(), "{spec}");
            continue;
        }
        let fault = make::<1>(*spec).await.err().unwrap();
        assert_eq!(fault.code(), Code::UnsupportedOperation);
        let message = format!("This service makes no data key pairs of key pair spec {spec}.");
        assert_eq!(fault.message(), message);
    }
}

#[tokio::test]
async fn two_pairs_are_two_pairs() {
    let (one, other) = (
        make::<1>(DataKeyPairSpec::EccNistP256).await.unwrap(),
        make::<1>(DataKeyPairSpec::EccNistP256).await.unwrap(),
    );
    assert_ne!(one.public, other.public);
}

#[tokio::test]
async fn few_pairs_are_made_at_a_time() {
    let maker = PairMaker::default();
    let _all = maker
        .places
        .acquire_many(DATA_KEY_PAIRS_AT_ONCE_MAX as u32)
        .await
        .unwrap();
    let soon = Deadline::after(Duration::from_millis(1));
    let fault = maker.make::<1>(DataKeyPairSpec::EccNistP256, soon).await.err().unwrap();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::DependencyTimeout, "No key pair could be made in time; try again.")
    );
}
