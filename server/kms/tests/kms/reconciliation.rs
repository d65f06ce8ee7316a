//! What reconciliation reports, and that it deletes nothing silently.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::{Code, KeyMaterialId};
use strongroom_kms::op::{ReconcileToken, Reconciled};

use crate::bench::{Bench, create, principal, refused, user_arn};

#[tokio::test]
async fn token_and_store_agree() {
    let bench = Bench::new().await;
    for _ in 0..3 {
        bench.key().await;
    }
    assert_eq!(
        bench.reconcile().await,
        Reconciled {
            keys: 3,
            ..Reconciled::default()
        }
    );
}

#[tokio::test]
async fn a_missing_object_is_reported_and_its_key_kept() {
    let bench = Bench::new().await;
    let (lost, kept) = (bench.key().await, bench.key().await);
    let material = bench.describe(lost).await.versions[0].version.material;
    bench.fake.delete_object(&material);
    for _ in 0..2 {
        let expected = Reconciled {
            keys: 2,
            missing: vec![(lost, material)],
            ..Reconciled::default()
        };
        assert_eq!(bench.reconcile().await, expected);
    }
    let message = "The key's material cannot be used in the HSM; the operator of the service must look into it.";
    refused(bench.encrypt(lost, b"x").await, Code::KeyUnavailable, message);
    assert_eq!(bench.describe(lost).await.record.id, lost);
    bench.encrypt(kept, b"x").await.unwrap();
    let record = bench
        .trail()
        .into_iter()
        .rfind(|record| record["eventName"] == "ReconcileToken")
        .unwrap();
    assert_eq!(record["responseElements"]["missing"][0], format!("{lost}/{material}"));
}

#[tokio::test]
async fn an_object_that_changed_is_reported_and_left() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let material = bench.describe(key).await.versions[0].version.material;
    bench.fake.damage_object(&material);
    let expected = Reconciled {
        keys: 1,
        drifted: vec![(key, material)],
        ..Reconciled::default()
    };
    assert_eq!(bench.reconcile().await, expected);
    assert_eq!(bench.fake.objects(), 2);
}

#[tokio::test]
async fn an_object_of_ours_without_a_record_is_reported_and_left() {
    let bench = Bench::new().await;
    bench.key().await;
    let (ours, stray, theirs) = (1, 2, 3);
    let id = |number: u8| KeyMaterialId::from_bytes([number; 32]);
    let installation = bench.root.installation();
    // One labelled like a key that exists, one like none, and one that is no business of ours.
    bench.fake.plant_object(
        &format!("strongroom/{installation}/{}/1", bench.stored("key")[0]),
        &id(ours),
    );
    bench
        .fake
        .plant_object(&format!("strongroom/{installation}/root/2"), &id(stray));
    bench.fake.plant_object("somebody else's", &id(theirs));
    for _ in 0..2 {
        let expected = Reconciled {
            keys: 1,
            unknown: vec![id(ours), id(stray)],
            ..Reconciled::default()
        };
        assert_eq!(bench.reconcile().await, expected);
    }
    assert_eq!(bench.fake.objects(), 5);
}

/// The object is there and the record is not yet: neither unknown nor, a moment later, missing.
#[tokio::test]
async fn a_key_that_is_being_made_is_nothing_to_report() {
    let bench = Arc::new(Bench::new().await);
    let pause = bench.store.pause("key/");
    let creation = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.admin(create("")).await }
    });
    pause.reached().await;
    let patient = ReconcileToken {
        minimum_age: Duration::from_secs(600),
    };
    assert_eq!(bench.system(patient).await.unwrap(), Reconciled::default());
    pause.resume();
    creation.await.unwrap().unwrap();
    assert_eq!(
        bench.reconcile().await,
        Reconciled {
            keys: 1,
            ..Reconciled::default()
        }
    );
}

/// Keys come and go while reconciliation reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_that_come_and_go_meanwhile_are_nothing_to_report() {
    let bench = Arc::new(Bench::new().await);
    let busy = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move {
            for _ in 0..60 {
                bench.key().await;
            }
        }
    });
    while !busy.is_finished() {
        let patient = ReconcileToken {
            minimum_age: Duration::from_secs(600),
        };
        let found = bench.system(patient).await.unwrap();
        assert_eq!(
            found,
            Reconciled {
                keys: found.keys,
                ..Reconciled::default()
            }
        );
    }
    busy.await.unwrap();
    assert_eq!(bench.reconcile().await.keys, 60);
}

#[tokio::test]
async fn nobody_but_the_service_reconciles() {
    let mut bench = Bench::new().await;
    bench.attach("root", &crate::bench::allow("*", "*"));
    let answer = bench
        .run(
            &principal("root"),
            ReconcileToken {
                minimum_age: Duration::ZERO,
            },
        )
        .await;
    let message = format!(
        "User: {} is not authorized to perform: strongroom:ReconcileToken because only the service that manages this key \
         may use it",
        user_arn("root")
    );
    refused(answer, Code::AccessDenied, &message);
}
