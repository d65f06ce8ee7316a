//! Replies of the key service as messages.

mod asymmetric;

use strongroom_base::{Arn, EncryptionAlgorithm, KeyId, KeyMaterialId};
use strongroom_kms::op::{
    AliasPage, Decrypted, Encryption, GeneratedKey, KeyLastUsage, KeyPage, MaterialState, ReEncrypted, RotationPage,
    RotationStatus, ScheduledDeletion, TagPage,
};
use strongroom_kms::{
    KeyManager, KeyMetadata, KeyState, KeyVersion, Kms, LastUsage, RotationSchedule, VersionMetadata, VersionOrigin,
};
use strongroom_material::{Material, Plaintext};
use strongroom_proto::v1;

use self::asymmetric::{Algorithms, encryption, origin};
pub(super) use self::asymmetric::{
    decapsulate, derive_shared_secret, encapsulate, generate_data_key_pair, generate_data_key_pair_without_plaintext,
    generate_mac, get_public_key, sign, verify, verify_mac,
};
use super::import;
use crate::field::{numbered, timestamp};

pub(super) fn create_key(reply: KeyMetadata, kms: &Kms) -> v1::CreateKeyResponse {
    v1::CreateKeyResponse {
        key_metadata: Some(metadata(&reply, kms)),
    }
}

pub(super) fn describe_key(reply: KeyMetadata, kms: &Kms) -> v1::DescribeKeyResponse {
    v1::DescribeKeyResponse {
        key_metadata: Some(metadata(&reply, kms)),
    }
}

pub(super) fn list_keys(reply: KeyPage, _: &Kms) -> v1::ListKeysResponse {
    let entry = |(id, arn): (_, Arn)| v1::KeyListEntry {
        key_id: ToString::to_string(&id),
        key_arn: arn.to_string(),
    };
    v1::ListKeysResponse {
        truncated: reply.next_marker.is_some(),
        keys: reply.keys.into_iter().map(entry).collect(),
        next_marker: reply.next_marker,
    }
}

pub(super) fn tag_resource((): (), _: &Kms) -> v1::TagKeyResponse {
    v1::TagKeyResponse {}
}

pub(super) fn untag_resource((): (), _: &Kms) -> v1::UntagKeyResponse {
    v1::UntagKeyResponse {}
}

pub(super) fn list_resource_tags(reply: TagPage, _: &Kms) -> v1::ListResourceTagsResponse {
    let row = |(tag_key, tag_value)| v1::KeyTag { tag_key, tag_value };
    v1::ListResourceTagsResponse {
        truncated: reply.next_marker.is_some(),
        tags: reply.tags.into_iter().map(row).collect(),
        next_marker: reply.next_marker,
    }
}

pub(super) fn enable_key((): (), _: &Kms) -> v1::EnableKeyResponse {
    v1::EnableKeyResponse {}
}

pub(super) fn disable_key((): (), _: &Kms) -> v1::DisableKeyResponse {
    v1::DisableKeyResponse {}
}

pub(super) fn update_key_description((): (), _: &Kms) -> v1::UpdateKeyDescriptionResponse {
    v1::UpdateKeyDescriptionResponse {}
}

pub(super) fn schedule_key_deletion(reply: ScheduledDeletion, _: &Kms) -> v1::ScheduleKeyDeletionResponse {
    v1::ScheduleKeyDeletionResponse {
        key_id: reply.arn.to_string(),
        deletion_date: Some(timestamp(reply.delete_at)),
        key_state: v1::KeyState::PendingDeletion.into(),
        pending_window_in_days: i32::try_from(reply.pending_window_days).unwrap_or(i32::MAX),
    }
}

pub(super) fn cancel_key_deletion(reply: Arn, _: &Kms) -> v1::CancelKeyDeletionResponse {
    v1::CancelKeyDeletionResponse {
        key_id: reply.to_string(),
    }
}

pub(super) fn get_key_last_usage(reply: KeyLastUsage, _: &Kms) -> v1::GetKeyLastUsageResponse {
    v1::GetKeyLastUsageResponse {
        key_id: reply.key.to_string(),
        key_last_usage: Some(reply.last.as_ref().map(last_usage).unwrap_or_default()),
        tracking_start_date: Some(timestamp(reply.tracked_since)),
        key_creation_date: Some(timestamp(reply.created)),
    }
}

fn last_usage(usage: &LastUsage) -> v1::KeyLastUsageData {
    // GenerateDataKey is GENERATE_DATA_KEY here.
    let mut name = String::with_capacity(usage.operation.len() + 8);
    for letter in usage.operation.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    v1::KeyLastUsageData {
        operation: numbered(
            "KEY_LAST_USAGE_TRACKING_OPERATION_",
            &name,
            v1::KeyLastUsageTrackingOperation::from_str_name,
        ),
        timestamp: Some(timestamp(usage.at)),
        cloud_trail_event_id: usage.event_id.to_string(),
        kms_request_id: usage.request_id.to_string(),
    }
}

