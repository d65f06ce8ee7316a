//! Deletion: scheduled, cancelled, due, cut off half-way and finished.

use std::collections::BTreeSet;

use strongroom_base::{Code, KeyId, KeyMaterialId};
use strongroom_kms::op::{CancelKeyDeletion, DeleteKey, DescribeKey, EnableKey, Encrypt, ScheduleKeyDeletion};
use strongroom_kms::{KeyRecord, KeyReference, KeyState};
use strongroom_store::StoreFault;
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, INVALID, alias, bytes, context, fault, material, principal, refused, scope, user_arn};

/// A key that is due, with a ciphertext.
async fn due(bench: &Bench) -> (KeyId, Vec<u8>) {
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    bench.advance_days(7);
    (key, blob)
}

async fn material_of(bench: &Bench, key: KeyId) -> KeyMaterialId {
    bench.describe(key).await.versions[0].version.material
}

async fn is_being_deleted(bench: &Bench, key: KeyId) -> bool {
    matches!(bench.describe(key).await.record.state, KeyState::Deleting { .. })
}

/// Finished: no object, no record, only the tombstone.
async fn assert_deleted(bench: &Bench, key: KeyId, blob: &[u8]) {
    assert_eq!(bench.fake.objects(), 1, "the root object alone is left");
    let message = format!("Key '{}' does not exist", scope().key_arn(&key));
    let reference = KeyReference::Key(key);
    refused(
        bench.admin(DescribeKey { key: reference.clone() }).await,
        Code::NotFound,
        &message,
    );
    let encrypt = Encrypt::new(reference, context(&[]), material(b"x")).unwrap();
    refused(bench.admin(encrypt).await, Code::NotFound, &message);
    refused(bench.admin(CancelKeyDeletion { key }).await, Code::NotFound, &message);
    refused(bench.delete(key).await, Code::NotFound, &message);
    refused(bench.decrypt(blob).await, Code::InvalidCiphertext, INVALID);
    for kind in ["key", "alias", "key-budget", "key-creation"] {
        assert!(bench.stored(kind).is_empty(), "{kind} records are left");
    }
    assert_eq!(bench.stored("key-tombstone"), [key.to_string()]);
    assert!(bench.kms.keys_due_for_deletion().await.unwrap().is_empty());
    assert!(bench.kms.budgets_in_use().await.is_empty());
}

/// A wall clock that jumps must not destroy what its owner could still take back.
#[tokio::test]
async fn a_clock_that_is_set_forward_destroys_no_key_early() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let scheduled = bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    bench.set_clock_forward(30);
    assert!(bench.kms.keys_due_for_deletion().await.unwrap().is_empty());
    let early = bench.delete(key).await;
    refused(early, Code::KmsInvalidState, &format!("{key} is not due for deletion."));
    bench.admin(CancelKeyDeletion { key }).await.unwrap();

    // Set back, it does not shorten what begins now.
    bench.set_clock_forward(-40);
    let again = bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    assert_eq!(again.delete_at, scheduled.delete_at);
    bench.set_clock_forward(10);
    assert!(bench.kms.keys_due_for_deletion().await.unwrap().is_empty());
    bench.advance_days(7);
    assert_eq!(bench.kms.keys_due_for_deletion().await.unwrap(), [key]);
}

/// A process that begins has only the wall clock to ask: the operator's way to say that its time is right.
#[tokio::test]
async fn with_a_restart_the_time_that_was_set_counts() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    bench.set_clock_forward(7);
    bench.restart();
    assert_eq!(bench.kms.keys_due_for_deletion().await.unwrap(), [key]);
}

