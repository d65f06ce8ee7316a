//! Rotation: by time, by use, on demand.

use std::sync::Arc;

use strongroom_base::{Code, KeyId, KeyMaterialId, Timestamp};
use strongroom_kms::op::{
    CreateManagedKey, DisableKey, DisableKeyRotation, EnableKey, EnableKeyRotation, GetKeyRotationStatus,
    ListKeyRotations, MaterialState, RotateKey, RotateKeyOnDemand, RotationStatus, ScheduleKeyDeletion,
    UpdateKeyDescription,
};
use strongroom_kms::{RotationSchedule, VersionOrigin};
use strongroom_store::StoreFault;
use strongroom_token::fake::FakeToken;

use crate::bench::{Bench, bytes, fault, scope};

const DAY: i64 = 86_400_000;

pub(crate) async fn status(bench: &Bench, key: KeyId) -> RotationStatus {
    bench.admin(GetKeyRotationStatus { key }).await.unwrap()
}

/// Lets a key rotate by time.
pub(crate) async fn enable(bench: &Bench, key: KeyId, days: Option<u32>) {
    let enabled = bench.admin(EnableKeyRotation::new(key, days).unwrap()).await;
    enabled.unwrap();
}

pub(crate) async fn materials(bench: &Bench, key: KeyId) -> Vec<(KeyMaterialId, VersionOrigin)> {
    let key = bench.describe(key).await;
    let rows = key.versions.iter();
    rows.map(|row| (row.version.material, row.version.origin)).collect()
}

/// What the background job does.
pub(crate) async fn rotate_due(bench: &Bench) -> Vec<KeyId> {
    let due = bench.kms.keys_due_for_rotation().await.unwrap();
    for key in &due {
        bench.system(RotateKey { key: *key }).await.unwrap();
    }
    due
}

#[tokio::test]
async fn after_a_rotation_the_new_material_encrypts_and_all_decrypt() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let before = bench.encrypt(key, b"before").await.unwrap();
    assert_eq!(bench.admin(RotateKeyOnDemand { key }).await.unwrap(), key);
    let after = bench.encrypt(key, b"after").await.unwrap();
    let materials = materials(&bench, key).await;
    assert_eq!(
        materials,
        [
            (before.material, VersionOrigin::Creation),
            (after.material, VersionOrigin::RotationOnDemand)
        ]
    );
    assert_ne!(before.material, after.material);
    for (blob, text) in [(&before.blob, &b"before"[..]), (&after.blob, b"after")] {
        let opened = bench.decrypt(blob).await.unwrap().plaintext;
        assert_eq!(bytes(&opened), text);
    }
}

#[tokio::test]
async fn a_key_rotates_by_its_schedule_and_no_other_does() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    enable(&bench, key, Some(90)).await;
    let begun = bench.now();
    let schedule = |day: i64| {
        Some(RotationSchedule {
            period_days: 90,
            next: Timestamp(begun + day * DAY),
        })
    };
    assert_eq!(status(&bench, key).await.schedule, schedule(90));
    assert_eq!(status(&bench, other).await.schedule, None);

    bench.advance_days(89);
    assert_eq!(rotate_due(&bench).await, []);
    let early = fault(bench.system(RotateKey { key }).await);
    assert_eq!(
        (early.code(), early.message().to_owned()),
        (Code::KmsInvalidState, format!("{key} is not due for rotation."))
    );
    bench.advance_days(3);
    assert_eq!(rotate_due(&bench).await, [key]);
    assert_eq!(rotate_due(&bench).await, []);
    assert_eq!(status(&bench, key).await.schedule, schedule(180));
    let origins: Vec<_> = materials(&bench, key).await.into_iter().map(|row| row.1).collect();
    assert_eq!(origins, [VersionOrigin::Creation, VersionOrigin::AutomaticRotation]);
    assert_eq!(materials(&bench, other).await.len(), 1);
}

#[tokio::test]
async fn another_period_begins_anew_and_the_same_goes_on() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let begun = bench.now();
    enable(&bench, key, None).await;
    bench.advance_days(10);
    enable(&bench, key, Some(365)).await;
    let next = status(&bench, key).await.schedule.unwrap().next;
    assert_eq!(next, Timestamp(begun + 365 * DAY));
    enable(&bench, key, Some(100)).await;
    let next = status(&bench, key).await.schedule.unwrap().next;
    assert_eq!(next, Timestamp(begun + 110 * DAY));
    bench.admin(DisableKeyRotation { key }).await.unwrap();
    assert_eq!(status(&bench, key).await.schedule, None);
    bench.advance_days(1_000);
    assert_eq!(rotate_due(&bench).await, []);
}

#[test]
fn a_period_has_its_bounds() {
    let key = KeyId::random();
    for days in [90, 365, 2_560] {
        assert!(EnableKeyRotation::new(key, Some(days)).is_ok(), "{days}");
    }
    for days in [0, 89, 2_561, u32::MAX] {
        let fault = EnableKeyRotation::new(key, Some(days)).err().unwrap();
        assert_eq!(fault.code(), Code::Validation);
        assert_eq!(
            fault.message(),
            format!(
                "1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: \
                 Member must have value between 90 and 2560"
            )
        );
    }
}

