//! Resource policies of secrets: requests as operations, and replies as messages.

use strongroom_base::Fault;
use strongroom_proto::v1;
use strongroom_secrets::Secrets;
use strongroom_secrets::op::{
    DeleteResourcePolicy, FailedCheck, GetResourcePolicy, NamedSecret, PutResourcePolicy, SecretPolicy,
    ValidateResourcePolicy,
};

/// The name of the one policy that a secret can have.
const POLICY_NAME: &str = "default";

pub(super) fn decode_put(request: v1::PutResourcePolicyRequest, _: &Secrets) -> Result<PutResourcePolicy, Fault> {
    PutResourcePolicy::new(
        &request.secret_id,
        request.policy_name.as_deref(),
        &request.resource_policy,
        request.block_public_policy,
    )
}

pub(super) fn encode_put(reply: NamedSecret, _: &Secrets) -> v1::PutResourcePolicyResponse {
    v1::PutResourcePolicyResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        policy_name: POLICY_NAME.to_owned(),
    }
}

pub(super) fn decode_get(request: v1::GetResourcePolicyRequest, _: &Secrets) -> Result<GetResourcePolicy, Fault> {
    GetResourcePolicy::new(&request.secret_id, request.policy_name.as_deref())
}

pub(super) fn encode_get(reply: SecretPolicy, _: &Secrets) -> v1::GetResourcePolicyResponse {
    v1::GetResourcePolicyResponse {
        arn: reply.secret.arn.to_string(),
        name: reply.secret.name.to_string(),
        policy_name: reply.policy.as_ref().map(|_| POLICY_NAME.to_owned()),
        resource_policy: reply.policy.map(|policy| policy.as_str().to_owned()),
    }
}

pub(super) fn decode_delete(
    request: v1::DeleteResourcePolicyRequest,
    _: &Secrets,
) -> Result<DeleteResourcePolicy, Fault> {
    DeleteResourcePolicy::new(&request.secret_id, request.policy_name.as_deref())
}

pub(super) fn encode_delete(reply: NamedSecret, _: &Secrets) -> v1::DeleteResourcePolicyResponse {
    v1::DeleteResourcePolicyResponse {
        arn: reply.arn.to_string(),
        name: reply.name.to_string(),
        policy_name: POLICY_NAME.to_owned(),
    }
}

pub(super) fn decode_validate(
    request: v1::ValidateResourcePolicyRequest,
    _: &Secrets,
) -> Result<ValidateResourcePolicy, Fault> {
    ValidateResourcePolicy::new(request.secret_id.as_deref(), &request.resource_policy)
}

pub(super) fn encode_validate(failed: Vec<FailedCheck>, _: &Secrets) -> v1::ValidateResourcePolicyResponse {
    let entry = |check: FailedCheck| v1::ValidationErrorsEntry {
        check_name: check.name().to_owned(),
        error_message: check.message().to_owned(),
    };
    v1::ValidateResourcePolicyResponse {
        policy_validation_passed: failed.is_empty(),
        validation_errors: failed.into_iter().map(entry).collect(),
    }
}
