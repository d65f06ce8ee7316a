//! Requests of the Secrets service as operations.

use strongroom_base::{Code, Fault};
use strongroom_proto::v1;
use strongroom_proto::v1::secret_value::Value as WireValue;
use strongroom_secrets::op::{
    BatchGetSecretValue, CreateSecret, DeleteSecret, DescribeSecret, GetRandomPassword, GetSecretValue,
    ListSecretVersionIds, ListSecrets, NewSecret, PasswordRules, PutSecretValue, RestoreSecret, SecretUpdate,
    TagResource, UntagResource, UpdateSecret, UpdateSecretVersionStage,
};
use strongroom_secrets::{Filter, FilterKey, Secrets, SortBy, SortOrder, Value};

pub(super) fn create_secret(request: v1::CreateSecretRequest, secrets: &Secrets) -> Result<CreateSecret, Fault> {
    let request = NewSecret {
        value: value(request.secret_value)?,
        name: request.name,
        client_request_token: request.client_request_token,
        description: request.description,
        kms_key_id: request.kms_key_id,
        tags: tags(request.tags),
    };
    CreateSecret::new(request, secrets.scope())
}

pub(super) fn get_secret_value(request: v1::GetSecretValueRequest, _: &Secrets) -> Result<GetSecretValue, Fault> {
    GetSecretValue::new(
        &request.secret_id,
        request.version_id.as_deref(),
        request.version_stage.as_deref(),
    )
}

pub(super) fn batch_get_secret_value(
    request: v1::BatchGetSecretValueRequest,
    _: &Secrets,
) -> Result<BatchGetSecretValue, Fault> {
    let filters = filters(request.filters)?;
    let max_results = request.max_results.map(i64::from);
    BatchGetSecretValue::new(
        &request.secret_id_list,
        filters,
        max_results,
        request.next_token.as_deref(),
    )
}

pub(super) fn put_secret_value(request: v1::PutSecretValueRequest, _: &Secrets) -> Result<PutSecretValue, Fault> {
    let value = value(request.secret_value)?;
    let token = request.client_request_token.as_deref();
    PutSecretValue::new(&request.secret_id, token, value, &request.version_stages)
}

pub(super) fn update_secret(request: v1::UpdateSecretRequest, secrets: &Secrets) -> Result<UpdateSecret, Fault> {
    let request = SecretUpdate {
        value: value(request.secret_value)?,
        secret_id: request.secret_id,
        client_request_token: request.client_request_token,
        description: request.description,
        kms_key_id: request.kms_key_id,
    };
    UpdateSecret::new(request, secrets.scope())
}

pub(super) fn describe_secret(request: v1::DescribeSecretRequest, _: &Secrets) -> Result<DescribeSecret, Fault> {
    DescribeSecret::new(&request.secret_id)
}

pub(super) fn list_secrets(request: v1::ListSecretsRequest, _: &Secrets) -> Result<ListSecrets, Fault> {
    let sorting = (sort_by(request.sort_by)?, sort_order(request.sort_order)?);
    let max_results = request.max_results.map(i64::from);
    let planned_deletion = request.include_planned_deletion;
    ListSecrets::new(
        filters(request.filters)?,
        sorting,
        planned_deletion,
        max_results,
        request.next_token.as_deref(),
    )
}

pub(super) fn list_secret_version_ids(
    request: v1::ListSecretVersionIdsRequest,
    _: &Secrets,
) -> Result<ListSecretVersionIds, Fault> {
    let max_results = request.max_results.map(i64::from);
    ListSecretVersionIds::new(
        &request.secret_id,
        request.include_deprecated,
        max_results,
        request.next_token,
    )
}

pub(super) fn update_secret_version_stage(
    request: v1::UpdateSecretVersionStageRequest,
    _: &Secrets,
) -> Result<UpdateSecretVersionStage, Fault> {
    let (from, to) = (
        request.remove_from_version_id.as_deref(),
        request.move_to_version_id.as_deref(),
    );
    UpdateSecretVersionStage::new(&request.secret_id, &request.version_stage, from, to)
}

