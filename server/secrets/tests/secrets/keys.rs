//! The keys that values are sealed under: the service's own, named ones, a change of key, and keys that do not work.

use strongroom_base::Code;
use strongroom_kms::KeyReference;
use strongroom_kms::op::{DescribeKey, DisableKey, EnableKey, ScheduleKeyDeletion};
use strongroom_secrets::op::{CreateSecret, NewSecret, SecretUpdate, UpdateSecret};

use crate::bench::{Bench, allow, key_arn, new_secret, principal, put, refused, scope, text, token, update};

const ALIAS: &str = "arn:aws:kms:local-1:000000000000:alias/mine";

/// The keys that the versions are sealed under, by number.
async fn keys(bench: &Bench, secret: &str) -> Vec<String> {
    bench
        .versions(secret)
        .await
        .versions
        .into_iter()
        .map(|row| row.kms_key_id)
        .collect()
}

fn keyed(name: &str, key: &str) -> NewSecret {
    NewSecret {
        kms_key_id: Some(key.to_owned()),
        ..new_secret(name, Some((token(1), "one")))
    }
}

#[tokio::test]
async fn the_services_own_key_is_made_at_first_use_and_not_shown() {
    let bench = Bench::new().await;
    bench.create(new_secret("empty", None)).await.unwrap();
    assert!(bench.stored("key").is_empty(), "nothing was encrypted yet");
    bench.secret("n", "one").await;
    assert_eq!(bench.stored("alias"), ["alias/aws/secretsmanager"]);
    let described = bench
        .on_keys(DescribeKey {
            key: KeyReference::of_secrets(),
        })
        .await
        .unwrap();
    bench
        .create(keyed("by-alias", "alias/aws/secretsmanager"))
        .await
        .unwrap();
    bench.create(keyed("by-arn", described.arn.as_str())).await.unwrap();
    for name in ["n", "by-alias", "by-arn"] {
        assert_eq!(bench.describe(name).await.kms_key, None, "{name}");
        assert_eq!(keys(&bench, name).await, ["DefaultEncryptionKey"], "{name}");
        assert_eq!(bench.read(name).await.unwrap(), "one", "{name}");
    }
    assert_eq!(bench.stored("key").len(), 1);
}

#[tokio::test]
async fn a_key_is_shown_as_it_was_named() {
    let bench = Bench::new().await;
    let key = bench.key("alias/mine").await;
    let arn = key_arn(&key).to_string();
    for (name, named, shown) in [
        ("id", key.to_string(), arn.as_str()),
        ("arn", arn.clone(), arn.as_str()),
        ("alias", "alias/mine".to_owned(), ALIAS),
        ("alias-arn", ALIAS.to_owned(), ALIAS),
    ] {
        bench.create(keyed(name, &named)).await.unwrap();
        assert_eq!(bench.describe(name).await.kms_key.unwrap().as_str(), shown);
        assert_eq!(keys(&bench, name).await, [arn.as_str()]);
        assert_eq!(bench.read(name).await.unwrap(), "one");
    }
}

#[tokio::test]
async fn a_change_of_key_seals_the_versions_in_use_anew() {
    let bench = Bench::new().await;
    let (old, new) = (bench.key("alias/old").await, bench.key("alias/new").await);
    let (old, new) = (key_arn(&old).to_string(), key_arn(&new).to_string());
    bench.create(keyed("n", &old)).await.unwrap();
    for (number, value, labels) in [
        (2, "two", &["blue"][..]),
        (3, "three", &[]),
        (4, "four", &["AWSPENDING"]),
    ] {
        bench.put("n", number, value, labels).await.unwrap();
    }
    // 1: AWSPREVIOUS, 2: blue, 3: AWSCURRENT, 4: AWSPENDING.
    bench
        .update(SecretUpdate {
            kms_key_id: Some("alias/new".to_owned()),
            ..update("n")
        })
        .await
        .unwrap();
    assert_eq!(keys(&bench, "n").await, [new.as_str(), &old, &new, &new]);
    let administrator = principal("administrator");
    for (number, value) in [(1, "one"), (2, "two"), (3, "three"), (4, "four")] {
        assert_eq!(
            bench
                .read_as(&administrator, "n", Some(&token(number)), None)
                .await
                .unwrap(),
            value
        );
    }
    assert_eq!(
        bench.stages("n").await,
        "AWSCURRENT=3 AWSPENDING=4 AWSPREVIOUS=1 blue=2"
    );
    bench.put("n", 5, "five", &["green"]).await.unwrap();
    assert_eq!(keys(&bench, "n").await.last(), Some(&new));
    bench
        .update(SecretUpdate {
            kms_key_id: Some(String::new()),
            ..update("n")
        })
        .await
        .unwrap();
    assert_eq!(bench.describe("n").await.kms_key, None);
    let own = "DefaultEncryptionKey";
    assert_eq!(keys(&bench, "n").await, [own, &old, own, own, &new]);
    assert_eq!(bench.read("n").await.unwrap(), "three");
}

#[tokio::test]
async fn key_and_value_change_together() {
    let bench = Bench::new().await;
    let new = key_arn(&bench.key("alias/new").await).to_string();
    bench.secret("n", "one").await;
    bench.put("n", 2, "two", &[]).await.unwrap();
    let request = SecretUpdate {
        kms_key_id: Some(new.clone()),
        value: Some(text("three")),
        client_request_token: Some(token(3)),
        ..update("n")
    };
    bench.update(request).await.unwrap();
    // The first version lost AWSPREVIOUS and stays as it was.
    assert_eq!(keys(&bench, "n").await, ["DefaultEncryptionKey", &new, &new]);
    assert_eq!(bench.stages("n").await, "AWSCURRENT=3 AWSPREVIOUS=2");
    assert_eq!(bench.read("n").await.unwrap(), "three");
}

