//! The service's answers as JSON: AWS's members in snake case, enums by their names, times in RFC 3339.

use std::collections::HashMap;

use data_encoding::BASE64;
use prost_types::Timestamp;
use serde_json::{Value, json};
use strongroom::{ParameterValue, v1};

/// RFC 3339, UTC.
pub(crate) fn time(time: Option<&Timestamp>) -> Option<String> {
    time.map(Timestamp::to_string)
}

/// Bytes that are not secret.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

pub(crate) fn key(key: &v1::KeyMetadata) -> Value {
    let mut shown = json!({
        "arn": key.arn,
        "aws_account_id": key.aws_account_id,
        "creation_date": time(key.creation_date.as_ref()),
        "current_key_material_id": key.current_key_material_id,
        "deletion_date": time(key.deletion_date.as_ref()),
        "description": key.description,
        "enabled": key.enabled,
        "expiration_model": expiration_model(key.expiration_model()),
        "key_id": key.key_id,
        "key_manager": short(key.key_manager().as_str_name(), "KEY_MANAGER_"),
        "key_spec": short(key.key_spec().as_str_name(), "KEY_SPEC_"),
        "key_state": key_state(key.key_state()),
        "key_usage": short(key.key_usage().as_str_name(), "KEY_USAGE_"),
        "key_versions": key.key_versions.iter().map(key_version).collect::<Vec<_>>(),
        "origin": short(key.origin().as_str_name(), "ORIGIN_"),
        "pending_deletion_window_in_days": key.pending_deletion_window_in_days,
        "valid_to": time(key.valid_to.as_ref()),
    });
    let macs = key
        .mac_algorithms()
        .map(|each| short(each.as_str_name(), "MAC_ALGORITHM_"));
    let lists = [
        (
            "encryption_algorithms",
            encryption_algorithms(key.encryption_algorithms()),
        ),
        ("signing_algorithms", signing_algorithms(key.signing_algorithms())),
        ("mac_algorithms", macs.collect()),
        (
            "key_agreement_algorithms",
            key_agreement_algorithms(key.key_agreement_algorithms()),
        ),
        (
            "encapsulation_algorithms",
            encapsulation_algorithms(key.encapsulation_algorithms()),
        ),
    ];
    add_lists(&mut shown, lists);
    shown
}

pub(crate) fn public_key(key: &v1::GetPublicKeyResponse) -> Value {
    let mut shown = json!({
        "key_id": key.key_id,
        "key_spec": short(key.key_spec().as_str_name(), "KEY_SPEC_"),
        "key_usage": short(key.key_usage().as_str_name(), "KEY_USAGE_"),
        "public_key": bytes(&key.public_key),
    });
    let lists = [
        (
            "encryption_algorithms",
            encryption_algorithms(key.encryption_algorithms()),
        ),
        ("signing_algorithms", signing_algorithms(key.signing_algorithms())),
        (
            "key_agreement_algorithms",
            key_agreement_algorithms(key.key_agreement_algorithms()),
        ),
        (
            "encapsulation_algorithms",
            encapsulation_algorithms(key.encapsulation_algorithms()),
        ),
    ];
    add_lists(&mut shown, lists);
    shown
}

/// AWS leaves out the lists that do not go with the key's usage.
fn add_lists<const N: usize>(shown: &mut Value, lists: [(&str, Vec<&'static str>); N]) {
    if let Value::Object(members) = shown {
        let there = lists.into_iter().filter(|(_, names)| !names.is_empty());
        members.extend(there.map(|(name, names)| (name.to_owned(), names.into())));
    }
}

fn encryption_algorithms(algorithms: impl Iterator<Item = v1::EncryptionAlgorithm>) -> Vec<&'static str> {
    algorithms
        .map(|each| short(each.as_str_name(), "ENCRYPTION_ALGORITHM_"))
        .collect()
}

fn signing_algorithms(algorithms: impl Iterator<Item = v1::SigningAlgorithm>) -> Vec<&'static str> {
    algorithms
        .map(|each| short(each.as_str_name(), "SIGNING_ALGORITHM_"))
        .collect()
}

