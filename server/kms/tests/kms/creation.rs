//! Creation that is cut off between its steps, and what is left of it.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::Code;
use strongroom_base::limits::TOKEN_CONTROL_QUEUE_MAX;
use strongroom_kms::KeyReference;
use strongroom_kms::op::{CreateManagedKey, ListKeys, ReconcileToken};
use strongroom_store::{RecordKey, StoreFault};
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, create, fault, refused};

/// One intent is left, and no key. Rolling it back leaves nothing.
async fn assert_rolled_back(bench: &Bench, objects: usize) {
    assert_eq!(bench.fake.objects(), 1 + objects);
    let intents = bench.stored("key-creation");
    assert_eq!(intents.len(), 1);
    assert!(bench.stored("key").is_empty() && bench.stored("key-budget").is_empty());
    assert!(
        bench
            .admin(ListKeys::new(None, None).unwrap())
            .await
            .unwrap()
            .keys
            .is_empty()
    );
    let found = bench.reconcile().await;
    assert_eq!(
        found.rolled_back.iter().map(ToString::to_string).collect::<Vec<_>>(),
        intents
    );
    assert_eq!(
        (
            found.keys,
            found.missing.len(),
            found.drifted.len(),
            found.unknown.len()
        ),
        (0, 0, 0, 0)
    );
    assert_eq!(bench.fake.objects(), 1);
    assert!(bench.stored("key-creation").is_empty());
    assert!(bench.reconcile().await.rolled_back.is_empty());
}

#[tokio::test]
async fn a_token_that_does_not_make_the_key_leaves_an_intent() {
    let unavailable = (Code::Unavailable, "The HSM is not available at the moment; try again.");
    let full = (
        Code::StorageFull,
        "The HSM's storage is full; the operator of the service must make room.",
    );
    for (value, (code, message)) in [
        (ReturnValue::DeviceError, unavailable),
        (ReturnValue::FunctionFailed, full),
    ] {
        let bench = Bench::new().await;
        bench.fake.fail(Function::GenerateKey, 1, value);
        refused(bench.admin(create("")).await, code, message);
        bench.until_usable(true).await;
        assert_rolled_back(&bench, 0).await;
        bench.key().await;
    }
}

#[tokio::test]
async fn a_key_without_its_witness_is_rolled_back() {
    let bench = Bench::new().await;
    bench.fake.fail(Function::Encrypt, 1, ReturnValue::DeviceError);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Unavailable);
    bench.until_usable(true).await;
    assert_rolled_back(&bench, 1).await;
}

#[tokio::test]
async fn a_store_that_does_not_take_the_key_leaves_intent_and_object() {
    let key = RecordKey::new("key", "x").unwrap();
    let faults = [
        (
            StoreFault::Conflict { key },
            Code::Conflict,
            "Another request changed the same record. Try again.",
        ),
        (
            StoreFault::Locked,
            Code::Unavailable,
            "The service is waiting for its token to unlock the store. Try again.",
        ),
        (
            StoreFault::Overloaded,
            Code::Throttling,
            "Too many changes are waiting for the disk. Try again later.",
        ),
        (
            StoreFault::Full,
            Code::StorageFull,
            "The service's disk is full; nothing was changed. An operator must make room, then try again.",
        ),
    ];
    for (fault, code, message) in faults {
        let bench = Bench::new().await;
        bench.store.fail("key/", fault);
        refused(bench.admin(create("")).await, code, message);
        assert_rolled_back(&bench, 1).await;
    }
}

#[tokio::test]
async fn without_an_intent_on_disk_nothing_is_made() {
    let bench = Bench::new().await;
    let made = bench.fake.calls(Function::GenerateKey);
    bench.store.fail("key-creation/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    assert_eq!(bench.fake.objects(), 1, "the root's");
    assert_eq!(bench.fake.calls(Function::GenerateKey), made);
    assert!(bench.stored("key-creation").is_empty());
}

/// Load goes on during an outage: its intents would be in the way for long after.
#[tokio::test]
async fn creations_while_the_token_is_away_leave_no_intent() {
    let bench = Bench::new().await;
    bench.fake.take_away();
    bench.until_usable(false).await;
    for _ in 0..40 {
        assert_eq!(fault(bench.admin(create("")).await).code(), Code::Unavailable);
    }
    assert!(bench.stored("key-creation").is_empty());
    bench.fake.bring_back();
    bench.until_usable(true).await;
    bench.key().await;
}

/// What the token had no room for it has not begun: there is nothing to roll back.
#[tokio::test]
async fn creations_that_the_token_has_no_room_for_leave_no_intent() {
    let bench = Arc::new(Bench::new().await);
    bench.fake.delay(Function::GenerateKey, 1, Duration::from_secs(4));
    let creations: Vec<_> = (0..TOKEN_CONTROL_QUEUE_MAX + 40)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.admin(create("")).await.map(drop) })
        })
        .collect();
    let (mut made, mut shed) = (0, 0);
    for creation in creations {
        match creation.await.unwrap() {
            Ok(()) => made += 1,
            Err(fault) => {
                assert_eq!(fault.code(), Code::Throttling, "{fault}");
                shed += 1;
            }
        }
    }
    assert!(shed > 0, "all {made} had room");
    assert_eq!((bench.stored("key").len(), bench.fake.objects()), (made, made + 1));
    assert!(bench.stored("key-creation").is_empty());
}

