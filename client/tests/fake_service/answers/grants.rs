//! What the played service answers about key policies and grants.

use prost_types::Timestamp;
use strongroom::v1;
use tonic::{Code, Status};

use super::{KEY_ARN, KEY_ID};
use crate::service::{State, refusal};

/// The policy of a key that nobody put one on.
pub(crate) const DEFAULT_POLICY: &str = "{\n  \"Version\" : \"2012-10-17\"\n}";
/// Grants of every key, beside those that were made.
const GRANTS: i32 = 250;

pub(crate) fn put_policy(state: &State, message: v1::PutKeyPolicyRequest) -> Result<v1::PutKeyPolicyResponse, Status> {
    if message.policy.contains("locked out") && !message.bypass_policy_lockout_safety_check {
        let exception = "MalformedPolicyDocumentException";
        return Err(refusal(Code::InvalidArgument, exception, None));
    }
    *state.key_policy.lock().unwrap() = Some(message.policy);
    Ok(v1::PutKeyPolicyResponse {})
}

pub(crate) fn policy(state: &State, _: v1::GetKeyPolicyRequest) -> Result<v1::GetKeyPolicyResponse, Status> {
    let policy = state.key_policy.lock().unwrap().clone();
    Ok(v1::GetKeyPolicyResponse {
        policy: policy.unwrap_or_else(|| DEFAULT_POLICY.to_owned()),
        policy_name: "default".to_owned(),
    })
}

pub(crate) fn policies(_: &State, _: v1::ListKeyPoliciesRequest) -> Result<v1::ListKeyPoliciesResponse, Status> {
    Ok(v1::ListKeyPoliciesResponse {
        policy_names: vec!["default".to_owned()],
        next_marker: None,
        truncated: false,
    })
}

pub(crate) fn create(state: &State, message: v1::CreateGrantRequest) -> Result<v1::CreateGrantResponse, Status> {
    state.grants_asked.lock().unwrap().push(message);
    Ok(v1::CreateGrantResponse {
        grant_token: "token".to_owned(),
        grant_id: "ab".repeat(32),
    })
}

/// The marker is the number of the next.
pub(crate) fn list(_: &State, message: v1::ListGrantsRequest) -> Result<v1::ListGrantsResponse, Status> {
    let (grants, next_marker) = page(message.limit, message.marker, message.grantee_principal.as_deref());
    Ok(v1::ListGrantsResponse {
        grants,
        truncated: next_marker.is_some(),
        next_marker,
    })
}

pub(crate) fn list_retirable(
    _: &State,
    message: v1::ListRetirableGrantsRequest,
) -> Result<v1::ListRetirableGrantsResponse, Status> {
    let (grants, next_marker) = page(message.limit, message.marker, None);
    Ok(v1::ListRetirableGrantsResponse {
        grants,
        truncated: next_marker.is_some(),
        next_marker,
    })
}

fn page(
    limit: Option<i32>,
    marker: Option<String>,
    grantee: Option<&str>,
) -> (Vec<v1::GrantListEntry>, Option<String>) {
    let first: i32 = marker.map_or(0, |marker| marker.parse().unwrap());
    let next = (first + limit.unwrap()).min(GRANTS);
    let grants = (first..next).map(|number| entry(number, grantee)).collect();
    (grants, (next < GRANTS).then(|| next.to_string()))
}

fn entry(number: i32, grantee: Option<&str>) -> v1::GrantListEntry {
    let constraints = v1::GrantConstraints {
        encryption_context_subset: [("tenant".to_owned(), "7".to_owned())].into(),
        ..v1::GrantConstraints::default()
    };
    v1::GrantListEntry {
        key_id: KEY_ARN.to_owned(),
        grant_id: format!("grant-{number}"),
        creation_date: Some(Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
        grantee_principal: grantee.unwrap_or("arn:clerk").to_owned(),
        issuing_account: "arn:aws:iam::000000000000:root".to_owned(),
        operations: vec![
            v1::GrantOperation::Decrypt.into(),
            v1::GrantOperation::GenerateDataKeyWithoutPlaintext.into(),
        ],
        constraints: (number == 0).then_some(constraints),
        ..v1::GrantListEntry::default()
    }
}

pub(crate) fn retire(_: &State, message: v1::RetireGrantRequest) -> Result<v1::RetireGrantResponse, Status> {
    match (message.grant_token.as_deref(), message.key_id.as_deref()) {
        (Some("token"), None) | (None, Some(KEY_ID)) => Ok(v1::RetireGrantResponse {}),
        _ => Err(refusal(Code::InvalidArgument, "InvalidGrantTokenException", None)),
    }
}

pub(crate) fn revoke(_: &State, message: v1::RevokeGrantRequest) -> Result<v1::RevokeGrantResponse, Status> {
    if message.dry_run {
        return Err(refusal(Code::FailedPrecondition, "DryRunOperationException", None));
    }
    Ok(v1::RevokeGrantResponse {})
}
