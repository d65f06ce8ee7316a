//! What callers learn from ciphertexts that do not open: one answer, whatever the reason.

use strongroom_base::{Code, KeyId};
use strongroom_kms::op::{Decrypt, Encrypt, ReEncrypt};
use strongroom_kms::{EncryptionContext, KeyReference};

use crate::bench::{
    Bench, INVALID, alias, blob_bytes, bytes, context, fault, material, principal, refused, scope, user_arn,
};

const INCORRECT: &str = "The key ID in the request does not identify a CMK that can perform this operation.";

async fn sealed(bench: &Bench, key: KeyId, context: &EncryptionContext) -> Vec<u8> {
    let operation = Encrypt::new(KeyReference::Key(key), context.clone(), material(b"s")).unwrap();
    bench.admin(operation).await.unwrap().blob
}

fn decrypt(key: Option<KeyReference>, context: &EncryptionContext, blob: &[u8]) -> Decrypt {
    Decrypt::new(key, context.clone(), blob).unwrap()
}

/// Position by position: format, suite, key id, key material id, nonce, ciphertext and tag.
#[tokio::test]
async fn a_flipped_bit_anywhere_gives_the_one_answer() {
    let bench = Bench::new().await;
    let (key, context) = (bench.key().await, context(&[("a", "b")]));
    let good = sealed(&bench, key, &context).await;
    assert_eq!(good.len(), blob_bytes(1));
    for position in 0..good.len() {
        let mut damaged = good.clone();
        damaged[position] ^= 1 << (position % 8);
        refused(
            bench.admin(decrypt(None, &context, &damaged)).await,
            Code::InvalidCiphertext,
            INVALID,
        );
        // The key id in front is in the open; whoever insists on a key is told that the blob names another one.
        let insisting = bench
            .admin(decrypt(Some(KeyReference::Key(key)), &context, &damaged))
            .await;
        match position {
            2..18 => refused(insisting, Code::IncorrectKey, INCORRECT),
            _ => refused(insisting, Code::InvalidCiphertext, INVALID),
        }
    }
    assert_eq!(
        bytes(&bench.admin(decrypt(None, &context, &good)).await.unwrap().plaintext),
        b"s"
    );
}

#[tokio::test]
async fn whatever_is_cut_off_or_added_gives_the_one_answer() {
    let bench = Bench::new().await;
    let (key, context) = (bench.key().await, context(&[]));
    let good = sealed(&bench, key, &context).await;
    let longer = [good.clone(), vec![0]].concat();
    let oversized = [good.clone(), vec![0; 6_144]].concat();
    let swapped = [&good[..62], &good[63..], &good[62..63]].concat();
    let aws = data_encoding::BASE64
        .decode(b"AQICAHhaPa7Jtm1pYcYzbwCkMv4vJw==")
        .unwrap();
    let cut = (1..good.len()).map(|length| good[..length].to_vec());
    for bytes in cut.chain([
        longer,
        oversized,
        swapped,
        aws,
        vec![0; 100],
        vec![0xff; 100],
        b"{}".to_vec(),
    ]) {
        refused(
            bench.admin(decrypt(None, &context, &bytes)).await,
            Code::InvalidCiphertext,
            INVALID,
        );
        let moving = ReEncrypt::new(None, context.clone(), &bytes, KeyReference::Key(key), context.clone()).unwrap();
        refused(bench.admin(moving).await, Code::InvalidCiphertext, INVALID);
    }
}

#[tokio::test]
async fn an_empty_blob_is_no_blob() {
    let message = "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have \
                   length greater than or equal to 1";
    refused(Decrypt::new(None, context(&[]), &[]), Code::Validation, message);
    let key = KeyReference::Key(KeyId::random());
    refused(
        ReEncrypt::new(None, context(&[]), &[], key, context(&[])),
        Code::Validation,
        message,
    );
}

#[tokio::test]
async fn another_context_gives_the_one_answer() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let good = sealed(&bench, key, &context(&[("tenant", "7"), ("path", "a/b")])).await;
    let others: [&[(&str, &str)]; 6] = [
        &[],
        &[("tenant", "7")],
        &[("tenant", "7"), ("path", "a/B")],
        &[("Tenant", "7"), ("path", "a/b")],
        &[("tenant", "7"), ("path", "a/b"), ("more", "")],
        &[("tenant", "a/b"), ("path", "7")],
    ];
    for pairs in others {
        refused(
            bench.admin(decrypt(None, &context(pairs), &good)).await,
            Code::InvalidCiphertext,
            INVALID,
        );
        let to = KeyReference::Key(key);
        let moving = ReEncrypt::new(None, context(pairs), &good, to, context(&[])).unwrap();
        refused(bench.admin(moving).await, Code::InvalidCiphertext, INVALID);
    }
    let same = context(&[("path", "a/b"), ("tenant", "7")]);
    assert_eq!(
        bytes(&bench.admin(decrypt(None, &same, &good)).await.unwrap().plaintext),
        b"s"
    );
}

