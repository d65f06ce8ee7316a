//! [`KeyGuard`]: what a key itself says of who may, for the gate's decision.

use std::sync::Arc;

use strongroom_policy::{Grants, Guard, ResourcePolicy};

use crate::grant::KeyGrants;

/// A key's policy and grants.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    policy: Arc<ResourcePolicy>,
    /// `None` for keys that never had any.
    grants: Option<Arc<KeyGrants>>,
}

impl KeyGuard {
    /// Of a key without grants.
    pub(crate) fn new(policy: Arc<ResourcePolicy>) -> Self {
        Self { policy, grants: None }
    }

    pub(crate) fn with_grants(policy: Arc<ResourcePolicy>, grants: Arc<KeyGrants>) -> Self {
        Self {
            policy,
            grants: Some(grants),
        }
    }

    /// The policy, to be shared.
    pub(crate) fn shared_policy(&self) -> &Arc<ResourcePolicy> {
        &self.policy
    }
}

impl Guard for KeyGuard {
    fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    fn grants(&self) -> Option<&Grants> {
        self.grants.as_deref().map(KeyGrants::grants)
    }
}
