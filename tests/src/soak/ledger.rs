//! What the service has acknowledged, and checking that it is all still there.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use strongroom_proto::v1::secrets_client::SecretsClient;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::softhsm::SoftHsm;
use crate::token_tool::objects::TokenObject;
use crate::{HarnessFault, process};

/// Acknowledged writes. Filled by many writers, each entry after its answer has come.
#[derive(Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    keys: Vec<Key>,
    data_keys: Vec<DataKey>,
    secrets: Vec<Secret>,
}

/// A key and its alias.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) arn: String,
    pub(super) alias: String,
}

/// A data key, and what opens it.
#[derive(Clone)]
pub(super) struct DataKey {
    pub(super) ciphertext: Vec<u8>,
    pub(super) plaintext: Vec<u8>,
}

/// One version of a secret.
#[derive(Clone)]
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) value: Vec<u8>,
}

/// Requests under way while everything is checked.
const CHECKS_IN_FLIGHT: usize = 64;
/// Rows of a page of keys.
const PAGE: i32 = 1_000;

impl Ledger {
    pub(super) fn add_key(&self, key: Key) {
        self.entries().keys.push(key);
    }

    pub(super) fn add_data_key(&self, data_key: DataKey) {
        self.entries().data_keys.push(data_key);
    }

    pub(super) fn add_secret(&self, secret: Secret) {
        self.entries().secrets.push(secret);
    }

    /// How many writes were acknowledged, as (keys, data keys, versions of secrets).
    #[must_use]
    pub fn size(&self) -> (usize, usize, usize) {
        let entries = self.entries();
        (entries.keys.len(), entries.data_keys.len(), entries.secrets.len())
    }

    /// Looks for every entry in a running service.
    ///
    /// # Errors
    /// With the first entry that is lost or changed.
    pub async fn check(&self, channel: &Channel) -> Result<(), HarnessFault> {
        let (keys, data_keys, secrets) = {
            let entries = self.entries();
            (entries.keys.clone(), entries.data_keys.clone(), entries.secrets.clone())
        };
        let mut checks = JoinSet::new();
        for key in keys {
            within_limit(&mut checks).await?;
            checks.spawn(check_key(channel.clone(), key));
        }
        for data_key in data_keys {
            within_limit(&mut checks).await?;
            checks.spawn(check_data_key(channel.clone(), data_key));
        }
        for secret in secrets {
            within_limit(&mut checks).await?;
            checks.spawn(check_secret(channel.clone(), secret));
        }
        while let Some(checked) = checks.join_next().await {
            checked.map_err(lost)??;
        }
        Ok(())
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares the keys that the service lists with the objects in the token, read beside it: both must be the same set,
/// apart from the service's own root object.
///
/// # Errors
/// With the keys that only one side has.
pub async fn compare_with_token(channel: &Channel, token: &SoftHsm) -> Result<(), HarnessFault> {
    let recorded = recorded_materials(channel).await?;
    let mut command = token.tool("objects");
    let text = process::output_of(&mut command)?;
    let objects: Vec<TokenObject> = serde_json::from_str(&text).map_err(|error| process::failed(&command, error))?;
    let is_kms_key = |object: &&TokenObject| object.label.split('/').nth(2).is_some_and(|key| key.len() == 36);
    let held: BTreeSet<String> = objects
        .iter()
        .filter(is_kms_key)
        .map(|object| object.id.clone())
        .collect();
    let missing: Vec<_> = recorded.difference(&held).collect();
    let unknown: Vec<_> = held.difference(&recorded).collect();
    if missing.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(lost(format!(
        "only in the store: {missing:?}; only in the token: {unknown:?}"
    )))
}

/// The materials of every version of every key.
async fn recorded_materials(channel: &Channel) -> Result<BTreeSet<String>, HarnessFault> {
    let mut client = KeyManagementClient::new(channel.clone());
    let mut materials = BTreeSet::new();
    let mut marker = None;
    loop {
        let page = client
            .list_keys(v1::ListKeysRequest {
                limit: Some(PAGE),
                marker,
            })
            .await
            .map_err(lost)?
            .into_inner();
        for key in page.keys {
            let described = client
                .describe_key(v1::DescribeKeyRequest { key_id: key.key_id })
                .await
                .map_err(lost)?;
            let metadata = described.into_inner().key_metadata.unwrap_or_default();
            materials.extend(metadata.key_versions.into_iter().map(|version| version.key_material_id));
        }
        marker = page.next_marker;
        if marker.is_none() {
            return Ok(materials);
        }
    }
}

async fn within_limit(checks: &mut JoinSet<Result<(), HarnessFault>>) -> Result<(), HarnessFault> {
    if checks.len() < CHECKS_IN_FLIGHT {
        return Ok(());
    }
    checks
        .join_next()
        .await
        .map_or(Ok(()), |checked| checked.map_err(lost)?)
}

async fn check_key(channel: Channel, key: Key) -> Result<(), HarnessFault> {
    let mut client = KeyManagementClient::new(channel);
    let request = v1::DescribeKeyRequest {
        key_id: key.alias.clone(),
    };
    let described = client
        .describe_key(request)
        .await
        .map_err(|status| lost(format!("{}: {status}", key.alias)))?;
    let metadata = described.into_inner().key_metadata.unwrap_or_default();
    if metadata.arn == key.arn && metadata.enabled {
        return Ok(());
    }
    Err(lost(format!(
        "{} names {}, enabled: {}, not {}",
        key.alias, metadata.arn, metadata.enabled, key.arn
    )))
}

async fn check_data_key(channel: Channel, data_key: DataKey) -> Result<(), HarnessFault> {
    let request = v1::DecryptRequest {
        ciphertext_blob: data_key.ciphertext,
        ..Default::default()
    };
    let opened = KeyManagementClient::new(channel).decrypt(request).await;
    let opened = opened.map_err(|status| lost(format!("a data key does not open: {status}")))?;
    if opened.into_inner().plaintext == data_key.plaintext {
        return Ok(());
    }
    Err(lost("a data key opens as another one"))
}

async fn check_secret(channel: Channel, secret: Secret) -> Result<(), HarnessFault> {
    let version = format!("{} version {}", secret.name, secret.version);
    let request = v1::GetSecretValueRequest {
        secret_id: secret.name,
        version_id: Some(secret.version),
        ..Default::default()
    };
    let got = SecretsClient::new(channel).get_secret_value(request).await;
    let got = got.map_err(|status| lost(format!("{version}: {status}")))?.into_inner();
    match got.secret_value.and_then(|value| value.value) {
        Some(v1::secret_value::Value::Binary(value)) if value == secret.value => Ok(()),
        Some(_) | None => Err(lost(format!("{version} has another value"))),
    }
}

fn lost(what: impl std::fmt::Display) -> HarnessFault {
    HarnessFault::refused(
        format!("acknowledged, and not there: {what}"),
        "run again with --keep to look at the files",
    )
}