#[tokio::test]
async fn a_young_creation_is_left_alone() {
    let bench = Bench::new().await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    let patient = || ReconcileToken {
        minimum_age: Duration::from_secs(86_400),
    };
    let found = bench.system(patient()).await.unwrap();
    assert!(found.rolled_back.is_empty() && found.unknown.is_empty(), "{found:?}");
    assert_eq!(bench.fake.objects(), 2);
    bench.advance_days(1);
    assert_eq!(bench.system(patient()).await.unwrap().rolled_back.len(), 1);
    assert_eq!(bench.fake.objects(), 1);
}

#[tokio::test]
async fn while_the_token_is_away_nothing_is_rolled_back() {
    let bench = Bench::new().await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    bench.fake.take_away();
    bench.until_usable(false).await;
    let answer = bench
        .system(ReconcileToken {
            minimum_age: Duration::ZERO,
        })
        .await;
    assert_eq!(fault(answer).code(), Code::Unavailable);
    assert_eq!(bench.stored("key-creation").len(), 1);
    bench.fake.bring_back();
    bench.until_usable(true).await;
    assert_rolled_back(&bench, 1).await;
}

#[tokio::test]
async fn a_roll_back_that_is_cut_off_is_finished_on_the_next_run() {
    let bench = Bench::new().await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    bench
        .fake
        .fail(Function::DestroyObject, u64::MAX, ReturnValue::DeviceError);
    let answer = bench
        .system(ReconcileToken {
            minimum_age: Duration::ZERO,
        })
        .await;
    // The token that refused may be found away by the next step already.
    match answer {
        Ok(found) => assert_eq!((found.rolled_back.len(), found.stuck.len()), (0, 1)),
        Err(fault) => assert_eq!(fault.code(), Code::Unavailable),
    }
    bench.fake.clear_script();
    bench.until_usable(true).await;
    assert_rolled_back(&bench, 1).await;
}

/// Rolling back begins while a creation is still under way: the creation fails, and nobody is given a key whose
/// object is gone.
#[tokio::test]
async fn a_creation_that_is_overtaken_by_its_roll_back_fails() {
    let bench = Arc::new(Bench::new().await);
    let pause = bench.store.pause("key/");
    let creation = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.admin(create("")).await }
    });
    pause.reached().await;
    assert_eq!(bench.reconcile().await.rolled_back.len(), 1);
    pause.resume();
    refused(
        creation.await.unwrap(),
        Code::Conflict,
        "Another request changed the same record. Try again.",
    );
    assert_eq!(bench.fake.objects(), 1);
    assert!(bench.stored("key").is_empty() && bench.stored("key-creation").is_empty());
}

/// The other way round: the creation is done between looking and rolling back, and keeps its object.
#[tokio::test]
async fn a_creation_that_overtakes_its_roll_back_stands() {
    let bench = Arc::new(Bench::new().await);
    let creating = bench.store.pause("key/");
    let creation = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.admin(create("")).await }
    });
    creating.reached().await;
    let rolling_back = bench.store.pause("key-creation/");
    let reconciliation = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.reconcile().await }
    });
    rolling_back.reached().await;
    creating.resume();
    let key = creation.await.unwrap().unwrap().record.id;
    rolling_back.resume();
    let found = reconciliation.await.unwrap();
    assert_eq!(
        (
            found.keys,
            found.rolled_back.len(),
            found.missing.len(),
            found.unknown.len()
        ),
        (1, 0, 0, 0)
    );
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    bench.decrypt(&blob).await.unwrap();
}

#[tokio::test]
async fn a_managed_key_that_was_cut_off_is_made_on_the_next_try() {
    let bench = Bench::new().await;
    bench.store.fail("alias/", StoreFault::Overloaded);
    assert_eq!(
        fault(bench.system(CreateManagedKey::for_secrets()).await).code(),
        Code::Throttling
    );
    let made = bench.system(CreateManagedKey::for_secrets()).await.unwrap();
    assert_eq!(bench.fake.objects(), 3);
    assert_eq!(bench.reconcile().await.rolled_back.len(), 1);
    assert_eq!(bench.fake.objects(), 2);
    let described = strongroom_kms::op::DescribeKey {
        key: KeyReference::of_secrets(),
    };
    assert_eq!(bench.admin(described).await.unwrap().record.id, made.record.id);
}
