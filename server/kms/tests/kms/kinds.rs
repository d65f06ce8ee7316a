//! Keys of every kind: which can be made, what is told of them, and what they cannot do.

use strongroom_base::{Code, KeyOrigin, KeySpec, KeyUsage};
use strongroom_kms::KeyReference;
use strongroom_kms::op::{
    CreateAlias, CreateKey, DisableKeyRotation, EnableKeyRotation, GetKeyRotationStatus, GetPublicKey,
    ListKeyRotations, NewKey, RotateKeyOnDemand, ScheduleKeyDeletion, UpdateAlias,
};

use crate::bench::{Bench, alias, refused, scope};
use crate::uses::create;

fn new(spec: KeySpec, usage: Option<KeyUsage>) -> NewKey {
    NewKey {
        spec: Some(spec),
        usage,
        ..NewKey::default()
    }
}

#[tokio::test]
async fn every_kind_is_made_in_the_token_and_does_not_leave_it() {
    let bench = Bench::new().await;
    for spec in KeySpec::ALL.iter().filter(|spec| **spec != KeySpec::Sm2) {
        for usage in spec.usages() {
            let made = bench
                .admin(CreateKey::new(new(*spec, Some(*usage))).unwrap())
                .await
                .unwrap();
            let record = &made.record;
            assert_eq!(
                (record.spec, record.usage, record.origin),
                (*spec, *usage, KeyOrigin::AwsKms)
            );
            let [version] = made.versions.as_slice() else {
                panic!("{} versions", made.versions.len())
            };
            assert_eq!(version.budget.is_some(), *spec == KeySpec::SymmetricDefault, "{spec}");
            assert_eq!(version.version.public_key.is_some(), spec.is_asymmetric(), "{spec}");
            assert!(!version.version.provenance.extractable, "{spec}");
        }
    }
    assert_eq!(bench.stored("key-budget").len(), 1, "AES-GCM alone is counted");
    let found = bench.reconcile().await;
    assert!(found.missing.is_empty() && found.drifted.is_empty() && found.unknown.is_empty());
}

#[tokio::test]
async fn usages_are_said_and_fit() {
    for spec in KeySpec::ALL {
        if *spec == KeySpec::SymmetricDefault {
            assert!(CreateKey::new(new(*spec, None)).is_ok());
            continue;
        }
        refused(
            CreateKey::new(new(*spec, None)),
            Code::Validation,
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        );
    }
    for spec in KeySpec::ALL {
        for usage in KeyUsage::ALL.iter().filter(|usage| !spec.usages().contains(usage)) {
            let message = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
            refused(CreateKey::new(new(*spec, Some(*usage))), Code::Validation, &message);
        }
    }
}

#[tokio::test]
async fn what_no_token_holds_is_refused_before_anything_is_begun() {
    let bench = Bench::new().await;
    for usage in KeySpec::Sm2.usages() {
        refused(
            bench
                .admin(CreateKey::new(new(KeySpec::Sm2, Some(*usage))).unwrap())
                .await,
            Code::UnsupportedOperation,
            "The HSM does not offer a mechanism of PKCS#11, which SM2 needs.",
        );
    }
    assert!(bench.stored("key-creation").is_empty() && bench.stored("key").is_empty());
}

#[tokio::test]
async fn only_symmetric_keys_rotate() {
    let bench = Bench::new().await;
    for (spec, usage) in [
        (KeySpec::EccNistP256, KeyUsage::SignVerify),
        (KeySpec::Hmac256, KeyUsage::GenerateVerifyMac),
    ] {
        let key = create(&bench, spec, usage).await;
        let arn = scope().key_arn(&key);
        let message = format!("{arn} key spec is {spec} which is not valid for this operation.");
        let refusals = [
            bench.admin(EnableKeyRotation::new(key, None).unwrap()).await,
            bench.admin(DisableKeyRotation { key }).await,
            bench.admin(RotateKeyOnDemand { key }).await.map(drop),
            bench
                .admin(ListKeyRotations::new(key, true, None, None).unwrap())
                .await
                .map(drop),
        ];
        for refusal in refusals {
            refused(refusal, Code::UnsupportedOperation, &message);
        }
        let status = bench.admin(GetKeyRotationStatus { key }).await.unwrap();
        assert_eq!((status.schedule, status.on_demand_since), (None, None));
        assert!(bench.kms.keys_due_for_rotation().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_public_key_is_given_out_with_what_it_is_for() {
    let bench = Bench::new().await;
    let key = create(&bench, KeySpec::EccNistP521, KeyUsage::KeyAgreement).await;
    let half = bench
        .admin(GetPublicKey {
            key: KeyReference::Key(key),
        })
        .await
        .unwrap();
    assert_eq!(half.arn, scope().key_arn(&key));
    assert_eq!((half.spec, half.usage), (KeySpec::EccNistP521, KeyUsage::KeyAgreement));
    let kept = bench.describe(key).await;
    assert_eq!(Some(&half.public_key), kept.versions[0].version.public_key.as_ref());
}

#[tokio::test]
async fn an_alias_moves_between_keys_of_one_kind_only() {
    let bench = Bench::new().await;
    let kinds = [
        (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt),
        (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
        (KeySpec::Rsa2048, KeyUsage::SignVerify),
        (KeySpec::Hmac224, KeyUsage::GenerateVerifyMac),
    ];
    for (number, from) in kinds.into_iter().enumerate() {
        let key = create(&bench, from.0, from.1).await;
        let name = alias(&format!("alias/of-{number}"));
        bench.admin(CreateAlias::new(name.clone(), key).unwrap()).await.unwrap();
        for into in kinds {
            let key = create(&bench, into.0, into.1).await;
            let moved = bench.admin(UpdateAlias::new(name.clone(), key).unwrap()).await;
            if from == into {
                moved.unwrap();
                continue;
            }
            refused(
                moved,
                Code::Validation,
                "The current and the new KMS key of an alias must be of the same type (both symmetric, both asymmetric \
                 or both HMAC) and have the same key usage.",
            );
        }
    }
    let other = create(&bench, KeySpec::EccNistP256, KeyUsage::SignVerify).await;
    bench
        .admin(UpdateAlias::new(alias("alias/of-2"), other).unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn keys_of_all_kinds_are_deleted() {
    let bench = Bench::new().await;
    let before = bench.fake.objects();
    for (spec, usage) in [
        (KeySpec::Rsa2048, KeyUsage::SignVerify),
        (KeySpec::Hmac512, KeyUsage::GenerateVerifyMac),
        (KeySpec::MlKem512, KeyUsage::EncapsulateDecapsulate),
    ] {
        let key = create(&bench, spec, usage).await;
        bench
            .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
            .await
            .unwrap();
        bench.advance_days(7);
        bench.delete(key).await.unwrap();
    }
    assert_eq!(bench.fake.objects(), before);
    assert_eq!((bench.stored("key").len(), bench.stored("key-tombstone").len()), (0, 3));
}