pub(super) fn enable_key_rotation((): (), _: &Kms) -> v1::EnableKeyRotationResponse {
    v1::EnableKeyRotationResponse {}
}

pub(super) fn disable_key_rotation((): (), _: &Kms) -> v1::DisableKeyRotationResponse {
    v1::DisableKeyRotationResponse {}
}

pub(super) fn get_key_rotation_status(reply: RotationStatus, _: &Kms) -> v1::GetKeyRotationStatusResponse {
    let days = |schedule: RotationSchedule| i32::try_from(schedule.period_days).unwrap_or(i32::MAX);
    v1::GetKeyRotationStatusResponse {
        key_id: reply.key.to_string(),
        key_rotation_enabled: reply.schedule.is_some(),
        rotation_period_in_days: reply.schedule.map(days),
        next_rotation_date: reply.schedule.map(|schedule| timestamp(schedule.next)),
        on_demand_rotation_start_date: reply.on_demand_since.map(timestamp),
    }
}

pub(super) fn list_key_rotations(reply: RotationPage, _: &Kms) -> v1::ListKeyRotationsResponse {
    let entry = |(version, state): &(KeyVersion, MaterialState)| rotation(&reply.key, version, *state);
    v1::ListKeyRotationsResponse {
        rotations: reply.versions.iter().map(entry).collect(),
        truncated: reply.next_marker.is_some(),
        next_marker: reply.next_marker.clone(),
    }
}

fn rotation(key: &KeyId, version: &KeyVersion, state: MaterialState) -> v1::RotationsListEntry {
    let kind = match (state, version.origin) {
        (MaterialState::PendingRotation, _) | (_, VersionOrigin::Creation) => v1::RotationType::Unspecified,
        (_, VersionOrigin::AutomaticRotation) => v1::RotationType::Automatic,
        (_, VersionOrigin::RotationOnDemand) => v1::RotationType::OnDemand,
    };
    let state = match state {
        MaterialState::Current => v1::KeyMaterialState::Current,
        MaterialState::NonCurrent => v1::KeyMaterialState::NonCurrent,
        MaterialState::PendingRotation => v1::KeyMaterialState::PendingRotation,
    };
    let entry = v1::RotationsListEntry {
        key_id: key.to_string(),
        key_material_id: version.material.to_string(),
        key_material_state: state.into(),
        rotation_date: (kind != v1::RotationType::Unspecified).then(|| timestamp(version.rotated())),
        rotation_type: kind.into(),
        ..v1::RotationsListEntry::default()
    };
    match &version.import {
        Some(import) => import::told(import, entry),
        None => entry,
    }
}

pub(super) fn rotate_key_on_demand(reply: KeyId, _: &Kms) -> v1::RotateKeyOnDemandResponse {
    v1::RotateKeyOnDemandResponse {
        key_id: reply.to_string(),
    }
}

pub(super) fn create_alias((): (), _: &Kms) -> v1::CreateAliasResponse {
    v1::CreateAliasResponse {}
}

pub(super) fn update_alias((): (), _: &Kms) -> v1::UpdateAliasResponse {
    v1::UpdateAliasResponse {}
}

pub(super) fn delete_alias((): (), _: &Kms) -> v1::DeleteAliasResponse {
    v1::DeleteAliasResponse {}
}

pub(super) fn list_aliases(reply: AliasPage, _: &Kms) -> v1::ListAliasesResponse {
    let aliases = reply.aliases.into_iter().map(|(arn, alias)| v1::AliasListEntry {
        alias_name: alias.name.to_string(),
        alias_arn: arn.to_string(),
        target_key_id: alias.target.to_string(),
        creation_date: Some(timestamp(alias.created)),
        last_updated_date: Some(timestamp(alias.updated)),
    });
    v1::ListAliasesResponse {
        aliases: aliases.collect(),
        truncated: reply.next_marker.is_some(),
        next_marker: reply.next_marker,
    }
}

pub(super) fn encrypt(reply: Encryption, _: &Kms) -> v1::EncryptResponse {
    v1::EncryptResponse {
        ciphertext_blob: reply.blob,
        key_id: reply.arn.to_string(),
        encryption_algorithm: encryption(reply.algorithm),
        key_material_id: material(reply.algorithm, reply.material),
    }
}

/// AWS names the material of symmetric keys alone: others have one for life.
fn material(algorithm: EncryptionAlgorithm, material: KeyMaterialId) -> String {
    if algorithm == EncryptionAlgorithm::SymmetricDefault {
        material.to_string()
    } else {
        String::new()
    }
}

