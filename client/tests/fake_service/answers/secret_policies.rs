//! What the played service answers about resource policies of secrets.

use strongroom::v1;
use tonic::{Code, Status};

use crate::service::{State, refusal};

fn arn(secret: &str) -> String {
    format!("arn:{secret}")
}

pub(crate) fn put(
    state: &State,
    message: v1::PutResourcePolicyRequest,
) -> Result<v1::PutResourcePolicyResponse, Status> {
    if message.block_public_policy && message.resource_policy.contains('*') {
        return Err(refusal(Code::InvalidArgument, "PublicPolicyException", None));
    }
    *state.secret_policy.lock().unwrap() = Some(message.resource_policy);
    Ok(v1::PutResourcePolicyResponse {
        arn: arn(&message.secret_id),
        name: message.secret_id,
        policy_name: "default".to_owned(),
    })
}

pub(crate) fn get(
    state: &State,
    message: v1::GetResourcePolicyRequest,
) -> Result<v1::GetResourcePolicyResponse, Status> {
    let resource_policy = state.secret_policy.lock().unwrap().clone();
    Ok(v1::GetResourcePolicyResponse {
        arn: arn(&message.secret_id),
        name: message.secret_id,
        policy_name: resource_policy.as_ref().map(|_| "default".to_owned()),
        resource_policy,
    })
}

pub(crate) fn delete(
    state: &State,
    message: v1::DeleteResourcePolicyRequest,
) -> Result<v1::DeleteResourcePolicyResponse, Status> {
    *state.secret_policy.lock().unwrap() = None;
    Ok(v1::DeleteResourcePolicyResponse {
        arn: arn(&message.secret_id),
        name: message.secret_id,
        policy_name: "default".to_owned(),
    })
}

/// A wildcard does not pass; a secret that is named is named back.
pub(crate) fn validate(
    _: &State,
    message: v1::ValidateResourcePolicyRequest,
) -> Result<v1::ValidateResourcePolicyResponse, Status> {
    let entry = v1::ValidationErrorsEntry {
        check_name: "BlockPublicPolicyCheck".to_owned(),
        error_message: format!("{} is public", message.secret_id.unwrap_or_default()),
    };
    let passed = !message.resource_policy.contains('*');
    Ok(v1::ValidateResourcePolicyResponse {
        policy_validation_passed: passed,
        validation_errors: (!passed).then_some(entry).into_iter().collect(),
    })
}
