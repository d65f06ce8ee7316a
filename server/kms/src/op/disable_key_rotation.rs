//! DisableKeyRotation: a key does not rotate by time any more.

use strongroom_base::{Action, Fault, KeyId, KeyOrigin};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct DisableKeyRotation {
    /// The key.
    pub key: KeyId,
}

impl Operation for DisableKeyRotation {
    const ACTION: Action = Action::DisableKeyRotation;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        target.check_rotates()?;
        kms.edit_key(&target, |before| {
            before.of_origin(KeyOrigin::AwsKms, &target.arn)?;
            before.usable(&target.arn, kms.clock.now())?;
            Ok(KeyRecord {
                rotation: None,
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
