//! Imported material: in, out, in again; new material and rotation to it; expiry.

use strongroom_base::{Code, KeyMaterialId, KeyOrigin, KeySpec, Timestamp, WrappingAlgorithm};
use strongroom_kms::op::{
    CancelKeyDeletion, DeleteImportedKeyMaterial, DescribeKey, DisableKey, GetKeyRotationStatus,
    GetParametersForImport, ImportKeyMaterial, ListKeyRotations, MaterialState, NewImport, RotateKeyOnDemand,
    ScheduleKeyDeletion,
};
use strongroom_kms::{Expiration, ImportType, KeyReference, KeyState, Presence};

use crate::bench::{Bench, bytes, fault, refused, scope};
use crate::importing::{
    DAY, FIRST, SECOND, as_it_is, as_new, delete, expire_due, external, import, import_by, import_with, imported,
    parameters, until,
};

async fn state(bench: &Bench, key: strongroom_base::KeyId) -> KeyState {
    bench.describe(key).await.record.state
}

#[tokio::test]
async fn a_key_of_origin_external_has_no_material_before_an_import() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let described = bench.describe(key).await;
    assert_eq!(
        (
            described.record.origin,
            described.record.state,
            described.versions.len()
        ),
        (KeyOrigin::External, KeyState::PendingImport, 0)
    );
    assert_eq!(described.record.expiration(), None);
    assert_eq!(bench.fake.objects(), 1, "the root alone");
    let arn = scope().key_arn(&key);
    refused(
        bench.encrypt(key, b"x").await,
        Code::KmsInvalidState,
        &format!("{arn} is pending import."),
    );
}

#[tokio::test]
async fn imported_material_encrypts_and_decrypts() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    let blob = bench.encrypt(key, b"value").await.unwrap();
    assert_eq!(blob.material, material);
    assert_eq!(bytes(&bench.decrypt(&blob.blob).await.unwrap().plaintext), b"value");
    let described = bench.describe(key).await;
    assert_eq!(described.record.state, KeyState::Enabled);
    assert_eq!(described.record.expiration(), Some(Expiration::Never));
    let version = &described.versions[0].version;
    let provenance = &version.provenance;
    assert!(!provenance.local && !provenance.always_sensitive && !provenance.never_extractable);
    assert!(provenance.sensitive && !provenance.extractable);
    assert_eq!(
        described.versions[0].budget.unwrap().used,
        3,
        "two for the import, one for the value"
    );
    assert_eq!(bench.fake.objects(), 2, "the wrapping key is gone");
    assert!(bench.stored("import-parameters").is_empty() && bench.stored("key-creation").is_empty());
    assert_eq!(bench.reconcile().await.unknown, []);
}

#[tokio::test]
async fn every_wrapping_algorithm_and_key_imports() {
    let bench = Bench::new().await;
    for (algorithm, spec, bits) in [
        (WrappingAlgorithm::RsaesOaepSha1, KeySpec::Rsa2048, 2_048),
        (WrappingAlgorithm::RsaesOaepSha256, KeySpec::Rsa3072, 3_072),
        (WrappingAlgorithm::RsaAesKeyWrapSha1, KeySpec::Rsa2048, 2_048),
        (WrappingAlgorithm::RsaAesKeyWrapSha256, KeySpec::Rsa3072, 3_072),
    ] {
        let key = external(&bench).await;
        let request = GetParametersForImport::new(key, algorithm, spec).unwrap();
        let parameters = bench.admin(request).await.unwrap();
        assert!(parameters.public_key.len() > bits / 8);
        assert_eq!(parameters.arn, scope().key_arn(&key));
        assert_eq!(parameters.valid_to, Timestamp(bench.now() + DAY));
        let new = import_by(key, &parameters, algorithm, &FIRST);
        bench.admin(ImportKeyMaterial::new(new).unwrap()).await.unwrap();
        bench.encrypt(key, b"x").await.unwrap();
    }
    let key = external(&bench).await;
    for (algorithm, spec, text) in [
        (
            WrappingAlgorithm::RsaesPkcs1V15,
            KeySpec::Rsa2048,
            "WrappingAlgorithm RSAES_PKCS1_V1_5 is not supported.",
        ),
        (
            WrappingAlgorithm::Sm2Pke,
            KeySpec::Sm2,
            "WrappingAlgorithm SM2PKE is not supported.",
        ),
        (
            WrappingAlgorithm::RsaesOaepSha1,
            KeySpec::Sm2,
            "WrappingKeySpec SM2 is not supported.",
        ),
    ] {
        let answer = GetParametersForImport::new(key, algorithm, spec);
        refused(answer, Code::UnsupportedOperation, text);
    }
}

