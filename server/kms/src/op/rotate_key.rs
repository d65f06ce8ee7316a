//! RotateKey, by the service itself: a key gets a new material because it is time, or because the one it has has
//! encrypted often enough.

use strongroom_base::{Action, Code, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::VersionOrigin;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request; only the service itself makes it.
pub struct RotateKey {
    /// The key.
    pub key: KeyId,
}

impl Kms {
    /// The keys that are to rotate by themselves now.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn keys_due_for_rotation(&self) -> Result<Vec<KeyId>, Fault> {
        let mut due = Vec::new();
        let mut walk = self.walk_keys();
        while let Some(keys) = walk.next().await? {
            for key in keys {
                match self.is_due_for_rotation(&key).await {
                    Ok(true) => due.push(key.id),
                    Ok(false) => {}
                    Err(fault) => tracing::warn!(key = %key.id, %fault, "whether a key is to rotate cannot be told"),
                }
            }
        }
        Ok(due)
    }
}

impl Operation for RotateKey {
    const ACTION: Action = Action::RotateKey;
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
        let rotation = kms.begin_rotation(&target, VersionOrigin::AutomaticRotation)?;
        let key = kms.reread(&target).await?;
        if !kms.is_due_for_rotation(&key).await? {
            return Err(Fault::new(
                Code::KmsInvalidState,
                format!("{} is not due for rotation.", key.id),
            ));
        }
        kms.rotate(rotation, &key, &target.arn).await
    }
}
