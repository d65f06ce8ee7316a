//! The Secrets service: each method names its conversion, its operation and the conversion back.

mod decode;
mod encode;
mod policies;

use std::sync::Arc;

use strongroom_proto::v1;
use strongroom_proto::v1::secrets_server::Secrets as SecretsInterface;
use strongroom_secrets::Secrets;
use tonic::{Request, Response, Status, async_trait};

use crate::door::Door;

/// The service.
pub struct SecretsService {
    door: Door,
    secrets: Arc<Secrets>,
}

impl SecretsService {
    /// The service over one secrets service.
    #[must_use]
    pub fn new(door: Door, secrets: Arc<Secrets>) -> Self {
        Self { door, secrets }
    }
}

#[async_trait]
impl SecretsInterface for SecretsService {
    async fn create_secret(
        &self,
        request: Request<v1::CreateSecretRequest>,
    ) -> Result<Response<v1::CreateSecretResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::create_secret, encode::create_secret)
            .await
    }

    async fn get_secret_value(
        &self,
        request: Request<v1::GetSecretValueRequest>,
    ) -> Result<Response<v1::GetSecretValueResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                decode::get_secret_value,
                encode::get_secret_value,
            )
            .await
    }

    async fn batch_get_secret_value(
        &self,
        request: Request<v1::BatchGetSecretValueRequest>,
    ) -> Result<Response<v1::BatchGetSecretValueResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                decode::batch_get_secret_value,
                encode::batch_get_secret_value,
            )
            .await
    }

    async fn put_secret_value(
        &self,
        request: Request<v1::PutSecretValueRequest>,
    ) -> Result<Response<v1::PutSecretValueResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                decode::put_secret_value,
                encode::put_secret_value,
            )
            .await
    }

    async fn update_secret(
        &self,
        request: Request<v1::UpdateSecretRequest>,
    ) -> Result<Response<v1::UpdateSecretResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::update_secret, encode::update_secret)
            .await
    }

    async fn describe_secret(
        &self,
        request: Request<v1::DescribeSecretRequest>,
    ) -> Result<Response<v1::DescribeSecretResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::describe_secret, encode::describe_secret)
            .await
    }

    async fn list_secrets(
        &self,
        request: Request<v1::ListSecretsRequest>,
    ) -> Result<Response<v1::ListSecretsResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::list_secrets, encode::list_secrets)
            .await
    }

    async fn list_secret_version_ids(
        &self,
        request: Request<v1::ListSecretVersionIdsRequest>,
    ) -> Result<Response<v1::ListSecretVersionIdsResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                decode::list_secret_version_ids,
                encode::list_secret_version_ids,
            )
            .await
    }

    async fn update_secret_version_stage(
        &self,
        request: Request<v1::UpdateSecretVersionStageRequest>,
    ) -> Result<Response<v1::UpdateSecretVersionStageResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                decode::update_secret_version_stage,
                encode::update_secret_version_stage,
            )
            .await
    }

    async fn delete_secret(
        &self,
        request: Request<v1::DeleteSecretRequest>,
    ) -> Result<Response<v1::DeleteSecretResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::delete_secret, encode::delete_secret)
            .await
    }

    async fn restore_secret(
        &self,
        request: Request<v1::RestoreSecretRequest>,
    ) -> Result<Response<v1::RestoreSecretResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::restore_secret, encode::restore_secret)
            .await
    }

    async fn tag_resource(
        &self,
        request: Request<v1::TagResourceRequest>,
    ) -> Result<Response<v1::TagResourceResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::tag_resource, encode::tag_resource)
            .await
    }

    async fn untag_resource(
        &self,
        request: Request<v1::UntagResourceRequest>,
    ) -> Result<Response<v1::UntagResourceResponse>, Status> {
        self.door
            .pass(&self.secrets, request, decode::untag_resource, encode::untag_resource)
            .await
    }

    async fn put_resource_policy(
        &self,
        request: Request<v1::PutResourcePolicyRequest>,
    ) -> Result<Response<v1::PutResourcePolicyResponse>, Status> {
        self.door
            .pass(&self.secrets, request, policies::decode_put, policies::encode_put)
            .await
    }

    async fn get_resource_policy(
        &self,
        request: Request<v1::GetResourcePolicyRequest>,
    ) -> Result<Response<v1::GetResourcePolicyResponse>, Status> {
        self.door
            .pass(&self.secrets, request, policies::decode_get, policies::encode_get)
            .await
    }

    async fn delete_resource_policy(
        &self,
        request: Request<v1::DeleteResourcePolicyRequest>,
    ) -> Result<Response<v1::DeleteResourcePolicyResponse>, Status> {
        self.door
            .pass(&self.secrets, request, policies::decode_delete, policies::encode_delete)
            .await
    }

    async fn validate_resource_policy(
        &self,
        request: Request<v1::ValidateResourcePolicyRequest>,
    ) -> Result<Response<v1::ValidateResourcePolicyResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                policies::decode_validate,
                policies::encode_validate,
            )
            .await
    }

    async fn get_random_password(
        &self,
        request: Request<v1::GetRandomPasswordRequest>,
    ) -> Result<Response<v1::GetRandomPasswordResponse>, Status> {
        self.door
            .pass(
                &self.secrets,
                request,
                decode::get_random_password,
                encode::get_random_password,
            )
            .await
    }
}
