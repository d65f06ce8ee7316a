//! What imports are refused for, to the letter, and what they leave when they are cut off.

use std::time::Duration;

use strongroom_base::limits::{IMPORT_PARAMETERS_MAX, IMPORT_PARAMETERS_PER_KEY_MAX};
use strongroom_base::{Code, KeyMaterialId, Timestamp};
use strongroom_kms::op::{ImportKeyMaterial, NewImport};
use strongroom_kms::{ImportType, KeyState};
use strongroom_store::StoreFault;
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, fault, refused};
use crate::importing::{
    DAY, FIRST, SECOND, again, as_it_is, as_new, delete, expire_due, external, import, import_with, imported,
    parameters, until,
};

const INVALID_TOKEN: &str = "The import token is not valid, was used, or is associated with a different KMS key.";

#[tokio::test]
async fn a_token_is_good_for_its_key_and_one_import() {
    let bench = Bench::new().await;
    let (key, other) = (external(&bench).await, external(&bench).await);
    let first = parameters(&bench, key).await.unwrap();
    let second = parameters(&bench, key).await.unwrap();
    let run = async |new| bench.admin(ImportKeyMaterial::new(new)?).await;
    let good = || import_with(key, &first, &FIRST);
    refused(
        run(import_with(other, &first, &FIRST)).await,
        Code::InvalidImportToken,
        INVALID_TOKEN,
    );
    for at in [0, 1, 17, 49, 88] {
        let mut new = good();
        new.import_token[at] ^= 1;
        refused(run(new).await, Code::InvalidImportToken, INVALID_TOKEN);
    }
    for token in [vec![1], vec![0; 6_144]] {
        let new = NewImport {
            import_token: token,
            ..good()
        };
        refused(run(new).await, Code::InvalidImportToken, INVALID_TOKEN);
    }
    // The older one is as good as the newer.
    run(good()).await.unwrap();
    refused(run(good()).await, Code::InvalidImportToken, INVALID_TOKEN);
    run(import_with(key, &second, &FIRST)).await.unwrap();
    assert_eq!(bench.fake.objects(), 2);
}

#[tokio::test]
async fn a_token_expires_after_a_day() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let parameters = parameters(&bench, key).await.unwrap();
    bench.advance_days(1);
    let new = import_with(key, &parameters, &FIRST);
    let expired = "The import token has expired; get new parameters for import.";
    for objects in [2, 1] {
        let answer = bench.admin(ImportKeyMaterial::new(import_with(key, &parameters, &FIRST)).unwrap());
        refused(answer.await, Code::ExpiredImportToken, expired);
        assert_eq!(bench.fake.objects(), objects);
        bench.reconcile().await;
    }
    drop(new);
    assert!(bench.stored("import-parameters").is_empty());
}

/// Material under the wrong wrapping key, and damaged: refused, and the wrapping key answers no second question.
#[tokio::test]
async fn a_wrapping_key_answers_once() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let (first, second) = (
        parameters(&bench, key).await.unwrap(),
        parameters(&bench, key).await.unwrap(),
    );
    let mixed = NewImport {
        import_token: second.token.as_bytes().to_vec(),
        ..import_with(key, &first, &FIRST)
    };
    let run = async |new| bench.admin(ImportKeyMaterial::new(new)?).await;
    refused(
        run(mixed).await,
        Code::InvalidCiphertext,
        "The encrypted key material could not be decrypted.",
    );
    refused(
        run(import_with(key, &second, &FIRST)).await,
        Code::InvalidImportToken,
        INVALID_TOKEN,
    );
    // What says nothing of the material does not spend the parameters.
    let good = import_with(key, &first, &FIRST);
    bench.fake.fail(Function::UnwrapKey, 1, ReturnValue::DeviceRemoved);
    assert_eq!(fault(run(again(&good)).await).code(), Code::Unavailable);
    bench.until_usable(true).await;
    run(good).await.unwrap();
    assert_eq!(bench.fake.objects(), 2);
}

#[tokio::test]
async fn what_the_model_does_not_allow_is_refused() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let good = || import_with(key, &given, &FIRST);
    let material = Some(KeyMaterialId::from_bytes([1; 32]));
    let new_and_named = NewImport {
        import_type: Some(ImportType::NewKeyMaterial),
        material,
        ..good()
    };
    let length = |field: &str| {
        format!(
            "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have length \
             between 1 and 6144"
        )
    };
    let cases = [
        (
            NewImport {
                expires: None,
                ..good()
            },
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES".to_owned(),
        ),
        (
            NewImport {
                valid_to: Some(Timestamp(bench.now() + DAY)),
                ..good()
            },
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE".to_owned(),
        ),
        (
            new_and_named,
            "A KeyMaterialId cannot be given with ImportType NEW_KEY_MATERIAL.".to_owned(),
        ),
        (
            NewImport {
                import_token: vec![],
                ..good()
            },
            length("importToken"),
        ),
        (
            NewImport {
                import_token: vec![0; 6_145],
                ..good()
            },
            length("importToken"),
        ),
        (
            NewImport {
                encrypted_key_material: vec![],
                ..good()
            },
            length("encryptedKeyMaterial"),
        ),
        (
            NewImport {
                encrypted_key_material: vec![0; 6_145],
                ..good()
            },
            length("encryptedKeyMaterial"),
        ),
    ];
    for (new, message) in cases {
        refused(ImportKeyMaterial::new(new), Code::Validation, &message);
    }
}

