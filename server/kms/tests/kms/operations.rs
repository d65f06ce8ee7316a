//! What each operation does when all is well.

use strongroom_kms::op::{
    CancelKeyDeletion, DataKeyLength, Decrypt, DescribeKey, DescribeToken, DisableKey, EnableKey, Encrypt,
    GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom, ListKeys, ReEncrypt, ScheduleKeyDeletion,
    UpdateKeyDescription,
};
use strongroom_kms::{KeyManager, KeyReference, KeyState, Suite, TokenHealth};

use crate::bench::{Bench, alias, blob_bytes, bytes, context, create, default_limits, default_suite, material, scope};

#[tokio::test]
async fn create_key_makes_a_key_that_cannot_leave_the_token() {
    let bench = Bench::new().await;
    let made = bench.admin(create("for the mail")).await.unwrap();
    let id = made.record.id;
    assert_eq!(made.arn.as_str(), format!("arn:aws:kms:local-1:000000000000:key/{id}"));
    assert_eq!(made.record.description, "for the mail");
    assert_eq!(
        (made.record.state, made.record.manager),
        (KeyState::Enabled, KeyManager::Customer)
    );
    assert_eq!(made.record.created.as_millis(), bench.now());
    assert!(made.record.aliases.is_empty());
    let [version] = made.versions.as_slice() else {
        panic!("{} versions", made.versions.len())
    };
    let provenance = &version.version.provenance;
    assert!(provenance.local && provenance.sensitive && provenance.always_sensitive && provenance.never_extractable);
    assert!(!provenance.extractable && !provenance.wrap);
    let mechanism = match default_suite() {
        Suite::Direct => "CKM_AES_KEY_GEN",
        Suite::Derived => "CKM_GENERIC_SECRET_KEY_GEN",
    };
    assert_eq!(
        (provenance.key_gen_mechanism.as_str(), provenance.value_len),
        (mechanism, Some(32))
    );
    // What derives does nothing else.
    let derives = default_suite() == Suite::Derived;
    assert_eq!(
        (provenance.derive, provenance.encrypt, provenance.decrypt),
        (derives, !derives, !derives)
    );
    assert_eq!(version.version.token_serial, "1");
    // Making the witness was the first use.
    let budget = version.budget.unwrap();
    assert_eq!((budget.used, budget.limit), (1, default_limits().0));
    assert_eq!(bench.fake.objects(), 2, "the root object and the key's");
    assert!(bench.stored("key-creation").is_empty());
}

#[tokio::test]
async fn two_keys_are_two_keys() {
    let bench = Bench::new().await;
    let (one, other) = (
        bench.admin(create("")).await.unwrap(),
        bench.admin(create("")).await.unwrap(),
    );
    assert_ne!(one.record.id, other.record.id);
    assert_ne!(one.versions[0].version.material, other.versions[0].version.material);
}

#[tokio::test]
async fn what_was_encrypted_is_decrypted() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.name("alias/mail", key).await.unwrap();
    let context = context(&[("purpose", "mail"), ("tenant", "7")]);
    let arn = scope().key_arn(&key);
    for reference in [KeyReference::Key(key), KeyReference::Alias(alias("alias/mail"))] {
        let operation = Encrypt::new(reference.clone(), context.clone(), material(b"attack at dawn")).unwrap();
        let encryption = bench.admin(operation).await.unwrap();
        assert_eq!(encryption.arn, arn);
        assert_eq!(
            encryption.material,
            bench.describe(key).await.versions[0].version.material
        );
        assert_eq!(encryption.blob.len(), blob_bytes(14));
        for named in [None, Some(reference)] {
            let decrypted = bench
                .admin(Decrypt::new(named, context.clone(), &encryption.blob).unwrap())
                .await
                .unwrap();
            assert_eq!(bytes(&decrypted.plaintext), b"attack at dawn");
            assert_eq!((decrypted.arn, decrypted.material), (arn.clone(), encryption.material));
        }
    }
}

#[tokio::test]
async fn the_same_plaintext_gives_other_bytes_each_time() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let (one, other) = (
        bench.encrypt(key, b"x").await.unwrap(),
        bench.encrypt(key, b"x").await.unwrap(),
    );
    assert_ne!(one.blob[50..62], other.blob[50..62], "the nonce is fresh");
    assert_ne!(one.blob[62..], other.blob[62..]);
}

#[tokio::test]
async fn data_keys_have_the_length_that_was_asked_for_and_open_again() {
    let bench = Bench::new().await;
    let key = KeyReference::Key(bench.key().await);
    let lengths = [
        ("AES_256", None, 32),
        ("AES_128", None, 16),
        ("", Some(1), 1),
        ("", Some(1_024), 1_024),
    ];
    for (spec, number_of_bytes, expected) in lengths {
        let length = DataKeyLength::parse(spec, number_of_bytes).unwrap();
        let context = context(&[("file", "1")]);
        let request = GenerateDataKey {
            key: key.clone(),
            context: context.clone(),
            length,
        };
        let generated = bench.admin(request).await.unwrap();
        assert_eq!(generated.plaintext.len(), expected);
        let blob = &generated.encryption.blob;
        let opened = bench
            .admin(Decrypt::new(None, context.clone(), blob).unwrap())
            .await
            .unwrap();
        assert_eq!(bytes(&opened.plaintext), bytes(&generated.plaintext));

        let request = GenerateDataKeyWithoutPlaintext {
            key: key.clone(),
            context: context.clone(),
            length,
        };
        let sealed = bench.admin(request).await.unwrap();
        let opened = bench
            .admin(Decrypt::new(None, context, &sealed.blob).unwrap())
            .await
            .unwrap();
        assert_eq!(opened.plaintext.len(), expected);
    }
}

