//! RotateKeyOnDemand: a key gets a new material now; one with imported material gets the one that waits for it.

use strongroom_base::limits::{KEY_ROTATION_QUIET, KEY_ROTATIONS_ON_DEMAND_MAX};
use strongroom_base::{Action, Code, Fault, KeyId, KeyOrigin, Timestamp};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyRecord, VersionOrigin};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct RotateKeyOnDemand {
    /// The key.
    pub key: KeyId,
}

impl Operation for RotateKeyOnDemand {
    const ACTION: Action = Action::RotateKeyOnDemand;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = KeyId;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<KeyId, Fault> {
        let target = permit.into_target();
        target.check_rotates()?;
        let rotation = kms.begin_rotation(&target, VersionOrigin::RotationOnDemand)?;
        let key = kms.reread(&target).await?;
        key.usable(&target.arn, kms.clock.now())?;
        check_count(&key)?;
        check_schedule(&key, kms.clock.due())?;
        match key.origin {
            KeyOrigin::External => kms.promote(&target).await?,
            KeyOrigin::AwsKms | KeyOrigin::AwsCloudHsm | KeyOrigin::ExternalKeyStore => {
                kms.rotate(rotation, &key, &target.arn).await?;
            }
        }
        Ok(key.id)
    }

    fn response(reply: &KeyId) -> Parameters {
        parameters([("keyId", reply.to_string().into())])
    }
}

fn check_count(key: &KeyRecord) -> Result<(), Fault> {
    let on_demand = |origin| origin == VersionOrigin::RotationOnDemand;
    let count = key.versions.iter().filter(|version| on_demand(version.origin)).count();
    if count < KEY_ROTATIONS_ON_DEMAND_MAX {
        return Ok(());
    }
    Err(Fault::new(
        Code::LimitExceeded,
        format!(
            "Key {} has been rotated on demand {KEY_ROTATIONS_ON_DEMAND_MAX} times, which is the limit; create a new key.",
            key.id
        ),
    ))
}

fn check_schedule(key: &KeyRecord, now: Timestamp) -> Result<(), Fault> {
    match key.schedule() {
        Some(schedule) if schedule.is_due(now.plus(KEY_ROTATION_QUIET)) => Err(Fault::new(
            Code::Conflict,
            format!("Key {} is about to rotate by itself, or does so now.", key.id),
        )),
        _ => Ok(()),
    }
}
