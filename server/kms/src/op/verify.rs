//! Verify: a signature, with the key's public half, in this process.

use strongroom_base::limits::CIPHERTEXT_BLOB_BYTES_MAX;
use strongroom_base::{Action, Arn, Code, Fault, SigningAlgorithm};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, Values};

use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::message::Message;
use crate::op::sign::{answer, described};
use crate::target::KeyTarget;

/// The request.
pub struct Verify {
    key: KeyReference,
    algorithm: SigningAlgorithm,
    message: Message,
    signature: Vec<u8>,
}

/// The signature verifies: one that does not is an error.
#[derive(Debug)]
pub struct Verified {
    /// The key's ARN.
    pub arn: Arn,
    /// How it was verified.
    pub algorithm: SigningAlgorithm,
}

impl Verify {
    /// A verification of a signature of 1 to 6,144 bytes.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(
        key: KeyReference,
        algorithm: SigningAlgorithm,
        message: Message,
        signature: Vec<u8>,
    ) -> Result<Self, Fault> {
        if signature.is_empty() || signature.len() > CIPHERTEXT_BLOB_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'signature' failed to satisfy constraint: Member must have \
                 length between 1 and 6144",
            ));
        }
        Ok(Self {
            key,
            algorithm,
            message,
            signature,
        })
    }

    fn verify(&self, target: &KeyTarget) -> Result<(), Fault> {
        let version = target.fit(Action::Verify, Algorithm::Signing(self.algorithm))?;
        let spec = target.record.spec;
        self.message.check(spec, self.algorithm)?;
        let key = version.public_key()?;
        key.verify(spec, self.algorithm, &self.message, &self.signature)
    }
}

impl Operation for Verify {
    const ACTION: Action = Action::Verify;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Verified;

    fn parameters(&self) -> Parameters {
        described(&self.key, self.algorithm, &self.message)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key
            .answer(key)
            .or_else(|| answer(self.algorithm, &self.message, key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, _kms: &Kms) -> Result<(), Fault> {
        self.verify(target)
    }

    async fn perform(self, permit: Permit<Self>, _kms: &Kms) -> Result<Verified, Fault> {
        let target = permit.into_target();
        self.verify(&target)?;
        Ok(Verified {
            arn: target.arn,
            algorithm: self.algorithm,
        })
    }
}