#[tokio::test]
async fn material_is_valid_for_a_year_at_most() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let too_late = bench.now() + 365 * DAY + 1;
    for (at, message) in [
        (bench.now(), "The validTo date must be in the future."),
        (too_late, "The validTo date must be within 365 days from now."),
    ] {
        refused(import(&bench, key, &FIRST, until(at)).await, Code::Validation, message);
    }
    import(&bench, key, &FIRST, until(too_late - 1)).await.unwrap();
}

#[tokio::test]
async fn a_key_has_8_wrapping_keys_and_an_account_200() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    for _ in 0..IMPORT_PARAMETERS_PER_KEY_MAX {
        parameters(&bench, key).await.unwrap();
    }
    refused(
        parameters(&bench, key).await,
        Code::LimitExceeded,
        &format!(
            "Key {key} has 8 wrapping keys, which is the limit; import with one of them, or wait until they expire."
        ),
    );
    for _ in 1..IMPORT_PARAMETERS_MAX / IMPORT_PARAMETERS_PER_KEY_MAX {
        let other = external(&bench).await;
        for _ in 0..IMPORT_PARAMETERS_PER_KEY_MAX {
            // What a token that makes no key leaves counts too.
            bench
                .fake
                .fail(Function::GenerateKeyPair, 1, ReturnValue::FunctionFailed);
            assert_eq!(fault(parameters(&bench, other).await).code(), Code::StorageFull);
        }
    }
    let last = external(&bench).await;
    refused(
        parameters(&bench, last).await,
        Code::LimitExceeded,
        "The account has 200 wrapping keys, which is the limit; wait until some expire.",
    );
    assert_eq!(bench.reconcile().await.retired.len(), 192);
    parameters(&bench, last).await.unwrap();
    bench.advance_days(1);
    assert_eq!(bench.reconcile().await.retired.len(), 9);
    assert_eq!(bench.fake.objects(), 1);
}

/// The token has made it as it must not be, and does not destroy it again: reconciliation does.
#[tokio::test]
async fn a_wrapping_key_that_nobody_was_told_of_is_destroyed() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    bench.fake.set_careless(true);
    bench
        .fake
        .fail(Function::DestroyObject, 1, ReturnValue::FunctionRejected);
    assert_eq!(fault(parameters(&bench, key).await).code(), Code::Internal);
    assert_eq!((bench.stored("import-parameters").len(), bench.fake.objects()), (1, 2));
    let found = bench.reconcile().await;
    assert_eq!(
        (found.retired.len(), found.unknown.len(), bench.fake.objects()),
        (1, 0, 1)
    );
    assert!(bench.stored("import-parameters").is_empty());
}

/// New material whose commit does not come about: intent and object go, and the parameters serve another try.
#[tokio::test]
async fn an_import_that_is_cut_off_before_its_commit_is_rolled_back() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let new = import_with(key, &given, &FIRST);
    let run = async || bench.admin(ImportKeyMaterial::new(again(&new))?).await;
    bench.store.fail("key-budget/", StoreFault::Overloaded);
    assert_eq!(fault(run().await).code(), Code::Throttling);
    assert_eq!((bench.fake.objects(), bench.stored("key-creation").len()), (3, 1));
    let found = bench.reconcile().await;
    assert_eq!(
        (found.rolled_back.len(), found.retired.len(), found.unknown.len()),
        (1, 0, 0)
    );
    assert_eq!(bench.describe(key).await.record.state, KeyState::PendingImport);
    run().await.unwrap();
    assert_eq!((bench.fake.objects(), bench.stored("key-creation").len()), (2, 0));
}

/// Known material whose commit does not come about: the next import takes intent and object over, or reconciliation
/// rolls them back.
#[tokio::test]
async fn a_restoration_that_is_cut_off_goes_on_or_is_rolled_back() {
    for reconciled in [false, true] {
        let bench = Bench::new().await;
        let (key, material) = imported(&bench).await;
        let blob = bench.encrypt(key, b"value").await.unwrap().blob;
        delete(&bench, key, None).await.unwrap();
        let given = parameters(&bench, key).await.unwrap();
        let new = import_with(key, &given, &FIRST);
        let run = async || bench.admin(ImportKeyMaterial::new(again(&new))?).await;
        // The intent is written, the object made, and the key's record is not.
        bench.store.fail("key/", StoreFault::Overloaded);
        assert_eq!(fault(run().await).code(), Code::Throttling);
        assert_eq!(bench.stored("key-creation"), [material.to_string()]);
        assert_eq!(bench.fake.objects(), 3);
        if reconciled {
            let found = bench.reconcile().await;
            assert_eq!(
                (found.rolled_back, found.unknown, bench.fake.objects()),
                (vec![material], vec![], 2)
            );
        }
        assert_eq!(run().await.unwrap().material, material);
        bench.decrypt(&blob).await.unwrap();
        assert_eq!((bench.fake.objects(), bench.stored("key-creation").len()), (2, 0));
        assert_eq!(bench.reconcile().await.missing, []);
    }
}

