//! Objects that are not as recorded: named, out of use, and in use again once they are.

use strongroom_base::{Code, KeyId, KeyMaterialId};
use strongroom_kms::KeyReference;
use strongroom_kms::op::{DisableKey, EnableKey, InspectKey, Inspection, RotateKeyOnDemand};

use crate::bench::{Bench, allow, eventually, fault, principal};

async fn material(bench: &Bench, key: KeyId) -> KeyMaterialId {
    bench.describe(key).await.versions[0].version.material
}

async fn inspect(bench: &Bench, key: KeyId) -> Inspection {
    let inspect = InspectKey::new(KeyReference::Key(key), None, None).unwrap();
    bench.system(inspect).await.unwrap()
}

#[tokio::test]
async fn a_key_whose_object_changed_is_out_of_use_until_it_is_as_recorded() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    let material = material(&bench, key).await;
    bench.fake.damage_object(&material);
    let found = bench.reconcile().await;
    assert_eq!((found.withdrawn, found.drifted), (vec![key], vec![(key, material)]));
    assert_eq!(bench.kms.drifted_keys(), 1);
    let expected = format!(
        "{} is unavailable: its object in the HSM is not as it was recorded. An operator must compare the two with \
         `strongroom key inspect`; the key can be used again once they agree.",
        bench.kms.scope().key_arn(&key)
    );
    for refused in [fault(bench.encrypt(key, b"x").await), fault(bench.decrypt(&blob).await)] {
        assert_eq!(
            (refused.code(), refused.message()),
            (Code::KeyUnavailable, expected.as_str())
        );
        assert_eq!(refused.retry_delay(), None, "somebody must do something");
    }
    assert!(bench.encrypt(other, b"x").await.is_ok());
    assert_eq!(bench.reconcile().await.withdrawn, [], "it is taken out of use once");
    bench.admin(DisableKey { key }).await.unwrap();
    bench.admin(EnableKey { key }).await.unwrap();
    assert_eq!(
        fault(bench.encrypt(key, b"x").await).code(),
        Code::KeyUnavailable,
        "nobody enables it"
    );

    bench.fake.repair_object(&material);
    let found = bench.reconcile().await;
    assert_eq!((found.restored, found.drifted), (vec![key], Vec::new()));
    assert_eq!(bench.kms.drifted_keys(), 0);
    eventually(async || bench.decrypt(&blob).await.is_ok()).await;
}

#[tokio::test]
async fn an_inspection_reads_the_token() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let found = inspect(&bench, key).await;
    assert_eq!(found.materials.len(), 1);
    let intact = &found.materials[0];
    assert_eq!(intact.found.as_ref(), Ok(&intact.recorded.provenance));
    assert_eq!(intact.recorded.token_serial, found.token_serial);
    assert_eq!(intact.differences(), [""; 0]);
    let attributes = intact.recorded.provenance.attributes();
    assert!(
        attributes.contains(&("CKA_NEVER_EXTRACTABLE", "true".to_owned())),
        "{attributes:?}"
    );

    let material = material(&bench, key).await;
    bench.fake.damage_object(&material);
    let damaged = &inspect(&bench, key).await.materials[0];
    assert_eq!(damaged.differences(), ["object"]);
    assert!(
        damaged.found.as_ref().unwrap_err().contains("CKA_DECRYPT"),
        "{damaged:?}"
    );
    bench.fake.delete_object(&material);
    let missing = &inspect(&bench, key).await.materials[0];
    assert!(missing.found.as_ref().unwrap_err().contains("no object"), "{missing:?}");
}

#[tokio::test]
async fn ten_materials_are_looked_at_at_once() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    for _ in 0..11 {
        bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    }
    let by_id = || KeyReference::Key(key);
    let first = inspect(&bench, key).await;
    assert_eq!(first.materials.len(), 10);
    let marker = first.next_marker.unwrap();
    let second = InspectKey::new(by_id(), Some(10), Some(&marker)).unwrap();
    let second = bench.system(second).await.unwrap();
    assert_eq!((second.materials.len(), second.next_marker), (2, None));
    for limit in [0, 11] {
        let text = format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value \
             between 1 and 10"
        );
        let refused = fault(InspectKey::new(by_id(), Some(limit), None));
        assert_eq!((refused.code(), refused.message()), (Code::Validation, text.as_str()));
    }
    let unknown = "00".repeat(32);
    for marker in ["*", &unknown] {
        let refused = match InspectKey::new(by_id(), None, Some(marker)) {
            Ok(inspect) => fault(bench.system(inspect).await),
            Err(refused) => refused,
        };
        assert_eq!(refused.code(), Code::InvalidMarker);
    }
}

#[tokio::test]
async fn an_inspection_has_a_permission_of_its_own() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    bench.attach("inspector", &allow("strongroom:InspectKey", "*"));
    let inspect = || InspectKey::new(KeyReference::Key(key), None, None).unwrap();
    assert!(bench.run(&principal("inspector"), inspect()).await.is_ok());
    assert_eq!(
        fault(bench.admin(inspect()).await).code(),
        Code::AccessDenied,
        "kms:* is not enough"
    );
}
