//! Secrets' values: written with a request token, so that repeating is safe, and read as material.

use prost_types::Timestamp;
use strongroom_proto::v1;
use strongroom_proto::v1::secrets_client::SecretsClient;
use uuid::Uuid;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;
use crate::value::Value;

/// A secret to be made.
#[derive(Default)]
pub struct NewSecret {
    /// Its name, 1 to 512 characters.
    pub name: String,
    /// The first version's id, 32 to 64 characters; a random UUID when left out.
    pub client_request_token: Option<String>,
    /// Free text, up to 2,048 characters.
    pub description: Option<String>,
    /// The key; the service's own key aws/secretsmanager when left out.
    pub kms_key_id: Option<String>,
    /// The first version's value.
    pub value: Option<Value>,
    /// Up to 50 tags.
    pub tags: Vec<v1::Tag>,
}

/// A version to be added to a secret.
pub struct NewVersion {
    /// The secret's name or ARN.
    pub secret_id: String,
    /// The version's id, 32 to 64 characters; a random UUID when left out.
    pub client_request_token: Option<String>,
    /// The value.
    pub value: Value,
    /// Staging labels that move to this version; AWSCURRENT when empty.
    pub version_stages: Vec<String>,
}

/// What is to change about a secret; what is left out stays.
#[derive(Default)]
pub struct SecretChange {
    /// The secret's name or ARN.
    pub secret_id: String,
    /// The new version's id, 32 to 64 characters; a random UUID when left out.
    pub client_request_token: Option<String>,
    /// Empty removes it.
    pub description: Option<String>,
    /// Empty goes back to aws/secretsmanager.
    pub kms_key_id: Option<String>,
    /// The value of a new version.
    pub value: Option<Value>,
}

/// One version of a secret, with its value.
pub struct SecretVersion {
    /// The secret's ARN.
    pub arn: String,
    /// The secret's name.
    pub name: String,
    /// The version's id.
    pub version_id: String,
    /// The value.
    pub value: Value,
    /// The version's staging labels.
    pub version_stages: Vec<String>,
    /// When the version was made.
    pub created_date: Option<Timestamp>,
}

/// The answer of BatchGetSecretValue.
pub struct SecretBatch {
    /// Those that could be read.
    pub values: Vec<SecretVersion>,
    /// Those that could not, and why.
    pub errors: Vec<v1::ApiError>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

impl Client {
    /// Makes a secret.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn create_secret(&self, secret: NewSecret) -> Result<v1::CreateSecretResponse, ClientFault> {
        let token = token(secret.client_request_token);
        let make = || v1::CreateSecretRequest {
            name: secret.name.clone(),
            client_request_token: Some(token.clone()),
            description: secret.description.clone(),
            kms_key_id: secret.kms_key_id.clone(),
            secret_value: secret.value.as_ref().map(Value::to_message),
            tags: secret.tags.clone(),
        };
        // Without a value there is no version that could carry the token.
        let repeat = if secret.value.is_some() {
            Repeat::Safe
        } else {
            Repeat::OnlyIfNothingWasDone
        };
        self.call(repeat, make, |channel, request| async move {
            SecretsClient::new(channel).create_secret(request).await
        })
        .await
    }

    /// Adds a version to a secret.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn put_secret_value(&self, version: NewVersion) -> Result<v1::PutSecretValueResponse, ClientFault> {
        let token = token(version.client_request_token);
        let make = || v1::PutSecretValueRequest {
            secret_id: version.secret_id.clone(),
            client_request_token: Some(token.clone()),
            secret_value: Some(version.value.to_message()),
            version_stages: version.version_stages.clone(),
        };
        self.call(Repeat::Safe, make, |channel, request| async move {
            SecretsClient::new(channel).put_secret_value(request).await
        })
        .await
    }

    /// Changes a secret. With a value it is repeated only if nothing was done: UpdateSecret answers an error when the
    /// version exists already.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn update_secret(&self, change: SecretChange) -> Result<v1::UpdateSecretResponse, ClientFault> {
        let token = change.value.is_some().then(|| token(change.client_request_token));
        let make = || v1::UpdateSecretRequest {
            secret_id: change.secret_id.clone(),
            client_request_token: token.clone(),
            description: change.description.clone(),
            kms_key_id: change.kms_key_id.clone(),
            secret_value: change.value.as_ref().map(Value::to_message),
        };
        let repeat = if change.value.is_some() {
            Repeat::OnlyIfNothingWasDone
        } else {
            Repeat::Safe
        };
        self.call(repeat, make, |channel, request| async move {
            SecretsClient::new(channel).update_secret(request).await
        })
        .await
    }

    /// Reads the value of one version.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn secret_value(&self, request: v1::GetSecretValueRequest) -> Result<SecretVersion, ClientFault> {
        let answer = self
            .secrets(Repeat::Safe, request, |mut service, request| async move {
                service.get_secret_value(request).await
            })
            .await?;
        let value = Value::from_message(answer.secret_value)?;
        Ok(SecretVersion {
            arn: answer.arn,
            name: answer.name,
            version_id: answer.version_id,
            value,
            version_stages: answer.version_stages,
            created_date: answer.created_date,
        })
    }

    /// Reads the current values of several secrets.
    ///
    /// # Errors
    /// [`ClientFault`]; a secret that cannot be read is in [`SecretBatch::errors`] instead.
    pub async fn secret_values(&self, request: v1::BatchGetSecretValueRequest) -> Result<SecretBatch, ClientFault> {
        let answer = self
            .secrets(Repeat::Safe, request, |mut service, request| async move {
                service.batch_get_secret_value(request).await
            })
            .await?;
        let values: Result<Vec<_>, _> = answer.secret_values.into_iter().map(version).collect();
        Ok(SecretBatch {
            values: values?,
            errors: answer.errors,
            next_token: answer.next_token,
        })
    }
}

fn version(entry: v1::SecretValueEntry) -> Result<SecretVersion, ClientFault> {
    let value = Value::from_message(entry.secret_value)?;
    Ok(SecretVersion {
        arn: entry.arn,
        name: entry.name,
        version_id: entry.version_id,
        value,
        version_stages: entry.version_stages,
        created_date: entry.created_date,
    })
}

/// The caller's token, or a new one. The same for all tries of one call.
fn token(given: Option<String>) -> String {
    given.unwrap_or_else(|| Uuid::new_v4().to_string())
}
