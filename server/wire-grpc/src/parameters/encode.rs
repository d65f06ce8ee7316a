//! Replies of the parameter store as messages.

use strongroom_base::{ParameterTier, ParameterType};
use strongroom_material::{Material, SecretValue};
use strongroom_parameters::op::{
    DeletedParameters, HistoryPage, HistoryRow, LabelledVersion, ManyValues, ParameterDescription, ParameterPage,
    PutVersion, UnlabelledVersion, ValuePage,
};
use strongroom_parameters::{Label, ParameterPolicy, ParameterValue, Parameters, Shown, Tags};
use strongroom_proto::v1;

use crate::field::timestamp;

pub(super) fn put_parameter(reply: PutVersion, _: &Parameters) -> v1::PutParameterResponse {
    v1::PutParameterResponse {
        version: reply.version,
        tier: tier(reply.tier),
    }
}

pub(super) fn get_parameter(reply: ParameterValue, _: &Parameters) -> v1::GetParameterResponse {
    v1::GetParameterResponse {
        parameter: Some(parameter(reply)),
    }
}

pub(super) fn get_parameters(reply: ManyValues, _: &Parameters) -> v1::GetParametersResponse {
    v1::GetParametersResponse {
        parameters: reply.values.into_iter().map(parameter).collect(),
        invalid_parameters: reply.invalid,
    }
}

pub(super) fn get_parameters_by_path(reply: ValuePage, _: &Parameters) -> v1::GetParametersByPathResponse {
    v1::GetParametersByPathResponse {
        parameters: reply.values.into_iter().map(parameter).collect(),
        next_token: reply.next_token,
    }
}

pub(super) fn get_parameter_history(reply: HistoryPage, _: &Parameters) -> v1::GetParameterHistoryResponse {
    v1::GetParameterHistoryResponse {
        parameters: reply.versions.into_iter().map(history).collect(),
        next_token: reply.next_token,
    }
}

pub(super) fn describe_parameters(reply: ParameterPage, _: &Parameters) -> v1::DescribeParametersResponse {
    v1::DescribeParametersResponse {
        parameters: reply.parameters.into_iter().map(metadata).collect(),
        next_token: reply.next_token,
    }
}

pub(super) fn label_parameter_version(reply: LabelledVersion, _: &Parameters) -> v1::LabelParameterVersionResponse {
    v1::LabelParameterVersionResponse {
        invalid_labels: reply.invalid,
        parameter_version: reply.version,
    }
}

pub(super) fn unlabel_parameter_version(
    reply: UnlabelledVersion,
    _: &Parameters,
) -> v1::UnlabelParameterVersionResponse {
    v1::UnlabelParameterVersionResponse {
        removed_labels: reply.removed,
        invalid_labels: reply.invalid,
    }
}

pub(super) fn delete_parameter((): (), _: &Parameters) -> v1::DeleteParameterResponse {
    v1::DeleteParameterResponse {}
}

pub(super) fn delete_parameters(reply: DeletedParameters, _: &Parameters) -> v1::DeleteParametersResponse {
    v1::DeleteParametersResponse {
        deleted_parameters: reply.deleted,
        invalid_parameters: reply.invalid,
    }
}

pub(super) fn add_tags_to_resource((): (), _: &Parameters) -> v1::AddTagsToResourceResponse {
    v1::AddTagsToResourceResponse {}
}

pub(super) fn remove_tags_from_resource((): (), _: &Parameters) -> v1::RemoveTagsFromResourceResponse {
    v1::RemoveTagsFromResourceResponse {}
}

pub(super) fn list_tags_for_resource(reply: Tags, _: &Parameters) -> v1::ListTagsForResourceResponse {
    let tag = |(key, value): (&str, &str)| v1::Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    v1::ListTagsForResourceResponse {
        tag_list: reply.pairs().map(tag).collect(),
    }
}

fn parameter(reply: ParameterValue) -> v1::Parameter {
    v1::Parameter {
        value: value(reply.value),
        source_result: reply.source_result.as_ref().map(text),
        name: reply.name,
        r#type: kind(reply.kind),
        version: reply.version,
        selector: reply.selector,
        last_modified_date: Some(timestamp(reply.modified)),
        arn: reply.arn.to_string(),
        data_type: reply.data_type.to_string(),
    }
}

fn history(row: HistoryRow) -> v1::ParameterHistory {
    v1::ParameterHistory {
        value: value(row.value),
        name: row.name,
        r#type: kind(row.kind),
        key_id: row.key,
        last_modified_date: Some(timestamp(row.modified)),
        last_modified_user: row.modified_by.to_string(),
        description: row.description,
        allowed_pattern: row.allowed_pattern,
        version: row.version,
        labels: row.labels.iter().map(Label::to_string).collect(),
        tier: tier(row.tier),
        policies: policies(row.policies),
        data_type: row.data_type.to_string(),
    }
}

fn metadata(row: ParameterDescription) -> v1::ParameterMetadata {
    v1::ParameterMetadata {
        name: row.name,
        arn: row.arn.to_string(),
        r#type: kind(row.kind),
        key_id: row.key,
        last_modified_date: Some(timestamp(row.modified)),
        last_modified_user: row.modified_by.to_string(),
        description: row.description,
        allowed_pattern: row.allowed_pattern,
        version: row.version,
        tier: tier(row.tier),
        policies: policies(row.policies),
        data_type: row.data_type.to_string(),
    }
}

fn policies(policies: Vec<ParameterPolicy>) -> Vec<v1::ParameterInlinePolicy> {
    let shown = policies.into_iter().map(|policy| v1::ParameterInlinePolicy {
        policy_type: policy.kind.name().to_owned(),
        policy_status: policy.status.as_str().to_owned(),
        policy_text: policy.text,
    });
    shown.collect()
}

fn value(shown: Shown) -> String {
    match shown {
        Shown::Plain(text) => text,
        Shown::Secret(value) => text(&value),
    }
}

/// The domain keeps texts as UTF-8; what is not would be a defect and is shown as such.
fn text(bytes: &Material<SecretValue>) -> String {
    bytes.reveal_to_wire(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn kind(kind: ParameterType) -> i32 {
    let kind = match kind {
        ParameterType::String => v1::ParameterType::String,
        ParameterType::StringList => v1::ParameterType::StringList,
        ParameterType::SecureString => v1::ParameterType::SecureString,
    };
    kind.into()
}

fn tier(tier: ParameterTier) -> i32 {
    let tier = match tier {
        ParameterTier::Standard => v1::ParameterTier::Standard,
        ParameterTier::Advanced => v1::ParameterTier::Advanced,
        ParameterTier::IntelligentTiering => v1::ParameterTier::IntelligentTiering,
    };
    tier.into()
}