/// Deleted and imported again it has its id, its budget, and opens what it had encrypted.
#[tokio::test]
async fn the_same_material_comes_back_as_itself() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    let blob = bench.encrypt(key, b"value").await.unwrap().blob;
    let used = bench.describe(key).await.versions[0].budget.unwrap().used;
    for named in [None, Some(material)] {
        delete(&bench, key, named).await.unwrap();
        assert_eq!(state(&bench, key).await, KeyState::PendingImport);
        assert_eq!(bench.fake.objects(), 1);
        assert_eq!(fault(bench.decrypt(&blob).await).code(), Code::KmsInvalidState);
        assert_eq!(bench.describe(key).await.record.expiration(), None);
        // Deleting what is gone changes nothing.
        delete(&bench, key, named).await.unwrap();
        let again = import(&bench, key, &FIRST, |new| NewImport { material: named, ..new }).await;
        assert_eq!(again.unwrap(), material);
        assert_eq!(state(&bench, key).await, KeyState::Enabled);
        assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"value");
        assert_eq!(
            bench.describe(key).await.versions[0].budget.unwrap().used,
            used,
            "never reset, and nothing encrypted"
        );
    }
    assert_eq!(bench.reconcile().await.missing, []);
}

#[tokio::test]
async fn other_material_is_refused() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    let objects = bench.fake.objects();
    let unknown = KeyMaterialId::from_bytes([1; 32]);
    let message = format!("The key material is not one that was imported into key {key} before.");
    refused(
        import(&bench, key, &SECOND, as_it_is).await,
        Code::IncorrectKeyMaterial,
        &message,
    );
    delete(&bench, key, None).await.unwrap();
    refused(
        import(&bench, key, &SECOND, as_it_is).await,
        Code::IncorrectKeyMaterial,
        &message,
    );
    import(&bench, key, &FIRST, as_it_is).await.unwrap();
    refused(
        import(&bench, key, &FIRST, as_new).await,
        Code::IncorrectKeyMaterial,
        &format!(
            "The key material is already associated with key {key} as {material}; import it as existing key material."
        ),
    );
    refused(
        import(&bench, key, &FIRST, |new| NewImport {
            material: Some(unknown),
            ..new
        })
        .await,
        Code::IncorrectKeyMaterial,
        &format!("Key material {unknown} is not associated with key {key}."),
    );
    let empty = external(&bench).await;
    let existing = |new| NewImport {
        import_type: Some(ImportType::ExistingKeyMaterial),
        ..new
    };
    refused(
        import(&bench, empty, &FIRST, existing).await,
        Code::IncorrectKeyMaterial,
        &format!("No key material was imported into key {empty} before."),
    );
    for length in [0, 16, 31, 33] {
        if length == 0 {
            continue;
        }
        refused(
            import(&bench, empty, &vec![7; length], as_it_is).await,
            Code::IncorrectKeyMaterial,
            "The key material does not have the length that the key spec requires.",
        );
    }
    assert_eq!(state(&bench, empty).await, KeyState::PendingImport);
    bench.advance_days(2);
    bench.reconcile().await;
    assert_eq!(bench.fake.objects(), objects, "nothing of what was refused is left");
}

