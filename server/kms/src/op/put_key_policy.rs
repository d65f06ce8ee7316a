//! PutKeyPolicy: who may do what with a key, decided by its new policy from the next request on.

use std::sync::Arc;

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, ResourcePolicy, Values};

use crate::key::KeyRecord;
use crate::key_policy::{self, POLICY_NAME, PolicyText};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct PutKeyPolicy {
    key: KeyId,
    policy: PolicyText,
    bypass_lockout_check: bool,
}

/// A key, and the permission to put its next policy under the one that is to come.
pub struct PutKeyPolicyTarget {
    key: KeyTarget,
    /// What is wrong with it is told to those who may put it there.
    policy: Result<Arc<ResourcePolicy>, Fault>,
    afterwards: Option<Need>,
}

impl Protected for PutKeyPolicyTarget {
    fn needs(&self) -> Vec<Need> {
        self.key.needs().into_iter().chain(self.afterwards.clone()).collect()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(need, key)
    }
}

impl PutKeyPolicy {
    /// A policy for `key`. Without `bypass_lockout_check` the caller must be able to put another one under it.
    ///
    /// # Errors
    /// ValidationException for another name than `default`, for characters that a policy cannot have, and for more than the
    /// model allows. Only whoever may put it there is told LimitExceededException for more than 32 KiB, and
    /// MalformedPolicyDocumentException, with the place, for what is not understood.
    pub fn new(key: KeyId, policy_name: Option<&str>, policy: &str, bypass_lockout_check: bool) -> Result<Self, Fault> {
        key_policy::check_name_to_put(policy_name)?;
        Ok(Self {
            key,
            policy: PolicyText::new(policy)?,
            bypass_lockout_check,
        })
    }
}

impl Operation for PutKeyPolicy {
    const ACTION: Action = Action::PutKeyPolicy;
    type Domain = Kms;
    type Target = PutKeyPolicyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("policyName", POLICY_NAME.into()),
            ("policy", self.policy.described()),
            ("bypassPolicyLockoutSafetyCheck", self.bypass_lockout_check.into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::BypassPolicyLockoutSafetyCheck) => Values::one(self.bypass_lockout_check),
            Some(KeyName::PolicyName) => Values::one(POLICY_NAME),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<PutKeyPolicyTarget>, Fault> {
        let key = match KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await? {
            Resolved::Found(key) => key,
            Resolved::Absent { needs, fault } => return Ok(Resolved::Absent { needs, fault }),
        };
        let policy = self.policy.compile();
        let checked = policy.as_ref().ok().filter(|_| !self.bypass_lockout_check);
        let afterwards = checked.map(|policy| key_policy::need_to_put_again(kms, &self.key, policy));
        Ok(Resolved::Found(PutKeyPolicyTarget {
            key,
            policy,
            afterwards,
        }))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let PutKeyPolicyTarget { key, policy, .. } = permit.into_target();
        let policy = policy?;
        kms.edit_key(&key, |before| {
            Ok(KeyRecord {
                policy: Some(Arc::clone(&policy)),
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
