//! Condition keys of what a request wants done with a key: kms:SigningAlgorithm and its like.

use strongroom_base::{
    Code, DataKeyPairSpec, EncryptionAlgorithm, Fault, KeyAgreementAlgorithm, MacAlgorithm, SigningAlgorithm,
};
use strongroom_gate::OpContext;
use strongroom_kms::KeyReference;
use strongroom_kms::op::{
    Decrypt, DeriveSharedSecret, Encrypt, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateMac, Sign,
    Verify, VerifyMac,
};

use crate::bench::{Bench, context, material, principal};
use crate::uses::message;

/// Operations, the condition keys that they answer, and what.
const TABLE: [(&str, &str, &str); 13] = [
    ("Decrypt", "kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_1"),
    ("DeriveSharedSecret", "kms:KeyAgreementAlgorithm", "ECDH"),
    ("Encrypt", "kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_256"),
    ("GenerateDataKeyPair", "kms:DataKeyPairSpec", "ECC_NIST_P256"),
    ("GenerateDataKeyPair", "kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
    ("GenerateDataKeyPair", "kms:EncryptionContext:purpose", "mail"),
    (
        "GenerateDataKeyPairWithoutPlaintext",
        "kms:DataKeyPairSpec",
        "ECC_NIST_P256",
    ),
    ("GenerateMac", "kms:MacAlgorithm", "HMAC_SHA_512"),
    ("Sign", "kms:MessageType", "RAW"),
    ("Sign", "kms:SigningAlgorithm", "RSASSA_PSS_SHA_384"),
    ("Verify", "kms:MessageType", "RAW"),
    ("Verify", "kms:SigningAlgorithm", "RSASSA_PSS_SHA_384"),
    ("VerifyMac", "kms:MacAlgorithm", "HMAC_SHA_512"),
];

/// On a symmetric key: what is let through is refused for its kind, and that is enough to see that it was.
async fn ask(bench: &Bench, who: &OpContext, operation: &str, key: KeyReference) -> Result<(), Fault> {
    let (one, two) = (EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256);
    let (hmac, pss) = (MacAlgorithm::HmacSha512, SigningAlgorithm::RsassaPssSha384);
    let (message, spec) = (message(b"x"), DataKeyPairSpec::EccNistP256);
    let pairs = context(&[("purpose", "mail")]);
    match operation {
        "Decrypt" => {
            let opening = Decrypt::with_algorithm(Some(key), one, context(&[]), &[1])?;
            bench.run(who, opening).await.map(drop)
        }
        "DeriveSharedSecret" => {
            let deriving = DeriveSharedSecret::new(key, KeyAgreementAlgorithm::Ecdh, vec![1])?;
            bench.run(who, deriving).await.map(drop)
        }
        "Encrypt" => {
            let sealing = Encrypt::with_algorithm(key, two, context(&[]), material(b"x"))?;
            bench.run(who, sealing).await.map(drop)
        }
        "GenerateDataKeyPair" => {
            let context = pairs;
            bench
                .run(who, GenerateDataKeyPair { key, context, spec })
                .await
                .map(drop)
        }
        "GenerateDataKeyPairWithoutPlaintext" => {
            let context = pairs;
            let without = GenerateDataKeyPairWithoutPlaintext { key, context, spec };
            bench.run(who, without).await.map(drop)
        }
        "GenerateMac" => {
            let algorithm = hmac;
            let making = GenerateMac {
                key,
                algorithm,
                message,
            };
            bench.run(who, making).await.map(drop)
        }
        "Sign" => {
            let algorithm = pss;
            bench
                .run(
                    who,
                    Sign {
                        key,
                        algorithm,
                        message,
                    },
                )
                .await
                .map(drop)
        }
        "Verify" => {
            let verifying = Verify::new(key, pss, message, vec![1])?;
            bench.run(who, verifying).await.map(drop)
        }
        "VerifyMac" => {
            let verifying = VerifyMac::new(key, hmac, message, material(&[1]))?;
            bench.run(who, verifying).await.map(drop)
        }
        unknown => panic!("the table names {unknown}"),
    }
}

#[tokio::test]
async fn policies_can_ask_what_is_to_be_done_with_a_key() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    for (number, (operation, name, value)) in TABLE.into_iter().enumerate() {
        for (wanted, allowed) in [(value, true), ("ANOTHER", false)] {
            let who = format!("caller-{number}-{allowed}");
            let policy = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:{operation}","Resource":"*",
                    "Condition":{{"StringEquals":{{"{name}":"{wanted}"}}}}}}}}"#
            );
            bench.attach(&who, &policy);
            let outcome = ask(&bench, &principal(&who), operation, KeyReference::Key(key)).await;
            let denied = matches!(&outcome, Err(fault) if fault.code() == Code::AccessDenied);
            assert_eq!(denied, !allowed, "{operation} where {name} is {wanted}: {outcome:?}");
        }
    }
}
