//! GetKeyRotationStatus: whether and when a key rotates by time. Of key pairs and HMAC keys, which never do, AWS says just
//! that, though it refuses all else about their rotation.

use strongroom_base::{Action, Fault, KeyId, KeyOrigin, Timestamp};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyState, RotationSchedule};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct GetKeyRotationStatus {
    /// The key.
    pub key: KeyId,
}

/// How a key rotates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationStatus {
    /// The key.
    pub key: KeyId,
    /// Its schedule; `None` if it does not rotate by time, or waits for its deletion.
    pub schedule: Option<RotationSchedule>,
    /// Since when a rotation on demand is under way.
    pub on_demand_since: Option<Timestamp>,
}

impl Operation for GetKeyRotationStatus {
    const ACTION: Action = Action::GetKeyRotationStatus;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = RotationStatus;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<RotationStatus, Fault> {
        let KeyTarget { arn, record: key, .. } = permit.into_target();
        key.of_origin(KeyOrigin::AwsKms, &arn)?;
        let schedule = match key.state {
            KeyState::Enabled | KeyState::Disabled => key.schedule(),
            KeyState::PendingImport | KeyState::PendingDeletion { .. } | KeyState::Deleting { .. } => None,
        };
        Ok(RotationStatus {
            key: key.id,
            schedule,
            on_demand_since: kms.rotations.on_demand_since(&key.id),
        })
    }
}