pub(super) fn decrypt(reply: Decrypted, _: &Kms) -> v1::DecryptResponse {
    v1::DecryptResponse {
        key_id: reply.arn.to_string(),
        plaintext: reply.plaintext.reveal_to_wire(<[u8]>::to_vec),
        encryption_algorithm: encryption(reply.algorithm),
        key_material_id: material(reply.algorithm, reply.material),
    }
}

pub(super) fn re_encrypt(reply: ReEncrypted, _: &Kms) -> v1::ReEncryptResponse {
    v1::ReEncryptResponse {
        ciphertext_blob: reply.blob,
        source_key_id: reply.source_arn.to_string(),
        key_id: reply.destination_arn.to_string(),
        source_encryption_algorithm: encryption(reply.source_algorithm),
        destination_encryption_algorithm: encryption(reply.destination_algorithm),
        source_key_material_id: material(reply.source_algorithm, reply.source_material),
        destination_key_material_id: material(reply.destination_algorithm, reply.destination_material),
    }
}

pub(super) fn generate_data_key(reply: GeneratedKey, _: &Kms) -> v1::GenerateDataKeyResponse {
    v1::GenerateDataKeyResponse {
        ciphertext_blob: reply.encryption.blob,
        plaintext: reply.plaintext.reveal_to_wire(<[u8]>::to_vec),
        key_id: reply.encryption.arn.to_string(),
        key_material_id: reply.encryption.material.to_string(),
    }
}

pub(super) fn generate_data_key_without_plaintext(
    reply: Encryption,
    _: &Kms,
) -> v1::GenerateDataKeyWithoutPlaintextResponse {
    v1::GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: reply.blob,
        key_id: reply.arn.to_string(),
        key_material_id: reply.material.to_string(),
    }
}

pub(super) fn generate_random(reply: Material<Plaintext>, _: &Kms) -> v1::GenerateRandomResponse {
    v1::GenerateRandomResponse {
        plaintext: reply.reveal_to_wire(<[u8]>::to_vec),
    }
}

fn metadata(reply: &KeyMetadata, kms: &Kms) -> v1::KeyMetadata {
    let key = &reply.record;
    let (state, deletion_date) = match key.state {
        KeyState::Enabled if key.drifted.is_some() => (v1::KeyState::Unavailable, None),
        KeyState::Enabled => (v1::KeyState::Enabled, None),
        KeyState::Disabled => (v1::KeyState::Disabled, None),
        KeyState::PendingImport => (v1::KeyState::PendingImport, None),
        KeyState::PendingDeletion { delete_at } | KeyState::Deleting { delete_at } => {
            (v1::KeyState::PendingDeletion, Some(timestamp(delete_at)))
        }
    };
    let manager = match key.manager {
        KeyManager::Customer => v1::KeyManager::Customer,
        KeyManager::SecretsManager | KeyManager::Ssm => v1::KeyManager::Aws,
    };
    let algorithms = Algorithms::of(key.spec, key.usage);
    let current = key.versions.last().filter(|_| key.is_symmetric());
    let (expiration_model, valid_to) = import::expiration(key.expiration());
    v1::KeyMetadata {
        aws_account_id: kms.scope().account().to_string(),
        key_id: key.id.to_string(),
        arn: reply.arn.to_string(),
        creation_date: Some(timestamp(key.created)),
        enabled: key.state == KeyState::Enabled && key.drifted.is_none(),
        description: key.description.clone(),
        key_usage: numbered("KEY_USAGE_", key.usage.as_str(), v1::KeyUsage::from_str_name),
        key_state: state.into(),
        deletion_date,
        origin: origin(key.origin),
        key_manager: manager.into(),
        key_spec: numbered("KEY_SPEC_", key.spec.as_str(), v1::KeySpec::from_str_name),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        mac_algorithms: algorithms.mac,
        key_agreement_algorithms: algorithms.key_agreement,
        encapsulation_algorithms: algorithms.encapsulation,
        current_key_material_id: current.map(|version| version.material.to_string()).unwrap_or_default(),
        // AWS shows it for keys that wait for their replicas alone.
        pending_deletion_window_in_days: None,
        key_versions: reply.versions.iter().map(version).collect(),
        expiration_model,
        valid_to,
    }
}

fn version(metadata: &VersionMetadata) -> v1::KeyVersion {
    let version = &metadata.version;
    v1::KeyVersion {
        key_material_id: version.material.to_string(),
        creation_date: Some(timestamp(version.created)),
        provenance: Some(v1::Provenance {
            local: version.provenance.local,
            always_sensitive: version.provenance.always_sensitive,
            never_extractable: version.provenance.never_extractable,
            key_gen_mechanism: version.provenance.key_gen_mechanism.clone(),
            token_serial: version.token_serial.clone(),
        }),
        invocations: metadata.budget.map(|budget| v1::InvocationBudget {
            used: budget.used,
            limit: budget.limit,
            rotation_limit: budget.rotation_limit,
        }),
    }
}
