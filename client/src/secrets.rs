//! Secrets: everything that does not touch their values.

use strongroom_material::{Material, SecretValue};
use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Describes the secret with this name or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn describe_secret(&self, secret_id: &str) -> Result<v1::DescribeSecretResponse, ClientFault> {
        let request = v1::DescribeSecretRequest {
            secret_id: secret_id.to_owned(),
        };
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.describe_secret(request).await
        })
        .await
    }

    /// One page of secrets.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_secrets(&self, request: v1::ListSecretsRequest) -> Result<v1::ListSecretsResponse, ClientFault> {
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.list_secrets(request).await
        })
        .await
    }

    /// One page of a secret's versions.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_secret_version_ids(
        &self,
        request: v1::ListSecretVersionIdsRequest,
    ) -> Result<v1::ListSecretVersionIdsResponse, ClientFault> {
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.list_secret_version_ids(request).await
        })
        .await
    }

    /// Moves or removes a staging label. A second time the label is no longer where the request says.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn update_secret_version_stage(
        &self,
        request: v1::UpdateSecretVersionStageRequest,
    ) -> Result<v1::UpdateSecretVersionStageResponse, ClientFault> {
        self.secrets(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.update_secret_version_stage(request).await },
        )
        .await
    }

    /// Deletes a secret, after a recovery window or at once.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete_secret(
        &self,
        request: v1::DeleteSecretRequest,
    ) -> Result<v1::DeleteSecretResponse, ClientFault> {
        self.secrets(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.delete_secret(request).await },
        )
        .await
    }

    /// Takes back the secret with this name or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn restore_secret(&self, secret_id: &str) -> Result<v1::RestoreSecretResponse, ClientFault> {
        let request = v1::RestoreSecretRequest {
            secret_id: secret_id.to_owned(),
        };
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.restore_secret(request).await
        })
        .await
    }

    /// Sets tags of a secret.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn tag_resource(&self, request: v1::TagResourceRequest) -> Result<(), ClientFault> {
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.tag_resource(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Removes tags of a secret.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn untag_resource(&self, request: v1::UntagResourceRequest) -> Result<(), ClientFault> {
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.untag_resource(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Makes a random password, which the service does not keep.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn random_password(
        &self,
        request: v1::GetRandomPasswordRequest,
    ) -> Result<Material<SecretValue>, ClientFault> {
        let answer = self
            .secrets(Repeat::Safe, request, |mut service, request| async move {
                service.get_random_password(request).await
            })
            .await?;
        Ok(Material::take(answer.random_password.into_bytes()))
    }
}
