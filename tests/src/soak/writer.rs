//! Writers at full speed: keys with aliases and data keys, secrets with versions, until the service is gone.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use strongroom_proto::v1::secrets_client::SecretsClient;
use tokio::task::{JoinError, JoinSet};
use tonic::Status;
use tonic::transport::Channel;

use super::ledger::{Entry, Ledger};
use crate::HarnessFault;

/// Writers of keys: the token makes them one at a time, so more would only wait.
const KEY_WRITERS: usize = 4;
/// Writers of secrets.
const SECRET_WRITERS: usize = 12;
/// Versions that a secret gets after its first.
const VERSIONS: usize = 3;
/// Bytes of a value: random, so that no other value passes for it.
const VALUE_BYTES: usize = 64;

/// Writers that run until an error.
pub(super) struct Writers(JoinSet<Status>);

impl Writers {
    /// Starts them.
    pub(super) fn start(channel: &Channel, ledger: &Arc<Ledger>) -> Self {
        let mut tasks = JoinSet::new();
        for _ in 0..KEY_WRITERS {
            tasks.spawn(write_keys(
                KeyManagementClient::new(channel.clone()),
                Arc::clone(ledger),
            ));
        }
        for _ in 0..SECRET_WRITERS {
            tasks.spawn(write_secrets(SecretsClient::new(channel.clone()), Arc::clone(ledger)));
        }
        Self(tasks)
    }

    /// Fails if a writer met an error, which it must not while the service is well.
    pub(super) fn still_writing(&mut self) -> Result<(), HarnessFault> {
        self.0.try_join_next().map_or(Ok(()), |ended| Err(unexpected(ended)))
    }

    /// Waits until every writer has met an error, and gives the errors.
    pub(super) async fn refusals(&mut self) -> Result<Vec<Status>, HarnessFault> {
        let mut refusals = Vec::new();
        while let Some(ended) = self.0.join_next().await {
            refusals.push(ended.map_err(|error| unexpected(Err(error)))?);
        }
        Ok(refusals)
    }

    /// Ends them, wherever they are.
    pub(super) async fn end(mut self) {
        self.0.shutdown().await;
    }
}

async fn write_keys(mut client: KeyManagementClient<Channel>, ledger: Arc<Ledger>) -> Status {
    loop {
        if let Err(status) = write_key(&mut client, &ledger).await {
            return status;
        }
    }
}

async fn write_secrets(mut client: SecretsClient<Channel>, ledger: Arc<Ledger>) -> Status {
    loop {
        if let Err(status) = write_secret(&mut client, &ledger).await {
            return status;
        }
    }
}

/// Every entry is made before the next request: an acknowledged key counts, even if nothing that uses it is.
async fn write_key(client: &mut KeyManagementClient<Channel>, ledger: &Ledger) -> Result<(), Status> {
    let created = client.create_key(v1::CreateKeyRequest::default()).await?.into_inner();
    let arn = created.key_metadata.unwrap_or_default().arn;
    ledger.add(Entry::Key { arn: arn.clone() });
    let request = v1::GenerateDataKeyRequest {
        key_id: arn.clone(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    let data_key = client.generate_data_key(request).await?.into_inner();
    ledger.add(Entry::DataKey {
        ciphertext: data_key.ciphertext_blob,
        plaintext: data_key.plaintext,
    });
    let name = format!("alias/{}", random_name()?);
    let request = v1::CreateAliasRequest {
        alias_name: name.clone(),
        target_key_id: arn.clone(),
    };
    client.create_alias(request).await?;
    ledger.add(Entry::Alias { name, key_arn: arn });
    Ok(())
}

async fn write_secret(client: &mut SecretsClient<Channel>, ledger: &Ledger) -> Result<(), Status> {
    let (name, value) = (format!("soak/{}", random_name()?), random(VALUE_BYTES)?);
    let request = v1::CreateSecretRequest {
        name: name.clone(),
        client_request_token: Some(random_name()?),
        secret_value: Some(binary(&value)),
        ..Default::default()
    };
    let version = client
        .create_secret(request)
        .await?
        .into_inner()
        .version_id
        .unwrap_or_default();
    ledger.add(Entry::Secret {
        name: name.clone(),
        version,
        value,
    });
    for _ in 0..VERSIONS {
        let value = random(VALUE_BYTES)?;
        let request = v1::PutSecretValueRequest {
            secret_id: name.clone(),
            client_request_token: Some(random_name()?),
            secret_value: Some(binary(&value)),
            ..Default::default()
        };
        let version = client.put_secret_value(request).await?.into_inner().version_id;
        ledger.add(Entry::Secret {
            name: name.clone(),
            version,
            value,
        });
    }
    Ok(())
}

fn binary(value: &[u8]) -> v1::SecretValue {
    v1::SecretValue {
        value: Some(v1::secret_value::Value::Binary(value.to_vec())),
    }
}

/// 32 hexadecimal digits.
fn random_name() -> Result<String, Status> {
    Ok(HEXLOWER.encode(&random(16)?))
}

fn random(bytes: usize) -> Result<Vec<u8>, Status> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| Status::internal(error.to_string()))?;
    Ok(random)
}

fn unexpected(ended: Result<Status, JoinError>) -> HarnessFault {
    let what = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
    HarnessFault::refused(
        format!("a write failed while the service was well: {what}"),
        "its log says why",
    )
}
