//! DeleteResourcePolicy: a secret is for those whom the policies of the account's principals allow, and for nobody else.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::op::{NamedSecret, parameters};
use crate::record::SecretRecord;
use crate::resource_policy;
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;

/// The request.
pub struct DeleteResourcePolicy {
    secret: SecretId,
}

impl DeleteResourcePolicy {
    /// Takes the policy from `secret`.
    ///
    /// # Errors
    /// InvalidParameterException for another name than `default`, and for fields that break AWS's rules, as
    /// ValidationException.
    pub fn new(secret: &str, policy_name: Option<&str>) -> Result<Self, Fault> {
        let secret = SecretId::parse(secret)?;
        resource_policy::check_name(policy_name)?;
        Ok(Self { secret })
    }
}

impl Operation for DeleteResourcePolicy {
    const ACTION: Action = Action::DeleteSecretPolicy;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = NamedSecret;

    fn parameters(&self) -> Parameters {
        parameters([("secretId", self.secret.to_string().into())])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    /// A secret without a policy stays as it is.
    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<NamedSecret, Fault> {
        let target = permit.into_target();
        target.record.live()?;
        let reply = NamedSecret::of(&target);
        let delete = |before: &SecretRecord| {
            before.live()?;
            Ok(SecretRecord {
                policy: None,
                ..before.clone()
            })
        };
        if target.record.policy.is_some() {
            secrets.edit(target.record, delete).await?;
        }
        Ok(reply)
    }
}
