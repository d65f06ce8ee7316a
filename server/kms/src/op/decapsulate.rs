//! Decapsulate: the secret of an encapsulation, opened in the token.

use strongroom_base::limits::CIPHERTEXT_BLOB_BYTES_MAX;
use strongroom_base::{Action, Arn, Code, EncapsulationAlgorithm, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, SharedSecret};
use strongroom_policy::{ConditionKey, Values};

use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::encapsulate::described;
use crate::target::KeyTarget;

/// The request.
pub struct Decapsulate {
    key: KeyReference,
    algorithm: EncapsulationAlgorithm,
    ciphertext: Vec<u8>,
}

/// What Decapsulate answers.
pub struct Decapsulated {
    /// The key's ARN.
    pub arn: Arn,
    /// How it was opened.
    pub algorithm: EncapsulationAlgorithm,
    /// The secret, 32 bytes. Of an encapsulation that was changed or made for another key it is one that nobody has (FIPS
    /// 203 section 6.3).
    pub secret: Material<SharedSecret>,
}

impl Decapsulate {
    /// Opens an encapsulation of 1 to 6,144 bytes.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(key: KeyReference, algorithm: EncapsulationAlgorithm, ciphertext: Vec<u8>) -> Result<Self, Fault> {
        if ciphertext.is_empty() || ciphertext.len() > CIPHERTEXT_BLOB_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'sharedSecretCiphertextBlob' failed to satisfy constraint: Member \
                 must have length between 1 and 6144",
            ));
        }
        Ok(Self {
            key,
            algorithm,
            ciphertext,
        })
    }
}

impl Operation for Decapsulate {
    const ACTION: Action = Action::Decapsulate;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Decapsulated;

    fn parameters(&self) -> Parameters {
        described(&self.key, self.algorithm)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key)
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        target.fit(Self::ACTION, Algorithm::Encapsulation(self.algorithm))?;
        kms.check_token()
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Decapsulated, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let version = target.fit(Self::ACTION, Algorithm::Encapsulation(self.algorithm))?;
        let key = target.record.token_key(version)?;
        let secret = kms.token.decapsulate(&key, &self.ciphertext, deadline).await?;
        Ok(Decapsulated {
            arn: target.arn,
            algorithm: self.algorithm,
            secret,
        })
    }
}
