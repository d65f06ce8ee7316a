//! DeleteExpiredKeyMaterial, by the service itself: imported material whose time is over is destroyed in the token, and
//! so is material whose deletion was cut off.

use strongroom_base::{Action, Code, Fault, KeyId, KeyMaterialId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::imported::Presence;
use crate::key::KeyVersion;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request; only the service itself makes it.
pub struct DeleteExpiredKeyMaterial {
    /// The key.
    pub key: KeyId,
    /// Which of its materials.
    pub material: KeyMaterialId,
}

impl Operation for DeleteExpiredKeyMaterial {
    const ACTION: Action = Action::DeleteExpiredKeyMaterial;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("keyMaterialId", self.material.to_string().into()),
        ])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        let _one_at_a_time = kms.importing(&self.key).await;
        let key = kms.reread(&target).await?;
        let now = kms.clock.due();
        let is_due = |version: &KeyVersion| match version.presence() {
            Presence::Removing => true,
            Presence::Imported => version.valid_to().is_some_and(|at| at <= now),
            Presence::Absent => false,
        };
        // It may have been imported again meanwhile, with another time.
        if !key
            .materials()
            .any(|version| version.material == self.material && is_due(version))
        {
            return Err(Fault::new(
                Code::KmsInvalidState,
                format!("Key material {} of key {} has not expired.", self.material, key.id),
            ));
        }
        kms.remove_material(&target, &self.material).await
    }
}
