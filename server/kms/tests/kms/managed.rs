//! The key behind `alias/aws/secretsmanager`: made once, and used by the secrets service alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::{Code, Fault, KeyId, Service};
use strongroom_gate::OpContext;
use strongroom_kms::op::{
    CreateAlias, CreateManagedKey, DataKeyLength, Decrypt, DescribeKey, DisableKey, EnableKey, Encrypt,
    GenerateDataKey, GenerateDataKeyWithoutPlaintext, ListAliases, ReEncrypt, ScheduleKeyDeletion, UpdateAlias,
    UpdateKeyDescription,
};
use strongroom_kms::{KeyManager, KeyReference, KeyState};

use crate::bench::{Bench, alias, allow, bytes, context, material, policy, principal, refused, scope, user_arn};

const ALIAS: &str = "alias/aws/secretsmanager";

async fn made(bench: &Bench) -> KeyId {
    bench.system(CreateManagedKey::for_secrets()).await.unwrap().record.id
}

fn through_secrets(name: &str) -> OpContext {
    principal(name).on_behalf(Service::SecretsManager)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_at_once_make_one_key() {
    let bench = Arc::new(Bench::new().await);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn({
                let bench = Arc::clone(&bench);
                async move { made(&bench).await }
            })
        })
        .collect();
    let mut keys = BTreeSet::new();
    for task in tasks {
        keys.insert(task.await.unwrap());
    }
    assert_eq!(keys.len(), 1);
    assert_eq!(bench.fake.objects(), 2);
    assert_eq!((bench.stored("key").len(), bench.stored("key-creation").len()), (1, 0));
    assert_eq!(bench.stored("alias"), [ALIAS]);
}

#[tokio::test]
async fn it_is_found_again_after_a_restart_and_says_who_manages_it() {
    let mut bench = Bench::new().await;
    let key = made(&bench).await;
    bench.restart();
    assert_eq!(made(&bench).await, key);
    let described = bench
        .admin(DescribeKey {
            key: KeyReference::of_secrets(),
        })
        .await
        .unwrap();
    assert_eq!(
        (described.record.id, described.record.manager),
        (key, KeyManager::SecretsManager)
    );
    assert_eq!(described.record.state, KeyState::Enabled);
    assert_eq!(
        described.record.description,
        "Default key that protects secrets when no other key is defined"
    );
    let page = bench
        .admin(ListAliases::new(Some(key), None, None).unwrap())
        .await
        .unwrap();
    assert_eq!(
        page.aliases[0].0.as_str(),
        "arn:aws:kms:local-1:000000000000:alias/aws/secretsmanager"
    );
}

#[tokio::test]
async fn nobody_makes_it_directly() {
    let mut bench = Bench::new().await;
    let answer = bench.admin(CreateManagedKey::for_secrets()).await;
    let message = format!(
        "User: {} is not authorized to perform: kms:CreateKey because only the service that manages this key may use it",
        user_arn("administrator")
    );
    refused(answer, Code::AccessDenied, &message);
    bench.attach("writer", &allow("secretsmanager:*", "*"));
    bench
        .run(&through_secrets("writer"), CreateManagedKey::for_secrets())
        .await
        .unwrap();
    assert_eq!(bench.fake.objects(), 2);
}

