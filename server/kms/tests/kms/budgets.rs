//! Invocation budgets as DescribeKey shows them and as the store has them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{KEY_INVOCATIONS_BLOCK, KEY_INVOCATIONS_MAX, KEY_ROTATION_INVOCATIONS_DEFAULT};
use strongroom_base::{Code, KeyId, KeyMaterialId};
use strongroom_kms::op::{DataKeyLength, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ReEncrypt};
use strongroom_kms::{BudgetUse, KeyReference};
use strongroom_store::{Document, Records, Store};
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, bytes, context, default_limits, fault, refused};

/// The record as an operator's tool would read it.
#[derive(Serialize, Deserialize)]
struct Budget {
    reserved: u64,
}

impl Document for Budget {
    const KIND: &'static str = "key-budget";
    const VERSION: u16 = 1;
}

async fn material(bench: &Bench, key: KeyId) -> KeyMaterialId {
    bench.describe(key).await.versions[0].version.material
}

async fn used(bench: &Bench, key: KeyId) -> u64 {
    bench.describe(key).await.versions[0].budget.unwrap().used
}

fn apart(bench: &Bench) -> Records {
    Records::new(Arc::clone(&bench.store) as Arc<dyn Store>)
}

async fn reserved(bench: &Bench, key: KeyId) -> u64 {
    let id = material(bench, key).await.to_string();
    apart(bench).find::<Budget>(&id).await.unwrap().unwrap().reserved
}

/// As if all processes together had reserved so much; then a new process.
async fn set_reserved(bench: &mut Bench, key: KeyId, reserved: u64) {
    let id = material(bench, key).await.to_string();
    let records = apart(bench);
    let before = records.find::<Budget>(&id).await.unwrap().unwrap();
    records
        .change()
        .replace(&id, &before, Budget { reserved })
        .commit()
        .await
        .unwrap();
    bench.restart();
}

fn spent(material: KeyMaterialId) -> String {
    format!(
        "Key material {material} has made all of its 4294967296 encryptions. It still decrypts; rotate the key \
         (import new material first, if this was imported), or encrypt under another one."
    )
}

#[tokio::test]
async fn every_encryption_counts_and_nothing_else() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    assert_eq!(
        (used(&bench, key).await, reserved(&bench, key).await),
        (1, KEY_INVOCATIONS_BLOCK)
    );
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    assert_eq!(used(&bench, key).await, 2);
    let (context, length) = (context(&[]), DataKeyLength::AES_256);
    let by_id = KeyReference::Key(key);
    let with = GenerateDataKey {
        key: by_id.clone(),
        context: context.clone(),
        length,
    };
    bench.admin(with).await.unwrap();
    let without = GenerateDataKeyWithoutPlaintext {
        key: by_id,
        context: context.clone(),
        length,
    };
    bench.admin(without).await.unwrap();
    assert_eq!(used(&bench, key).await, 4);
    let moving = ReEncrypt::new(None, context.clone(), &blob, KeyReference::Key(other), context).unwrap();
    bench.admin(moving).await.unwrap();
    bench.decrypt(&blob).await.unwrap();
    assert_eq!((used(&bench, key).await, used(&bench, other).await), (4, 2));
    assert_eq!(
        reserved(&bench, key).await,
        KEY_INVOCATIONS_BLOCK,
        "no use is written by itself"
    );
}

#[tokio::test]
async fn a_new_process_counts_too_much_and_never_too_little() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    for _ in 0..10 {
        bench.encrypt(key, b"x").await.unwrap();
    }
    assert_eq!(used(&bench, key).await, 11);
    bench.restart();
    assert_eq!(
        used(&bench, key).await,
        KEY_INVOCATIONS_BLOCK,
        "what the dead process had left counts as used"
    );
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(used(&bench, key).await, KEY_INVOCATIONS_BLOCK + 1);
    assert_eq!(reserved(&bench, key).await, 2 * KEY_INVOCATIONS_BLOCK);
}

