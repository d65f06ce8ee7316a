//! The KeyManagement service: each method names its conversion, its operation and the conversion back.

mod decode;
mod encode;
mod grants;
mod import;

use std::sync::Arc;

use strongroom_base::Fault;
use strongroom_gate::Operation;
use strongroom_kms::Kms;
use strongroom_proto::v1;
use strongroom_proto::v1::key_management_server::KeyManagement;
use tonic::{Request, Response, Status, async_trait};

use crate::door::Door;

/// The service.
pub struct KeyManagementService {
    door: Door,
    kms: Arc<Kms>,
}

impl KeyManagementService {
    /// The service over one key service.
    #[must_use]
    pub fn new(door: Door, kms: Arc<Kms>) -> Self {
        Self { door, kms }
    }
}

impl KeyManagementService {
    async fn pass<M, O, R>(
        &self,
        request: Request<M>,
        decode: impl FnOnce(M, &Kms) -> Result<O, Fault>,
        encode: impl FnOnce(O::Reply, &Kms) -> R,
    ) -> Result<Response<R>, Status>
    where
        O: Operation<Domain = Kms> + 'static,
        O::Reply: 'static,
    {
        self.door.pass(&self.kms, request, decode, encode).await
    }
}

#[async_trait]
impl KeyManagement for KeyManagementService {
    async fn create_key(
        &self,
        request: Request<v1::CreateKeyRequest>,
    ) -> Result<Response<v1::CreateKeyResponse>, Status> {
        self.pass(request, decode::create_key, encode::create_key).await
    }

