//! Quotas: who asks too often is told when to come back, secrets spend those of keys, metrics count it, and who may nothing
//! takes nothing from others.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use strongroom_proto::v1;
use strongroom_tests::installation::{Client, EVERYTHING, Installation};
use tonic_types::StatusExt as _;

use crate::metrics::get;
use crate::world::{create_key, create_secret, helper, keys, secrets, told};

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
