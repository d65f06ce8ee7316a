//! Dry runs: what is asked, with which ciphertext, and what the trail says.

use strongroom_base::{EncryptionAlgorithm, Fault};
use strongroom_gate::{OpContext, Operation};
use strongroom_kms::op::{
    DataKeyLength, Decrypt, DisableKey, Encrypt, GenerateDataKey, ReEncrypt, ReEncryptDestination,
};
use strongroom_kms::{KeyReference, Kms};

use crate::bench::{Bench, context, material, principal};

const SYMMETRIC: EncryptionAlgorithm = EncryptionAlgorithm::SymmetricDefault;
const WOULD: &str = "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";

async fn dry<O: Operation<Domain = Kms>>(bench: &Bench, operation: Result<O, Fault>) -> String {
    let who = OpContext {
        dry_run: true,
        ..principal("administrator")
    };
    bench.run(&who, operation.unwrap()).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_dry_run_looks_at_the_ciphertext_unless_told_not_to() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    let by_id = KeyReference::Key;
    let none = || context(&[]);
    assert_eq!(dry(&bench, Decrypt::new(None, none(), &blob)).await, WOULD);
    assert_eq!(
        dry(&bench, Decrypt::new(Some(by_id(key)), none(), b"not ours")).await,
        "InvalidCiphertextException: The ciphertext is not valid."
    );
    assert_eq!(
        dry(&bench, Decrypt::new(Some(by_id(other)), none(), &blob)).await,
        "IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation."
    );
    assert_eq!(
        dry(&bench, Ok(Decrypt::without_ciphertext(by_id(key), SYMMETRIC, none()))).await,
        WOULD
    );
    assert_eq!(
        dry(
            &bench,
            ReEncrypt::new(Some(by_id(key)), none(), b"not ours", by_id(other), none())
        )
        .await,
        "InvalidCiphertextException: The ciphertext is not valid."
    );
    let re_encrypt = || {
        let destination = ReEncryptDestination {
            key: by_id(other),
            algorithm: SYMMETRIC,
            context: none(),
        };
        ReEncrypt::without_ciphertext(by_id(key), SYMMETRIC, none(), destination)
    };
    assert_eq!(dry(&bench, Ok(re_encrypt())).await, WOULD);
    for disabled in [other, key] {
        bench.admin(DisableKey { key: disabled }).await.unwrap();
        let arn = bench.kms.scope().key_arn(&disabled);
        assert_eq!(
            dry(&bench, Ok(re_encrypt())).await,
            format!("DisabledException: {arn} is disabled.")
        );
    }
}

/// Nothing can be decrypted without a ciphertext, whoever forgets that it is a dry run.
#[tokio::test]
async fn what_has_no_ciphertext_cannot_be_performed() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let outcome = bench
        .admin(Decrypt::without_ciphertext(
            KeyReference::Key(key),
            SYMMETRIC,
            context(&[]),
        ))
        .await;
    assert!(outcome.err().unwrap().to_string().starts_with("ValidationException: "));
}

#[tokio::test]
async fn a_dry_run_is_on_the_trail() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let encrypt = Encrypt::new(KeyReference::Key(key), context(&[("a", "b")]), material(b"x"));
    assert_eq!(dry(&bench, encrypt).await, WOULD);
    let record = bench.trail().pop().unwrap();
    assert_eq!(record["eventName"], "Encrypt");
    assert_eq!(record["errorCode"], "DryRunOperationException");
    assert_eq!(
        record["errorMessage"],
        "The request would have succeeded, but the DryRun option is set."
    );
    assert_eq!(record["requestParameters"]["dryRun"], true);
    assert_eq!(record["requestParameters"]["encryptionContext"]["a"], "b");
}

/// A token that is known to be away could not do it.
#[tokio::test]
async fn a_dry_run_knows_when_the_token_is_away() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.fake.take_away();
    bench.until_usable(false).await;
    let generate = || GenerateDataKey {
        key: KeyReference::Key(key),
        context: context(&[]),
        length: DataKeyLength::AES_256,
    };
    let told = dry(&bench, Ok(generate())).await;
    assert!(told.starts_with("ServiceUnavailableException: "), "{told}");
}
