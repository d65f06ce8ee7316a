//! Replies of the secrets service as messages.

use std::collections::HashMap;

use strongroom_material::{Material, SecretValue};
use strongroom_proto::v1;
use strongroom_proto::v1::secret_value::Value as WireValue;
use strongroom_secrets::op::{
    BatchOfValues, CreatedSecret, DeletedSecret, NamedSecret, PutVersion, SecretDescription, SecretPage,
    SecretVersionValue, UpdatedSecret, VersionPage,
};
use strongroom_secrets::{Secrets, StagingLabel, Value, ValueKind};

use crate::field::timestamp;

pub(super) fn create_secret(reply: CreatedSecret, _: &Secrets) -> v1::CreateSecretResponse {
    v1::CreateSecretResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        version_id: reply.version.map(|version| version.to_string()),
    }
}

pub(super) fn get_secret_value(reply: SecretVersionValue, _: &Secrets) -> v1::GetSecretValueResponse {
    v1::GetSecretValueResponse {
        secret_value: Some(value(&reply.value)),
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        version_id: reply.version.to_string(),
        version_stages: labels(&reply.stages),
        created_date: Some(timestamp(reply.created)),
    }
}

pub(super) fn batch_get_secret_value(reply: BatchOfValues, _: &Secrets) -> v1::BatchGetSecretValueResponse {
    let entry = |reply: SecretVersionValue| v1::SecretValueEntry {
        secret_value: Some(value(&reply.value)),
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        version_id: reply.version.to_string(),
        version_stages: labels(&reply.stages),
        created_date: Some(timestamp(reply.created)),
    };
    let errors = reply.errors.into_iter().map(|failure| v1::ApiError {
        secret_id: failure.secret_id,
        error_code: failure.fault.code().row().exception.to_owned(),
        message: failure.fault.message().to_owned(),
    });
    v1::BatchGetSecretValueResponse {
        secret_values: reply.values.into_iter().map(entry).collect(),
        errors: errors.collect(),
        next_token: reply.next_token,
    }
}

pub(super) fn put_secret_value(reply: PutVersion, _: &Secrets) -> v1::PutSecretValueResponse {
    v1::PutSecretValueResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        version_id: reply.version.to_string(),
        version_stages: labels(&reply.stages),
    }
}

pub(super) fn update_secret(reply: UpdatedSecret, _: &Secrets) -> v1::UpdateSecretResponse {
    v1::UpdateSecretResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        version_id: reply.version.map(|version| version.to_string()),
    }
}

pub(super) fn describe_secret(reply: SecretDescription, _: &Secrets) -> v1::DescribeSecretResponse {
    v1::DescribeSecretResponse {
        tags: tags(&reply),
        version_ids_to_stages: stages(&reply),
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        description: reply.description,
        kms_key_id: reply.kms_key.map(|key| key.to_string()),
        last_changed_date: Some(timestamp(reply.changed)),
        last_accessed_date: reply.accessed.map(timestamp),
        deleted_date: reply.deleted.map(timestamp),
        created_date: Some(timestamp(reply.created)),
    }
}

pub(super) fn list_secrets(reply: SecretPage, _: &Secrets) -> v1::ListSecretsResponse {
    let entry = |secret: SecretDescription| v1::SecretListEntry {
        tags: tags(&secret),
        secret_versions_to_stages: stages(&secret),
        arn: secret.arn.to_string(),
        name: secret.name.to_string(),
        description: secret.description,
        kms_key_id: secret.kms_key.map(|key| key.to_string()),
        last_changed_date: Some(timestamp(secret.changed)),
        last_accessed_date: secret.accessed.map(timestamp),
        deleted_date: secret.deleted.map(timestamp),
        created_date: Some(timestamp(secret.created)),
    };
    v1::ListSecretsResponse {
        secret_list: reply.secrets.into_iter().map(entry).collect(),
        next_token: reply.next_token,
    }
}

pub(super) fn list_secret_version_ids(reply: VersionPage, _: &Secrets) -> v1::ListSecretVersionIdsResponse {
    let entries = reply.versions.into_iter().map(|version| v1::SecretVersionsListEntry {
        version_id: version.version.to_string(),
        version_stages: labels(&version.stages),
        last_accessed_date: None,
        created_date: Some(timestamp(version.created)),
        kms_key_ids: vec![version.kms_key_id],
    });
    v1::ListSecretVersionIdsResponse {
        versions: entries.collect(),
        next_token: reply.next_token,
        arn: reply.secret.arn.to_string(),
        name: reply.secret.name.to_string(),
    }
}

pub(super) fn update_secret_version_stage(reply: NamedSecret, _: &Secrets) -> v1::UpdateSecretVersionStageResponse {
    v1::UpdateSecretVersionStageResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
    }
}

pub(super) fn delete_secret(reply: DeletedSecret, _: &Secrets) -> v1::DeleteSecretResponse {
    v1::DeleteSecretResponse {
        arn: reply.arn.to_string(),
        name: reply.name,
        deletion_date: Some(timestamp(reply.delete_at)),
    }
}

pub(super) fn restore_secret(reply: NamedSecret, _: &Secrets) -> v1::RestoreSecretResponse {
    v1::RestoreSecretResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
    }
}

pub(super) fn tag_resource((): (), _: &Secrets) -> v1::TagResourceResponse {
    v1::TagResourceResponse {}
}

pub(super) fn untag_resource((): (), _: &Secrets) -> v1::UntagResourceResponse {
    v1::UntagResourceResponse {}
}

pub(super) fn get_random_password(reply: Material<SecretValue>, _: &Secrets) -> v1::GetRandomPasswordResponse {
    v1::GetRandomPasswordResponse {
        random_password: text(&reply),
    }
}

fn value(value: &Value) -> v1::SecretValue {
    let choice = match value.kind() {
        ValueKind::String => WireValue::String(text(value.bytes())),
        ValueKind::Binary => WireValue::Binary(value.bytes().reveal_to_wire(<[u8]>::to_vec)),
    };
    v1::SecretValue { value: Some(choice) }
}

/// The domain keeps texts as UTF-8; what is not would be a defect and is shown as such.
fn text(bytes: &Material<SecretValue>) -> String {
    bytes.reveal_to_wire(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn labels(labels: &[StagingLabel]) -> Vec<String> {
    labels.iter().map(ToString::to_string).collect()
}

fn tags(secret: &SecretDescription) -> Vec<v1::Tag> {
    secret
        .tags
        .pairs()
        .map(|(key, value)| v1::Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        })
        .collect()
}

fn stages(secret: &SecretDescription) -> HashMap<String, v1::StagingLabels> {
    let stages = secret.version_stages.iter();
    stages
        .map(|(version, stages)| {
            (
                version.to_string(),
                v1::StagingLabels {
                    version_stages: labels(stages),
                },
            )
        })
        .collect()
}