/// The administrator may do everything with keys, and nothing of it with this one.
#[tokio::test]
async fn nobody_uses_or_changes_it_directly() {
    let bench = Bench::new().await;
    let (key, own) = (made(&bench).await, bench.key().await);
    bench.name("alias/own", own).await.unwrap();
    let who = through_secrets("administrator");
    let (none, length) = (context(&[]), DataKeyLength::AES_256);
    let (by_id, by_alias) = (KeyReference::Key(key), KeyReference::of_secrets());
    let encrypt = |key: &KeyReference| Encrypt::new(key.clone(), none.clone(), material(b"x")).unwrap();
    let blob = bench.run(&who, encrypt(&by_id)).await.unwrap().blob;
    let to = |key: &KeyReference| ReEncrypt::new(None, none.clone(), &blob, key.clone(), none.clone()).unwrap();
    let own_blob = bench.encrypt(own, b"x").await.unwrap().blob;
    let into = ReEncrypt::new(None, none.clone(), &own_blob, by_id.clone(), none.clone()).unwrap();
    let data_key = GenerateDataKey {
        key: by_id.clone(),
        context: none.clone(),
        length,
    };
    let sealed_key = GenerateDataKeyWithoutPlaintext {
        key: by_id.clone(),
        context: none.clone(),
        length,
    };
    let (key_arn, alias_arn) = (scope().key_arn(&key).to_string(), scope().arn("kms", ALIAS).to_string());
    let answers = [
        ("Encrypt", &key_arn, bench.admin(encrypt(&by_id)).await.map(drop)),
        ("Encrypt", &alias_arn, bench.admin(encrypt(&by_alias)).await.map(drop)),
        (
            "Decrypt",
            &key_arn,
            bench
                .admin(Decrypt::new(None, none.clone(), &blob).unwrap())
                .await
                .map(drop),
        ),
        ("GenerateDataKey", &key_arn, bench.admin(data_key).await.map(drop)),
        (
            "GenerateDataKeyWithoutPlaintext",
            &key_arn,
            bench.admin(sealed_key).await.map(drop),
        ),
        (
            "ReEncryptFrom",
            &key_arn,
            bench.admin(to(&KeyReference::Key(own))).await.map(drop),
        ),
        ("ReEncryptTo", &key_arn, bench.admin(into).await.map(drop)),
        ("DisableKey", &key_arn, bench.admin(DisableKey { key }).await),
        ("EnableKey", &key_arn, bench.admin(EnableKey { key }).await),
        ("ScheduleKeyDeletion", &key_arn, schedule(&bench, key).await),
        ("UpdateKeyDescription", &key_arn, describe(&bench, key).await),
        (
            "CreateAlias",
            &key_arn,
            bench.admin(CreateAlias::new(alias("alias/x"), key).unwrap()).await,
        ),
        (
            "UpdateAlias",
            &key_arn,
            bench.admin(UpdateAlias::new(alias("alias/own"), key).unwrap()).await,
        ),
    ];
    for (action, resource, answer) in answers {
        let message = format!(
            "User: {} is not authorized to perform: kms:{action} on resource: {resource} because only the service that \
             manages this key may use it",
            user_arn("administrator")
        );
        refused(answer, Code::AccessDenied, &message);
    }
    let described = bench.describe(key).await.record;
    assert_eq!((described.state, described.aliases.len()), (KeyState::Enabled, 1));
}

async fn schedule(bench: &Bench, key: KeyId) -> Result<(), Fault> {
    bench.admin(ScheduleKeyDeletion::new(key, None)?).await.map(drop)
}

async fn describe(bench: &Bench, key: KeyId) -> Result<(), Fault> {
    bench.admin(UpdateKeyDescription::new(key, "mine".to_owned())?).await
}

/// The policy of a managed key lets every caller of its service use it, unless the caller's own policy denies that.
#[tokio::test]
async fn whoever_comes_through_the_service_uses_it() {
    let mut bench = Bench::new().await;
    let key = KeyReference::Key(made(&bench).await);
    bench.attach("barred", &policy("Deny", "kms:Decrypt", "*"));
    let context = context(&[("SecretARN", "arn:x"), ("SecretVersionId", "1")]);
    let request = || GenerateDataKey {
        key: key.clone(),
        context: context.clone(),
        length: DataKeyLength::AES_256,
    };
    let generated = bench.run(&through_secrets("stranger"), request()).await.unwrap();
    let open = || Decrypt::new(None, context.clone(), &generated.encryption.blob).unwrap();
    let opened = bench.run(&through_secrets("stranger"), open()).await.unwrap();
    assert_eq!(bytes(&opened.plaintext), bytes(&generated.plaintext));
    let message = format!(
        "User: {} is not authorized to perform: kms:Decrypt on resource: {} with an explicit deny in an identity-based \
         policy",
        user_arn("barred"),
        opened.arn
    );
    refused(
        bench.run(&through_secrets("barred"), open()).await,
        Code::AccessDenied,
        &message,
    );
}

/// Coming through a service gives no right on customers' keys.
#[tokio::test]
async fn customers_keys_need_the_callers_own_permission() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let operation = Encrypt::new(KeyReference::Key(key), context(&[]), material(b"x")).unwrap();
    let message = format!(
        "User: {} is not authorized to perform: kms:Encrypt on resource: {} because no identity-based policy allows it",
        user_arn("stranger"),
        scope().key_arn(&key)
    );
    refused(
        bench.run(&through_secrets("stranger"), operation).await,
        Code::AccessDenied,
        &message,
    );
}
