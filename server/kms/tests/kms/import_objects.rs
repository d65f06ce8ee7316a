//! Objects that somebody meddles with behind the service's back: material that is gone, another key in its place, a wrapping
//! key that can do more.

use strongroom_base::limits::TOKEN_PAIRS_ATTESTED_MAX;
use strongroom_base::{Code, KeyId, KeySpec, KeyUsage};
use strongroom_kms::KeyReference;
use strongroom_kms::op::{ImportKeyMaterial, InspectKey};
use strongroom_store::StoreFault;
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, bytes, eventually, fault};
use crate::importing::{FIRST, again, as_it_is, delete, import, import_with, imported, parameters};
use crate::uses::create;

const UNUSABLE: &str = "The key's material cannot be used in the HSM; the operator of the service must look into it.";
const OTHER_KEY: &str = "it does not open the witness of the key that was made under this id";

/// What `strongroom key inspect` shows of a key's first material.
async fn inspected(bench: &Bench, key: KeyId) -> Result<(), String> {
    let inspect = InspectKey::new(KeyReference::Key(key), None, None).unwrap();
    let page = bench.system(inspect).await.unwrap();
    page.materials[0].found.clone().map(drop)
}

fn alarms(bench: &Bench) -> u64 {
    bench.token.status().counts.alarms
}

/// The record says that it is there; the import brings it back all the same.
#[tokio::test]
async fn material_whose_object_is_gone_comes_back_with_an_import() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    let blob = bench.encrypt(key, b"value").await.unwrap().blob;
    bench.fake.delete_object(&material);
    assert_eq!(bench.reconcile().await.missing, [(key, material)]);
    assert_eq!(import(&bench, key, &FIRST, as_it_is).await.unwrap(), material);
    assert_eq!((bench.fake.objects(), bench.stored("key-creation").len()), (2, 0));
    eventually(async || bench.decrypt(&blob).await.is_ok()).await;
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"value");
    assert_eq!(bench.reconcile().await.missing, []);
}

/// The object is made again and the record not written: what was made stays, since the record names it, and nothing is
/// rolled back from under a key that is in use.
#[tokio::test]
async fn a_lost_object_that_was_made_again_stays_though_its_import_was_cut_off() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    bench.fake.delete_object(&material);
    assert_eq!(bench.reconcile().await.missing, [(key, material)]);
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(
        fault(import(&bench, key, &FIRST, as_it_is).await).code(),
        Code::Throttling
    );
    assert_eq!(bench.stored("key-creation"), [material.to_string()]);
    let found = bench.reconcile().await;
    assert_eq!(
        (found.rolled_back, found.missing, found.unknown),
        (vec![], vec![], vec![])
    );
    assert!(bench.stored("key-creation").is_empty());
    eventually(async || bench.encrypt(key, b"x").await.is_ok()).await;
}

/// Same id, label and attributes, and another key: found at the next inspection, out of use, in use again when the right one
/// is back.
#[tokio::test]
async fn a_substituted_object_takes_its_key_out_of_use() {
    for generated in [false, true] {
        let bench = Bench::new().await;
        let (key, material) = if generated {
            let key = bench.key().await;
            (key, bench.describe(key).await.versions[0].version.material)
        } else {
            imported(&bench).await
        };
        let other = bench.key().await;
        let blob = bench.encrypt(key, b"value").await.unwrap().blob;
        assert_eq!((bench.reconcile().await.drifted, alarms(&bench)), (vec![], 0));
        bench.fake.substitute_object(&material);
        let found = bench.reconcile().await;
        assert_eq!((found.drifted, found.withdrawn), (vec![(key, material)], vec![key]));
        assert_eq!((bench.kms.drifted_keys(), alarms(&bench) > 0), (1, true));
        for refused in [fault(bench.encrypt(key, b"x").await), fault(bench.decrypt(&blob).await)] {
            assert_eq!(refused.code(), Code::KeyUnavailable);
            assert!(refused.message().contains("is not as it was recorded"), "{refused}");
        }
        let shown = inspected(&bench, key).await.unwrap_err();
        assert!(shown.contains(OTHER_KEY), "{shown}");
        bench.encrypt(other, b"x").await.unwrap();
        assert_eq!(bench.reconcile().await.drifted, [(key, material)], "it stays so");
    }
}

