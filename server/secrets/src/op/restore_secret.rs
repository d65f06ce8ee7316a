//! RestoreSecret: a deleted secret comes back during its recovery window.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::op::{NamedSecret, parameters};
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;

/// The request.
pub struct RestoreSecret {
    secret: SecretId,
}

impl RestoreSecret {
    /// Takes back the deletion of `secret`.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for a text that names no secret.
    pub fn new(secret: &str) -> Result<Self, Fault> {
        Ok(Self {
            secret: SecretId::parse(secret)?,
        })
    }
}

impl Operation for RestoreSecret {
    const ACTION: Action = Action::RestoreSecret;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = NamedSecret;

    fn parameters(&self) -> Parameters {
        parameters([("secretId", self.secret.to_string().into())])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    /// A secret that is not deleted stays as it is.
    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<NamedSecret, Fault> {
        let target = permit.into_target();
        let reply = NamedSecret::of(&target);
        if target.record.deletion.is_some() {
            secrets
                .edit(target.record, |secret| {
                    Ok(SecretRecord {
                        deletion: None,
                        ..secret.clone()
                    })
                })
                .await?;
        }
        Ok(reply)
    }
}
