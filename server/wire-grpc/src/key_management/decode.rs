//! Requests of the KeyManagement service as operations.

mod asymmetric;

use strongroom_base::{Code, EncryptionAlgorithm, Fault, KeyId};
use strongroom_kms::op::{
    CancelKeyDeletion, CreateAlias, CreateKey, DataKeyLength, Decrypt, DeleteAlias, DescribeKey, DisableKey,
    DisableKeyRotation, EnableKey, EnableKeyRotation, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext,
    GenerateRandom, GetKeyLastUsage, GetKeyRotationStatus, ListAliases, ListKeyRotations, ListKeys, ListResourceTags,
    NewKey, ReEncrypt, ReEncryptDestination, ReEncryptSource, RotateKeyOnDemand, ScheduleKeyDeletion, TagResource,
    UntagResource, UpdateAlias, UpdateKeyDescription,
};
use strongroom_kms::{KeyReference, Kms};
use strongroom_material::Material;
use strongroom_proto::v1;

pub(super) use self::asymmetric::{
    decapsulate, derive_shared_secret, encapsulate, generate_data_key_pair, generate_data_key_pair_without_plaintext,
    generate_mac, get_public_key, sign, verify, verify_mac,
};
use crate::field::{context, count, known, name};

pub(super) fn create_key(request: v1::CreateKeyRequest, _: &Kms) -> Result<CreateKey, Fault> {
    let spec = name(request.key_spec, "keySpec", v1::KeySpec::as_str_name, "KEY_SPEC_")?;
    let usage = name(request.key_usage, "keyUsage", v1::KeyUsage::as_str_name, "KEY_USAGE_")?;
    let origin = name(request.origin, "origin", v1::Origin::as_str_name, "ORIGIN_")?;
    CreateKey::new(NewKey {
        description: request.description,
        spec: known(spec, "keySpec")?,
        usage: known(usage, "keyUsage")?,
        origin: known(origin, "origin")?,
        tags: tags(request.tags),
        policy: request.policy,
        bypass_policy_lockout_safety_check: request.bypass_policy_lockout_safety_check,
    })
}

pub(super) fn tag_resource(request: v1::TagKeyRequest, kms: &Kms) -> Result<TagResource, Fault> {
    TagResource::new(key(&request.key_id, kms)?, tags(request.tags))
}

pub(super) fn untag_resource(request: v1::UntagKeyRequest, kms: &Kms) -> Result<UntagResource, Fault> {
    UntagResource::new(key(&request.key_id, kms)?, request.tag_keys)
}

pub(super) fn list_resource_tags(request: v1::ListResourceTagsRequest, kms: &Kms) -> Result<ListResourceTags, Fault> {
    ListResourceTags::new(
        key(&request.key_id, kms)?,
        count(request.limit, "limit")?,
        request.marker,
    )
}

pub(super) fn describe_key(request: v1::DescribeKeyRequest, kms: &Kms) -> Result<DescribeKey, Fault> {
    Ok(DescribeKey {
        key: reference(&request.key_id, kms)?,
    })
}

pub(super) fn list_keys(request: v1::ListKeysRequest, _: &Kms) -> Result<ListKeys, Fault> {
    ListKeys::new(count(request.limit, "limit")?, request.marker.as_deref())
}