pub(super) fn delete_secret(request: v1::DeleteSecretRequest, _: &Secrets) -> Result<DeleteSecret, Fault> {
    let window = request.recovery_window_in_days;
    DeleteSecret::new(&request.secret_id, window, request.force_delete_without_recovery)
}

pub(super) fn restore_secret(request: v1::RestoreSecretRequest, _: &Secrets) -> Result<RestoreSecret, Fault> {
    RestoreSecret::new(&request.secret_id)
}

pub(super) fn tag_resource(request: v1::TagResourceRequest, _: &Secrets) -> Result<TagResource, Fault> {
    TagResource::new(&request.secret_id, tags(request.tags))
}

pub(super) fn untag_resource(request: v1::UntagResourceRequest, _: &Secrets) -> Result<UntagResource, Fault> {
    UntagResource::new(&request.secret_id, request.tag_keys)
}

pub(super) fn get_random_password(
    request: v1::GetRandomPasswordRequest,
    _: &Secrets,
) -> Result<GetRandomPassword, Fault> {
    GetRandomPassword::new(&PasswordRules {
        length: request.password_length,
        exclude_characters: request.exclude_characters,
        exclude_numbers: request.exclude_numbers,
        exclude_punctuation: request.exclude_punctuation,
        exclude_uppercase: request.exclude_uppercase,
        exclude_lowercase: request.exclude_lowercase,
        include_space: request.include_space,
        require_each_included_type: request.require_each_included_type,
    })
}

/// Absent, or present without a choice: no value.
fn value(value: Option<v1::SecretValue>) -> Result<Option<Value>, Fault> {
    match value.and_then(|value| value.value) {
        None => Ok(None),
        Some(WireValue::String(text)) => Value::string(text).map(Some),
        Some(WireValue::Binary(bytes)) => Value::binary(bytes).map(Some),
    }
}

fn tags(tags: Vec<v1::Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

fn filters(filters: Vec<v1::Filter>) -> Result<Vec<Filter>, Fault> {
    filters
        .into_iter()
        .map(|filter| Filter::new(filter_key(filter.key)?, filter.values))
        .collect()
}

fn filter_key(key: i32) -> Result<FilterKey, Fault> {
    Ok(match v1::FilterKey::try_from(key) {
        Ok(v1::FilterKey::Description) => FilterKey::Description,
        Ok(v1::FilterKey::Name) => FilterKey::Name,
        Ok(v1::FilterKey::TagKey) => FilterKey::TagKey,
        Ok(v1::FilterKey::TagValue) => FilterKey::TagValue,
        Ok(v1::FilterKey::PrimaryRegion) => FilterKey::PrimaryRegion,
        Ok(v1::FilterKey::OwningService) => FilterKey::OwningService,
        Ok(v1::FilterKey::All) => FilterKey::All,
        Ok(v1::FilterKey::Unspecified) | Err(_) => {
            let values = "description, name, tag-key, tag-value, primary-region, owning-service, all";
            return Err(unknown("filters.member.key", key, values));
        }
    })
}

fn sort_by(key: i32) -> Result<SortBy, Fault> {
    Ok(match v1::SortBy::try_from(key) {
        Ok(v1::SortBy::Unspecified | v1::SortBy::CreatedDate) => SortBy::CreatedDate,
        Ok(v1::SortBy::LastChangedDate) => SortBy::LastChangedDate,
        Ok(v1::SortBy::Name) => SortBy::Name,
        Ok(v1::SortBy::LastAccessedDate) => SortBy::LastAccessedDate,
        Err(_) => {
            let values = "created-date, last-accessed-date, last-changed-date, name";
            return Err(unknown("sortBy", key, values));
        }
    })
}

fn sort_order(order: i32) -> Result<SortOrder, Fault> {
    Ok(match v1::SortOrder::try_from(order) {
        Ok(v1::SortOrder::Unspecified) => SortOrder::default(),
        Ok(v1::SortOrder::Asc) => SortOrder::Asc,
        Ok(v1::SortOrder::Desc) => SortOrder::Desc,
        Err(_) => return Err(unknown("sortOrder", order, "asc, desc")),
    })
}

fn unknown(field: &str, value: i32, values: &str) -> Fault {
    Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: Member must \
             satisfy enum value set: [{values}]"
        ),
    )
}
