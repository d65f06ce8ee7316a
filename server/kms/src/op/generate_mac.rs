//! GenerateMac: a message authentication code, made in the token.

use strongroom_base::{Action, Arn, Deadline, Fault, MacAlgorithm};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Mac, Material};
use strongroom_policy::{ConditionKey, Values};

use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::message::Message;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct GenerateMac {
    /// The key.
    pub key: KeyReference,
    /// The key's.
    pub algorithm: MacAlgorithm,
    /// What the code is for.
    pub message: Message,
}

/// What GenerateMac answers.
pub struct GeneratedMac {
    /// The key's ARN.
    pub arn: Arn,
    /// How it was made.
    pub algorithm: MacAlgorithm,
    /// The code.
    pub mac: Material<Mac>,
}

impl Operation for GenerateMac {
    const ACTION: Action = Action::GenerateMac;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = GeneratedMac;

    fn parameters(&self) -> Parameters {
        described(&self.key, self.algorithm)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key
            .answer(key)
            .or_else(|| Algorithm::Mac(self.algorithm).answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        target.fit(Self::ACTION, Algorithm::Mac(self.algorithm))?;
        kms.check_token()
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<GeneratedMac, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let mac = kms
            .mac(&target, Self::ACTION, self.algorithm, self.message, deadline)
            .await?;
        Ok(GeneratedMac {
            arn: target.arn,
            algorithm: self.algorithm,
            mac,
        })
    }
}

impl Kms {
    /// The code of a message, for whoever made it and for whoever verifies one.
    pub(crate) async fn mac(
        &self,
        target: &KeyTarget,
        action: Action,
        algorithm: MacAlgorithm,
        message: Message,
        deadline: Deadline,
    ) -> Result<Material<Mac>, Fault> {
        let version = target.fit(action, Algorithm::Mac(algorithm))?;
        let key = target.record.token_key(version)?;
        let message = message.into_bytes();
        Ok(self.token.mac(&key, algorithm, message, deadline).await?)
    }
}

/// Neither message nor code is on the trail.
pub(crate) fn described(key: &KeyReference, algorithm: MacAlgorithm) -> Parameters {
    parameters([
        ("keyId", key.to_string().into()),
        ("macAlgorithm", algorithm.as_str().into()),
    ])
}
