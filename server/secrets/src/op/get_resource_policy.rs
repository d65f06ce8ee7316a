//! GetResourcePolicy: a secret's resource policy, to the letter.

use std::sync::Arc;

use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_policy::ResourcePolicy;

use crate::op::{NamedSecret, parameters};
use crate::resource_policy::{self, POLICY_NAME};
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;

/// The request.
pub struct GetResourcePolicy {
    secret: SecretId,
    policy_name: Option<String>,
}

/// A secret with its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPolicy {
    /// The secret.
    pub secret: NamedSecret,
    /// Its policy; `None` if none was put on it.
    pub policy: Option<Arc<ResourcePolicy>>,
}

impl GetResourcePolicy {
    /// The policy of `secret`.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules.
    pub fn new(secret: &str, policy_name: Option<&str>) -> Result<Self, Fault> {
        resource_policy::check_form(policy_name)?;
        Ok(Self {
            secret: SecretId::parse(secret)?,
            policy_name: policy_name.map(Into::into),
        })
    }
}

impl Operation for GetResourcePolicy {
    const ACTION: Action = Action::GetSecretPolicy;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = SecretPolicy;

    fn parameters(&self) -> Parameters {
        parameters([("secretId", self.secret.to_string().into())])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, _: &Secrets) -> Result<SecretPolicy, Fault> {
        let target = permit.target();
        target.record.live()?;
        if self.policy_name.is_some_and(|name| name != POLICY_NAME) {
            let message = "Secrets Manager can't find the specified resource policy.";
            return Err(Fault::new(Code::ResourceNotFound, message));
        }
        Ok(SecretPolicy {
            secret: NamedSecret::of(target),
            policy: target.record.policy.clone(),
        })
    }
}
