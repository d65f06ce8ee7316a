//! TagResource: a key gets tags, or other values of those it has.

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, Values};

use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::tags::KeyTags;
use crate::target::KeyTarget;

/// The request.
pub struct TagResource {
    key: KeyId,
    tags: KeyTags,
}

impl TagResource {
    /// Adds `tags` to `key`, as [`KeyTags::parse`] takes them.
    ///
    /// # Errors
    /// ValidationException and TagException for tags that break AWS's rules.
    pub fn new(key: KeyId, tags: Vec<(String, String)>) -> Result<Self, Fault> {
        Ok(Self {
            key,
            tags: KeyTags::parse(tags)?,
        })
    }
}

impl Operation for TagResource {
    const ACTION: Action = Action::TagKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into()), ("tags", self.tags.described())])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.tags.answer(key)
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        kms.edit_key(&target, |before| {
            before.changeable(&target.arn)?;
            Ok(KeyRecord {
                tags: before.tags.with(&self.tags)?,
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