#[tokio::test]
async fn new_material_waits_for_a_rotation() {
    let bench = Bench::new().await;
    let (key, first) = imported(&bench).await;
    let arn = scope().key_arn(&key);
    refused(
        bench.admin(RotateKeyOnDemand { key }).await,
        Code::KmsInvalidState,
        &format!("No available key material pending rotation for the key: {arn}."),
    );
    let old = bench.encrypt(key, b"old").await.unwrap();
    let described = |new| NewImport {
        description: Some("vault: 2026".to_owned()),
        ..as_new(new)
    };
    let second = import(&bench, key, &SECOND, described).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(
        rows(&bench, key, true).await,
        [
            (first, MaterialState::Current),
            (second, MaterialState::PendingRotation)
        ]
    );
    assert_eq!(rows(&bench, key, false).await, []);
    assert_eq!(bench.encrypt(key, b"x").await.unwrap().material, first);
    refused(
        import(&bench, key, &[0xc3; 32], as_new).await,
        Code::KmsInvalidState,
        &format!("Key {key} has key material that is pending rotation; rotate the key, or delete that material first."),
    );
    bench.advance_days(3);
    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    assert_eq!(
        rows(&bench, key, true).await,
        [(first, MaterialState::NonCurrent), (second, MaterialState::Current)]
    );
    assert_eq!(rows(&bench, key, false).await, [(second, MaterialState::Current)]);
    assert_eq!(bench.encrypt(key, b"x").await.unwrap().material, second);
    bench.decrypt(&old.blob).await.unwrap();
    let version = bench.describe(key).await.versions[1].version.clone();
    assert_eq!(version.rotated(), Timestamp(bench.now()));
    assert_eq!(version.created, Timestamp(bench.now() - 3 * DAY));
    assert_eq!(version.import.unwrap().description, "vault: 2026");

    // All of the key's own materials are needed.
    delete(&bench, key, Some(first)).await.unwrap();
    assert_eq!(state(&bench, key).await, KeyState::PendingImport);
    refused(
        bench.encrypt(key, b"x").await,
        Code::KmsInvalidState,
        &format!("{arn} is pending import."),
    );
    assert_eq!(import(&bench, key, &FIRST, as_it_is).await.unwrap(), first);
    assert_eq!(state(&bench, key).await, KeyState::Enabled);
    bench.decrypt(&old.blob).await.unwrap();
}

async fn rows(bench: &Bench, key: strongroom_base::KeyId, all: bool) -> Vec<(KeyMaterialId, MaterialState)> {
    let request = ListKeyRotations::new(key, all, None, None).unwrap();
    let page = bench.admin(request).await.unwrap();
    page.versions
        .iter()
        .map(|(version, state)| (version.material, *state))
        .collect()
}

/// It is the key's on trial: the key stays usable without it, and other material may take its place.
#[tokio::test]
async fn material_that_waits_for_a_rotation_is_forgotten_when_it_is_deleted() {
    let bench = Bench::new().await;
    let (key, first) = imported(&bench).await;
    let second = import(&bench, key, &SECOND, as_new).await.unwrap();
    // Whoever did not hear of it asks once more.
    for _ in 0..2 {
        let operation = DeleteImportedKeyMaterial {
            key,
            material: Some(second),
        };
        assert_eq!(bench.admin(operation).await.unwrap().material, Some(second));
        assert_eq!(state(&bench, key).await, KeyState::Enabled);
        assert_eq!(rows(&bench, key, true).await, [(first, MaterialState::Current)]);
        assert_eq!(bench.stored("key-budget"), [first.to_string()]);
    }
    let third = import(&bench, key, &[0xc3; 32], |new| until(bench.now() + DAY)(as_new(new))).await;
    bench.advance_days(2);
    assert_eq!(expire_due(&bench).await, [(key, third.unwrap())]);
    assert_eq!(state(&bench, key).await, KeyState::Enabled);
    assert_eq!((bench.fake.objects(), rows(&bench, key, true).await.len()), (2, 1));
    assert_eq!(expire_due(&bench).await, []);
    let existing = |new| NewImport {
        material: Some(second),
        ..new
    };
    assert_eq!(
        fault(import(&bench, key, &SECOND, existing).await).code(),
        Code::IncorrectKeyMaterial,
        "it is not the key's any more"
    );
}

#[tokio::test]
async fn material_expires_and_comes_back() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let at = bench.now() + 10 * DAY;
    let material = import(&bench, key, &FIRST, until(at)).await.unwrap();
    assert_eq!(
        bench.describe(key).await.record.expiration(),
        Some(Expiration::At(Timestamp(at)))
    );
    let blob = bench.encrypt(key, b"value").await.unwrap().blob;
    bench.advance_days(9);
    assert_eq!(expire_due(&bench).await, []);
    bench.advance_days(1);
    assert_eq!(expire_due(&bench).await, [(key, material)]);
    assert_eq!(
        (state(&bench, key).await, bench.fake.objects()),
        (KeyState::PendingImport, 1)
    );
    let arn = scope().key_arn(&key);
    refused(
        bench.decrypt(&blob).await,
        Code::KmsInvalidState,
        &format!("{arn} is pending import."),
    );
    assert_eq!(expire_due(&bench).await, []);
    assert_eq!(import(&bench, key, &FIRST, as_it_is).await.unwrap(), material);
    bench.decrypt(&blob).await.unwrap();
    bench.advance_days(400);
    assert_eq!(expire_due(&bench).await, [], "it does not expire any more");
}

