//! DescribeKey: a key's metadata, what the token says of its materials, and its invocation budgets.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, Values};

use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::metadata::KeyMetadata;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct DescribeKey {
    /// The key.
    pub key: KeyReference,
}

impl Operation for DescribeKey {
    const ACTION: Action = Action::DescribeKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = KeyMetadata;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key)
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        KeyMetadata::gather(kms, permit.into_target().record).await
    }
}
