//! A token that is away, sick or slow: callers are told to try again, and never that their data are damaged.

use std::time::Duration;

use strongroom_base::{Code, Deadline, Fault};
use strongroom_gate::OpContext;
use strongroom_kms::KeyReference;
use strongroom_kms::op::{
    DataKeyLength, Decrypt, DescribeToken, DisableKey, EnableKey, Encrypt, GenerateDataKey,
    GenerateDataKeyWithoutPlaintext, GenerateRandom, ListKeys, ReEncrypt,
};
use strongroom_token::{Function, Health, ReturnValue};

use crate::bench::{Bench, INVALID, bytes, context, create, eventually, fault, material, principal, refused};

/// The texts of a token that cannot be used: for a moment, or until somebody mends it.
const TEXTS: [&str; 2] = [
    "The HSM is not available at the moment; try again.",
    "The HSM cannot be used as configured; the operator of the service must act.",
];

#[track_caller]
fn told_to_try_again(what: &str, fault: &Fault) {
    assert_eq!(fault.code(), Code::Unavailable, "{what}: {fault}");
    assert!(TEXTS.contains(&fault.message()), "{what}: {fault}");
    assert!(fault.retry_delay().is_some_and(|delay| !delay.is_zero()), "{what}");
}

/// Everything that needs the token, with its name.
async fn token_work(bench: &Bench, key: KeyReference, blob: &[u8]) -> Vec<(&'static str, Result<(), Fault>)> {
    let (none, length) = (context(&[]), DataKeyLength::AES_256);
    let encrypt = Encrypt::new(key.clone(), none.clone(), material(b"x")).unwrap();
    let with = GenerateDataKey {
        key: key.clone(),
        context: none.clone(),
        length,
    };
    let without = GenerateDataKeyWithoutPlaintext {
        key: key.clone(),
        context: none.clone(),
        length,
    };
    let moving = ReEncrypt::new(None, none.clone(), blob, key, none.clone()).unwrap();
    vec![
        ("Encrypt", bench.admin(encrypt).await.map(drop)),
        (
            "Decrypt",
            bench.admin(Decrypt::new(None, none, blob).unwrap()).await.map(drop),
        ),
        ("GenerateDataKey", bench.admin(with).await.map(drop)),
        ("GenerateDataKeyWithoutPlaintext", bench.admin(without).await.map(drop)),
        ("ReEncrypt", bench.admin(moving).await.map(drop)),
        (
            "GenerateRandom",
            bench.admin(GenerateRandom::new(Some(8)).unwrap()).await.map(drop),
        ),
        ("CreateKey", bench.admin(create("")).await.map(drop)),
    ]
}

#[tokio::test]
async fn while_the_token_is_away_callers_are_told_to_try_again_and_records_work() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    bench.fake.take_away();
    bench.until_usable(false).await;
    for (what, answer) in token_work(&bench, KeyReference::Key(key), &blob).await {
        told_to_try_again(what, &fault(answer));
    }
    let mut damaged = blob.clone();
    damaged[70] ^= 1;
    told_to_try_again("Decrypt of a damaged blob", &fault(bench.decrypt(&damaged).await));
    bench.describe(key).await;
    bench.name("alias/a", key).await.unwrap();
    bench.admin(DisableKey { key }).await.unwrap();
    bench.admin(EnableKey { key }).await.unwrap();
    assert_eq!(
        bench
            .admin(ListKeys::new(None, None).unwrap())
            .await
            .unwrap()
            .keys
            .len(),
        1
    );
    let status = bench.system(DescribeToken).await.unwrap();
    assert!(matches!(status.health, Health::Unusable { .. }) && status.cause.is_some());
    bench.fake.bring_back();
    bench.until_usable(true).await;
    for (what, answer) in token_work(&bench, KeyReference::Key(key), &blob).await {
        assert!(answer.is_ok(), "{what}: {}", fault(answer));
    }
    refused(bench.decrypt(&damaged).await, Code::InvalidCiphertext, INVALID);
}

/// From the moment it goes until it is back, whatever it answers in between.
#[tokio::test]
async fn nobody_is_ever_told_that_good_data_are_damaged() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"good").await.unwrap().blob;
    bench.fake.take_away();
    let (mut failed, mut rounds) = (false, 0);
    eventually(async || {
        rounds += 1;
        match bench.decrypt(&blob).await {
            Ok(decrypted) => assert_eq!(bytes(&decrypted.plaintext), b"good"),
            Err(fault) => {
                told_to_try_again("Decrypt", &fault);
                failed = true;
            }
        }
        if failed && rounds % 5 == 0 {
            bench.fake.bring_back();
        }
        failed && bench.decrypt(&blob).await.is_ok()
    })
    .await;
}

/// CKR_GENERAL_ERROR is what SoftHSM answers to a wrong tag and to a sickness of its own.
#[tokio::test]
async fn a_sick_token_is_not_the_ciphertexts_fault() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"good").await.unwrap().blob;
    let mut damaged = blob.clone();
    damaged[70] ^= 1;
    bench.fake.fail(Function::Decrypt, u64::MAX, ReturnValue::GeneralError);
    for _ in 0..5 {
        for blob in [&blob, &damaged] {
            told_to_try_again("Decrypt", &fault(bench.decrypt(blob).await));
            let into = ReEncrypt::new(None, context(&[]), blob, KeyReference::Key(key), context(&[])).unwrap();
            told_to_try_again("ReEncrypt", &fault(bench.admin(into).await));
        }
    }
    bench.fake.clear_script();
    bench.until_usable(true).await;
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"good");
    refused(bench.decrypt(&damaged).await, Code::InvalidCiphertext, INVALID);
}

#[tokio::test]
async fn a_fault_that_comes_and_goes_is_not_the_ciphertexts_fault() {
    let bench = Bench::new().await;
    let blob = bench.encrypt(bench.key().await, b"good").await.unwrap().blob;
    for _ in 0..20 {
        // The health probe may take the fault in place of the request; then the token is away for a moment.
        bench.fake.fail(Function::Decrypt, 1, ReturnValue::GeneralError);
        match bench.decrypt(&blob).await {
            Ok(decrypted) => assert_eq!(bytes(&decrypted.plaintext), b"good"),
            Err(fault) => told_to_try_again("Decrypt", &fault),
        }
    }
}

#[tokio::test]
async fn a_slow_token_is_waited_for_until_the_deadline() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.fake.delay(Function::Encrypt, 1, Duration::from_secs(1));
    let hurried = OpContext {
        deadline: Deadline::after(Duration::from_millis(250)),
        ..principal("administrator")
    };
    let operation = Encrypt::new(KeyReference::Key(key), context(&[]), material(b"x")).unwrap();
    let answer = bench.run(&hurried, operation).await;
    let fault = fault(answer);
    let message = "The HSM did not answer within the request's deadline; try again.";
    assert_eq!((fault.code(), fault.message()), (Code::DependencyTimeout, message));
    assert!(fault.retry_delay().is_some());
    bench.encrypt(key, b"x").await.unwrap();
}

/// Once begun, a creation goes on whether or not the caller still waits.
#[tokio::test]
async fn a_creation_does_not_end_with_its_callers_patience() {
    let bench = Bench::new().await;
    bench.fake.delay(Function::GenerateKey, 1, Duration::from_millis(600));
    let hurried = OpContext {
        deadline: Deadline::after(Duration::from_millis(300)),
        ..principal("administrator")
    };
    let made = bench.run(&hurried, create("")).await.unwrap();
    bench.encrypt(made.record.id, b"x").await.unwrap();
    assert!(bench.stored("key-creation").is_empty());
}