#[tokio::test]
async fn a_key_that_is_due_is_destroyed_with_all_that_is_its_own() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    bench.name("alias/one", key).await.unwrap();
    bench.name("alias/two", key).await.unwrap();
    bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    assert!(bench.kms.keys_due_for_deletion().await.unwrap().is_empty());
    bench.advance_days(7);
    assert_eq!(bench.kms.keys_due_for_deletion().await.unwrap(), [key]);
    assert_eq!(bench.fake.objects(), 2);
    bench.delete(key).await.unwrap();
    assert_deleted(&bench, key, &blob).await;
    let described = bench
        .admin(DescribeKey {
            key: KeyReference::Alias(alias("alias/one")),
        })
        .await;
    refused(
        described,
        Code::NotFound,
        "Alias arn:aws:kms:local-1:000000000000:alias/one is not found.",
    );
    bench.name("alias/one", bench.key().await).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_deletion_leaves_a_disabled_key_that_still_decrypts() {
    let bench = Bench::new().await;
    let (key, blob) = due(&bench).await;
    bench.admin(CancelKeyDeletion { key }).await.unwrap();
    refused(
        bench.decrypt(&blob).await,
        Code::Disabled,
        &format!("{} is disabled.", bench.kms.scope().key_arn(&key)),
    );
    assert!(bench.kms.keys_due_for_deletion().await.unwrap().is_empty());
    refused(
        bench.delete(key).await,
        Code::KmsInvalidState,
        &format!("{key} is not due for deletion."),
    );
    bench.admin(EnableKey { key }).await.unwrap();
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"x");
}

#[tokio::test]
async fn what_is_not_due_is_not_destroyed() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let message = format!("{key} is not due for deletion.");
    refused(bench.delete(key).await, Code::KmsInvalidState, &message);
    bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    bench.advance_days(6);
    refused(bench.delete(key).await, Code::KmsInvalidState, &message);
    assert_eq!(bench.fake.objects(), 2);
}

#[tokio::test]
async fn no_policy_lets_anybody_destroy_a_key_at_once() {
    let mut bench = Bench::new().await;
    bench.attach("root", &crate::bench::allow("*", "*"));
    let (key, _) = due(&bench).await;
    let arn = scope().key_arn(&key);
    let answer = bench.run(&principal("root"), DeleteKey { key }).await;
    let message = format!(
        "User: {} is not authorized to perform: kms:DeleteKey on resource: {arn} because only the service that manages \
         this key may use it",
        user_arn("root")
    );
    refused(answer, Code::AccessDenied, &message);
    let absent = KeyId::random();
    let answer = bench.run(&principal("root"), DeleteKey { key: absent }).await;
    refused(
        answer,
        Code::AccessDenied,
        &message.replace(&key.to_string(), &absent.to_string()),
    );
    assert_eq!(bench.fake.objects(), 2);
}

#[tokio::test]
async fn while_the_token_is_away_a_key_stays_and_goes_when_it_is_back() {
    let mut bench = Bench::new().await;
    let (key, blob) = due(&bench).await;
    bench.fake.take_away();
    bench.until_usable(false).await;
    for _ in 0..2 {
        let fault = fault(bench.delete(key).await);
        assert_eq!(fault.code(), Code::Unavailable);
        assert!(fault.retry_delay().is_some());
        assert!(is_being_deleted(&bench, key).await);
        assert_eq!(
            bench.kms.keys_due_for_deletion().await.unwrap(),
            [key],
            "the job finds it again"
        );
    }
    let late = bench.admin(CancelKeyDeletion { key }).await;
    let arn = bench.kms.scope().key_arn(&key);
    refused(late, Code::KmsInvalidState, &format!("{arn} is being deleted."));
    bench.fake.bring_back();
    bench.until_usable(true).await;
    bench.restart();
    assert_eq!(
        bench.kms.keys_due_for_deletion().await.unwrap(),
        [key],
        "a new process finds it too"
    );
    bench.delete(key).await.unwrap();
    assert_deleted(&bench, key, &blob).await;
}

#[tokio::test]
async fn nothing_is_destroyed_before_the_intent_is_on_disk() {
    let bench = Bench::new().await;
    let (key, blob) = due(&bench).await;
    bench.store.fail("key/", StoreFault::Full);
    let message = "The service's disk is full; nothing was changed. An operator must make room, then try again.";
    refused(bench.delete(key).await, Code::StorageFull, message);
    assert_eq!(bench.fake.objects(), 2);
    assert!(!is_being_deleted(&bench, key).await);
    bench.delete(key).await.unwrap();
    assert_deleted(&bench, key, &blob).await;
}

