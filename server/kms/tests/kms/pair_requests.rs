//! Requests for other kinds of keys, in the table of who may do what.

use strongroom_base::{
    DataKeyPairSpec, EncapsulationAlgorithm, Fault, KeyAgreementAlgorithm, KeyId, MacAlgorithm, SigningAlgorithm,
};
use strongroom_gate::OpContext;
use strongroom_kms::KeyReference;
use strongroom_kms::op::{
    Decapsulate, DeriveSharedSecret, Encapsulate, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext,
    GenerateMac, GetPublicKey, Sign, Verify, VerifyMac,
};

use crate::bench::{Bench, context, material};
use crate::uses::message;

/// Operations of other kinds of keys. On these keys they are refused for their kind, if they are allowed at all.
pub(crate) const PAIRS: [&str; 10] = [
    "Decapsulate",
    "DeriveSharedSecret",
    "Encapsulate",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// Asks for one of them.
pub(crate) async fn use_pair(bench: &Bench, who: &OpContext, operation: &str, key: KeyId) -> Result<(), Fault> {
    let key = KeyReference::Key(key);
    let (context, spec) = (context(&[]), DataKeyPairSpec::EccNistP256);
    let (ecdsa, hmac) = (SigningAlgorithm::EcdsaSha256, MacAlgorithm::HmacSha256);
    let (ecdh, algorithm) = (KeyAgreementAlgorithm::Ecdh, EncapsulationAlgorithm::MlKem);
    let (message, nothing) = (message(b"x"), vec![0; 64]);
    match operation {
        "Decapsulate" => bench
            .run(who, Decapsulate::new(key, algorithm, nothing)?)
            .await
            .map(drop),
        "DeriveSharedSecret" => bench
            .run(who, DeriveSharedSecret::new(key, ecdh, nothing)?)
            .await
            .map(drop),
        "Encapsulate" => bench.run(who, Encapsulate { key, algorithm }).await.map(drop),
        "GenerateDataKeyPair" => bench
            .run(who, GenerateDataKeyPair { key, context, spec })
            .await
            .map(drop),
        "GenerateDataKeyPairWithoutPlaintext" => {
            let without = GenerateDataKeyPairWithoutPlaintext { key, context, spec };
            bench.run(who, without).await.map(drop)
        }
        "GenerateMac" => {
            let algorithm = hmac;
            bench
                .run(
                    who,
                    GenerateMac {
                        key,
                        algorithm,
                        message,
                    },
                )
                .await
                .map(drop)
        }
        "GetPublicKey" => bench.run(who, GetPublicKey { key }).await.map(drop),
        "Sign" => {
            let algorithm = ecdsa;
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
        "Verify" => bench
            .run(who, Verify::new(key, ecdsa, message, nothing)?)
            .await
            .map(drop),
        _ => bench
            .run(who, VerifyMac::new(key, hmac, message, material(&nothing))?)
            .await
            .map(drop),
    }
}