pub(super) fn enable_key(request: v1::EnableKeyRequest, kms: &Kms) -> Result<EnableKey, Fault> {
    Ok(EnableKey {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn disable_key(request: v1::DisableKeyRequest, kms: &Kms) -> Result<DisableKey, Fault> {
    Ok(DisableKey {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn update_key_description(
    request: v1::UpdateKeyDescriptionRequest,
    kms: &Kms,
) -> Result<UpdateKeyDescription, Fault> {
    UpdateKeyDescription::new(key(&request.key_id, kms)?, request.description)
}

pub(super) fn schedule_key_deletion(
    request: v1::ScheduleKeyDeletionRequest,
    kms: &Kms,
) -> Result<ScheduleKeyDeletion, Fault> {
    let days = count(request.pending_window_in_days, "pendingWindowInDays")?;
    let days = days.map(|days| u32::try_from(days).unwrap_or(u32::MAX));
    ScheduleKeyDeletion::new(key(&request.key_id, kms)?, days)
}

pub(super) fn cancel_key_deletion(
    request: v1::CancelKeyDeletionRequest,
    kms: &Kms,
) -> Result<CancelKeyDeletion, Fault> {
    Ok(CancelKeyDeletion {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn get_key_last_usage(request: v1::GetKeyLastUsageRequest, kms: &Kms) -> Result<GetKeyLastUsage, Fault> {
    Ok(GetKeyLastUsage {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn enable_key_rotation(
    request: v1::EnableKeyRotationRequest,
    kms: &Kms,
) -> Result<EnableKeyRotation, Fault> {
    let days = count(request.rotation_period_in_days, "rotationPeriodInDays")?;
    let days = days.map(|days| u32::try_from(days).unwrap_or(u32::MAX));
    EnableKeyRotation::new(key(&request.key_id, kms)?, days)
}

pub(super) fn disable_key_rotation(
    request: v1::DisableKeyRotationRequest,
    kms: &Kms,
) -> Result<DisableKeyRotation, Fault> {
    Ok(DisableKeyRotation {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn get_key_rotation_status(
    request: v1::GetKeyRotationStatusRequest,
    kms: &Kms,
) -> Result<GetKeyRotationStatus, Fault> {
    Ok(GetKeyRotationStatus {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn list_key_rotations(request: v1::ListKeyRotationsRequest, kms: &Kms) -> Result<ListKeyRotations, Fault> {
    let include = name(
        request.include_key_material,
        "includeKeyMaterial",
        v1::IncludeKeyMaterial::as_str_name,
        "INCLUDE_KEY_MATERIAL_",
    )?;
    ListKeyRotations::new(
        key(&request.key_id, kms)?,
        include == "ALL_KEY_MATERIAL",
        count(request.limit, "limit")?,
        request.marker.as_deref(),
    )
}

pub(super) fn rotate_key_on_demand(
    request: v1::RotateKeyOnDemandRequest,
    kms: &Kms,
) -> Result<RotateKeyOnDemand, Fault> {
    Ok(RotateKeyOnDemand {
        key: key(&request.key_id, kms)?,
    })
}

pub(super) fn create_alias(request: v1::CreateAliasRequest, kms: &Kms) -> Result<CreateAlias, Fault> {
    CreateAlias::new(request.alias_name.parse()?, key(&request.target_key_id, kms)?)
}

pub(super) fn update_alias(request: v1::UpdateAliasRequest, kms: &Kms) -> Result<UpdateAlias, Fault> {
    UpdateAlias::new(request.alias_name.parse()?, key(&request.target_key_id, kms)?)
}

pub(super) fn delete_alias(request: v1::DeleteAliasRequest, _: &Kms) -> Result<DeleteAlias, Fault> {
    DeleteAlias::new(request.alias_name.parse()?)
}

pub(super) fn list_aliases(request: v1::ListAliasesRequest, kms: &Kms) -> Result<ListAliases, Fault> {
    let key = request.key_id.map(|text| key(&text, kms)).transpose()?;
    ListAliases::new(key, count(request.limit, "limit")?, request.marker.as_deref())
}

pub(super) fn encrypt(request: v1::EncryptRequest, kms: &Kms) -> Result<Encrypt, Fault> {
    let plaintext = Material::take(request.plaintext);
    Encrypt::with_algorithm(
        reference(&request.key_id, kms)?,
        encryption(request.encryption_algorithm, "encryptionAlgorithm")?,
        context(request.encryption_context)?,
        plaintext,
    )
}

pub(super) fn decrypt(request: v1::DecryptRequest, kms: &Kms) -> Result<Decrypt, Fault> {
    let algorithm = encryption(request.encryption_algorithm, "encryptionAlgorithm")?;
    let key = request.key_id.map(|text| reference(&text, kms)).transpose()?;
    let context = context(request.encryption_context)?;
    if ciphertext_ignored(request.dry_run, &request.dry_run_modifiers)? {
        let key = key.ok_or_else(|| no_key("keyId"))?;
        return Ok(Decrypt::without_ciphertext(key, algorithm, context));
    }
    Decrypt::with_algorithm(key, algorithm, context, &request.ciphertext_blob)
}

pub(super) fn re_encrypt(request: v1::ReEncryptRequest, kms: &Kms) -> Result<ReEncrypt, Fault> {
    let algorithm = encryption(request.source_encryption_algorithm, "sourceEncryptionAlgorithm")?;
    let key = request.source_key_id.map(|text| reference(&text, kms)).transpose()?;
    let source_context = context(request.source_encryption_context)?;
    let destination = ReEncryptDestination {
        key: reference(&request.destination_key_id, kms)?,
        algorithm: encryption(
            request.destination_encryption_algorithm,
            "destinationEncryptionAlgorithm",
        )?,
        context: context(request.destination_encryption_context)?,
    };
    if ciphertext_ignored(request.dry_run, &request.dry_run_modifiers)? {
        let key = key.ok_or_else(|| no_key("sourceKeyId"))?;
        return Ok(ReEncrypt::without_ciphertext(
            key,
            algorithm,
            source_context,
            destination,
        ));
    }
    let source = ReEncryptSource {
        key,
        algorithm,
        context: source_context,
        ciphertext: &request.ciphertext_blob,
    };
    ReEncrypt::with_algorithms(source, destination)
}

pub(super) fn generate_data_key(request: v1::GenerateDataKeyRequest, kms: &Kms) -> Result<GenerateDataKey, Fault> {
    Ok(GenerateDataKey {
        length: length(request.key_spec, request.number_of_bytes)?,
        key: reference(&request.key_id, kms)?,
        context: context(request.encryption_context)?,
    })
}

pub(super) fn generate_data_key_without_plaintext(
    request: v1::GenerateDataKeyWithoutPlaintextRequest,
    kms: &Kms,
) -> Result<GenerateDataKeyWithoutPlaintext, Fault> {
    Ok(GenerateDataKeyWithoutPlaintext {
        length: length(request.key_spec, request.number_of_bytes)?,
        key: reference(&request.key_id, kms)?,
        context: context(request.encryption_context)?,
    })
}

pub(super) fn generate_random(request: v1::GenerateRandomRequest, _: &Kms) -> Result<GenerateRandom, Fault> {
    GenerateRandom::new(count(request.number_of_bytes, "numberOfBytes")?)
}

/// Whether a request is a dry run that brings no ciphertext. Without a dry run its modifiers mean nothing.
fn ciphertext_ignored(dry_run: bool, modifiers: &[i32]) -> Result<bool, Fault> {
    let prefix = "DRY_RUN_MODIFIER_";
    for modifier in modifiers {
        let name = name(*modifier, "dryRunModifiers", v1::DryRunModifier::as_str_name, prefix)?;
        if name != "IGNORE_CIPHERTEXT" {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'dryRunModifiers' failed to satisfy constraint: Member must \
                 satisfy enum value set: [IGNORE_CIPHERTEXT]",
            ));
        }
    }
    Ok(dry_run && !modifiers.is_empty())
}

/// Without a ciphertext nothing names the key.
fn no_key(field: &str) -> Fault {
    Fault::new(
        Code::Validation,
        format!("{field} is required in a dry run that ignores the ciphertext."),
    )
}

fn reference(text: &str, kms: &Kms) -> Result<KeyReference, Fault> {
    KeyReference::parse(text, kms.scope())
}

pub(super) fn key(text: &str, kms: &Kms) -> Result<KeyId, Fault> {
    KeyReference::parse_key(text, kms.scope())
}

fn tags(tags: Vec<v1::KeyTag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect()
}

fn length(spec: i32, number_of_bytes: Option<i32>) -> Result<DataKeyLength, Fault> {
    let spec = name(spec, "keySpec", v1::DataKeySpec::as_str_name, "DATA_KEY_SPEC_")?;
    DataKeyLength::parse(spec, count(number_of_bytes, "numberOfBytes")?)
}

/// SYMMETRIC_DEFAULT unless said otherwise.
fn encryption(algorithm: i32, field: &str) -> Result<EncryptionAlgorithm, Fault> {
    let text = v1::EncryptionAlgorithm::as_str_name;
    let named = known(name(algorithm, field, text, "ENCRYPTION_ALGORITHM_")?, field)?;
    Ok(named.unwrap_or(EncryptionAlgorithm::SymmetricDefault))
}