#[tokio::test]
async fn another_installations_blob_gives_the_one_answer() {
    let (here, there) = (Bench::new().await, Bench::new().await);
    let context = context(&[("a", "b")]);
    let foreign = sealed(&there, there.key().await, &context).await;
    refused(
        here.admin(decrypt(None, &context, &foreign)).await,
        Code::InvalidCiphertext,
        INVALID,
    );
}

/// Header of one key, body of another: the header is authenticated.
#[tokio::test]
async fn a_blob_cannot_be_given_to_another_key_or_material() {
    let bench = Bench::new().await;
    let (one, other) = (bench.key().await, bench.key().await);
    let none = context(&[]);
    let (first, second) = (sealed(&bench, one, &none).await, sealed(&bench, other, &none).await);
    let other_key = [&second[..50], &first[50..]].concat();
    let other_material = [&first[..18], &second[18..50], &first[50..]].concat();
    for forged in [other_key, other_material] {
        refused(
            bench.admin(decrypt(None, &none, &forged)).await,
            Code::InvalidCiphertext,
            INVALID,
        );
    }
}

#[tokio::test]
async fn the_wrong_key_is_told_by_name() {
    let bench = Bench::new().await;
    let (right, wrong) = (bench.key().await, bench.key().await);
    bench.name("alias/wrong", wrong).await.unwrap();
    let none = context(&[]);
    let good = sealed(&bench, right, &none).await;
    for insisted in [KeyReference::Key(wrong), KeyReference::Alias(alias("alias/wrong"))] {
        refused(
            bench.admin(decrypt(Some(insisted.clone()), &none, &good)).await,
            Code::IncorrectKey,
            INCORRECT,
        );
        let moving = ReEncrypt::new(
            Some(insisted),
            none.clone(),
            &good,
            KeyReference::Key(right),
            none.clone(),
        )
        .unwrap();
        refused(bench.admin(moving).await, Code::IncorrectKey, INCORRECT);
    }
    let absent = KeyId::random();
    let message = format!("Key '{}' does not exist", scope().key_arn(&absent));
    refused(
        bench
            .admin(decrypt(Some(KeyReference::Key(absent)), &none, &good))
            .await,
        Code::NotFound,
        &message,
    );
    let unnamed = Some(KeyReference::Alias(alias("alias/none")));
    let message = "Alias arn:aws:kms:local-1:000000000000:alias/none is not found.";
    refused(
        bench.admin(decrypt(unnamed, &none, &good)).await,
        Code::NotFound,
        message,
    );
}

/// Whoever may not decrypt learns nothing of a blob, not even whether it is one.
#[tokio::test]
async fn whoever_is_denied_is_told_nothing_of_the_blob() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let none = context(&[]);
    let good = sealed(&bench, key, &none).await;
    let mut unknown_key = good.clone();
    unknown_key[2] ^= 1;
    let stranger = principal("stranger");
    let denied = |resource: &str| {
        format!(
            "User: {} is not authorized to perform: kms:Decrypt on resource: {resource} because no identity-based \
             policy allows the kms:Decrypt action",
            user_arn("stranger")
        )
    };
    let garbage = denied("arn:aws:kms:local-1:000000000000:key/unknown");
    refused(
        bench.run(&stranger, decrypt(None, &none, b"garbage")).await,
        Code::AccessDenied,
        &garbage,
    );
    let existing = fault(bench.run(&stranger, decrypt(None, &none, &good)).await).to_string();
    let absent = fault(bench.run(&stranger, decrypt(None, &none, &unknown_key)).await).to_string();
    let other = key
        .to_string()
        .replacen(&key.to_string()[..2], &format!("{:02x}", unknown_key[2]), 1);
    assert_eq!(existing.replace(&key.to_string(), &other), absent);
    // One who may use one key, and one who may use none, get the same for garbage.
    bench.attach(
        "user",
        &crate::bench::allow("kms:Decrypt", scope().key_arn(&key).as_str()),
    );
    let user = principal("user");
    assert_eq!(
        bytes(&bench.run(&user, decrypt(None, &none, &good)).await.unwrap().plaintext),
        b"s"
    );
    let answer = bench.run(&user, decrypt(None, &none, b"garbage")).await;
    refused(answer, Code::AccessDenied, &garbage.replace("stranger", "user"));
    let insisting = decrypt(Some(KeyReference::Key(key)), &none, b"garbage");
    refused(bench.run(&user, insisting).await, Code::InvalidCiphertext, INVALID);
}
