//! VerifyMac: the token makes the code anew, and the two are compared in constant time.

use strongroom_base::limits::CIPHERTEXT_BLOB_BYTES_MAX;
use strongroom_base::{Action, Arn, Code, Fault, MacAlgorithm};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Mac, Material};
use strongroom_policy::{ConditionKey, Values};

use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::message::Message;
use crate::op::generate_mac::described;
use crate::target::KeyTarget;

/// The request.
pub struct VerifyMac {
    key: KeyReference,
    algorithm: MacAlgorithm,
    message: Message,
    mac: Material<Mac>,
}

/// The code verifies: one that does not is an error.
#[derive(Debug)]
pub struct VerifiedMac {
    /// The key's ARN.
    pub arn: Arn,
    /// How it was verified.
    pub algorithm: MacAlgorithm,
}

impl VerifyMac {
    /// A verification of a code of 1 to 6,144 bytes.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(
        key: KeyReference,
        algorithm: MacAlgorithm,
        message: Message,
        mac: Material<Mac>,
    ) -> Result<Self, Fault> {
        if mac.is_empty() || mac.len() > CIPHERTEXT_BLOB_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'mac' failed to satisfy constraint: Member must have length \
                 between 1 and 6144",
            ));
        }
        Ok(Self {
            key,
            algorithm,
            message,
            mac,
        })
    }
}

impl Operation for VerifyMac {
    const ACTION: Action = Action::VerifyMac;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = VerifiedMac;

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

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<VerifiedMac, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let expected = kms
            .mac(&target, Self::ACTION, self.algorithm, self.message, deadline)
            .await?;
        // A comparison that ends at the first difference tells a caller the right code, byte by byte.
        if !bool::from(expected.ct_eq(&self.mac)) {
            return Err(Fault::new(
                Code::KmsInvalidMac,
                "The message authentication code is not valid.",
            ));
        }
        Ok(VerifiedMac {
            arn: target.arn,
            algorithm: self.algorithm,
        })
    }
}
