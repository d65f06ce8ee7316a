//! Encapsulate: a new secret, and what opens to it under a key pair; with the public half, in this process.

use strongroom_base::{Action, Arn, EncapsulationAlgorithm, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, SharedSecret};
use strongroom_policy::{ConditionKey, Values};

use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct Encapsulate {
    /// The key.
    pub key: KeyReference,
    /// The key's.
    pub algorithm: EncapsulationAlgorithm,
}

/// What Encapsulate answers.
pub struct Encapsulated {
    /// The key's ARN.
    pub arn: Arn,
    /// How it was encapsulated.
    pub algorithm: EncapsulationAlgorithm,
    /// The secret, 32 bytes.
    pub secret: Material<SharedSecret>,
    /// Its encapsulation.
    pub ciphertext: Vec<u8>,
}

impl Operation for Encapsulate {
    const ACTION: Action = Action::Encapsulate;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Encapsulated;

    fn parameters(&self) -> Parameters {
        described(&self.key, self.algorithm)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key)
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, _kms: &Kms) -> Result<(), Fault> {
        target
            .fit(Self::ACTION, Algorithm::Encapsulation(self.algorithm))
            .map(drop)
    }

    async fn perform(self, permit: Permit<Self>, _kms: &Kms) -> Result<Encapsulated, Fault> {
        let target = permit.into_target();
        let version = target.fit(Self::ACTION, Algorithm::Encapsulation(self.algorithm))?;
        let made = version.public_key()?.encapsulate(target.record.spec)?;
        Ok(Encapsulated {
            arn: target.arn,
            algorithm: self.algorithm,
            secret: made.secret,
            ciphertext: made.ciphertext,
        })
    }
}

pub(crate) fn described(key: &KeyReference, algorithm: EncapsulationAlgorithm) -> Parameters {
    parameters([
        ("keyId", key.to_string().into()),
        ("encapsulationAlgorithm", algorithm.as_str().into()),
    ])
}
