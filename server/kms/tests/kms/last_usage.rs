//! GetKeyLastUsage: the last successful use, from memory or from the store.

use strongroom_base::{KeyId, Service};
use strongroom_kms::op::{
    CreateManagedKey, DataKeyLength, DisableKey, GenerateDataKey, GetKeyLastUsage, KeyLastUsage, ReEncrypt,
    ScheduleKeyDeletion,
};
use strongroom_kms::{EncryptionContext, KeyReference};
use strongroom_store::StoreFault;

use crate::bench::{Bench, principal};

async fn last(bench: &Bench, key: KeyId) -> KeyLastUsage {
    bench.admin(GetKeyLastUsage { key }).await.unwrap()
}

async fn operation(bench: &Bench, key: KeyId) -> Option<String> {
    last(bench, key).await.last.map(|usage| usage.operation)
}

#[tokio::test]
async fn the_last_successful_use_is_told_as_the_trail_has_it() {
    let bench = Bench::new().await;
    bench.kms.begin_tracking().await.unwrap();
    let key = bench.key().await;
    let unused = last(&bench, key).await;
    assert_eq!(unused.last, None);
    assert_eq!(
        (unused.created, unused.tracked_since),
        (unused.tracked_since, unused.created)
    );
    bench.advance_days(1);
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    let record = bench.trail().pop().unwrap();
    let usage = last(&bench, key).await.last.unwrap();
    assert_eq!(usage.operation, "Encrypt");
    assert_eq!(usage.at.as_millis(), bench.now());
    assert_eq!(usage.event_id.to_string(), record["eventID"].as_str().unwrap());
    assert_eq!(usage.request_id.to_string(), record["requestID"].as_str().unwrap());
    assert!(bench.decrypt(&blob[..70]).await.is_err());
    bench.describe(key).await;
    assert_eq!(
        last(&bench, key).await.last,
        Some(usage),
        "what failed and what uses no key do not count"
    );
    bench.admin(DisableKey { key }).await.unwrap();
    assert!(bench.decrypt(&blob).await.is_err());
    assert_eq!(
        operation(&bench, key).await.as_deref(),
        Some("Encrypt"),
        "of a key in any state"
    );
}

#[tokio::test]
async fn both_keys_of_a_re_encryption_are_used() {
    let bench = Bench::new().await;
    let (from, to) = (bench.key().await, bench.key().await);
    let blob = bench.encrypt(from, b"x").await.unwrap().blob;
    let none = EncryptionContext::default;
    let re_encrypt = ReEncrypt::new(None, none(), &blob, KeyReference::Key(to), none()).unwrap();
    bench.admin(re_encrypt).await.unwrap();
    for key in [from, to] {
        assert_eq!(operation(&bench, key).await.as_deref(), Some("ReEncrypt"));
    }
}

#[tokio::test]
async fn a_secret_uses_the_managed_key() {
    let bench = Bench::new().await;
    let key = bench.system(CreateManagedKey::for_secrets()).await.unwrap().record.id;
    let generate = GenerateDataKey {
        key: KeyReference::of_secrets(),
        context: EncryptionContext::default(),
        length: DataKeyLength::AES_256,
    };
    let through = principal("administrator").on_behalf(Service::SecretsManager);
    bench.run(&through, generate).await.unwrap();
    assert_eq!(operation(&bench, key).await.as_deref(), Some("GenerateDataKey"));
}

#[tokio::test]
async fn a_killed_process_loses_what_was_not_written() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    assert!(bench.stored("key-last-usage").is_empty(), "no request writes it");
    bench.kms.keep_last_usages().await.unwrap();
    assert_eq!(bench.stored("key-last-usage"), [key.to_string()]);
    bench.decrypt(&blob).await.unwrap();
    bench.restart();
    assert_eq!(operation(&bench, key).await.as_deref(), Some("Encrypt"));
    bench.decrypt(&blob).await.unwrap();
    bench.kms.keep_last_usages().await.unwrap();
    bench.restart();
    assert_eq!(operation(&bench, key).await.as_deref(), Some("Decrypt"));
}

#[tokio::test]
async fn what_cannot_be_written_is_written_the_next_time() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    bench.encrypt(key, b"x").await.unwrap();
    bench.store.fail("key-last-usage/", StoreFault::Overloaded);
    assert!(bench.kms.keep_last_usages().await.is_err());
    bench.kms.keep_last_usages().await.unwrap();
    bench.restart();
    assert_eq!(operation(&bench, key).await.as_deref(), Some("Encrypt"));
}

/// What is left of a key that is destroyed does not name its last use.
#[tokio::test]
async fn the_last_use_goes_with_the_key() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.encrypt(key, b"x").await.unwrap();
    bench.kms.keep_last_usages().await.unwrap();
    bench.encrypt(key, b"x").await.unwrap();
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    bench.advance_days(31);
    bench.delete(key).await.unwrap();
    assert!(bench.stored("key-last-usage").is_empty());
    bench.kms.keep_last_usages().await.unwrap();
    assert!(bench.stored("key-last-usage").is_empty());
}

/// Keys may be older than the notes.
#[tokio::test]
async fn tracking_begins_once_and_for_older_keys_later() {
    let mut bench = Bench::new().await;
    let old = bench.key().await;
    bench.advance_days(5);
    bench.kms.begin_tracking().await.unwrap();
    let begun = bench.now();
    bench.advance_days(5);
    bench.restart();
    bench.kms.begin_tracking().await.unwrap();
    let young = bench.key().await;
    assert_eq!(last(&bench, old).await.tracked_since.as_millis(), begun);
    assert_eq!(last(&bench, young).await.tracked_since.as_millis(), bench.now());
}
