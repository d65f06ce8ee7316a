//! Quotas: who asks too often is told when to come back, secrets spend those of keys, and metrics count it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use strongroom_proto::v1;
use strongroom_tests::installation::{EVERYTHING, Installation};
use tonic_types::StatusExt as _;

use crate::metrics::get;
use crate::world::{create_key, create_secret, helper, keys, secrets, told};

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_told_when_to_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let address = {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        free.local_addr().unwrap()
    };
    let file = &installation.command().configuration;
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("others = 0\n"), "{text}");
    let quotas = "others = 0\nsymmetric-cryptography = 0.001\n";
    let text = text.replace("others = 0\n", quotas) + &format!("\n[metrics]\nlisten = \"{address}\"\n");
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
    let expected = "ResourceExhausted ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce \
                    the frequency of your calls.";
    assert_eq!(
        told::<()>(Err(status)),
        expected,
        "the secret has spent the account's token"
    );
    let read = v1::GetSecretValueRequest {
        secret_id,
        ..Default::default()
    };
    assert_eq!(told(secrets(&channel).get_secret_value(read).await), expected);

    let (_, body) = get(address, "/metrics");
    for line in [
        r#"strongroom_requests_total{action="kms:GenerateDataKey",outcome="throttled"} 1"#,
        r#"strongroom_requests_total{action="kms:Decrypt",outcome="throttled"} 1"#,
        r#"strongroom_throttled_total{class="symmetric-cryptography"} 2"#,
    ] {
        assert!(body.lines().any(|found| found == line), "{line} is missing in:\n{body}");
    }
}
