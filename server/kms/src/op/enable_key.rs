//! EnableKey: a disabled key may be used again.

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyRecord, KeyState};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct EnableKey {
    /// The key.
    pub key: KeyId,
}

impl Operation for EnableKey {
    const ACTION: Action = Action::EnableKey;
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
        kms.edit_key(&target, |before| {
            before.switchable(&target.arn, kms.clock.now())?;
            Ok(KeyRecord {
                state: KeyState::Enabled,
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