#[tokio::test]
async fn a_destruction_that_the_token_refuses_is_finished_on_the_next_run() {
    let bench = Bench::new().await;
    let (key, blob) = due(&bench).await;
    bench
        .fake
        .fail(Function::DestroyObject, u64::MAX, ReturnValue::FunctionFailed);
    let fault = fault(bench.delete(key).await);
    assert_eq!(fault.code(), Code::Unavailable);
    assert_eq!(bench.fake.objects(), 2);
    assert!(is_being_deleted(&bench, key).await);
    bench.fake.clear_script();
    bench.until_usable(true).await;
    bench.delete(key).await.unwrap();
    assert_deleted(&bench, key, &blob).await;
}

#[tokio::test]
async fn a_crash_between_object_and_tombstone_is_finished_on_the_next_run() {
    let mut bench = Bench::new().await;
    let (key, blob) = due(&bench).await;
    bench.store.fail("key-tombstone/", StoreFault::Closed);
    refused(
        bench.delete(key).await,
        Code::Unavailable,
        "The service is shutting down. Try again later.",
    );
    assert_eq!(bench.fake.objects(), 1, "the object is gone, the record is not");
    bench.restart();
    assert!(is_being_deleted(&bench, key).await);
    assert_eq!(bench.reconcile().await.missing, [], "its object is not missed");
    assert_eq!(bench.kms.keys_due_for_deletion().await.unwrap(), [key]);
    bench.delete(key).await.unwrap();
    assert_deleted(&bench, key, &blob).await;
}

/// Whatever carries the id and another label is not ours to destroy.
#[tokio::test]
async fn an_object_with_another_label_is_left_alone() {
    let bench = Bench::new().await;
    let (key, _) = due(&bench).await;
    let id = material_of(&bench, key).await;
    bench.fake.delete_object(&id);
    bench
        .fake
        .plant_object(&format!("strongroom/{}/other/1", bench.root.installation()), &id);
    let message = "The key's material cannot be used in the HSM; the operator of the service must look into it.";
    refused(bench.delete(key).await, Code::KeyUnavailable, message);
    assert_eq!(bench.fake.objects(), 2);
    assert!(is_being_deleted(&bench, key).await);
}

#[tokio::test]
async fn several_keys_are_due_at_once() {
    let bench = Bench::new().await;
    let mut keys = Vec::new();
    for _ in 0..5 {
        let key = bench.key().await;
        bench
            .admin(ScheduleKeyDeletion::new(key, Some(30)).unwrap())
            .await
            .unwrap();
        keys.push(key);
    }
    let kept = bench.key().await;
    bench.advance_days(30);
    keys.sort_unstable();
    assert_eq!(bench.kms.keys_due_for_deletion().await.unwrap(), keys);
    for key in keys {
        bench.delete(key).await.unwrap();
    }
    assert_eq!(bench.fake.objects(), 2);
    assert_eq!(bench.stored("key"), [kept.to_string()]);
    bench.encrypt(kept, b"x").await.unwrap();
}

/// More keys than a walk over them reads at a time.
#[tokio::test]
async fn of_600_keys_all_that_are_due_are_found() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    let like = bench.describe(key).await.record;
    for _ in 0..2 {
        let mut change = bench.records.change();
        for number in 0..300 {
            let mut other = KeyRecord::clone(&like);
            other.id = KeyId::random();
            if number % 3 == 0 {
                other.state = KeyState::Enabled;
            }
            change = change.insert(&other.id.to_string(), other);
        }
        change.commit().await.unwrap();
    }
    assert!(bench.kms.keys_due_for_deletion().await.unwrap().is_empty());
    bench.advance_days(31);
    let due: BTreeSet<KeyId> = bench.kms.keys_due_for_deletion().await.unwrap().into_iter().collect();
    assert_eq!(due.len(), 401);
    assert!(due.contains(&key));
}