#[tokio::test]
async fn at_the_hard_limit_encryption_ends_and_decryption_goes_on() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let blob = bench.encrypt(key, b"still here").await.unwrap().blob;
    set_reserved(&mut bench, key, KEY_INVOCATIONS_MAX).await;
    let message = spent(material(&bench, key).await);
    refused(bench.encrypt(key, b"x").await, Code::LimitExceeded, &message);
    let (context, length) = (context(&[]), DataKeyLength::AES_256);
    let by_id = KeyReference::Key(key);
    let with = GenerateDataKey {
        key: by_id.clone(),
        context: context.clone(),
        length,
    };
    refused(bench.admin(with).await, Code::LimitExceeded, &message);
    let into = ReEncrypt::new(None, context.clone(), &blob, by_id, context.clone()).unwrap();
    refused(bench.admin(into).await, Code::LimitExceeded, &message);
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"still here");
    let away = ReEncrypt::new(
        None,
        context.clone(),
        &blob,
        KeyReference::Key(bench.key().await),
        context,
    )
    .unwrap();
    bench.admin(away).await.unwrap();
    let budget = bench.describe(key).await.versions[0].budget;
    assert_eq!(
        budget,
        Some(BudgetUse {
            used: KEY_INVOCATIONS_MAX,
            limit: KEY_INVOCATIONS_MAX,
            rotation_limit: KEY_ROTATION_INVOCATIONS_DEFAULT,
        })
    );
}

/// The last block is a small one; 64 tasks fight for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_limit_holds_under_contention() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    set_reserved(&mut bench, key, KEY_INVOCATIONS_MAX - 100).await;
    let message = spent(material(&bench, key).await);
    let before = bench.fake.calls(Function::Encrypt);
    let bench = Arc::new(bench);
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            tokio::spawn({
                let bench = Arc::clone(&bench);
                async move { (bench.encrypt(key, b"x").await, bench.encrypt(key, b"y").await) }
            })
        })
        .collect();
    let mut refusals = 0;
    for task in tasks {
        let (one, other) = task.await.unwrap();
        for answer in [one, other] {
            if answer.is_err() {
                refused(answer, Code::LimitExceeded, &message);
                refusals += 1;
            }
        }
    }
    let made = bench.fake.calls(Function::Encrypt) - before;
    assert!(made <= 100 && refusals >= 28, "{made} made, {refusals} refused");
    let used = used(&bench, key).await;
    assert!((KEY_INVOCATIONS_MAX - 100 + made..=KEY_INVOCATIONS_MAX).contains(&used));
}

#[tokio::test]
async fn tries_within_the_token_count() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.fake.fail(Function::Encrypt, 1, ReturnValue::FunctionCanceled);
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(used(&bench, key).await, 1 + 2);
    bench.fake.fail(Function::Encrypt, 2, ReturnValue::FunctionCanceled);
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(used(&bench, key).await, 1 + 2 + 3);
    bench.fake.fail(Function::Encrypt, 3, ReturnValue::FunctionCanceled);
    assert_eq!(fault(bench.encrypt(key, b"x").await).code(), Code::Unavailable);
    assert_eq!(used(&bench, key).await, 1 + 2 + 3 + 3);
}

/// Tries count at the end of a block too: what the block lacks is not forgotten.
#[tokio::test]
async fn tries_at_the_end_of_a_block_count() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    // The next block, and the last one, has four.
    set_reserved(&mut bench, key, KEY_INVOCATIONS_MAX - 4).await;
    bench.encrypt(key, b"x").await.unwrap();
    bench.fake.fail(Function::Encrypt, 2, ReturnValue::FunctionCanceled);
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(used(&bench, key).await, KEY_INVOCATIONS_MAX);
    let message = spent(material(&bench, key).await);
    refused(bench.encrypt(key, b"x").await, Code::LimitExceeded, &message);
}

#[tokio::test]
async fn an_outage_uses_nothing_up() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.fake.take_away();
    bench.until_usable(false).await;
    let before = used(&bench, key).await;
    for _ in 0..50 {
        assert_eq!(fault(bench.encrypt(key, b"x").await).code(), Code::Unavailable);
    }
    assert_eq!(used(&bench, key).await, before);
    bench.fake.bring_back();
    bench.until_usable(true).await;
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(used(&bench, key).await, before + 1);
}

#[tokio::test]
async fn metrics_show_the_materials_that_this_process_uses() {
    let mut bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    bench.restart();
    bench.describe(other).await;
    assert!(
        bench.kms.budgets_in_use().await.is_empty(),
        "looking at a key does not use it"
    );
    bench.encrypt(key, b"x").await.unwrap();
    let (used, (limit, rotation_limit)) = (KEY_INVOCATIONS_BLOCK + 1, default_limits());
    assert_eq!(
        bench.kms.budgets_in_use().await,
        [(
            material(&bench, key).await,
            BudgetUse {
                used,
                limit,
                rotation_limit,
            }
        )]
    );
}
