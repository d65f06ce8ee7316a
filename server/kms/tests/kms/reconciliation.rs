//! What reconciliation reports, and that it deletes nothing silently.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use strongroom_base::{Code, KeyMaterialId};
use strongroom_kms::Suite;
use strongroom_kms::op::{ReconcileToken, Reconciled};
use strongroom_store::StoreFault;
use strongroom_token::fake::FakeToken;
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, create, default_suite, fault, principal, refused, user_arn};

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
        withdrawn: vec![key],
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

/// An object under a creation's id that is not the one that was meant stays, and with it the intent. The other creation
/// is rolled back all the same.
#[tokio::test]
async fn a_stuck_creation_is_reported_and_the_others_go_on() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    for _ in 0..2 {
        bench.store.fail("key/", StoreFault::Overloaded);
        assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    }
    let stuck: KeyMaterialId = bench.stored("key-creation")[0].parse().unwrap();
    bench.fake.delete_object(&stuck);
    let label = format!("strongroom/{}/other/1", bench.root.installation());
    bench.fake.plant_object(&label, &stuck);
    for rolled_back in [1, 0] {
        let found = bench.reconcile().await;
        assert_eq!((found.keys, found.rolled_back.len()), (1, rolled_back));
        let [(material, why)] = &found.stuck[..] else {
            panic!("{found:?}")
        };
        assert_eq!(*material, stuck);
        assert!(why.contains("it was left alone"), "{why}");
        assert_eq!(bench.stored("key-creation"), [stuck.to_string()]);
        let shown = &last_reconciliation(&bench)["stuck"][0];
        assert_eq!(*shown, format!("{stuck}: {why}"));
    }
    assert_eq!(bench.fake.objects(), 3, "the root, the key, and what is not ours");
    bench.encrypt(key, b"x").await.unwrap();
}

/// A token that destroys nothing holds up nothing else.
#[tokio::test]
async fn a_token_that_refuses_to_destroy_leaves_the_creation_stuck() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    bench
        .fake
        .fail(Function::DestroyObject, u64::MAX, ReturnValue::FunctionFailed);
    let found = bench.reconcile().await;
    assert_eq!((found.keys, found.rolled_back.len(), found.stuck.len()), (1, 0, 1));
    // A derived key is destroyed after each use, so here no witness can be opened.
    let unattested = usize::from(default_suite() == Suite::Derived);
    assert_eq!((found.unattested.len(), found.drifted), (unattested, vec![]));
    bench.fake.clear_script();
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    bench.decrypt(&blob).await.unwrap();
    let found = bench.reconcile().await;
    assert_eq!((found.rolled_back.len(), found.stuck.len()), (1, 0));
    assert_eq!(found.unattested, []);
}

/// A key that the token cannot use is that key's own trouble: it is told with the reason, stays as it is, and every other is
/// looked at. One that is out of use is not put back for want of an answer.
#[tokio::test]
async fn a_key_that_cannot_be_attested_is_told_and_stays_as_it_is() {
    let bench = Bench::on(FakeToken::deriving()).await;
    let (lost, other) = (bench.key().await, bench.key().await);
    let material = bench.describe(lost).await.versions[0].version.material;
    bench.fake.substitute_object(&material);
    assert_eq!(bench.reconcile().await.withdrawn, [lost]);
    bench
        .fake
        .fail(Function::DestroyObject, u64::MAX, ReturnValue::FunctionFailed);
    for _ in 0..2 {
        let found = bench.reconcile().await;
        let keys: BTreeSet<_> = found.unattested.iter().map(|(key, ..)| *key).collect();
        assert_eq!(keys, BTreeSet::from([lost, other]));
        assert_eq!((&*found.restored, &*found.drifted), (&[][..], &[][..]));
        let shown = &last_reconciliation(&bench)["unattested"];
        let (key, material, why) = &found.unattested[0];
        assert!(why.contains("C_DestroyObject"), "{why}");
        assert_eq!(shown[0], format!("{key}/{material}: {why}"));
        assert_eq!(fault(bench.encrypt(lost, b"x").await).code(), Code::KeyUnavailable);
    }
    bench.fake.clear_script();
    bench.encrypt(other, b"x").await.unwrap();
    let found = bench.reconcile().await;
    assert_eq!((found.drifted, found.unattested), (vec![(lost, material)], vec![]));
}

/// Damage to one key's record is that key's alone.
#[tokio::test]
async fn a_damaged_key_record_is_reported_and_other_keys_work() {
    const DAMAGED: &str = "A stored record is damaged and was refused. An operator must restore it from a backup.";
    let mut bench = Bench::new().await;
    let mut keys = Vec::new();
    for _ in 0..5 {
        let key = bench.key().await;
        let blob = bench.encrypt(key, b"x").await.unwrap().blob;
        keys.push((key, blob));
    }
    let (damaged, lost_blob) = keys.remove(2);
    flip(&bench, &format!("key/{damaged}"));
    bench.restart();
    let found = bench.reconcile().await;
    assert_eq!((found.keys, found.missing.len(), found.unknown.len()), (5, 0, 0));
    let records: Vec<_> = found.unreadable.keys().cloned().collect();
    assert_eq!(records, [format!("key/{damaged}")]);
    let shown = last_reconciliation(&bench)["unreadable"][0]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(shown.starts_with(&format!("key/{damaged}: ")), "{shown}");
    for (key, blob) in &keys {
        bench.decrypt(blob).await.unwrap();
        bench.encrypt(*key, b"y").await.unwrap();
    }
    refused(bench.decrypt(&lost_blob).await, Code::RecordDamaged, DAMAGED);
}

/// The object of a creation whose intent cannot be read is neither destroyed nor called unknown.
#[tokio::test]
async fn a_damaged_intent_is_reported_and_its_object_left() {
    let bench = Bench::new().await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    let intent = format!("key-creation/{}", bench.stored("key-creation")[0]);
    flip(&bench, &intent);
    let found = bench.reconcile().await;
    assert_eq!(found.unreadable.keys().collect::<Vec<_>>(), [&intent]);
    assert!(found.unknown.is_empty() && found.rolled_back.is_empty(), "{found:?}");
    assert_eq!(bench.fake.objects(), 2);
}

/// Flips a bit of the stored record.
fn flip(bench: &Bench, name: &str) {
    bench.disk.tamper(|values| {
        let record = values.iter_mut().find(|(key, _)| key.as_str() == name).unwrap();
        *record.1.last_mut().unwrap() ^= 1;
    });
}

fn last_reconciliation(bench: &Bench) -> Value {
    let mut trail = bench.trail().into_iter();
    trail.rfind(|record| record["eventName"] == "ReconcileToken").unwrap()["responseElements"].clone()
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

/// The destruction that failed costs the connection: the run waits for another, and reports the one creation.
#[tokio::test]
async fn a_roll_back_that_costs_the_connection_does_not_end_the_run() {
    let bench = Bench::new().await;
    bench.key().await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(bench.admin(create("")).await).code(), Code::Throttling);
    bench
        .fake
        .fail(Function::DestroyObject, 1, ReturnValue::UserNotLoggedIn);
    // The first two attempts to connect anew fail, so that nothing is answered meanwhile.
    bench.fake.fail(Function::Login, 2, ReturnValue::DeviceError);
    let found = bench.reconcile().await;
    assert_eq!((found.keys, found.stuck.len(), found.rolled_back.len()), (1, 1, 0));
    assert_eq!((found.missing, found.unknown), (vec![], vec![]));
    let found = bench.reconcile().await;
    assert_eq!((found.stuck.len(), found.rolled_back.len()), (0, 1));
}