    async fn describe_key(
        &self,
        request: Request<v1::DescribeKeyRequest>,
    ) -> Result<Response<v1::DescribeKeyResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::describe_key, encode::describe_key)
            .await
    }

    async fn tag_resource(&self, request: Request<v1::TagKeyRequest>) -> Result<Response<v1::TagKeyResponse>, Status> {
        self.pass(request, decode::tag_resource, encode::tag_resource).await
    }

    async fn untag_resource(
        &self,
        request: Request<v1::UntagKeyRequest>,
    ) -> Result<Response<v1::UntagKeyResponse>, Status> {
        self.pass(request, decode::untag_resource, encode::untag_resource).await
    }

    async fn list_resource_tags(
        &self,
        request: Request<v1::ListResourceTagsRequest>,
    ) -> Result<Response<v1::ListResourceTagsResponse>, Status> {
        self.pass(request, decode::list_resource_tags, encode::list_resource_tags)
            .await
    }

    async fn list_keys(&self, request: Request<v1::ListKeysRequest>) -> Result<Response<v1::ListKeysResponse>, Status> {
        self.pass(request, decode::list_keys, encode::list_keys).await
    }

    async fn enable_key(
        &self,
        request: Request<v1::EnableKeyRequest>,
    ) -> Result<Response<v1::EnableKeyResponse>, Status> {
        self.pass(request, decode::enable_key, encode::enable_key).await
    }

    async fn disable_key(
        &self,
        request: Request<v1::DisableKeyRequest>,
    ) -> Result<Response<v1::DisableKeyResponse>, Status> {
        self.pass(request, decode::disable_key, encode::disable_key).await
    }

    async fn update_key_description(
        &self,
        request: Request<v1::UpdateKeyDescriptionRequest>,
    ) -> Result<Response<v1::UpdateKeyDescriptionResponse>, Status> {
        self.pass(request, decode::update_key_description, encode::update_key_description)
            .await
    }

    async fn schedule_key_deletion(
        &self,
        request: Request<v1::ScheduleKeyDeletionRequest>,
    ) -> Result<Response<v1::ScheduleKeyDeletionResponse>, Status> {
        self.pass(request, decode::schedule_key_deletion, encode::schedule_key_deletion)
            .await
    }

    async fn cancel_key_deletion(
        &self,
        request: Request<v1::CancelKeyDeletionRequest>,
    ) -> Result<Response<v1::CancelKeyDeletionResponse>, Status> {
        self.pass(request, decode::cancel_key_deletion, encode::cancel_key_deletion)
            .await
    }

    async fn get_key_last_usage(
        &self,
        request: Request<v1::GetKeyLastUsageRequest>,
    ) -> Result<Response<v1::GetKeyLastUsageResponse>, Status> {
        self.pass(request, decode::get_key_last_usage, encode::get_key_last_usage)
            .await
    }

    async fn enable_key_rotation(
        &self,
        request: Request<v1::EnableKeyRotationRequest>,
    ) -> Result<Response<v1::EnableKeyRotationResponse>, Status> {
        self.pass(request, decode::enable_key_rotation, encode::enable_key_rotation)
            .await
    }

    async fn disable_key_rotation(
        &self,
        request: Request<v1::DisableKeyRotationRequest>,
    ) -> Result<Response<v1::DisableKeyRotationResponse>, Status> {
        self.pass(request, decode::disable_key_rotation, encode::disable_key_rotation)
            .await
    }

    async fn get_key_rotation_status(
        &self,
        request: Request<v1::GetKeyRotationStatusRequest>,
    ) -> Result<Response<v1::GetKeyRotationStatusResponse>, Status> {
        self.pass(
            request,
            decode::get_key_rotation_status,
            encode::get_key_rotation_status,
        )
        .await
    }

    async fn list_key_rotations(
        &self,
        request: Request<v1::ListKeyRotationsRequest>,
    ) -> Result<Response<v1::ListKeyRotationsResponse>, Status> {
        self.pass(request, decode::list_key_rotations, encode::list_key_rotations)
            .await
    }

    async fn rotate_key_on_demand(
        &self,
        request: Request<v1::RotateKeyOnDemandRequest>,
    ) -> Result<Response<v1::RotateKeyOnDemandResponse>, Status> {
        self.pass(request, decode::rotate_key_on_demand, encode::rotate_key_on_demand)
            .await
    }

    async fn get_parameters_for_import(
        &self,
        request: Request<v1::GetParametersForImportRequest>,
    ) -> Result<Response<v1::GetParametersForImportResponse>, Status> {
        self.pass(request, import::parameters_request, import::parameters_reply)
            .await
    }

    async fn import_key_material(
        &self,
        request: Request<v1::ImportKeyMaterialRequest>,
    ) -> Result<Response<v1::ImportKeyMaterialResponse>, Status> {
        self.pass(request, import::import_request, import::import_reply).await
    }

    async fn delete_imported_key_material(
        &self,
        request: Request<v1::DeleteImportedKeyMaterialRequest>,
    ) -> Result<Response<v1::DeleteImportedKeyMaterialResponse>, Status> {
        self.pass(request, import::deletion_request, import::deletion_reply)
            .await
    }

    async fn create_alias(
        &self,
        request: Request<v1::CreateAliasRequest>,
    ) -> Result<Response<v1::CreateAliasResponse>, Status> {
        self.pass(request, decode::create_alias, encode::create_alias).await
    }

    async fn update_alias(
        &self,
        request: Request<v1::UpdateAliasRequest>,
    ) -> Result<Response<v1::UpdateAliasResponse>, Status> {
        self.pass(request, decode::update_alias, encode::update_alias).await
    }

    async fn delete_alias(
        &self,
        request: Request<v1::DeleteAliasRequest>,
    ) -> Result<Response<v1::DeleteAliasResponse>, Status> {
        self.pass(request, decode::delete_alias, encode::delete_alias).await
    }

    async fn list_aliases(
        &self,
        request: Request<v1::ListAliasesRequest>,
    ) -> Result<Response<v1::ListAliasesResponse>, Status> {
        self.pass(request, decode::list_aliases, encode::list_aliases).await
    }

    async fn put_key_policy(
        &self,
        request: Request<v1::PutKeyPolicyRequest>,
    ) -> Result<Response<v1::PutKeyPolicyResponse>, Status> {
        self.pass(request, grants::put_key_policy, grants::policy_was_put).await
    }

    async fn get_key_policy(
        &self,
        request: Request<v1::GetKeyPolicyRequest>,
    ) -> Result<Response<v1::GetKeyPolicyResponse>, Status> {
        self.pass(request, grants::get_key_policy, grants::policy).await
    }

    async fn list_key_policies(
        &self,
        request: Request<v1::ListKeyPoliciesRequest>,
    ) -> Result<Response<v1::ListKeyPoliciesResponse>, Status> {
        self.pass(request, grants::list_key_policies, grants::policy_names)
            .await
    }

    async fn create_grant(
        &self,
        request: Request<v1::CreateGrantRequest>,
    ) -> Result<Response<v1::CreateGrantResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, grants::create_grant, grants::created)
            .await
    }

    async fn list_grants(
        &self,
        request: Request<v1::ListGrantsRequest>,
    ) -> Result<Response<v1::ListGrantsResponse>, Status> {
        self.pass(request, grants::list_grants, grants::grants).await
    }

    async fn list_retirable_grants(
        &self,
        request: Request<v1::ListRetirableGrantsRequest>,
    ) -> Result<Response<v1::ListRetirableGrantsResponse>, Status> {
        self.pass(request, grants::list_retirable_grants, grants::retirable_grants)
            .await
    }

    async fn retire_grant(
        &self,
        request: Request<v1::RetireGrantRequest>,
    ) -> Result<Response<v1::RetireGrantResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, grants::retire_grant, grants::retired)
            .await
    }

    async fn revoke_grant(
        &self,
        request: Request<v1::RevokeGrantRequest>,
    ) -> Result<Response<v1::RevokeGrantResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, grants::revoke_grant, grants::revoked)
            .await
    }

    async fn encrypt(&self, request: Request<v1::EncryptRequest>) -> Result<Response<v1::EncryptResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::encrypt, encode::encrypt)
            .await
    }

    async fn decrypt(&self, request: Request<v1::DecryptRequest>) -> Result<Response<v1::DecryptResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::decrypt, encode::decrypt)
            .await
    }

    async fn re_encrypt(
        &self,
        request: Request<v1::ReEncryptRequest>,
    ) -> Result<Response<v1::ReEncryptResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::re_encrypt, encode::re_encrypt)
            .await
    }

    async fn generate_data_key(
        &self,
        request: Request<v1::GenerateDataKeyRequest>,
    ) -> Result<Response<v1::GenerateDataKeyResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::generate_data_key, encode::generate_data_key)
            .await
    }

    async fn generate_data_key_without_plaintext(
        &self,
        request: Request<v1::GenerateDataKeyWithoutPlaintextRequest>,
    ) -> Result<Response<v1::GenerateDataKeyWithoutPlaintextResponse>, Status> {
        self.door
            .pass_asking(
                &self.kms,
                request,
                decode::generate_data_key_without_plaintext,
                encode::generate_data_key_without_plaintext,
            )
            .await
    }

    async fn generate_data_key_pair(
        &self,
        request: Request<v1::GenerateDataKeyPairRequest>,
    ) -> Result<Response<v1::GenerateDataKeyPairResponse>, Status> {
        self.door
            .pass_asking(
                &self.kms,
                request,
                decode::generate_data_key_pair,
                encode::generate_data_key_pair,
            )
            .await
    }

    async fn generate_data_key_pair_without_plaintext(
        &self,
        request: Request<v1::GenerateDataKeyPairWithoutPlaintextRequest>,
    ) -> Result<Response<v1::GenerateDataKeyPairWithoutPlaintextResponse>, Status> {
        self.door
            .pass_asking(
                &self.kms,
                request,
                decode::generate_data_key_pair_without_plaintext,
                encode::generate_data_key_pair_without_plaintext,
            )
            .await
    }

    async fn sign(&self, request: Request<v1::SignRequest>) -> Result<Response<v1::SignResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::sign, encode::sign)
            .await
    }

    async fn verify(&self, request: Request<v1::VerifyRequest>) -> Result<Response<v1::VerifyResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::verify, encode::verify)
            .await
    }

    async fn get_public_key(
        &self,
        request: Request<v1::GetPublicKeyRequest>,
    ) -> Result<Response<v1::GetPublicKeyResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::get_public_key, encode::get_public_key)
            .await
    }

    async fn generate_mac(
        &self,
        request: Request<v1::GenerateMacRequest>,
    ) -> Result<Response<v1::GenerateMacResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::generate_mac, encode::generate_mac)
            .await
    }

    async fn verify_mac(
        &self,
        request: Request<v1::VerifyMacRequest>,
    ) -> Result<Response<v1::VerifyMacResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::verify_mac, encode::verify_mac)
            .await
    }

    async fn derive_shared_secret(
        &self,
        request: Request<v1::DeriveSharedSecretRequest>,
    ) -> Result<Response<v1::DeriveSharedSecretResponse>, Status> {
        self.door
            .pass_asking(
                &self.kms,
                request,
                decode::derive_shared_secret,
                encode::derive_shared_secret,
            )
            .await
    }

    async fn encapsulate(
        &self,
        request: Request<v1::EncapsulateRequest>,
    ) -> Result<Response<v1::EncapsulateResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::encapsulate, encode::encapsulate)
            .await
    }

    async fn decapsulate(
        &self,
        request: Request<v1::DecapsulateRequest>,
    ) -> Result<Response<v1::DecapsulateResponse>, Status> {
        self.door
            .pass_asking(&self.kms, request, decode::decapsulate, encode::decapsulate)
            .await
    }

    async fn generate_random(
        &self,
        request: Request<v1::GenerateRandomRequest>,
    ) -> Result<Response<v1::GenerateRandomResponse>, Status> {
        self.pass(request, decode::generate_random, encode::generate_random)
            .await
    }
}
