//! What the token is asked under one wrapping key, and how often: about the same bytes alone, whatever fails in between.

use strongroom_base::Code;
use strongroom_kms::op::ImportKeyMaterial;
use strongroom_store::StoreFault;
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, fault, refused};
use crate::importing::{FIRST, SECOND, again, as_it_is, as_new, external, import, import_with, imported, parameters};

const OTHER_BYTES: &str = "The import token was used with other encrypted key material; get new parameters for import.";
const UNDECIPHERABLE: &str = "The encrypted key material could not be decrypted.";

/// A store without room cannot record what the token said. Nobody gets a second answer for that.
#[tokio::test]
async fn a_verdict_that_cannot_be_written_down_opens_no_second_question() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let good = import_with(key, &given, &FIRST);
    let altered = |at: usize| {
        let mut new = again(&good);
        new.encrypted_key_material[at] ^= 1;
        new
    };
    let run = async |new| bench.admin(ImportKeyMaterial::new(new)?).await;
    // Its first commit says what is asked, its second what came of it.
    bench.store.fail_after("import-parameters/", 1, StoreFault::Full);
    refused(run(altered(9)).await, Code::InvalidCiphertext, UNDECIPHERABLE);
    let asked = bench.fake.calls(Function::UnwrapKey);
    for at in [10, 11, 12] {
        refused(run(altered(at)).await, Code::InvalidImportToken, OTHER_BYTES);
    }
    refused(run(again(&good)).await, Code::InvalidImportToken, OTHER_BYTES);
    assert_eq!(bench.fake.calls(Function::UnwrapKey), asked, "the token was not asked");
    // The same question gets the same answer, and the wrapping key goes.
    refused(run(altered(9)).await, Code::InvalidCiphertext, UNDECIPHERABLE);
    assert_eq!((bench.fake.objects(), bench.stored("import-parameters").len()), (1, 0));
}

/// What is not on disk is not asked.
#[tokio::test]
async fn a_store_without_room_asks_the_token_nothing() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let good = import_with(key, &given, &FIRST);
    let asked = bench.fake.calls(Function::UnwrapKey);
    for _ in 0..3 {
        bench.store.fail("import-parameters/", StoreFault::Full);
        let run = bench.admin(ImportKeyMaterial::new(again(&good)).unwrap());
        assert_eq!(fault(run.await).code(), Code::StorageFull);
    }
    assert_eq!(bench.fake.calls(Function::UnwrapKey), asked);
    bench.admin(ImportKeyMaterial::new(good).unwrap()).await.unwrap();
}

/// An outage says nothing of the bytes: the same request goes through afterwards; another needs new parameters.
#[tokio::test]
async fn an_import_that_came_to_no_answer_may_be_sent_again_to_the_byte() {
    let bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let good = import_with(key, &given, &FIRST);
    let run = async |new| bench.admin(ImportKeyMaterial::new(new)?).await;
    for _ in 0..3 {
        bench.fake.fail(Function::UnwrapKey, 1, ReturnValue::DeviceRemoved);
        assert_eq!(fault(run(again(&good)).await).code(), Code::Unavailable);
        bench.until_usable(true).await;
    }
    refused(
        run(import_with(key, &given, &FIRST)).await,
        Code::InvalidImportToken,
        OTHER_BYTES,
    );
    run(good).await.unwrap();
    assert_eq!(bench.fake.objects(), 2);
}

/// While the token is known to be away nothing is asked, and no token is bound to bytes that were never shown to it.
#[tokio::test]
async fn an_outage_that_is_known_binds_no_import_token() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    bench.fake.take_away();
    bench.until_usable(false).await;
    let run = async |new| bench.admin(ImportKeyMaterial::new(new)?).await;
    assert_eq!(
        fault(run(import_with(key, &given, &FIRST)).await).code(),
        Code::Unavailable
    );
    bench.fake.bring_back();
    bench.until_usable(true).await;
    run(import_with(key, &given, &FIRST)).await.unwrap();
}

/// Two services on one store (the lock of the key is each one's own): what was true before the token was asked is looked at
/// again in the commit.
#[tokio::test]
async fn a_key_takes_no_second_pending_material_in_the_commit_either() {
    let mut bench = Bench::new().await;
    let (key, _) = imported(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let slow = ImportKeyMaterial::new(as_new(import_with(key, &given, &SECOND))).unwrap();
    let (gate, kms) = (bench.gate.clone(), bench.kms.clone());
    let pause = bench.store.pause("key-budget/");
    let slow = tokio::spawn(async move {
        let who = crate::bench::principal("administrator");
        gate.run(&who, &*kms, slow).await.map(drop)
    });
    pause.reached().await;
    bench.another_kms();
    let quick = import(&bench, key, &[0xc3; 32], as_new).await.unwrap();
    pause.resume();
    let text =
        format!("Key {key} has key material that is pending rotation; rotate the key, or delete that material first.");
    refused(slow.await.unwrap(), Code::KmsInvalidState, &text);
    let materials = bench.describe(key).await.versions;
    assert_eq!((materials.len(), materials[1].version.material), (2, quick));
    let found = bench.reconcile().await;
    assert_eq!(
        (found.rolled_back.len(), found.unknown, found.missing),
        (1, vec![], vec![])
    );
    import(&bench, key, &FIRST, as_it_is).await.unwrap();
}