#[tokio::test]
async fn two_data_keys_differ() {
    let bench = Bench::new().await;
    let key = KeyReference::Key(bench.key().await);
    let length = DataKeyLength::AES_256;
    let request = || GenerateDataKey {
        key: key.clone(),
        context: context(&[]),
        length,
    };
    let (one, other) = (
        bench.admin(request()).await.unwrap(),
        bench.admin(request()).await.unwrap(),
    );
    assert_ne!(bytes(&one.plaintext), bytes(&other.plaintext));
    assert!(bytes(&one.plaintext).iter().any(|byte| *byte != 0));
}

#[tokio::test]
async fn re_encrypt_moves_a_ciphertext_to_another_key_and_context() {
    let bench = Bench::new().await;
    let (from, to) = (bench.key().await, bench.key().await);
    let (before, after) = (context(&[("state", "before")]), context(&[("state", "after")]));
    let operation = Encrypt::new(KeyReference::Key(from), before.clone(), material(b"moving")).unwrap();
    let old = bench.admin(operation).await.unwrap();
    for source in [None, Some(KeyReference::Key(from))] {
        let operation =
            ReEncrypt::new(source, before.clone(), &old.blob, KeyReference::Key(to), after.clone()).unwrap();
        let moved = bench.admin(operation).await.unwrap();
        assert_eq!(
            (moved.source_arn, moved.destination_arn),
            (scope().key_arn(&from), scope().key_arn(&to))
        );
        assert_eq!(moved.source_material, old.material);
        assert_ne!(moved.destination_material, old.material);
        let opened = bench
            .admin(Decrypt::new(None, after.clone(), &moved.blob).unwrap())
            .await
            .unwrap();
        assert_eq!(bytes(&opened.plaintext), b"moving");
        assert_eq!(opened.arn, scope().key_arn(&to));
    }
    let opened = bench
        .admin(Decrypt::new(None, before, &old.blob).unwrap())
        .await
        .unwrap();
    assert_eq!(bytes(&opened.plaintext), b"moving", "the old ciphertext is still good");
}

#[tokio::test]
async fn random_bytes_come_in_the_number_asked_for() {
    let bench = Bench::new().await;
    for number in [1, 32, 1_024] {
        let random = bench.admin(GenerateRandom::new(Some(number)).unwrap()).await.unwrap();
        assert_eq!(random.len(), number);
    }
    let random = async || bytes(&bench.admin(GenerateRandom::new(Some(32)).unwrap()).await.unwrap());
    assert_ne!(random().await, random().await);
}

#[tokio::test]
async fn a_key_is_switched_off_and_on_and_described() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench
        .admin(UpdateKeyDescription::new(key, "other words".to_owned()).unwrap())
        .await
        .unwrap();
    bench.admin(DisableKey { key }).await.unwrap();
    let described = bench.describe(key).await;
    assert_eq!(
        (described.record.state, described.record.description.as_str()),
        (KeyState::Disabled, "other words")
    );
    bench.admin(EnableKey { key }).await.unwrap();
    assert_eq!(bench.describe(key).await.record.state, KeyState::Enabled);
    let blob = bench.encrypt(key, b"works again").await.unwrap().blob;
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"works again");
}

#[tokio::test]
async fn disabling_a_key_drops_its_copies_from_the_lanes() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(
        bench.fake.copies(),
        2,
        "the lane works with copies: of the root key and of this one"
    );
    bench.admin(DisableKey { key }).await.unwrap();
    // A lane drops what it was told to forget before its next job.
    bench.admin(GenerateRandom::new(Some(1)).unwrap()).await.unwrap();
    assert_eq!(bench.fake.copies(), 1);
}

#[tokio::test]
async fn a_deletion_is_scheduled_and_cancelled() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let scheduled = bench
        .admin(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    assert_eq!(scheduled.delete_at.as_millis(), bench.now() + 7 * 86_400_000);
    assert_eq!(
        (scheduled.pending_window_days, &scheduled.arn),
        (7, &scope().key_arn(&key))
    );
    let state = bench.describe(key).await.record.state;
    assert_eq!(
        state,
        KeyState::PendingDeletion {
            delete_at: scheduled.delete_at
        }
    );
    assert_eq!(
        bench.admin(CancelKeyDeletion { key }).await.unwrap(),
        scope().key_arn(&key)
    );
    assert_eq!(bench.describe(key).await.record.state, KeyState::Disabled);
}

#[tokio::test]
async fn keys_are_described_by_alias_too_and_listed() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.name("alias/mail", key).await.unwrap();
    let described = bench
        .admin(DescribeKey {
            key: KeyReference::Alias(alias("alias/mail")),
        })
        .await
        .unwrap();
    assert_eq!(described.record.id, key);
    let page = bench.admin(ListKeys::new(None, None).unwrap()).await.unwrap();
    assert_eq!(page.keys, [(key, scope().key_arn(&key))]);
    assert_eq!(page.next_marker, None);
}

#[tokio::test]
async fn the_token_is_described() {
    let bench = Bench::new().await;
    let status = bench.system(DescribeToken).await.unwrap();
    assert_eq!(status.health, TokenHealth::Usable);
    let description = status.description.unwrap();
    assert_eq!((description.label.as_str(), description.serial.as_str()), ("fake", "1"));
}
