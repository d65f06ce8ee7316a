//! UntagResource: tags are removed; one that is not there is no fault.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::op::parameters;
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::tags;
use crate::target::SecretTarget;

/// The request.
pub struct UntagResource {
    secret: SecretId,
    keys: Vec<String>,
}

impl UntagResource {
    /// Removes the tags with these 1 to 50 keys from `secret`.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules.
    pub fn new(secret: &str, keys: Vec<String>) -> Result<Self, Fault> {
        Ok(Self {
            secret: SecretId::parse(secret)?,
            keys: tags::parse_keys(keys)?,
        })
    }
}

impl Operation for UntagResource {
    const ACTION: Action = Action::UntagSecret;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        let keys = self.keys.iter().map(String::as_str).collect();
        parameters([("secretId", self.secret.to_string().into()), ("tagKeys", keys)])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::TagKeys) => Values::many(self.keys.iter().map(String::as_str)),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<(), Fault> {
        let untag = |secret: &SecretRecord| {
            secret.live()?;
            Ok(SecretRecord {
                tags: secret.tags.without(&self.keys),
                ..secret.clone()
            })
        };
        secrets.edit(permit.into_target().record, untag).await
    }
}