/// AWS KMS Developer Guide, GetKeyRotationStatus: while disabled a key does not rotate; enabled again, it does at once.
#[tokio::test]
async fn a_disabled_key_rotates_when_it_is_enabled_again() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    enable(&bench, key, Some(90)).await;
    bench.admin(DisableKey { key }).await.unwrap();
    bench.advance_days(400);
    assert_eq!(rotate_due(&bench).await, []);
    assert!(status(&bench, key).await.schedule.is_some());
    bench.admin(EnableKey { key }).await.unwrap();
    assert_eq!(rotate_due(&bench).await, [key]);
    let next = status(&bench, key).await.schedule.unwrap().next;
    assert_eq!(next, Timestamp(bench.now() + 90 * DAY));
}

#[tokio::test]
async fn a_key_that_waits_for_its_deletion_does_not_rotate() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    enable(&bench, key, Some(90)).await;
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    assert_eq!(status(&bench, key).await.schedule, None);
    bench.advance_days(100);
    assert_eq!(rotate_due(&bench).await, []);
}

#[tokio::test]
async fn a_managed_key_rotates_every_year() {
    let bench = Bench::new().await;
    let managed = bench.system(CreateManagedKey::for_secrets()).await.unwrap().record.id;
    let schedule = status(&bench, managed).await.schedule.unwrap();
    assert_eq!(
        (schedule.period_days, schedule.next),
        (365, Timestamp(bench.now() + 365 * DAY))
    );
    for refused in [
        fault(bench.admin(DisableKeyRotation { key: managed }).await),
        fault(bench.admin(EnableKeyRotation::new(managed, Some(90)).unwrap()).await),
        fault(bench.admin(RotateKeyOnDemand { key: managed }).await),
    ] {
        assert_eq!(refused.code(), Code::AccessDenied);
        assert!(
            refused
                .message()
                .ends_with("because only the service that manages this key may use it"),
            "{refused}"
        );
    }
    bench.advance_days(366);
    assert_eq!(rotate_due(&bench).await, [managed]);
    let next = status(&bench, managed).await.schedule.unwrap().next;
    assert_eq!(next, Timestamp(schedule.next.as_millis() + 365 * DAY));
}

#[tokio::test]
async fn a_key_rotates_before_its_material_has_encrypted_too_often() {
    // What is configured is for keys that encrypt themselves.
    let mut bench = Bench::on(FakeToken::new()).await;
    bench.rotate_after(10);
    bench.restart();
    let key = bench.key().await;
    // The witness was the first encryption.
    for _ in 0..8 {
        bench.encrypt(key, b"x").await.unwrap();
    }
    assert_eq!(rotate_due(&bench).await, []);
    let budget = bench.describe(key).await.versions[0].budget.unwrap();
    assert_eq!((budget.used, budget.rotation_limit, budget.limit), (9, 10, 1 << 32));
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(rotate_due(&bench).await, [key]);
    assert_eq!(rotate_due(&bench).await, []);
    let versions = bench.describe(key).await.versions;
    assert_eq!(versions[1].budget.unwrap().used, 1);
    assert_eq!(versions[1].version.origin, VersionOrigin::AutomaticRotation);
    assert_eq!(
        status(&bench, key).await.schedule,
        None,
        "rotation by use needs no schedule"
    );
}

#[tokio::test]
async fn on_demand_leaves_the_schedule_and_has_its_number() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    enable(&bench, key, Some(90)).await;
    let schedule = status(&bench, key).await.schedule;
    for _ in 0..25 {
        bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    }
    assert_eq!(status(&bench, key).await.schedule, schedule);
    let fault = fault(bench.admin(RotateKeyOnDemand { key }).await);
    assert_eq!(
        (fault.code(), fault.message().to_owned()),
        (
            Code::LimitExceeded,
            format!("Key {key} has been rotated on demand 25 times, which is the limit; create a new key.")
        )
    );
    bench.advance_days(91);
    assert_eq!(rotate_due(&bench).await, [key], "by time it goes on rotating");
}

#[tokio::test]
async fn on_demand_keeps_its_distance_from_the_schedule() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    enable(&bench, key, Some(90)).await;
    bench.advance_days(90);
    let fault = fault(bench.admin(RotateKeyOnDemand { key }).await);
    assert_eq!(
        (fault.code(), fault.message().to_owned()),
        (
            Code::Conflict,
            format!("Key {key} is about to rotate by itself, or does so now.")
        )
    );
    rotate_due(&bench).await;
    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
}