fn key_agreement_algorithms(algorithms: impl Iterator<Item = v1::KeyAgreementAlgorithm>) -> Vec<&'static str> {
    algorithms
        .map(|each| short(each.as_str_name(), "KEY_AGREEMENT_ALGORITHM_"))
        .collect()
}

fn encapsulation_algorithms(algorithms: impl Iterator<Item = v1::EncapsulationAlgorithm>) -> Vec<&'static str> {
    algorithms
        .map(|each| short(each.as_str_name(), "ENCAPSULATION_ALGORITHM_"))
        .collect()
}

/// Nothing for material that was not imported.
fn expiration_model(model: v1::ExpirationModel) -> Option<&'static str> {
    let said = Some(model).filter(|model| *model != v1::ExpirationModel::Unspecified);
    said.map(|model| short(model.as_str_name(), "EXPIRATION_MODEL_"))
}

pub(crate) fn key_state(state: v1::KeyState) -> &'static str {
    short(state.as_str_name(), "KEY_STATE_")
}

fn key_version(version: &v1::KeyVersion) -> Value {
    let provenance = version.provenance.as_ref().map(|provenance| {
        json!({
            "always_sensitive": provenance.always_sensitive,
            "key_gen_mechanism": provenance.key_gen_mechanism,
            "local": provenance.local,
            "never_extractable": provenance.never_extractable,
            "token_serial": provenance.token_serial,
        })
    });
    let invocations = version
        .invocations
        .as_ref()
        .map(|budget| json!({ "limit": budget.limit, "rotation_limit": budget.rotation_limit, "used": budget.used }));
    json!({
        "creation_date": time(version.creation_date.as_ref()),
        "invocations": invocations,
        "key_material_id": version.key_material_id,
        "provenance": provenance,
    })
}

pub(crate) fn last_usage(usage: &v1::GetKeyLastUsageResponse) -> Value {
    let last = usage.key_last_usage.as_ref().filter(|last| last.timestamp.is_some());
    let operation =
        |last: &v1::KeyLastUsageData| short(last.operation().as_str_name(), "KEY_LAST_USAGE_TRACKING_OPERATION_");
    json!({
        "cloud_trail_event_id": last.map(|last| &last.cloud_trail_event_id),
        "key_creation_date": time(usage.key_creation_date.as_ref()),
        "key_id": usage.key_id,
        "kms_request_id": last.map(|last| &last.kms_request_id),
        "operation": last.map(operation),
        "timestamp": last.and_then(|last| time(last.timestamp.as_ref())),
        "tracking_start_date": time(usage.tracking_start_date.as_ref()),
    })
}

pub(crate) fn rotation_status(status: &v1::GetKeyRotationStatusResponse) -> Value {
    json!({
        "key_id": status.key_id,
        "key_rotation_enabled": status.key_rotation_enabled,
        "next_rotation_date": time(status.next_rotation_date.as_ref()),
        "on_demand_rotation_start_date": time(status.on_demand_rotation_start_date.as_ref()),
        "rotation_period_in_days": status.rotation_period_in_days,
    })
}

pub(crate) fn rotation(rotation: &v1::RotationsListEntry) -> Value {
    // No rotation made the first material of a key.
    let rotation_type = Some(rotation.rotation_type())
        .filter(|asked| *asked != v1::RotationType::Unspecified)
        .map(|asked| short(asked.as_str_name(), "ROTATION_TYPE_"));
    let imported = Some(rotation.import_state()).filter(|state| *state != v1::ImportState::Unspecified);
    json!({
        "expiration_model": expiration_model(rotation.expiration_model()),
        "import_state": imported.map(|state| short(state.as_str_name(), "IMPORT_STATE_")),
        "key_id": rotation.key_id,
        "key_material_description": rotation.key_material_description,
        "key_material_id": rotation.key_material_id,
        "key_material_state": short(rotation.key_material_state().as_str_name(), "KEY_MATERIAL_STATE_"),
        "rotation_date": time(rotation.rotation_date.as_ref()),
        "rotation_type": rotation_type,
        "valid_to": time(rotation.valid_to.as_ref()),
    })
}

