//! GetKeyPolicy: a key's policy, to the letter.

use std::sync::Arc;

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, ResourcePolicy, Values};

use crate::key_policy::{self, POLICY_NAME};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct GetKeyPolicy {
    key: KeyId,
}

impl GetKeyPolicy {
    /// The policy of `key`.
    ///
    /// # Errors
    /// NotFoundException for another name than `default`, ValidationException for what can be no name.
    pub fn new(key: KeyId, policy_name: Option<&str>) -> Result<Self, Fault> {
        key_policy::check_name(policy_name)?;
        Ok(Self { key })
    }
}

impl Operation for GetKeyPolicy {
    const ACTION: Action = Action::GetKeyPolicy;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Arc<ResourcePolicy>;

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("policyName", POLICY_NAME.into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::PolicyName) => Values::one(POLICY_NAME),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Arc<ResourcePolicy>, Fault> {
        Ok(kms.policies.of(&permit.into_target().record))
    }
}
