//! DisableKey: a key may be managed and not used.

use strongroom_base::{Action, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyRecord, KeyState};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct DisableKey {
    /// The key.
    pub key: KeyId,
}

impl Operation for DisableKey {
    const ACTION: Action = Action::DisableKey;
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
        let after = kms
            .edit_key(&target, |before| {
                before.switchable(&target.arn, kms.clock.now())?;
                Ok(KeyRecord {
                    state: KeyState::Disabled,
                    ..before.clone()
                })
            })
            .await?;
        // Defence in depth: the check is the record. No copy of a disabled key stays in a session.
        after.materials().for_each(|version| kms.token.forget(version.material));
        Ok(())
    }
}
