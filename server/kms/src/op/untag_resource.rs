//! UntagResource: a key loses tags; one that it does not have is no fault.

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::tags;
use crate::target::KeyTarget;

/// The request.
pub struct UntagResource {
    key: KeyId,
    tag_keys: Vec<String>,
}

impl UntagResource {
    /// Removes the tags with these keys from `key`.
    ///
    /// # Errors
    /// ValidationException and TagException for what is no tag key, and for more than 50.
    pub fn new(key: KeyId, tag_keys: Vec<String>) -> Result<Self, Fault> {
        tags::parse_keys(&tag_keys)?;
        Ok(Self { key, tag_keys })
    }
}

impl Operation for UntagResource {
    const ACTION: Action = Action::UntagKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("tagKeys", self.tag_keys.clone().into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::TagKeys) => Values::many(self.tag_keys.iter().map(String::as_str)),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        kms.edit_key(&target, |before| {
            before.changeable(&target.arn)?;
            Ok(KeyRecord {
                tags: before.tags.without(&self.tag_keys),
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
