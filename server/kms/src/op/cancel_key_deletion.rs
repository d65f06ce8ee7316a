//! CancelKeyDeletion: a key that waits for its deletion is kept, disabled; or pending import, if it lacks material.

use strongroom_base::{Action, Arn, Code, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyRecord, KeyState};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct CancelKeyDeletion {
    /// The key.
    pub key: KeyId,
}

impl Operation for CancelKeyDeletion {
    const ACTION: Action = Action::CancelKeyDeletion;
    type Domain = Kms;
    type Target = KeyTarget;
    /// The key's ARN.
    type Reply = Arn;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Arn, Fault> {
        let target = permit.into_target();
        kms.edit_key(&target, |before| {
            check_pending(before, &target.arn)?;
            Ok(KeyRecord {
                state: match before.lacks_material() {
                    true => KeyState::PendingImport,
                    false => KeyState::Disabled,
                },
                ..before.clone()
            })
        })
        .await?;
        Ok(target.arn)
    }

    fn response(reply: &Arn) -> Parameters {
        parameters([("keyId", reply.as_str().into())])
    }
}

fn check_pending(key: &KeyRecord, arn: &Arn) -> Result<(), Fault> {
    let why = match key.state {
        KeyState::PendingDeletion { .. } => return Ok(()),
        KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => "is not pending deletion.",
        KeyState::Deleting { .. } => "is being deleted.",
    };
    Err(Fault::new(Code::KmsInvalidState, format!("{arn} {why}")))
}
