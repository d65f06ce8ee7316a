//! Requests of the Parameters service as operations.

use strongroom_base::Fault;
use strongroom_parameters::op::{
    AddTagsToResource, DeleteParameter, DeleteParameters, DescribeParameters, GetParameter, GetParameterHistory,
    GetParameters, GetParametersByPath, LabelParameterVersion, ListTagsForResource, NewParameter, PathRequest,
    PutParameter, RemoveTagsFromResource, UnlabelParameterVersion,
};
use strongroom_parameters::{Parameters, Value, WrittenFilter};
use strongroom_proto::v1;

pub(super) fn put_parameter(request: v1::PutParameterRequest, parameters: &Parameters) -> Result<PutParameter, Fault> {
    // First, so that the value is material whatever else is wrong.
    let value = Value::new(request.value)?;
    let request = NewParameter {
        value,
        kind: kind(request.r#type),
        tier: tier(request.tier),
        name: request.name,
        description: request.description,
        key_id: request.key_id,
        overwrite: request.overwrite,
        allowed_pattern: request.allowed_pattern,
        tags: tags(request.tags),
        policies: request.policies,
        data_type: request.data_type,
    };
    PutParameter::new(request, parameters.scope())
}

pub(super) fn get_parameter(request: v1::GetParameterRequest, parameters: &Parameters) -> Result<GetParameter, Fault> {
    GetParameter::new(&request.name, request.with_decryption, parameters.scope())
}

pub(super) fn get_parameters(
    request: v1::GetParametersRequest,
    parameters: &Parameters,
) -> Result<GetParameters, Fault> {
    GetParameters::new(request.names, request.with_decryption, parameters.scope())
}

pub(super) fn get_parameters_by_path(
    request: v1::GetParametersByPathRequest,
    _: &Parameters,
) -> Result<GetParametersByPath, Fault> {
    GetParametersByPath::new(PathRequest {
        path: request.path,
        recursive: request.recursive,
        filters: filters(request.parameter_filters),
        with_decryption: request.with_decryption,
        max_results: request.max_results.map(i64::from),
        next_token: request.next_token,
    })
}

pub(super) fn get_parameter_history(
    request: v1::GetParameterHistoryRequest,
    parameters: &Parameters,
) -> Result<GetParameterHistory, Fault> {
    GetParameterHistory::new(
        &request.name,
        request.with_decryption,
        request.max_results.map(i64::from),
        request.next_token,
        parameters.scope(),
    )
}

pub(super) fn describe_parameters(
    request: v1::DescribeParametersRequest,
    _: &Parameters,
) -> Result<DescribeParameters, Fault> {
    let max_results = request.max_results.map(i64::from);
    DescribeParameters::new(
        filters(request.parameter_filters),
        max_results,
        request.next_token.as_deref(),
    )
}

pub(super) fn label_parameter_version(
    request: v1::LabelParameterVersionRequest,
    _: &Parameters,
) -> Result<LabelParameterVersion, Fault> {
    LabelParameterVersion::new(&request.name, request.parameter_version, request.labels)
}

pub(super) fn unlabel_parameter_version(
    request: v1::UnlabelParameterVersionRequest,
    _: &Parameters,
) -> Result<UnlabelParameterVersion, Fault> {
    UnlabelParameterVersion::new(&request.name, request.parameter_version, request.labels)
}

pub(super) fn delete_parameter(request: v1::DeleteParameterRequest, _: &Parameters) -> Result<DeleteParameter, Fault> {
    DeleteParameter::new(&request.name)
}

pub(super) fn delete_parameters(
    request: v1::DeleteParametersRequest,
    _: &Parameters,
) -> Result<DeleteParameters, Fault> {
    DeleteParameters::new(request.names)
}

pub(super) fn add_tags_to_resource(
    request: v1::AddTagsToResourceRequest,
    _: &Parameters,
) -> Result<AddTagsToResource, Fault> {
    AddTagsToResource::new(&request.resource_type, &request.resource_id, tags(request.tags))
}

pub(super) fn remove_tags_from_resource(
    request: v1::RemoveTagsFromResourceRequest,
    _: &Parameters,
) -> Result<RemoveTagsFromResource, Fault> {
    RemoveTagsFromResource::new(&request.resource_type, &request.resource_id, request.tag_keys)
}

pub(super) fn list_tags_for_resource(
    request: v1::ListTagsForResourceRequest,
    _: &Parameters,
) -> Result<ListTagsForResource, Fault> {
    ListTagsForResource::new(&request.resource_type, &request.resource_id)
}

/// AWS's name of a type; what this interface does not know is refused by its number.
fn kind(kind: i32) -> Option<String> {
    match v1::ParameterType::try_from(kind) {
        Ok(v1::ParameterType::Unspecified) => None,
        Ok(v1::ParameterType::String) => Some("String".to_owned()),
        Ok(v1::ParameterType::StringList) => Some("StringList".to_owned()),
        Ok(v1::ParameterType::SecureString) => Some("SecureString".to_owned()),
        Err(_) => Some(kind.to_string()),
    }
}

/// AWS's name of a tier, likewise.
fn tier(tier: i32) -> Option<String> {
    match v1::ParameterTier::try_from(tier) {
        Ok(v1::ParameterTier::Unspecified) => None,
        Ok(v1::ParameterTier::Standard) => Some("Standard".to_owned()),
        Ok(v1::ParameterTier::Advanced) => Some("Advanced".to_owned()),
        Ok(v1::ParameterTier::IntelligentTiering) => Some("Intelligent-Tiering".to_owned()),
        Err(_) => Some(tier.to_string()),
    }
}

fn tags(tags: Vec<v1::Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

fn filters(filters: Vec<v1::ParameterStringFilter>) -> Vec<WrittenFilter> {
    let written = filters.into_iter();
    written
        .map(|filter| (filter.key, filter.option, filter.values))
        .collect()
}
