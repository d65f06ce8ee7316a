//! Key policies and grants: requests as operations, replies as messages.

use std::collections::HashMap;
use std::sync::Arc;

use strongroom_base::{Code, Fault};
use strongroom_kms::op::{
    CreateGrant, CreatedGrant, GetKeyPolicy, GrantPage, ListGrants, ListKeyPolicies, ListRetirableGrants, PutKeyPolicy,
    RetireGrant, RevokeGrant,
};
use strongroom_kms::{ContextPairs, GrantConstraints, GrantOperation, GrantRecord, Kms, NewGrant, ResourcePolicy};
use strongroom_proto::v1;

use super::decode::key;
use crate::field::{count, timestamp};

/// The name of every key policy.
const POLICY_NAME: &str = "default";

/// What the interface numbers, AWS names.
const OPERATIONS: [(v1::GrantOperation, GrantOperation); 19] = [
    (v1::GrantOperation::Decrypt, GrantOperation::Decrypt),
    (v1::GrantOperation::Encrypt, GrantOperation::Encrypt),
    (v1::GrantOperation::GenerateDataKey, GrantOperation::GenerateDataKey),
    (
        v1::GrantOperation::GenerateDataKeyWithoutPlaintext,
        GrantOperation::GenerateDataKeyWithoutPlaintext,
    ),
    (v1::GrantOperation::ReEncryptFrom, GrantOperation::ReEncryptFrom),
    (v1::GrantOperation::ReEncryptTo, GrantOperation::ReEncryptTo),
    (v1::GrantOperation::Sign, GrantOperation::Sign),
    (v1::GrantOperation::Verify, GrantOperation::Verify),
    (v1::GrantOperation::GetPublicKey, GrantOperation::GetPublicKey),
    (v1::GrantOperation::CreateGrant, GrantOperation::CreateGrant),
    (v1::GrantOperation::RetireGrant, GrantOperation::RetireGrant),
    (v1::GrantOperation::DescribeKey, GrantOperation::DescribeKey),
    (
        v1::GrantOperation::GenerateDataKeyPair,
        GrantOperation::GenerateDataKeyPair,
    ),
    (
        v1::GrantOperation::GenerateDataKeyPairWithoutPlaintext,
        GrantOperation::GenerateDataKeyPairWithoutPlaintext,
    ),
    (v1::GrantOperation::GenerateMac, GrantOperation::GenerateMac),
    (v1::GrantOperation::VerifyMac, GrantOperation::VerifyMac),
    (
        v1::GrantOperation::DeriveSharedSecret,
        GrantOperation::DeriveSharedSecret,
    ),
    (v1::GrantOperation::Encapsulate, GrantOperation::Encapsulate),
    (v1::GrantOperation::Decapsulate, GrantOperation::Decapsulate),
];

pub(super) fn put_key_policy(request: v1::PutKeyPolicyRequest, kms: &Kms) -> Result<PutKeyPolicy, Fault> {
    PutKeyPolicy::new(
        key(&request.key_id, kms)?,
        request.policy_name.as_deref(),
        &request.policy,
        request.bypass_policy_lockout_safety_check,
    )
}

pub(super) fn policy_was_put((): (), _: &Kms) -> v1::PutKeyPolicyResponse {
    v1::PutKeyPolicyResponse {}
}

pub(super) fn get_key_policy(request: v1::GetKeyPolicyRequest, kms: &Kms) -> Result<GetKeyPolicy, Fault> {
    GetKeyPolicy::new(key(&request.key_id, kms)?, request.policy_name.as_deref())
}

pub(super) fn policy(reply: Arc<ResourcePolicy>, _: &Kms) -> v1::GetKeyPolicyResponse {
    v1::GetKeyPolicyResponse {
        policy: reply.as_str().to_owned(),
        policy_name: POLICY_NAME.to_owned(),
    }
}

pub(super) fn list_key_policies(request: v1::ListKeyPoliciesRequest, kms: &Kms) -> Result<ListKeyPolicies, Fault> {
    ListKeyPolicies::new(
        key(&request.key_id, kms)?,
        count(request.limit, "limit")?,
        request.marker.as_deref(),
    )
}

