//! The key behind `alias/aws/secretsmanager`: made once, and used by the secrets service alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::{Code, KeyId, Service};
use strongroom_gate::OpContext;
use strongroom_kms::op::{
    CancelKeyDeletion, CreateAlias, CreateManagedKey, DataKeyLength, Decrypt, DescribeKey, DisableKey, EnableKey,
    Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ListAliases, ReEncrypt, ScheduleKeyDeletion,
    UpdateAlias, UpdateKeyDescription,
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

fn reserved(who: &str, action: &str, resource: &str) -> String {
    format!(
        "User: {} is not authorized to perform: kms:{action} on resource: {resource} because only the service that \
         manages this key may use it",
        user_arn(who)
    )
}

/// The administrator may do everything with keys, and nothing of it with this one.
#[tokio::test]
async fn nobody_uses_it_directly() {
    let bench = Bench::new().await;
    let (managed, own) = (made(&bench).await, KeyReference::Key(bench.key().await));
    let (none, length) = (context(&[]), DataKeyLength::AES_256);
    let (by_id, by_alias) = (KeyReference::Key(managed), KeyReference::of_secrets());
    let encrypt = |key: &KeyReference| Encrypt::new(key.clone(), none.clone(), material(b"x")).unwrap();
    let blob = bench
        .run(&through_secrets("administrator"), encrypt(&by_id))
        .await
        .unwrap()
        .blob;
    let own_blob = bench.admin(encrypt(&own)).await.unwrap().blob;
    let (key, context) = (by_id.clone(), none.clone());
    let data_key = bench.admin(GenerateDataKey { key, context, length }).await;
    let (key, context) = (by_id.clone(), none.clone());
    let sealed_key = bench
        .admin(GenerateDataKeyWithoutPlaintext { key, context, length })
        .await;
    let from = ReEncrypt::new(None, none.clone(), &blob, own, none.clone()).unwrap();
    let into = ReEncrypt::new(None, none.clone(), &own_blob, by_id.clone(), none.clone()).unwrap();
    let key_arn = scope().key_arn(&managed).to_string();
    let answers = [
        ("Encrypt", bench.admin(encrypt(&by_id)).await.map(drop)),
        (
            "Decrypt",
            bench
                .admin(Decrypt::new(None, none.clone(), &blob).unwrap())
                .await
                .map(drop),
        ),
        ("GenerateDataKey", data_key.map(drop)),
        ("GenerateDataKeyWithoutPlaintext", sealed_key.map(drop)),
        ("ReEncryptFrom", bench.admin(from).await.map(drop)),
        ("ReEncryptTo", bench.admin(into).await.map(drop)),
    ];
    for (action, answer) in answers {
        refused(answer, Code::AccessDenied, &reserved("administrator", action, &key_arn));
    }
    let message = reserved("administrator", "Encrypt", scope().arn("kms", ALIAS).as_str());
    refused(bench.admin(encrypt(&by_alias)).await, Code::AccessDenied, &message);
}

/// Neither directly nor through the service: it is always there, enabled, and found under its one alias.
#[tokio::test]
async fn nobody_changes_it() {
    let bench = Bench::new().await;
    let (key, own) = (made(&bench).await, bench.key().await);
    bench.name("alias/own", own).await.unwrap();
    for who in [principal("administrator"), through_secrets("administrator")] {
        let schedule = ScheduleKeyDeletion::new(key, None).unwrap();
        let words = UpdateKeyDescription::new(key, "mine".to_owned()).unwrap();
        let create = CreateAlias::new(alias("alias/x"), key).unwrap();
        let update = UpdateAlias::new(alias("alias/own"), key).unwrap();
        let answers = [
            ("DisableKey", bench.run(&who, DisableKey { key }).await),
            ("EnableKey", bench.run(&who, EnableKey { key }).await),
            ("ScheduleKeyDeletion", bench.run(&who, schedule).await.map(drop)),
            (
                "CancelKeyDeletion",
                bench.run(&who, CancelKeyDeletion { key }).await.map(drop),
            ),
            ("UpdateKeyDescription", bench.run(&who, words).await),
            ("CreateAlias", bench.run(&who, create).await),
            ("UpdateAlias", bench.run(&who, update).await),
        ];
        for (action, answer) in answers {
            let message = reserved("administrator", action, scope().key_arn(&key).as_str());
            refused(answer, Code::AccessDenied, &message);
        }
    }
    let described = bench.describe(key).await.record;
    assert_eq!((described.state, described.aliases.len()), (KeyState::Enabled, 1));
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
        "User: {} is not authorized to perform: kms:Encrypt on resource: {} because no identity-based policy allows the kms:Encrypt action",
        user_arn("stranger"),
        scope().key_arn(&key)
    );
    refused(
        bench.run(&through_secrets("stranger"), operation).await,
        Code::AccessDenied,
        &message,
    );
}
