//! Two ways to encrypt, side by side: with the key itself, and with a key derived for each message.

use strongroom_base::limits::KEY_INVOCATIONS_DERIVED_MAX;
use strongroom_base::{Code, KeyId};
use strongroom_kms::op::{DataKeyLength, Decrypt, GenerateDataKey, ReEncrypt, RotateKeyOnDemand};
use strongroom_kms::{EncryptionContext, KeyReference, Suite};
use strongroom_token::fake::FakeToken;
use strongroom_token::{Function, ReturnValue};

use crate::bench::{Bench, INVALID, bytes, context, refused};

/// Where the suite stands in a blob.
const SUITE_OFFSET: usize = 1;

async fn suites(bench: &Bench, key: KeyId) -> Vec<Suite> {
    let key = bench.describe(key).await;
    key.versions.iter().map(|row| row.version.suite).collect()
}

async fn re_encrypt(bench: &Bench, blob: &[u8], key: KeyId) -> Vec<u8> {
    let none = EncryptionContext::default;
    let operation = ReEncrypt::new(None, none(), blob, KeyReference::Key(key), none()).unwrap();
    bench.admin(operation).await.unwrap().blob
}

#[tokio::test]
async fn every_operation_works_with_derived_keys() {
    let bench = Bench::on(FakeToken::deriving()).await;
    let key = bench.key().await;
    assert_eq!(suites(&bench, key).await, [Suite::Derived]);
    let encrypted = bench.encrypt(key, b"s").await.unwrap();
    assert_eq!(encrypted.blob.len(), 62 + 16 + 1 + 16);
    assert_eq!(encrypted.blob[SUITE_OFFSET], 2);
    assert_eq!(bytes(&bench.decrypt(&encrypted.blob).await.unwrap().plaintext), b"s");

    let bound = context(&[("a", "b")]);
    let generated = GenerateDataKey {
        key: KeyReference::Key(key),
        context: bound.clone(),
        length: DataKeyLength::AES_256,
    };
    let generated = bench.admin(generated).await.unwrap();
    let blob = &generated.encryption.blob;
    let opened = bench.admin(Decrypt::new(None, bound, blob).unwrap()).await.unwrap();
    assert_eq!(bytes(&opened.plaintext), bytes(&generated.plaintext));
    refused(bench.decrypt(blob).await, Code::InvalidCiphertext, INVALID);

    let moved = re_encrypt(&bench, &encrypted.blob, bench.key().await).await;
    assert_eq!(bytes(&bench.decrypt(&moved).await.unwrap().plaintext), b"s");
    let budget = bench.describe(key).await.versions[0].budget.unwrap();
    assert_eq!(budget.limit, KEY_INVOCATIONS_DERIVED_MAX);
    assert_eq!(budget.rotation_limit, KEY_INVOCATIONS_DERIVED_MAX / 2);
    assert_eq!(budget.used, 3, "the witness, an encryption and a data key");
}

/// The whole blob is authenticated, the salt and the suite too.
#[tokio::test]
async fn a_flipped_bit_anywhere_gives_the_one_answer() {
    let bench = Bench::on(FakeToken::deriving()).await;
    let key = bench.key().await;
    let good = bench.encrypt(key, b"s").await.unwrap().blob;
    for position in 0..good.len() {
        let mut damaged = good.clone();
        damaged[position] ^= 1 << (position % 8);
        refused(bench.decrypt(&damaged).await, Code::InvalidCiphertext, INVALID);
    }
    let mut other_suite = good.clone();
    other_suite[SUITE_OFFSET] = 1;
    refused(bench.decrypt(&other_suite).await, Code::InvalidCiphertext, INVALID);
    refused(
        bench.decrypt(&good[..62 + 16 + 15]).await,
        Code::InvalidCiphertext,
        INVALID,
    );
    assert_eq!(bytes(&bench.decrypt(&good).await.unwrap().plaintext), b"s");
}

/// A version keeps its suite whatever the profile says later; the next rotation takes the new one.
#[tokio::test]
async fn the_suite_changes_with_a_rotation_and_both_decrypt() {
    let mut bench = Bench::on(FakeToken::new()).await;
    let key = bench.key().await;
    let direct = bench.encrypt(key, b"direct").await.unwrap().blob;
    bench.fake.set_suite(Suite::Derived);
    bench.restart_with_token().await;
    let still = bench.encrypt(key, b"still").await.unwrap().blob;
    assert_eq!((direct[SUITE_OFFSET], still[SUITE_OFFSET]), (1, 1));

    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    assert_eq!(suites(&bench, key).await, [Suite::Direct, Suite::Derived]);
    let derived = bench.encrypt(key, b"derived").await.unwrap().blob;
    assert_eq!(derived[SUITE_OFFSET], 2);
    let moved = re_encrypt(&bench, &direct, key).await;
    assert_eq!(moved[SUITE_OFFSET], 2);

    bench.fake.set_suite(Suite::Direct);
    bench.restart_with_token().await;
    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    let again = bench.encrypt(key, b"again").await.unwrap().blob;
    assert_eq!(again[SUITE_OFFSET], 1);
    let back = re_encrypt(&bench, &derived, key).await;
    assert_eq!(back[SUITE_OFFSET], 1);
    let all: [(&[u8], &[u8]); 6] = [
        (&direct, b"direct"),
        (&still, b"still"),
        (&derived, b"derived"),
        (&moved, b"direct"),
        (&again, b"again"),
        (&back, b"derived"),
    ];
    for (blob, text) in all {
        assert_eq!(bytes(&bench.decrypt(blob).await.unwrap().plaintext), text);
    }
}

/// A mechanism list promises more than a token may keep: what counts is what it does at the start.
#[tokio::test]
async fn a_token_that_cannot_derive_gets_direct_keys_and_says_why() {
    let mut bench = Bench::on(FakeToken::deriving()).await;
    let derived = bench.key().await;
    let blob = bench.encrypt(derived, b"before").await.unwrap().blob;
    bench.fake.fail(Function::DeriveKey, 1, ReturnValue::MechanismInvalid);
    bench.restart_with_token().await;
    let described = bench.token.status().description.unwrap();
    assert_eq!(described.suite, Suite::Direct);
    let why = "C_DeriveKey answered CKR_MECHANISM_INVALID";
    assert_eq!(described.suite_refused.as_deref(), Some(why));
    let direct = bench.key().await;
    assert_eq!(suites(&bench, direct).await, [Suite::Direct]);
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"before");
}
