//! The actions that exist in our services' names: a pattern that fits none of them is a slip.

mod systems_manager;

use strongroom_base::Action;

use crate::glob::Glob;

/// The service prefixes whose actions are all known.
const SERVICES: [&str; 4] = ["kms", "secretsmanager", "ssm", "strongroom"];

/// The actions of AWS KMS and AWS Secrets Manager that this version does not offer: a policy that comes from AWS may
/// name them. Sorted. Source: the API models of KMS (56 operations, botocore 1.44.5) and Secrets Manager (23, botocore 1.43.11), less
/// those in [`Action::ALL`]; `SynchronizeMultiRegionKey`, which is a permission alone, from AWS's Service Authorization
/// Reference.
const NOT_OFFERED: &[&str] = &[
    "kms:ConnectCustomKeyStore",
    "kms:CreateCustomKeyStore",
    "kms:DeleteCustomKeyStore",
    "kms:DescribeCustomKeyStores",
    "kms:DisconnectCustomKeyStore",
    "kms:ReplicateKey",
    "kms:SynchronizeMultiRegionKey",
    "kms:UpdateCustomKeyStore",
    "kms:UpdatePrimaryRegion",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
];

/// The service of ours that the action pattern `text` names without fitting any of its actions.
pub(crate) fn service_without(text: &str, pattern: &Glob) -> Option<&'static str> {
    let (prefix, _) = text.split_once(':')?;
    let service = SERVICES
        .into_iter()
        .find(|service| service.eq_ignore_ascii_case(prefix))?;
    let offered = Action::ALL.iter().map(|action| action.permission());
    let is_known = offered
        .chain(NOT_OFFERED.iter().chain(systems_manager::NOT_OFFERED).copied())
        .any(|action| pattern.matches(action));
    (!is_known).then_some(service)
}

#[cfg(test)]
mod tests;
