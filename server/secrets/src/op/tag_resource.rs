//! TagResource: tags are added, or get other values.

use strongroom_base::limits::TAGS_MAX;
use strongroom_base::{Action, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, Tags, Values};

use crate::constraint;
use crate::op::{parameters, tag_keys};
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::tags;
use crate::target::SecretTarget;

/// The request.
pub struct TagResource {
    secret: SecretId,
    tags: Tags,
}

impl TagResource {
    /// Adds 1 to 50 tags to `secret`.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules.
    pub fn new(secret: &str, tags: Vec<(String, String)>) -> Result<Self, Fault> {
        constraint::length("tags", tags.len(), 1, TAGS_MAX)?;
        Ok(Self {
            secret: SecretId::parse(secret)?,
            tags: tags::parse(tags)?,
        })
    }
}

impl Operation for TagResource {
    const ACTION: Action = Action::TagSecret;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.to_string().into()),
            ("tagKeys", tag_keys(&self.tags)),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.tags.answer(key)
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<(), Fault> {
        let tag = |secret: &SecretRecord| {
            secret.live()?;
            Ok(SecretRecord {
                tags: tags::checked(secret.tags.with(&self.tags))?,
                ..secret.clone()
            })
        };
        secrets.edit(permit.into_target().record, tag).await
    }
}