pub(crate) fn alias(alias: &v1::AliasListEntry) -> Value {
    json!({
        "alias_arn": alias.alias_arn,
        "alias_name": alias.alias_name,
        "creation_date": time(alias.creation_date.as_ref()),
        "last_updated_date": time(alias.last_updated_date.as_ref()),
        "target_key_id": alias.target_key_id,
    })
}

pub(crate) fn grant(grant: &v1::GrantListEntry) -> Value {
    let constraints = grant.constraints.as_ref().map(|constraints| {
        let given = |pairs: &HashMap<String, String>| (!pairs.is_empty()).then(|| json!(pairs));
        json!({
            "encryption_context_equals": given(&constraints.encryption_context_equals),
            "encryption_context_subset": given(&constraints.encryption_context_subset),
        })
    });
    let operations = grant.operations().map(grant_operation);
    json!({
        "constraints": constraints,
        "creation_date": time(grant.creation_date.as_ref()),
        "grant_id": grant.grant_id,
        "grantee_principal": grant.grantee_principal,
        "issuing_account": grant.issuing_account,
        "key_id": grant.key_id,
        "name": grant.name,
        "operations": operations.collect::<Vec<_>>(),
        "retiring_principal": grant.retiring_principal,
    })
}

/// The operations that a grant may permit, with AWS's names.
pub(crate) fn grant_operations() -> impl Iterator<Item = (v1::GrantOperation, String)> {
    let numbered = (1..).map_while(|number| v1::GrantOperation::try_from(number).ok());
    numbered.map(|operation| (operation, grant_operation(operation)))
}

/// AWS writes together, with capitals, what the interface writes with underscores.
fn grant_operation(operation: v1::GrantOperation) -> String {
    let words = short(operation.as_str_name(), "GRANT_OPERATION_").split('_');
    words
        .filter_map(|word| {
            let (first, rest) = word.split_at_checked(1)?;
            Some(format!("{first}{}", rest.to_lowercase()))
        })
        .collect()
}

pub(crate) fn secret(secret: &v1::DescribeSecretResponse) -> Value {
    json!({
        "arn": secret.arn,
        "created_date": time(secret.created_date.as_ref()),
        "deleted_date": time(secret.deleted_date.as_ref()),
        "description": secret.description,
        "kms_key_id": secret.kms_key_id,
        "last_accessed_date": time(secret.last_accessed_date.as_ref()),
        "last_changed_date": time(secret.last_changed_date.as_ref()),
        "name": secret.name,
        "tags": tags(&secret.tags),
        "version_ids_to_stages": stages(secret.version_ids_to_stages.iter()),
    })
}

pub(crate) fn secret_row(secret: &v1::SecretListEntry) -> Value {
    json!({
        "arn": secret.arn,
        "created_date": time(secret.created_date.as_ref()),
        "deleted_date": time(secret.deleted_date.as_ref()),
        "description": secret.description,
        "kms_key_id": secret.kms_key_id,
        "last_accessed_date": time(secret.last_accessed_date.as_ref()),
        "last_changed_date": time(secret.last_changed_date.as_ref()),
        "name": secret.name,
        "secret_versions_to_stages": stages(secret.secret_versions_to_stages.iter()),
        "tags": tags(&secret.tags),
    })
}

pub(crate) fn secret_version(version: &v1::SecretVersionsListEntry) -> Value {
    json!({
        "created_date": time(version.created_date.as_ref()),
        "kms_key_ids": version.kms_key_ids,
        "last_accessed_date": time(version.last_accessed_date.as_ref()),
        "version_id": version.version_id,
        "version_stages": version.version_stages,
    })
}

/// Why one secret of a batch was not read.
pub(crate) fn api_error(error: &v1::ApiError) -> Value {
    json!({ "error_code": error.error_code, "message": error.message, "secret_id": error.secret_id })
}

/// What is said of a parameter beside its value.
pub(crate) fn parameter_value(parameter: &ParameterValue) -> Value {
    json!({
        "arn": parameter.arn,
        "data_type": parameter.data_type,
        "last_modified_date": time(parameter.last_modified_date.as_ref()),
        "name": parameter.name,
        "selector": parameter.selector,
        "type": parameter_type(parameter.kind),
        "version": parameter.version,
    })
}

