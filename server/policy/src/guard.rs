//! [`Guard`]: what a resource itself says of who may touch it.

use std::fmt;
use std::sync::Arc;

use strongroom_base::Arn;

use crate::grant::Grant;
use crate::resource_policy::ResourcePolicy;

/// How far the owning account's own policies count beside a resource policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// The resource policy is the root of all permissions, and what principals' policies say counts only as far as it gives
    /// the account a say: KMS keys.
    Sole,
    /// Either may allow the account's own principals: secrets.
    Shared,
}

/// What a resource brings to the decision. Must answer from memory, and at once.
pub trait Guard: fmt::Debug + Send + Sync {
    /// How far other policies count.
    fn authority(&self) -> Authority;

    /// The resource's policy.
    fn policy(&self) -> &ResourcePolicy;

    /// The grants whose grantee is this principal, and possibly others: each is looked at closely.
    fn grants_to(&self, principal: &Arn) -> &[Arc<Grant>];
}

/// A key without grants.
#[derive(Debug)]
pub struct KeyPolicyGuard(
    /// Its policy.
    pub ResourcePolicy,
);

impl Guard for KeyPolicyGuard {
    fn authority(&self) -> Authority {
        Authority::Sole
    }

    fn policy(&self) -> &ResourcePolicy {
        &self.0
    }

    fn grants_to(&self, _: &Arn) -> &[Arc<Grant>] {
        &[]
    }
}