#[tokio::test]
async fn an_import_of_what_is_there_changes_its_expiry_and_description() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let described = |new| NewImport {
        description: Some("first".to_owned()),
        ..as_new(new)
    };
    let material = import(&bench, key, &FIRST, described).await.unwrap();
    let at = bench.now() + 365 * DAY;
    assert_eq!(import(&bench, key, &FIRST, until(at)).await.unwrap(), material);
    let key_record = bench.describe(key).await.record;
    assert_eq!(key_record.expiration(), Some(Expiration::At(Timestamp(at))));
    let import = key_record.versions[0].import.clone().unwrap();
    assert_eq!(
        (import.description.as_str(), import.presence),
        ("first", Presence::Imported)
    );
    assert_eq!(bench.fake.objects(), 2, "the object is the one that was there");
}

#[tokio::test]
async fn disabled_and_doomed_keys_keep_their_state() {
    let bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    bench.admin(DisableKey { key }).await.unwrap();
    import(&bench, key, &FIRST, until(bench.now() + DAY)).await.unwrap();
    assert_eq!(state(&bench, key).await, KeyState::Disabled);
    // One that has lost its material is pending import, whatever it was before, and the import enables it.
    delete(&bench, key, None).await.unwrap();
    assert_eq!(state(&bench, key).await, KeyState::PendingImport);
    import(&bench, key, &FIRST, as_it_is).await.unwrap();
    assert_eq!(state(&bench, key).await, KeyState::Enabled);

    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    delete(&bench, key, None).await.unwrap();
    assert!(matches!(state(&bench, key).await, KeyState::PendingDeletion { .. }));
    let arn = scope().key_arn(&key);
    let pending = format!("{arn} is pending deletion.");
    refused(parameters(&bench, key).await, Code::KmsInvalidState, &pending);
    bench.admin(CancelKeyDeletion { key }).await.unwrap();
    assert_eq!(state(&bench, key).await, KeyState::PendingImport);
    import(&bench, key, &FIRST, as_it_is).await.unwrap();

    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    bench.admin(CancelKeyDeletion { key }).await.unwrap();
    assert_eq!(state(&bench, key).await, KeyState::Disabled);
}

#[tokio::test]
async fn a_key_that_is_deleted_takes_materials_and_wrapping_keys_along() {
    let bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    import(&bench, key, &SECOND, as_new).await.unwrap();
    parameters(&bench, key).await.unwrap();
    assert_eq!(bench.fake.objects(), 4);
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    bench.advance_days(30);
    bench.delete(key).await.unwrap();
    assert_eq!(bench.fake.objects(), 1);
    for kind in ["key", "key-budget", "import-parameters"] {
        assert!(bench.stored(kind).is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn keys_of_other_origins_take_no_material_and_imported_ones_do_not_rotate_by_time() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let arn = scope().key_arn(&key);
    let origin = format!("{arn} origin is AWS_KMS which is not valid for this operation.");
    refused(parameters(&bench, key).await, Code::UnsupportedOperation, &origin);
    refused(delete(&bench, key, None).await, Code::UnsupportedOperation, &origin);
    let (external, _) = imported(&bench).await;
    let parameters = parameters(&bench, external).await.unwrap();
    let new = import_with(key, &parameters, &FIRST);
    refused(
        bench.admin(ImportKeyMaterial::new(new).unwrap()).await,
        Code::UnsupportedOperation,
        &origin,
    );
    let arn = scope().key_arn(&external);
    refused(
        bench.admin(GetKeyRotationStatus { key: external }).await,
        Code::UnsupportedOperation,
        &format!("{arn} origin is EXTERNAL which is not valid for this operation."),
    );
    assert_eq!(bench.kms.keys_due_for_rotation().await.unwrap(), []);
    let unknown = KeyMaterialId::from_bytes([1; 32]);
    refused(
        delete(&bench, external, Some(unknown)).await,
        Code::NotFound,
        &format!("Key material {unknown} is not associated with key {external}."),
    );
}

/// A key encrypts as often as its material may; then it says what to do.
#[tokio::test]
async fn imported_keys_do_not_rotate_by_use() {
    let mut bench = Bench::new().await;
    bench.rotate_after(4);
    bench.restart();
    let (key, _) = imported(&bench).await;
    for _ in 0..4 {
        bench.encrypt(key, b"x").await.unwrap();
    }
    assert_eq!(bench.kms.keys_due_for_rotation().await.unwrap(), []);
    let describe = DescribeKey {
        key: KeyReference::Key(key),
    };
    assert_eq!(bench.admin(describe).await.unwrap().versions.len(), 1);
}