/// What is said of a version of a parameter beside its value.
pub(crate) fn parameter_version(version: &v1::ParameterHistory) -> Value {
    json!({
        "allowed_pattern": version.allowed_pattern,
        "data_type": version.data_type,
        "description": version.description,
        "key_id": version.key_id,
        "labels": version.labels,
        "last_modified_date": time(version.last_modified_date.as_ref()),
        "last_modified_user": version.last_modified_user,
        "name": version.name,
        "policies": parameter_policies(&version.policies),
        "tier": parameter_tier(version.tier()),
        "type": parameter_type(version.r#type()),
        "version": version.version,
    })
}

pub(crate) fn parameter(parameter: &v1::ParameterMetadata) -> Value {
    json!({
        "allowed_pattern": parameter.allowed_pattern,
        "arn": parameter.arn,
        "data_type": parameter.data_type,
        "description": parameter.description,
        "key_id": parameter.key_id,
        "last_modified_date": time(parameter.last_modified_date.as_ref()),
        "last_modified_user": parameter.last_modified_user,
        "name": parameter.name,
        "policies": parameter_policies(&parameter.policies),
        "tier": parameter_tier(parameter.tier()),
        "type": parameter_type(parameter.r#type()),
        "version": parameter.version,
    })
}

fn parameter_policies(policies: &[v1::ParameterInlinePolicy]) -> Value {
    let policy = |policy: &v1::ParameterInlinePolicy| {
        json!({
            "policy_status": policy.policy_status,
            "policy_text": policy.policy_text,
            "policy_type": policy.policy_type,
        })
    };
    policies.iter().map(policy).collect()
}

/// AWS's name.
fn parameter_type(kind: v1::ParameterType) -> &'static str {
    match kind {
        v1::ParameterType::Unspecified => "",
        v1::ParameterType::String => "String",
        v1::ParameterType::StringList => "StringList",
        v1::ParameterType::SecureString => "SecureString",
    }
}

/// AWS's name.
pub(crate) fn parameter_tier(tier: v1::ParameterTier) -> &'static str {
    match tier {
        v1::ParameterTier::Unspecified => "",
        v1::ParameterTier::Standard => "Standard",
        v1::ParameterTier::Advanced => "Advanced",
        v1::ParameterTier::IntelligentTiering => "Intelligent-Tiering",
    }
}

pub(crate) fn tag(tag: &v1::Tag) -> Value {
    json!({ "key": tag.key, "value": tag.value })
}

pub(crate) fn token(token: &v1::DescribeTokenResponse) -> Value {
    let counters = token.counters.as_ref().map(|counters| {
        json!({
            "alarms": counters.alarms,
            "expired": counters.expired,
            "jobs": counters.jobs,
            "logins": counters.logins,
            "reconnects": counters.reconnects,
            "retries": counters.retries,
            "sheds": counters.sheds,
        })
    });
    let lane = |lane: &v1::TokenLane| json!({ "name": lane.name, "queue_depth": lane.queue_depth, "queue_limit": lane.queue_limit });
    json!({
        "ciphertext_suite": token.ciphertext_suite,
        "ciphertext_suite_refused": token.ciphertext_suite_refused,
        "counters": counters,
        "firmware_version": token.firmware_version,
        "health": short(token.health().as_str_name(), "TOKEN_HEALTH_"),
        "label": token.label,
        "lanes": token.lanes.iter().map(lane).collect::<Vec<_>>(),
        "manufacturer": token.manufacturer,
        "model": token.model,
        "profile": token.profile,
        "reason": token.reason,
        "serial": token.serial,
    })
}

fn tags(tags: &[v1::Tag]) -> Value {
    tags.iter().map(tag).collect()
}

fn stages<'a>(versions: impl Iterator<Item = (&'a String, &'a v1::StagingLabels)>) -> Value {
    let members = versions.map(|(version_id, labels)| (version_id.clone(), json!(labels.version_stages)));
    Value::Object(members.collect())
}

/// An enum value's name without the enum's name in front.
pub(crate) fn short<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}
