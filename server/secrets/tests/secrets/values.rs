//! Values: both kinds, their sizes, which version is read, and what idempotency means for PutSecretValue.

use strongroom_base::Code;
use strongroom_secrets::op::{CreateSecret, GetSecretValue, NewSecret, PutSecretValue, SecretUpdate};
use strongroom_secrets::{SecretRecord, Value, ValueKind, ValueRecord};

use crate::bench::{Bench, bytes_of, constraint, new_secret, principal, refused, scope, text, token, update};

#[tokio::test]
async fn text_and_bytes_come_back_as_they_were() {
    let bench = Bench::new().await;
    let whole = "ß".repeat(32_768);
    let values = [
        (
            "text",
            Value::string("a".to_owned()).unwrap(),
            ValueKind::String,
            b"a".to_vec(),
        ),
        (
            "long-text",
            Value::string(whole.clone()).unwrap(),
            ValueKind::String,
            whole.into_bytes(),
        ),
        (
            "bytes",
            Value::binary(vec![0xff]).unwrap(),
            ValueKind::Binary,
            vec![0xff],
        ),
        (
            "long-bytes",
            Value::binary(vec![7; 65_536]).unwrap(),
            ValueKind::Binary,
            vec![7; 65_536],
        ),
    ];
    for (name, value, kind, bytes) in values {
        let request = NewSecret {
            name: name.to_owned(),
            value: Some(value),
            ..NewSecret::default()
        };
        bench.create(request).await.unwrap();
        let read = bench
            .admin(GetSecretValue::new(name, None, None).unwrap())
            .await
            .unwrap();
        assert_eq!((read.value.kind(), bytes_of(&read)), (kind, bytes), "{name}");
    }
}

#[test]
fn values_have_1_to_65536_bytes_and_one_kind() {
    let short = "Member must have length greater than or equal to 1";
    let long = "Member must have length less than or equal to 65536";
    refused(
        Value::string(String::new()),
        Code::Validation,
        &constraint("secretString", short),
    );
    refused(
        Value::binary(Vec::new()),
        Code::Validation,
        &constraint("secretBinary", short),
    );
    refused(
        Value::string("x".repeat(65_537)),
        Code::Validation,
        &constraint("secretString", long),
    );
    refused(
        Value::string("ß".repeat(32_769)),
        Code::Validation,
        &constraint("secretString", long),
    );
    refused(
        Value::binary(vec![0; 65_537]),
        Code::Validation,
        &constraint("secretBinary", long),
    );
    let neither = "You must provide either SecretString or SecretBinary.";
    refused(PutSecretValue::new("n", None, None, &[]), Code::InvalidRequest, neither);
}

#[tokio::test]
async fn a_version_is_read_by_id_by_label_or_by_both() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.put("n", 2, "two", &["AWSCURRENT", "blue"]).await.unwrap();
    bench.put("n", 3, "three", &["AWSPENDING"]).await.unwrap();
    let (first, second) = (token(1), token(2));
    let table = [
        (None, None, "two"),
        (None, Some("AWSCURRENT"), "two"),
        (None, Some("AWSPREVIOUS"), "one"),
        (None, Some("AWSPENDING"), "three"),
        (Some(first.as_str()), None, "one"),
        (Some(&second), Some("blue"), "two"),
    ];
    for (version, stage, expected) in table {
        let read = bench
            .read_as(&principal("administrator"), "n", version, stage)
            .await
            .unwrap();
        assert_eq!(read, expected, "{version:?} {stage:?}");
    }
    let read = bench
        .admin(GetSecretValue::new("n", None, None).unwrap())
        .await
        .unwrap();
    let stages: Vec<_> = read.stages.iter().map(ToString::to_string).collect();
    assert_eq!(
        (stages, read.version.to_string()),
        (vec!["AWSCURRENT".to_owned(), "blue".to_owned()], token(2))
    );
}

#[tokio::test]
async fn a_version_that_is_not_there_is_said_so() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let (first, unknown) = (token(1), token(9));
    let no_version = format!("Secrets Manager can't find the specified secret value for VersionId: {unknown}");
    let no_label = "Secrets Manager can't find the specified secret value for staging label: blue";
    let disagree = "You provided a VersionStage that is not associated to the provided VersionId.";
    let table = [
        (
            Some(unknown.as_str()),
            None,
            Code::ResourceNotFound,
            no_version.as_str(),
        ),
        (None, Some("blue"), Code::ResourceNotFound, no_label),
        (Some(&first), Some("blue"), Code::InvalidRequest, disagree),
        (Some(&unknown), Some("AWSCURRENT"), Code::InvalidRequest, disagree),
    ];
    for (version, stage, code, message) in table {
        refused(
            bench.read_as(&principal("administrator"), "n", version, stage).await,
            code,
            message,
        );
    }
}

