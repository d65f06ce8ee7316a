//! CreateSecret: what it makes, and what a second one is told.

use strongroom_base::Code;
use strongroom_secrets::op::NewSecret;

use crate::bench::{BEGINNING, Bench, DELETED, NOT_FOUND, new_secret, refused, secret_arn, token};

#[tokio::test]
async fn a_new_secret_has_its_value_labelled_current() {
    let bench = Bench::new().await;
    let made = bench.secret("database/password", "correct horse").await;
    assert!(made.arn.as_str().starts_with(&secret_arn("database/password-")));
    let suffix = made.arn.as_str().rsplit_once('-').unwrap().1;
    assert!(
        suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{suffix}"
    );
    assert_eq!(made.version.unwrap().as_str(), token(1));
    assert_eq!(bench.read("database/password").await.unwrap(), "correct horse");
    let described = bench.describe("database/password").await;
    assert_eq!((described.arn, described.name), (made.arn, made.name));
    assert_eq!(
        (described.created.as_millis(), described.changed.as_millis()),
        (BEGINNING, BEGINNING)
    );
    assert_eq!(
        (described.description, described.kms_key, described.deleted),
        (None, None, None)
    );
    assert_eq!(bench.stages("database/password").await, "AWSCURRENT=1");
}

#[tokio::test]
async fn a_secret_without_a_value_has_no_version() {
    let bench = Bench::new().await;
    let made = bench
        .create(NewSecret {
            description: Some("later".to_owned()),
            ..new_secret("empty", None)
        })
        .await
        .unwrap();
    assert_eq!(made.version, None);
    let message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    refused(bench.read("empty").await, Code::ResourceNotFound, message);
    let described = bench.describe("empty").await;
    assert_eq!(described.description.as_deref(), Some("later"));
    assert!(described.version_stages.is_empty() && bench.versions("empty").await.versions.is_empty());
    bench.put("empty", 1, "now", &["AWSPENDING"]).await.unwrap();
    assert_eq!(bench.stages("empty").await, "AWSCURRENT=1 AWSPENDING=1");
}

#[tokio::test]
async fn the_same_request_again_does_nothing_and_another_is_refused() {
    let bench = Bench::new().await;
    let made = bench.secret("n", "one").await;
    assert_eq!(bench.secret("n", "one").await, made);
    assert_eq!(bench.versions("n").await.versions.len(), 1);
    let in_use = format!(
        "You can't use ClientRequestToken {} because that value is already in use for a version of secret {}.",
        token(1),
        made.arn
    );
    refused(
        bench.create(new_secret("n", Some((token(1), "two")))).await,
        Code::ResourceExists,
        &in_use,
    );
    let binary = NewSecret {
        value: Some(strongroom_secrets::Value::binary(b"one".to_vec()).unwrap()),
        ..new_secret("n", Some((token(1), "one")))
    };
    refused(bench.create(binary).await, Code::ResourceExists, &in_use);
    let exists = "The operation failed because the secret n already exists.";
    refused(
        bench.create(new_secret("n", Some((token(2), "one")))).await,
        Code::ResourceExists,
        exists,
    );
    refused(bench.create(new_secret("n", None)).await, Code::ResourceExists, exists);
    assert_eq!(bench.read("n").await.unwrap(), "one");
}

#[tokio::test]
async fn a_name_is_taken_until_its_secret_is_gone() {
    let bench = Bench::new().await;
    let old = bench.secret("n", "old").await;
    bench.delete("n", None, false).await.unwrap();
    let message = "You can't create this secret because a secret with this name is already scheduled for deletion.";
    refused(
        bench.create(new_secret("n", Some((token(1), "old")))).await,
        Code::InvalidRequest,
        message,
    );
    refused(bench.read("n").await, Code::InvalidRequest, DELETED);
    bench.delete("n", None, true).await.unwrap();
    let new = bench.secret("n", "new").await;
    assert_ne!(new.arn, old.arn);
    assert_eq!(bench.read("n").await.unwrap(), "new");
    refused(bench.read(old.arn.as_str()).await, Code::ResourceNotFound, NOT_FOUND);
}
