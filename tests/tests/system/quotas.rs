//! Quotas: who asks too often is told when to come back, secrets spend those of keys, metrics count it, and who may nothing
//! takes nothing from others.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use strongroom_proto::v1;
use strongroom_tests::installation::{Client, EVERYTHING, Installation};
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::metrics::get;
use crate::world::{create_key, create_secret, helper, keys, secrets, text, told};

const NOBODY: Client<'static> = ("nobody", &["s3:GetObject"], &["*"]);
const TOO_MANY: &str = "ResourceExhausted ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce \
                        the frequency of your calls.";

/// An installation with these quotas and no others.
fn limited(directory: &Path, callers: &[Client<'_>], quotas: &str) -> Installation {
    let installation = Installation::prepare(directory, callers, helper()).unwrap();
    let file = &installation.command().configuration;
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("others = 0\n"), "{text}");
    fs::write(file, text.replace("others = 0\n", &format!("others = 0\n{quotas}"))).unwrap();
    installation
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_told_when_to_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let installation = limited(directory.path(), &[EVERYTHING], "symmetric-cryptography = 0.001\n");
    let address = {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        free.local_addr().unwrap()
    };
    let file = &installation.command().configuration;
    let text = fs::read_to_string(file).unwrap() + &format!("\n[metrics]\nlisten = \"{address}\"\n");
    fs::write(file, text).unwrap();
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let key_id = create_key(&channel).await;
    let secret_id = create_secret(&channel, "ours/quota", "value").await;

    let request = v1::GenerateDataKeyRequest {
        key_id,
        number_of_bytes: Some(32),
        ..Default::default()
    };
    let status = keys(&channel).generate_data_key(request).await.err().unwrap();
    let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::from_secs(600), "{wait:?}");
    assert_eq!(
        told::<()>(Err(status)),
        TOO_MANY,
        "the secret has spent the account's token"
    );
    let read = v1::GetSecretValueRequest {
        secret_id,
        ..Default::default()
    };
    assert_eq!(told(secrets(&channel).get_secret_value(read).await), TOO_MANY);

    let (_, body) = get(address, "/metrics");
    for line in [
        r#"strongroom_requests_total{action="kms:GenerateDataKey",outcome="throttled"} 1"#,
        r#"strongroom_requests_total{action="kms:Decrypt",outcome="throttled"} 1"#,
        r#"strongroom_throttled_total{class="symmetric-cryptography"} 2"#,
    ] {
        assert!(body.lines().any(|found| found == line), "{line} is missing in:\n{body}");
    }
}

/// The first secret has spent the account's token: neither another, nor a second version, nor a read.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_whose_keys_quota_is_spent_is_not_written_by_halves() {
    let directory = tempfile::tempdir().unwrap();
    let installation = limited(directory.path(), &[EVERYTHING], "symmetric-cryptography = 0.001\n");
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let secret_id = create_secret(&channel, "ours/first", "value").await;
    let service = || secrets(&channel);

    let create = v1::CreateSecretRequest {
        name: "ours/second".to_owned(),
        secret_value: Some(text("value")),
        ..Default::default()
    };
    assert_turned_away(service().create_secret(create).await.err());
    let put = v1::PutSecretValueRequest {
        secret_id: secret_id.clone(),
        secret_value: Some(text("changed")),
        ..Default::default()
    };
    assert_turned_away(service().put_secret_value(put).await.err());
    let read = v1::GetSecretValueRequest {
        secret_id: secret_id.clone(),
        ..Default::default()
    };
    assert_turned_away(service().get_secret_value(read).await.err());

    let list = service().list_secrets(v1::ListSecretsRequest::default()).await.unwrap();
    let names: Vec<_> = list.into_inner().secret_list.into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["ours/first"]);
    let versions = v1::ListSecretVersionIdsRequest {
        secret_id,
        include_deprecated: true,
        ..Default::default()
    };
    let versions = service()
        .list_secret_version_ids(versions)
        .await
        .unwrap()
        .into_inner()
        .versions;
    let labels: Vec<_> = versions.into_iter().map(|version| version.version_stages).collect();
    assert_eq!(labels, [["AWSCURRENT"]]);
}

#[track_caller]
fn assert_turned_away(status: Option<Status>) {
    let status = status.unwrap();
    let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::from_secs(600), "{wait:?}");
    assert_eq!(told::<()>(Err(status)), TOO_MANY);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_nothing_holds_off_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let quotas = "refused-requests = 0.001\n\"kms:DisableKey\" = 0.001\n";
    let installation = limited(directory.path(), &[EVERYTHING, NOBODY], quotas);
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let developer = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let nobody = installation.connect(&daemon, NOBODY.0).await.unwrap();
    let key_id = create_key(&developer).await;

    let request = v1::DisableKeyRequest { key_id };
    let refused = told(keys(&nobody).disable_key(request.clone()).await);
    assert!(
        refused.starts_with("PermissionDenied AccessDeniedException: "),
        "{refused}"
    );
    let status = keys(&nobody).disable_key(request.clone()).await.err().unwrap();
    let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::from_secs(600), "{wait:?}");
    assert_eq!(told::<()>(Err(status)), TOO_MANY);
    assert_eq!(told(keys(&developer).disable_key(request.clone()).await), "an answer");
    assert_eq!(told(keys(&developer).disable_key(request).await), TOO_MANY);
}

/// To read a document costs time, so whoever sends one that is not understood spends what a good one would: the next is turned
/// away before anything is looked at, and before that is on the trail.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_not_understood_spends_the_quota_of_policies() {
    let directory = tempfile::tempdir().unwrap();
    let installation = limited(directory.path(), &[EVERYTHING], "\"kms:PutKeyPolicy\" = 0.001\n");
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let key_id = create_key(&channel).await;
    let put = || {
        let request = v1::PutKeyPolicyRequest {
            key_id: key_id.clone(),
            policy: "{\"Version\":".to_owned(),
            ..Default::default()
        };
        let mut keys = keys(&channel);
        async move { told(keys.put_key_policy(request).await) }
    };
    assert_eq!(
        put().await,
        "InvalidArgument MalformedPolicyDocumentException: policy document line 1 column 11: not JSON: EOF while parsing a \
         value"
    );
    assert_eq!(put().await, TOO_MANY);
    let trail = installation.data_directory().join("audit/audit-00000001.jsonl");
    let trail = fs::read_to_string(trail).unwrap();
    let refusals: Vec<&str> = trail.lines().filter(|line| line.contains("\"PutKeyPolicy\"")).collect();
    assert_eq!(refusals.len(), 3, "{refusals:?}");
    assert!(refusals[1].contains("MalformedPolicyDocumentException"), "{refusals:?}");
    assert!(refusals[2].contains("ThrottlingException"), "{refusals:?}");
}
