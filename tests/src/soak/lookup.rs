//! Looking for acknowledged writes in a running service, many at the same time.

use std::fmt;

use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use strongroom_proto::v1::secrets_client::SecretsClient;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::ledger::Entry;
use crate::HarnessFault;

/// Lookups under way at the same time.
const IN_FLIGHT: usize = 64;

/// Makes every lookup, and gives what they found in the order in which they ended.
///
/// # Errors
/// With the first one that fails.
pub(super) async fn all<T, F>(lookups: impl IntoIterator<Item = F>) -> Result<Vec<T>, HarnessFault>
where
    T: Send + 'static,
    F: Future<Output = Result<T, HarnessFault>> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut found = Vec::new();
    for lookup in lookups {
        if running.len() >= IN_FLIGHT
            && let Some(ended) = running.join_next().await
        {
            found.push(ended.map_err(lost)??);
        }
        running.spawn(lookup);
    }
    while let Some(ended) = running.join_next().await {
        found.push(ended.map_err(lost)??);
    }
    Ok(found)
}

/// Looks for one entry.
///
/// # Errors
/// When it is lost or changed.
pub(super) async fn look_up(channel: Channel, entry: Entry) -> Result<(), HarnessFault> {
    match entry {
        Entry::Key { arn } => key(channel, arn).await,
        Entry::Alias { name, key_arn } => alias(channel, name, key_arn).await,
        Entry::DataKey { ciphertext, plaintext } => data_key(channel, ciphertext, plaintext).await,
        Entry::Secret { name, version, value } => secret(channel, name, version, value).await,
    }
}

/// A key must not only be recorded: the token must still be able to use it.
async fn key(channel: Channel, arn: String) -> Result<(), HarnessFault> {
    describe(&channel, &arn, &arn).await?;
    let request = v1::GenerateDataKeyWithoutPlaintextRequest {
        key_id: arn.clone(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    let mut client = KeyManagementClient::new(channel);
    let used = client.generate_data_key_without_plaintext(request).await;
    used.map(drop)
        .map_err(|status| lost(format!("{arn} cannot be used: {status}")))
}

async fn alias(channel: Channel, name: String, key_arn: String) -> Result<(), HarnessFault> {
    describe(&channel, &name, &key_arn).await
}

/// `name` must name the key `arn`, which must be enabled.
async fn describe(channel: &Channel, name: &str, arn: &str) -> Result<(), HarnessFault> {
    let request = v1::DescribeKeyRequest {
        key_id: name.to_owned(),
        ..v1::DescribeKeyRequest::default()
    };
    let described = KeyManagementClient::new(channel.clone()).describe_key(request).await;
    let described = described.map_err(|status| lost(format!("{name}: {status}")))?;
    let metadata = described.into_inner().key_metadata.unwrap_or_default();
    if metadata.arn == arn && metadata.enabled {
        return Ok(());
    }
    Err(lost(format!(
        "{name} names {}, enabled: {}, not {arn}",
        metadata.arn, metadata.enabled
    )))
}

async fn data_key(channel: Channel, ciphertext: Vec<u8>, plaintext: Vec<u8>) -> Result<(), HarnessFault> {
    let request = v1::DecryptRequest {
        ciphertext_blob: ciphertext,
        ..Default::default()
    };
    let opened = KeyManagementClient::new(channel).decrypt(request).await;
    let opened = opened.map_err(|status| lost(format!("a data key does not open: {status}")))?;
    if opened.into_inner().plaintext == plaintext {
        return Ok(());
    }
    Err(lost("a data key opens as another one"))
}

async fn secret(channel: Channel, name: String, version: String, value: Vec<u8>) -> Result<(), HarnessFault> {
    let what = format!("{name} version {version}");
    let request = v1::GetSecretValueRequest {
        secret_id: name,
        version_id: Some(version),
        ..Default::default()
    };
    let got = SecretsClient::new(channel).get_secret_value(request).await;
    let got = got.map_err(|status| lost(format!("{what}: {status}")))?.into_inner();
    match got.secret_value.and_then(|value| value.value) {
        Some(v1::secret_value::Value::Binary(found)) if found == value => Ok(()),
        Some(_) | None => Err(lost(format!("{what} has another value"))),
    }
}

/// The fault that a proof looks for.
pub(super) fn lost(what: impl fmt::Display) -> HarnessFault {
    HarnessFault::refused(
        format!("acknowledged, and not there: {what}"),
        "run again with --keep to look at the files",
    )
}