#[tokio::test]
async fn who_may_not_use_the_new_key_changes_it_for_new_versions() {
    let limited = allow(r#"["secretsmanager:*"]"#, "*");
    let bench = Bench::with(&[("limited", limited)]).await;
    let new = key_arn(&bench.key("alias/new").await).to_string();
    bench.secret("n", "one").await;
    let request = || SecretUpdate {
        kms_key_id: Some(new.clone()),
        ..update("n")
    };
    bench
        .run(&principal("limited"), UpdateSecret::new(request(), &scope()).unwrap())
        .await
        .unwrap();
    assert_eq!(bench.describe("n").await.kms_key.unwrap().as_str(), new);
    assert_eq!(keys(&bench, "n").await, ["DefaultEncryptionKey"]);
    assert_eq!(bench.read("n").await.unwrap(), "one");
    // Who may have the secret and not its key is not told which key that is.
    let message = "Access to KMS is not allowed";
    refused(
        bench.run(&principal("limited"), put("n", 2, "two", &[]).unwrap()).await,
        Code::AccessDenied,
        message,
    );
    bench.put("n", 2, "two", &[]).await.unwrap();
    assert_eq!(keys(&bench, "n").await, ["DefaultEncryptionKey", &new]);
    // What is sealed under a customer's key needs its permission; the value is not enough.
    refused(
        bench.read_as(&principal("limited"), "n", None, None).await,
        Code::AccessDenied,
        message,
    );
}

#[tokio::test]
async fn a_key_that_does_not_exist_is_an_encryption_failure() {
    let bench = Bench::new().await;
    let missing = "6d5e4f3c-2b1a-4098-8765-43210fedcba9";
    let message = format!(
        "Secrets Manager can't encrypt the secret value: Key 'arn:aws:kms:local-1:000000000000:key/{missing}' does not \
         exist (Service: AWSKMS; Error Code: NotFoundException)"
    );
    refused(
        bench.create(keyed("n", missing)).await,
        Code::EncryptionFailure,
        &message,
    );
    let without_value = NewSecret {
        kms_key_id: Some(missing.to_owned()),
        ..new_secret("n", None)
    };
    refused(bench.create(without_value).await, Code::EncryptionFailure, &message);
    assert!(bench.stored("secret").is_empty());
    let no_alias = "Secrets Manager can't encrypt the secret value: Alias \
                    arn:aws:kms:local-1:000000000000:alias/mine is not found. \
                    (Service: AWSKMS; Error Code: NotFoundException)";
    for name in ["empty", "full"] {
        bench
            .create(new_secret(name, (name == "full").then(|| (token(1), "one"))))
            .await
            .unwrap();
        let request = SecretUpdate {
            kms_key_id: Some("alias/mine".to_owned()),
            ..update(name)
        };
        refused(bench.update(request).await, Code::EncryptionFailure, no_alias);
        assert_eq!(bench.describe(name).await.kms_key, None);
    }
    let malformed = CreateSecret::new(keyed("n", "mine"), &scope());
    let message = "The KmsKeyId names no KMS key of this account and region: Invalid keyId 'mine'";
    refused(malformed, Code::InvalidParameter, message);
}

#[tokio::test]
async fn a_key_that_may_not_be_used_is_said_to_be_the_cause() {
    let bench = Bench::new().await;
    let key = bench.key("alias/mine").await;
    bench.create(keyed("n", "alias/mine")).await.unwrap();
    let words = |verb, why: &str| format!("Secrets Manager can't {verb} the secret value: {why}");
    bench.on_keys(DisableKey { key }).await.unwrap();
    let why = format!(
        "{} is disabled. (Service: AWSKMS; Error Code: DisabledException)",
        scope().key_arn(&key)
    );
    refused(bench.read("n").await, Code::DecryptionFailure, &words("decrypt", &why));
    refused(
        bench.put("n", 2, "two", &[]).await,
        Code::EncryptionFailure,
        &words("encrypt", &why),
    );
    bench.on_keys(EnableKey { key }).await.unwrap();
    assert_eq!(bench.read("n").await.unwrap(), "one");
    bench
        .on_keys(ScheduleKeyDeletion::new(key, Some(7)).unwrap())
        .await
        .unwrap();
    let why = format!(
        "{} is pending deletion. (Service: AWSKMS; Error Code: KMSInvalidStateException)",
        scope().key_arn(&key)
    );
    refused(bench.read("n").await, Code::DecryptionFailure, &words("decrypt", &why));
    refused(
        bench.put("n", 2, "two", &[]).await,
        Code::EncryptionFailure,
        &words("encrypt", &why),
    );
    assert_eq!(bench.versions("n").await.versions.len(), 1);
}

#[tokio::test]
async fn a_token_that_is_away_is_no_fault_of_the_value() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.fake.take_away();
    let mut health = bench.token.health();
    health
        .wait_for(|health| *health != strongroom_kms::TokenHealth::Usable)
        .await
        .unwrap();
    let read = bench.read("n").await.unwrap_err();
    assert_eq!(
        (read.code(), read.retry_delay().is_some()),
        (Code::Unavailable, true),
        "{read}"
    );
    let written = bench.put("n", 2, "two", &[]).await.unwrap_err();
    assert_eq!(
        (written.code(), written.retry_delay().is_some()),
        (Code::Unavailable, true),
        "{written}"
    );
    bench.fake.bring_back();
    health
        .wait_for(|health| *health == strongroom_kms::TokenHealth::Usable)
        .await
        .unwrap();
    assert_eq!(bench.read("n").await.unwrap(), "one");
}