#[tokio::test]
async fn the_same_put_again_does_nothing_and_another_is_refused() {
    let bench = Bench::new().await;
    let arn = bench.secret("n", "one").await.arn;
    let put = bench.put("n", 2, "two", &["AWSPENDING"]).await.unwrap();
    assert_eq!(bench.put("n", 2, "two", &["AWSPENDING"]).await.unwrap(), put);
    // Nothing is done: not even labels move.
    let again = bench.put("n", 2, "two", &["AWSCURRENT"]).await.unwrap();
    assert_eq!(again, put);
    assert_eq!(bench.stages("n").await, "AWSCURRENT=1 AWSPENDING=2");
    let in_use = format!(
        "You can't use ClientRequestToken {} because that value is already in use for a version of secret {arn}.",
        token(2)
    );
    refused(bench.put("n", 2, "other", &[]).await, Code::ResourceExists, &in_use);
    let binary = Value::binary(b"two".to_vec()).unwrap();
    let other_kind = PutSecretValue::new("n", Some(&token(2)), Some(binary), &[]).unwrap();
    refused(bench.admin(other_kind).await, Code::ResourceExists, &in_use);
    // UpdateSecret never answers for a version that exists.
    let value = Some(text("two"));
    let request = SecretUpdate {
        client_request_token: Some(token(2)),
        value,
        ..update("n")
    };
    refused(bench.update(request).await, Code::ResourceExists, &in_use);
}

#[tokio::test]
async fn without_a_token_every_put_is_a_version() {
    let bench = Bench::new().await;
    bench.create(new_secret("n", None)).await.unwrap();
    for _ in 0..2 {
        let put = PutSecretValue::new("n", None, Some(text("same")), &[]).unwrap();
        let made = bench.admin(put).await.unwrap().version;
        assert_eq!(made.as_str().len(), 36, "{made}");
    }
    assert_eq!(bench.versions("n").await.versions.len(), 2);
}

#[tokio::test]
async fn update_secret_changes_what_it_is_given() {
    let bench = Bench::new().await;
    let arn = bench.secret("n", "one").await.arn;
    bench.advance_days(1);
    let request = SecretUpdate {
        description: Some("words".to_owned()),
        ..update("n")
    };
    let updated = bench.update(request).await.unwrap();
    assert_eq!((updated.arn, updated.name.as_str(), updated.version), (arn, "n", None));
    let described = bench.describe("n").await;
    assert_eq!(described.description.as_deref(), Some("words"));
    assert_eq!(
        described.changed.as_millis() - described.created.as_millis(),
        86_400_000
    );
    let request = SecretUpdate {
        value: Some(text("two")),
        client_request_token: Some(token(2)),
        ..update("n")
    };
    assert_eq!(bench.update(request).await.unwrap().version.unwrap().as_str(), token(2));
    assert_eq!(bench.stages("n").await, "AWSCURRENT=2 AWSPREVIOUS=1");
    assert_eq!(bench.read("n").await.unwrap(), "two");
    assert_eq!(bench.describe("n").await.description.as_deref(), Some("words"));
    bench
        .update(SecretUpdate {
            description: Some(String::new()),
            ..update("n")
        })
        .await
        .unwrap();
    assert_eq!(bench.describe("n").await.description, None);
}

#[tokio::test]
async fn a_stored_value_that_was_changed_is_refused_and_not_told() {
    let bench = Bench::new().await;
    bench.secret("n", "the value itself").await;
    let request = CreateSecret::new(new_secret("other", Some((token(1), "another value!!!"))), &scope()).unwrap();
    bench.admin(request).await.unwrap();
    // Somebody with the store's sealing key puts one secret's value in the place of another's.
    let id = async |name: &str| {
        let secret = bench.records.find::<SecretRecord>(name).await.unwrap().unwrap();
        format!("{}/{}", secret.uid, token(1))
    };
    let stored = async |id: &str| bench.records.find::<ValueRecord>(id).await.unwrap().unwrap();
    let (one, other) = (id("n").await, id("other").await);
    let (before, foreign) = (stored(&one).await, stored(&other).await);
    let swapped = ValueRecord {
        value: foreign.value.clone(),
        ..(*before.document).clone()
    };
    bench
        .records
        .change()
        .replace(&one, &before, swapped)
        .commit()
        .await
        .unwrap();
    let message = "Secrets Manager can't decrypt the secret value: it is not as it was stored.";
    refused(bench.read("n").await, Code::DecryptionFailure, message);
    // With its data key beside it, the data key does not open there: it is bound to the other secret.
    let moved = stored(&one).await;
    bench
        .records
        .change()
        .replace(&one, &moved, (*foreign.document).clone())
        .commit()
        .await
        .unwrap();
    let message = "Secrets Manager can't decrypt the secret value: The ciphertext is not valid. \
                   (Service: AWSKMS; Error Code: InvalidCiphertextException)";
    refused(bench.read("n").await, Code::DecryptionFailure, message);
}
