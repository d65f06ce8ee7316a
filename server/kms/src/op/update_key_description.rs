//! UpdateKeyDescription: other words for a key.

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{check_description, parameters};
use crate::target::KeyTarget;

/// The request.
pub struct UpdateKeyDescription {
    key: KeyId,
    description: String,
}

impl UpdateKeyDescription {
    /// A new description.
    ///
    /// # Errors
    /// ValidationException when it is longer than 8,192 characters.
    pub fn new(key: KeyId, description: String) -> Result<Self, Fault> {
        check_description(&description)?;
        Ok(Self { key, description })
    }
}

impl Operation for UpdateKeyDescription {
    const ACTION: Action = Action::UpdateKeyDescription;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("description", self.description.as_str().into()),
        ])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        kms.edit_key(&target, |before| {
            before.changeable(&target.arn)?;
            Ok(KeyRecord {
                description: self.description.clone(),
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