/// The intent of a restoration that was cut off is rolled back and taken up again at the same time: one after the other, and
/// what was restored stays.
#[tokio::test]
async fn no_restoration_begins_while_its_intent_is_rolled_back() {
    let bench = Bench::new().await;
    let (key, material) = imported(&bench).await;
    let blob = bench.encrypt(key, b"value").await.unwrap().blob;
    delete(&bench, key, None).await.unwrap();
    let given = parameters(&bench, key).await.unwrap();
    let new = import_with(key, &given, &FIRST);
    let run = async || bench.admin(ImportKeyMaterial::new(again(&new))?).await;
    bench.store.fail("key/", StoreFault::Overloaded);
    assert_eq!(fault(run().await).code(), Code::Throttling);

    let claim = bench.store.pause("key-creation/");
    let restoration = async {
        claim.reached().await;
        let restoration = run();
        tokio::pin!(restoration);
        // It is the import's turn as long as anybody likes: it waits for the claim.
        let early = tokio::time::timeout(Duration::from_millis(200), &mut restoration).await;
        assert!(early.is_err(), "the import did not wait");
        claim.resume();
        restoration.await
    };
    let (found, restored) = tokio::join!(bench.reconcile(), restoration);
    assert_eq!((found.rolled_back, found.stuck), (vec![material], vec![]));
    assert_eq!(restored.unwrap().material, material);
    bench.decrypt(&blob).await.unwrap();
    assert_eq!((bench.fake.objects(), bench.stored("key-creation").len()), (2, 0));
    assert_eq!(bench.reconcile().await.missing, []);
}

/// A removal that is cut off: nobody uses the material from its first step on, and the job ends it; or the same material
/// is imported again before that.
#[tokio::test]
async fn a_removal_that_is_cut_off_goes_on() {
    for imported_again in [false, true] {
        let bench = Bench::new().await;
        let (key, material) = imported(&bench).await;
        bench
            .fake
            .fail(Function::DestroyObject, 1, ReturnValue::FunctionRejected);
        assert_eq!(fault(delete(&bench, key, None).await).code(), Code::Unavailable);
        bench.until_usable(true).await;
        assert_eq!(bench.describe(key).await.record.state, KeyState::PendingImport);
        assert_eq!(bench.fake.objects(), 2);
        let found = bench.reconcile().await;
        assert_eq!((found.unknown, found.missing, found.drifted), (vec![], vec![], vec![]));
        if imported_again {
            assert_eq!(import(&bench, key, &FIRST, as_it_is).await.unwrap(), material);
            bench.encrypt(key, b"x").await.unwrap();
            assert_eq!(expire_due(&bench).await, []);
            assert_eq!(bench.fake.objects(), 2);
        } else {
            assert_eq!(expire_due(&bench).await, [(key, material)]);
            assert_eq!((expire_due(&bench).await, bench.fake.objects()), (vec![], 1));
        }
    }
}

/// A wrapping key that could not be destroyed after its import is spent all the same, and goes later.
#[tokio::test]
async fn a_used_wrapping_key_that_stays_is_destroyed_later() {
    let bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    // The first object that is destroyed is the one of the session.
    bench.fake.fail(Function::FindObjects, 1, ReturnValue::FunctionRejected);
    let run = async || {
        let new = as_new(import_with(key, &given, &SECOND));
        bench.admin(ImportKeyMaterial::new(new)?).await
    };
    run().await.unwrap();
    refused(
        run().await,
        Code::KmsInvalidState,
        &format!("Key {key} has key material that is pending rotation; rotate the key, or delete that material first."),
    );
    assert_eq!((bench.fake.objects(), bench.stored("import-parameters").len()), (4, 1));
    let found = bench.reconcile().await;
    assert_eq!(
        (found.retired.len(), found.unknown.len(), bench.fake.objects()),
        (1, 0, 3)
    );
}

/// Two imports with two tokens at once: one after the other, and the key has one material.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_of_one_key_wait_for_each_other() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = [
        parameters(&bench, key).await.unwrap(),
        parameters(&bench, key).await.unwrap(),
    ];
    let run = async |index: usize| {
        let new = import_with(key, &given[index], &FIRST);
        bench.admin(ImportKeyMaterial::new(new)?).await
    };
    let (first, second) = tokio::join!(run(0), run(1));
    assert_eq!(first.unwrap().material, second.unwrap().material);
    assert_eq!((bench.describe(key).await.versions.len(), bench.fake.objects()), (1, 2));
}
