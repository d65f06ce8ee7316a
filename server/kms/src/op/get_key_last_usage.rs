//! GetKeyLastUsage: a key's last successful cryptographic operation.

use strongroom_base::{Action, Fault, KeyId, Timestamp};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::last_usage::LastUsage;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct GetKeyLastUsage {
    /// The key.
    pub key: KeyId,
}

/// What GetKeyLastUsage answers.
#[derive(Debug)]
pub struct KeyLastUsage {
    /// The key.
    pub key: KeyId,
    /// When it was made.
    pub created: Timestamp,
    /// Since when its uses are noted: its creation, or when this installation began to note them, whichever is later.
    pub tracked_since: Timestamp,
    /// Its last use; `None` if it was not used since then.
    pub last: Option<LastUsage>,
}

impl Operation for GetKeyLastUsage {
    const ACTION: Action = Action::GetKeyLastUsage;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = KeyLastUsage;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<KeyLastUsage, Fault> {
        let created = permit.into_target().record.created;
        let since = kms.tracking_since().await?.unwrap_or(created);
        Ok(KeyLastUsage {
            key: self.key,
            created,
            tracked_since: since.max(created),
            last: kms.last_usage(&self.key).await?,
        })
    }
}