pub(super) fn policy_names(reply: [&'static str; 1], _: &Kms) -> v1::ListKeyPoliciesResponse {
    v1::ListKeyPoliciesResponse {
        policy_names: reply.map(str::to_owned).into(),
        next_marker: None,
        truncated: false,
    }
}

pub(super) fn create_grant(request: v1::CreateGrantRequest, kms: &Kms) -> Result<CreateGrant, Fault> {
    let constraints = request.constraints.unwrap_or_default();
    let new = NewGrant {
        grantee_principal: request.grantee_principal,
        retiring_principal: request.retiring_principal,
        operations: request
            .operations
            .into_iter()
            .map(operation)
            .collect::<Result<_, _>>()?,
        encryption_context_subset: constraints.encryption_context_subset.into_iter().collect(),
        encryption_context_equals: constraints.encryption_context_equals.into_iter().collect(),
        name: request.name,
    };
    CreateGrant::new(key(&request.key_id, kms)?, new)
}

pub(super) fn created(reply: CreatedGrant, _: &Kms) -> v1::CreateGrantResponse {
    v1::CreateGrantResponse {
        grant_token: reply.token,
        grant_id: reply.id.to_string(),
    }
}

pub(super) fn list_grants(request: v1::ListGrantsRequest, kms: &Kms) -> Result<ListGrants, Fault> {
    let page = ListGrants::new(
        key(&request.key_id, kms)?,
        count(request.limit, "limit")?,
        request.marker.as_deref(),
    )?;
    page.only(request.grant_id.as_deref())?
        .of(request.grantee_principal.as_deref())
}

pub(super) fn grants(reply: GrantPage, kms: &Kms) -> v1::ListGrantsResponse {
    let (grants, next_marker) = page(reply, kms);
    v1::ListGrantsResponse {
        grants,
        truncated: next_marker.is_some(),
        next_marker,
    }
}

/// The rows of a page, and where the next one begins.
fn page(reply: GrantPage, kms: &Kms) -> (Vec<v1::GrantListEntry>, Option<String>) {
    let grants = reply.grants.iter().map(|grant| entry(grant, kms));
    (grants.collect(), reply.next_marker)
}

pub(super) fn list_retirable_grants(
    request: v1::ListRetirableGrantsRequest,
    _: &Kms,
) -> Result<ListRetirableGrants, Fault> {
    ListRetirableGrants::new(
        &request.retiring_principal,
        count(request.limit, "limit")?,
        request.marker.as_deref(),
    )
}

pub(super) fn retirable_grants(reply: GrantPage, kms: &Kms) -> v1::ListRetirableGrantsResponse {
    let (grants, next_marker) = page(reply, kms);
    v1::ListRetirableGrantsResponse {
        grants,
        truncated: next_marker.is_some(),
        next_marker,
    }
}

pub(super) fn retire_grant(request: v1::RetireGrantRequest, kms: &Kms) -> Result<RetireGrant, Fault> {
    RetireGrant::new(
        kms,
        request.grant_token.as_deref(),
        request.key_id.as_deref(),
        request.grant_id.as_deref(),
    )
}

pub(super) fn retired((): (), _: &Kms) -> v1::RetireGrantResponse {
    v1::RetireGrantResponse {}
}

pub(super) fn revoke_grant(request: v1::RevokeGrantRequest, kms: &Kms) -> Result<RevokeGrant, Fault> {
    RevokeGrant::new(key(&request.key_id, kms)?, &request.grant_id)
}

pub(super) fn revoked((): (), _: &Kms) -> v1::RevokeGrantResponse {
    v1::RevokeGrantResponse {}
}

fn operation(number: i32) -> Result<GrantOperation, Fault> {
    let found = OPERATIONS.iter().find(|(wire, _)| i32::from(*wire) == number);
    found.map(|(_, operation)| *operation).ok_or_else(|| {
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value '{number}' at 'operations' failed to satisfy constraint: Member must \
                 satisfy enum value set of this interface"
            ),
        )
    })
}

fn number(operation: GrantOperation) -> i32 {
    let found = OPERATIONS.iter().find(|(_, known)| *known == operation);
    found.map_or(0, |(wire, _)| i32::from(*wire))
}

fn entry(grant: &GrantRecord, kms: &Kms) -> v1::GrantListEntry {
    let account = kms.scope().root_arn(&grant.issuing_account);
    v1::GrantListEntry {
        key_id: kms.scope().key_arn(&grant.key).to_string(),
        grant_id: grant.id.to_string(),
        name: grant.name.as_deref().map(str::to_owned),
        creation_date: Some(timestamp(grant.created)),
        grantee_principal: grant.grantee.to_string(),
        retiring_principal: grant.retiring.as_ref().map(ToString::to_string),
        issuing_account: account.to_string(),
        operations: grant
            .terms
            .operations
            .iter()
            .map(|operation| number(*operation))
            .collect(),
        constraints: constraints(&grant.terms.constraints),
    }
}

fn constraints(constraints: &GrantConstraints) -> Option<v1::GrantConstraints> {
    let pairs =
        |pairs: &Option<ContextPairs>| -> HashMap<String, String> { pairs.clone().into_iter().flatten().collect() };
    (!constraints.is_empty()).then(|| v1::GrantConstraints {
        encryption_context_subset: pairs(&constraints.encryption_context_subset),
        encryption_context_equals: pairs(&constraints.encryption_context_equals),
    })
}

#[cfg(test)]
mod tests;
