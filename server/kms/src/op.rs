//! The operations of the key service, one file each.

mod cancel_key_deletion;
mod create_alias;
mod create_grant;
mod create_key;
mod create_managed_key;
mod decapsulate;
mod decrypt;
mod delete_alias;
mod delete_expired_key_material;
mod delete_imported_key_material;
mod delete_key;
mod derive_shared_secret;
mod describe_key;
mod describe_token;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encapsulate;
mod encrypt;
mod generate_data_key;
mod generate_data_key_pair;
mod generate_mac;
mod generate_random;
mod get_key_last_usage;
mod get_key_policy;
mod get_key_rotation_status;
mod get_parameters_for_import;
mod get_public_key;
mod import_key_material;
mod inspect_key;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod put_key_policy;
mod re_encrypt;
mod reconcile_token;
mod retire_grant;
mod revoke_grant;
mod rotate_key;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod sign;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_key_description;
mod verify;
mod verify_mac;

pub use cancel_key_deletion::CancelKeyDeletion;
pub use create_alias::CreateAlias;
pub use create_grant::{CreateGrant, CreatedGrant};
pub use create_key::{CreateKey, NewKey};
pub use create_managed_key::CreateManagedKey;
pub use decapsulate::{Decapsulate, Decapsulated};
pub use decrypt::{Decrypt, Decrypted};
pub use delete_alias::DeleteAlias;
pub use delete_expired_key_material::DeleteExpiredKeyMaterial;
pub use delete_imported_key_material::{DeleteImportedKeyMaterial, DeletedMaterial};
pub use delete_key::DeleteKey;
pub use derive_shared_secret::{DeriveSharedSecret, DerivedSecret};
pub use describe_key::DescribeKey;
pub use describe_token::DescribeToken;
pub use disable_key::DisableKey;
pub use disable_key_rotation::DisableKeyRotation;
pub use enable_key::EnableKey;
pub use enable_key_rotation::EnableKeyRotation;
pub use encapsulate::{Encapsulate, Encapsulated};
pub use encrypt::{Encrypt, Encryption};
pub use generate_data_key::{DataKeyLength, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GeneratedKey};
pub use generate_data_key_pair::{
    EncryptedKeyPair, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GeneratedKeyPair,
};
pub use generate_mac::{GenerateMac, GeneratedMac};
pub use generate_random::GenerateRandom;
pub use get_key_last_usage::{GetKeyLastUsage, KeyLastUsage};
pub use get_key_policy::GetKeyPolicy;
pub use get_key_rotation_status::{GetKeyRotationStatus, RotationStatus};
pub use get_parameters_for_import::{GetParametersForImport, ParametersForImport};
pub use get_public_key::{GetPublicKey, PublicHalf};
pub use import_key_material::{ImportKeyMaterial, ImportedMaterial, NewImport};
pub use inspect_key::{InspectKey, InspectedMaterial, Inspection};
pub use list_aliases::{AliasPage, ListAliases};
pub use list_grants::{GrantPage, ListGrants};
pub use list_key_policies::ListKeyPolicies;
pub use list_key_rotations::{ListKeyRotations, MaterialState, RotationPage};
pub use list_keys::{KeyPage, ListKeys};
pub use list_resource_tags::{ListResourceTags, TagPage};
pub use list_retirable_grants::ListRetirableGrants;
pub use put_key_policy::PutKeyPolicy;
pub use re_encrypt::{ReEncrypt, ReEncryptDestination, ReEncryptSource, ReEncrypted};
pub use reconcile_token::{ReconcileToken, Reconciled};
pub use retire_grant::RetireGrant;
pub use revoke_grant::RevokeGrant;
pub use rotate_key::RotateKey;
pub use rotate_key_on_demand::RotateKeyOnDemand;
pub use schedule_key_deletion::{ScheduleKeyDeletion, ScheduledDeletion};
pub use sign::{Sign, Signed};
pub use tag_resource::TagResource;
pub use untag_resource::UntagResource;
pub use update_alias::UpdateAlias;
pub use update_key_description::UpdateKeyDescription;
pub use verify::{Verified, Verify};
pub use verify_mac::{VerifiedMac, VerifyMac};

use serde_json::Value;
use strongroom_base::limits::KEY_DESCRIPTION_LENGTH_MAX;
use strongroom_base::{Code, Fault};
use strongroom_gate::Parameters;

use crate::context::EncryptionContext;

/// Audit fields by name.
fn parameters<const N: usize>(fields: [(&str, Value); N]) -> Parameters {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Adds the encryption context, which is not secret, as CloudTrail shows it.
fn with_context(mut fields: Parameters, context: &EncryptionContext) -> Parameters {
    if !context.is_empty() {
        let pairs = context
            .pairs()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        fields.insert("encryptionContext".to_owned(), Value::Object(pairs));
    }
    fields
}

fn check_description(description: &str) -> Result<(), Fault> {
    if description.chars().count() > KEY_DESCRIPTION_LENGTH_MAX {
        return Err(Fault::new(
            Code::Validation,
            "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length \
             less than or equal to 8192",
        ));
    }
    Ok(())
}

/// The number of rows of a page, within AWS's bounds.
fn page_size(limit: Option<usize>, default: usize) -> Result<usize, Fault> {
    let limit = limit.unwrap_or(default);
    if (1..=strongroom_base::limits::LIST_LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 1000"
        ),
    ))
}
