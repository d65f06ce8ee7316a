//! What the service needs before it can be measured, and the requests of each operation.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prost::Message;
use strongroom_proto::v1;

use super::caller::Caller;
use super::operation::Operation;
use crate::HarnessFault;

/// Bytes of a measured secret.
const SECRET_BYTES: usize = 1_024;
/// Versions that one secret gets, so that PutSecretValue meets secrets as they are in practice, not at their limit.
const PUTS_PER_SECRET: usize = 20;

/// A request maker: the n-th request of a measurement.
pub(super) type Maker<Q> = Arc<dyn Fn(usize) -> Q + Send + Sync>;

/// A key, a data key under it and secrets, in a running service.
pub(super) struct Prepared {
    key: String,
    data_key: v1::GenerateDataKeyResponse,
    /// Secrets made so far; each measurement of PutSecretValue takes new ones.
    secrets: AtomicUsize,
}

impl Prepared {
    /// Makes the key and the first secret, and keeps one reply of each operation for the echo.
    pub(super) async fn make(caller: &Caller, replies: &Path) -> Result<Self, HarnessFault> {
        let created: v1::CreateKeyResponse = caller.call(CREATE_KEY, v1::CreateKeyRequest::default()).await?;
        let key = created.key_metadata.unwrap_or_default().arn;
        let data_key = caller.once(Operation::GenerateDataKey, generate_data_key(&key)).await?;
        let mut prepared = Self {
            key,
            data_key,
            secrets: AtomicUsize::new(0),
        };
        keep(replies, Operation::GenerateDataKey, &prepared.data_key)?;
        let decrypted: v1::DecryptResponse = caller.once(Operation::Decrypt, prepared.decrypt()).await?;
        keep(replies, Operation::Decrypt, &decrypted)?;
        prepared.more_secrets(caller, 1).await?;
        let put: v1::PutSecretValueResponse = caller.once(Operation::PutSecretValue, put_secret_value(0, 0)).await?;
        keep(replies, Operation::PutSecretValue, &put)?;
        let got: v1::GetSecretValueResponse = caller.once(Operation::GetSecretValue, get_secret_value()).await?;
        keep(replies, Operation::GetSecretValue, &got)?;
        prepared.data_key.plaintext.clear();
        Ok(prepared)
    }

    /// Requests for data keys.
    pub(super) fn generate_data_keys(&self) -> Maker<v1::GenerateDataKeyRequest> {
        data_keys(&self.key)
    }

    /// Requests to open the one data key.
    pub(super) fn decrypts(&self) -> Maker<v1::DecryptRequest> {
        let request = self.decrypt();
        Arc::new(move |_| request.clone())
    }

    /// Requests for the first secret's value.
    pub(super) fn get_secret_values() -> Maker<v1::GetSecretValueRequest> {
        Arc::new(|_| get_secret_value())
    }

    /// Requests that put values into `count` secrets in turn, the last made, so that neighbours do not wait for each
    /// other.
    pub(super) fn put_secret_values(&self, count: usize) -> Maker<v1::PutSecretValueRequest> {
        let first = self.secrets.load(Ordering::Relaxed).saturating_sub(count);
        Arc::new(move |number| put_secret_value(first + number % count.max(1), number))
    }

    /// Makes enough new secrets for `puts` new versions, and says how many that is.
    pub(super) async fn secrets_for(&self, caller: &Caller, puts: usize) -> Result<usize, HarnessFault> {
        let count = puts.div_ceil(PUTS_PER_SECRET).max(256);
        self.more_secrets(caller, count).await?;
        Ok(count)
    }

    async fn more_secrets(&self, caller: &Caller, count: usize) -> Result<(), HarnessFault> {
        let first = self.secrets.fetch_add(count, Ordering::Relaxed);
        let request: Maker<_> = Arc::new(move |number| create_secret(first + number));
        caller
            .repeat::<_, v1::CreateSecretResponse>(CREATE_SECRET, count, request)
            .await
    }

    fn decrypt(&self) -> v1::DecryptRequest {
        v1::DecryptRequest {
            ciphertext_blob: self.data_key.ciphertext_blob.clone(),
            encryption_context: context(),
            ..Default::default()
        }
    }
}

const CREATE_KEY: &str = "/strongroom.v1.KeyManagement/CreateKey";
const CREATE_SECRET: &str = "/strongroom.v1.Secrets/CreateSecret";

/// Requests for data keys under `key`.
pub(super) fn data_keys(key: &str) -> Maker<v1::GenerateDataKeyRequest> {
    let request = generate_data_key(key);
    Arc::new(move |_| request.clone())
}

fn generate_data_key(key: &str) -> v1::GenerateDataKeyRequest {
    v1::GenerateDataKeyRequest {
        key_id: key.to_owned(),
        encryption_context: context(),
        number_of_bytes: Some(32),
        ..Default::default()
    }
}

fn get_secret_value() -> v1::GetSecretValueRequest {
    v1::GetSecretValueRequest {
        secret_id: name(0),
        ..Default::default()
    }
}

fn put_secret_value(secret: usize, number: usize) -> v1::PutSecretValueRequest {
    v1::PutSecretValueRequest {
        secret_id: name(secret),
        client_request_token: Some(token(secret, number)),
        secret_value: Some(value()),
        ..Default::default()
    }
}

fn create_secret(secret: usize) -> v1::CreateSecretRequest {
    v1::CreateSecretRequest {
        name: name(secret),
        client_request_token: Some(token(secret, usize::MAX)),
        secret_value: Some(value()),
        ..Default::default()
    }
}

/// Three entries, about 100 bytes.
pub(super) fn context() -> HashMap<String, String> {
    [
        ("application", "billing"),
        ("tenant", "0d9f7c52-5f0c-4f4e-9a8e-2f6d1b7c3a10"),
        ("purpose", "invoice archive"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

fn name(secret: usize) -> String {
    format!("load/{secret:08}")
}

/// Every request has its own, as the client library would make it.
fn token(secret: usize, number: usize) -> String {
    format!("{secret:016x}-{number:016x}")
}

fn value() -> v1::SecretValue {
    v1::SecretValue {
        value: Some(v1::secret_value::Value::Binary(vec![0x5a; SECRET_BYTES])),
    }
}

fn keep(folder: &Path, operation: Operation, reply: &impl Message) -> Result<(), HarnessFault> {
    crate::private_file::write(&folder.join(operation.name()), &reply.encode_to_vec())
}