/// A key for codes is known by its witness, and a pair by its public half, whatever it is for.
#[tokio::test]
async fn a_substituted_object_of_any_kind_takes_its_key_out_of_use() {
    let bench = Bench::new().await;
    for (spec, usage) in [
        (KeySpec::Hmac256, KeyUsage::GenerateVerifyMac),
        (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
        (KeySpec::Rsa2048, KeyUsage::SignVerify),
        (KeySpec::EccNistP256, KeyUsage::SignVerify),
        (KeySpec::EccNistP384, KeyUsage::KeyAgreement),
        (KeySpec::MlDsa44, KeyUsage::SignVerify),
        (KeySpec::MlKem512, KeyUsage::EncapsulateDecapsulate),
    ] {
        let key = create(&bench, spec, usage).await;
        let material = bench.describe(key).await.versions[0].version.material;
        assert_eq!(inspected(&bench, key).await, Ok(()), "{spec} {usage}");
        let before = bench.reconcile().await;
        assert_eq!(
            (before.withdrawn, before.unattested),
            (vec![], vec![]),
            "{spec} {usage}"
        );
        bench.fake.substitute_object(&material);
        let found = bench.reconcile().await;
        assert_eq!(found.withdrawn, [key], "{spec} {usage}");
        assert!(found.drifted.contains(&(key, material)), "{spec} {usage}");
        let shown = inspected(&bench, key).await.unwrap_err();
        assert!(
            shown.contains("another object may have been put in its place"),
            "{shown}"
        );
        let found = bench.reconcile().await;
        assert!(
            found.drifted.contains(&(key, material)) && found.restored.is_empty(),
            "it stays so"
        );
    }
}

/// There may be many pairs, and each takes its time.
#[tokio::test]
async fn a_thousand_pairs_are_tried_at_once_and_all_in_turns() {
    let bench = Bench::new().await;
    let mut keys = Vec::new();
    for _ in 0..=TOKEN_PAIRS_ATTESTED_MAX {
        keys.push(create(&bench, KeySpec::EccNistEdwards25519, KeyUsage::SignVerify).await);
    }
    let before = bench.fake.calls(Function::Sign);
    bench.reconcile().await;
    assert_eq!(
        bench.fake.calls(Function::Sign) - before,
        TOKEN_PAIRS_ATTESTED_MAX as u64
    );
    let material = bench.describe(keys[0]).await.versions[0].version.material;
    bench.fake.substitute_object(&material);
    let mut withdrawn = Vec::new();
    for _ in 0..2 {
        withdrawn.extend(bench.reconcile().await.withdrawn);
    }
    assert_eq!(withdrawn, [keys[0]]);
    for _ in 0..2 {
        let found = bench.reconcile().await;
        assert_eq!(
            (found.restored, found.drifted),
            (vec![], vec![(keys[0], material)]),
            "its turn is always"
        );
    }
}

/// A token that fails while witnesses are opened takes no key out of use.
#[tokio::test]
async fn a_sick_token_is_not_taken_for_a_substitution() {
    let bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    for value in [ReturnValue::GeneralError, ReturnValue::DeviceError] {
        bench.fake.fail(Function::Decrypt, 1, value);
        let found = bench
            .system(strongroom_kms::op::ReconcileToken {
                minimum_age: std::time::Duration::ZERO,
            })
            .await;
        if let Ok(found) = found {
            assert_eq!((found.drifted, found.withdrawn), (vec![], vec![]));
        }
        bench.fake.clear_script();
        bench.until_usable(true).await;
        bench.encrypt(key, b"x").await.unwrap();
    }
}

/// Under the id of material that was deleted: no fault of who imports it, and an alarm.
#[tokio::test]
async fn a_planted_object_is_not_blamed_on_who_imports() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    let label = bench.label(key, material);
    let wanted = format!("the object of key material {material} cannot be used: {OTHER_KEY}");
    for deleted in [true, false] {
        if deleted {
            delete(&bench, key, None).await.unwrap();
            bench.fake.plant_imported_object(&label, &material);
        } else {
            bench.fake.substitute_object(&material);
        }
        let given = parameters(&bench, key).await.unwrap();
        let before = alarms(&bench);
        let new = import_with(key, &given, &FIRST);
        let refused = fault(bench.admin(ImportKeyMaterial::new(new).unwrap()).await);
        assert_eq!((refused.code(), refused.message()), (Code::KeyUnavailable, UNUSABLE));
        let cause = refused.cause().unwrap().to_string();
        assert!(cause.starts_with(&wanted), "{cause}");
        assert!(alarms(&bench) > before);
        assert_eq!(
            bench.fake.objects(),
            3,
            "it is left for the operator, and the wrapping key is not spent"
        );
        // The operator removes it.
        bench.fake.delete_object(&material);
        assert_eq!(import(&bench, key, &FIRST, as_it_is).await.unwrap(), material);
        bench.reconcile().await;
        bench.advance_days(1);
        bench.reconcile().await;
        assert_eq!(bench.fake.objects(), 2);
    }
}

/// Planted after it was looked for, and before the material was there: destroyed again, and the same request goes through.
#[tokio::test]
async fn who_is_quicker_than_an_import_is_not_blamed_on_it_either() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    delete(&bench, key, None).await.unwrap();
    let given = parameters(&bench, key).await.unwrap();
    let new = import_with(key, &given, &FIRST);
    let run = async || bench.admin(ImportKeyMaterial::new(again(&new))?).await;
    let intent = bench.store.pause("key-creation/");
    let meddling = async {
        intent.reached().await;
        bench.fake.plant_imported_object(&bench.label(key, material), &material);
        bench.fake.take_away();
        bench.until_usable(false).await;
        bench.fake.bring_back();
        bench.until_usable(true).await;
        intent.resume();
    };
    let (answer, ()) = tokio::join!(run(), meddling);
    let refused = fault(answer);
    assert_eq!((refused.code(), refused.message()), (Code::KeyUnavailable, UNUSABLE));
    let cause = refused.cause().unwrap().to_string();
    assert!(cause.contains("another key stood in the place"), "{cause}");
    assert_eq!(run().await.unwrap().material, material);
    assert_eq!((bench.fake.objects(), bench.stored("key-creation").len()), (2, 0));
}

/// A wrapping key that can decrypt would give material out: an alarm, and no import with it.
#[tokio::test]
async fn a_wrapping_key_that_gained_a_usage_is_not_used() {
    let bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let before = alarms(&bench);
    bench.fake.let_wrapping_key_decrypt(true);
    eventually(async || alarms(&bench) > before).await;
    let run = async || {
        let new = import_with(key, &given, &FIRST);
        bench.admin(ImportKeyMaterial::new(new)?).await
    };
    let refused = fault(run().await);
    assert_eq!((refused.code(), refused.message()), (Code::KeyUnavailable, UNUSABLE));
    assert!(refused.cause().unwrap().to_string().contains("it is no wrapping key"));
    // It is destroyed when its time is over, whatever it can do.
    bench.advance_days(1);
    bench.reconcile().await;
    assert_eq!(bench.fake.objects(), 2);
}