#[tokio::test]
async fn rotations_are_listed_oldest_first_page_by_page() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    for _ in 0..5 {
        bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    }
    let all = materials(&bench, key).await;
    let mut listed = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = ListKeyRotations::new(key, false, Some(2), marker.as_deref()).unwrap();
        let page = bench.admin(request).await.unwrap();
        listed.extend(
            page.versions
                .iter()
                .map(|(version, current)| (version.material, *current)),
        );
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    let state = |material| match material == all[5].0 {
        true => MaterialState::Current,
        false => MaterialState::NonCurrent,
    };
    let expected: Vec<_> = all[1..].iter().map(|row| (row.0, state(row.0))).collect();
    assert_eq!(listed, expected);
    let everything = bench
        .admin(ListKeyRotations::new(key, true, None, None).unwrap())
        .await
        .unwrap();
    assert_eq!(everything.versions.len(), 6);
    assert_eq!(everything.versions[0].0.origin, VersionOrigin::Creation);

    let foreign = KeyMaterialId::random().unwrap().to_string();
    for marker in ["x", foreign.as_str()] {
        let page = match ListKeyRotations::new(key, false, None, Some(marker)) {
            Ok(request) => bench.admin(request).await.map(drop),
            Err(fault) => Err(fault),
        };
        let fault = fault(page);
        assert_eq!(
            (fault.code(), fault.message()),
            (
                Code::InvalidMarker,
                "The marker is not one that ListKeyRotations gave for this key."
            )
        );
    }
}

#[tokio::test]
async fn two_rotations_of_a_key_do_not_run_beside_each_other() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.admin(RotateKeyOnDemand { key }).await })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(fault) => assert_eq!(
                (fault.code(), fault.message().to_owned()),
                (
                    Code::Conflict,
                    format!("Key {key} is being rotated; try again when that is done.")
                )
            ),
        }
    }
    assert!(done >= 1);
    assert_eq!(materials(&bench, key).await.len(), 1 + done);
    assert_eq!(status(&bench, key).await.on_demand_since, None);
    let found = bench.reconcile().await;
    assert_eq!((found.unknown, found.rolled_back), (vec![], vec![]));
}

/// What was made and not written down is destroyed by reconciliation, and the key is as it was.
#[tokio::test]
async fn a_rotation_that_breaks_off_leaves_nothing() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let before = materials(&bench, key).await;
    bench.store.fail("key-budget/", StoreFault::Overloaded);
    assert_eq!(
        fault(bench.admin(RotateKeyOnDemand { key }).await).code(),
        Code::Throttling
    );
    assert_eq!(materials(&bench, key).await, before);
    assert_eq!(status(&bench, key).await.on_demand_since, None);
    let found = bench.reconcile().await;
    assert_eq!(found.rolled_back.len(), 1);
    assert_eq!((found.unknown, found.missing), (vec![], vec![]));
    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    assert_eq!(materials(&bench, key).await.len(), 2);
}

#[tokio::test]
async fn a_token_that_makes_no_object_leaves_the_key_as_it_was() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.fake.set_full(true);
    let refused = fault(bench.admin(RotateKeyOnDemand { key }).await);
    assert_eq!(
        (refused.code(), refused.message()),
        (
            Code::StorageFull,
            "The HSM's storage is full; the operator of the service must make room."
        )
    );
    assert_eq!(materials(&bench, key).await.len(), 1);
    assert!(bench.encrypt(key, b"x").await.is_ok());
}

#[tokio::test]
async fn a_change_in_between_is_not_lost() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    let describing = {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move {
            for number in 0..20 {
                let describe = || UpdateKeyDescription::new(key, number.to_string()).unwrap();
                while bench.admin(describe()).await.is_err() {}
            }
        })
    };
    for _ in 0..10 {
        bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    }
    describing.await.unwrap();
    let described = bench.describe(key).await;
    assert_eq!(described.record.description, "19");
    assert_eq!(described.versions.len(), 11);
}

#[tokio::test]
async fn a_rotation_is_on_the_trail() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    enable(&bench, key, Some(90)).await;
    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    bench.advance_days(90);
    rotate_due(&bench).await;
    let arn = scope().key_arn(&key).to_string();
    let told: Vec<_> = bench
        .trail()
        .into_iter()
        .filter(|record| record["eventName"].as_str().is_some_and(|name| name.contains("Rotat")))
        .map(|record| {
            assert_eq!(record["resources"][0]["ARN"], arn.as_str());
            assert_eq!(record["requestParameters"]["keyId"], key.to_string());
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            (
                text(&record["eventName"]),
                text(&record["eventType"]),
                text(&record["additionalEventData"]["phase"]),
            )
        })
        .collect();
    let row = |name: &str, kind: &str, phase: &str| (name.to_owned(), kind.to_owned(), phase.to_owned());
    assert_eq!(
        told,
        [
            row("EnableKeyRotation", "AwsApiCall", "intent"),
            row("EnableKeyRotation", "AwsApiCall", "outcome"),
            row("RotateKeyOnDemand", "AwsApiCall", "intent"),
            row("RotateKeyOnDemand", "AwsApiCall", "outcome"),
            row("RotateKey", "AwsServiceEvent", "intent"),
            row("RotateKey", "AwsServiceEvent", "outcome"),
        ]
    );
}
