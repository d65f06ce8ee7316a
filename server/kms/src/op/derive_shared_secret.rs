//! DeriveSharedSecret: the secret that a key pair shares with another one, derived in the token.

use strongroom_base::limits::PUBLIC_KEY_BYTES_MAX;
use strongroom_base::{Action, Arn, Code, Fault, KeyAgreementAlgorithm, KeyOrigin};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, SharedSecret};
use strongroom_policy::{ConditionKey, Values};

use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct DeriveSharedSecret {
    key: KeyReference,
    algorithm: KeyAgreementAlgorithm,
    peer: Vec<u8>,
}

/// What DeriveSharedSecret answers.
pub struct DerivedSecret {
    /// The key's ARN.
    pub arn: Arn,
    /// How it was derived.
    pub algorithm: KeyAgreementAlgorithm,
    /// Where the key's material comes from.
    pub origin: KeyOrigin,
    /// The x-coordinate, as long as a field element. Not uniform: keys are to be derived from it.
    pub secret: Material<SharedSecret>,
}

impl DeriveSharedSecret {
    /// A derivation with the other side's public key: 1 to 8,192 bytes of SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(key: KeyReference, algorithm: KeyAgreementAlgorithm, peer: Vec<u8>) -> Result<Self, Fault> {
        if peer.is_empty() || peer.len() > PUBLIC_KEY_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'publicKey' failed to satisfy constraint: Member must have \
                 length between 1 and 8192",
            ));
        }
        Ok(Self { key, algorithm, peer })
    }
}

impl Operation for DeriveSharedSecret {
    const ACTION: Action = Action::DeriveSharedSecret;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = DerivedSecret;

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("keyAgreementAlgorithm", self.algorithm.as_str().into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key
            .answer(key)
            .or_else(|| Algorithm::KeyAgreement(self.algorithm).answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        target.fit(Self::ACTION, Algorithm::KeyAgreement(self.algorithm))?;
        kms.check_token()
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<DerivedSecret, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let version = target.fit(Self::ACTION, Algorithm::KeyAgreement(self.algorithm))?;
        let key = target.record.token_key(version)?;
        let secret = kms.token.derive_shared_secret(&key, &self.peer, deadline).await?;
        Ok(DerivedSecret {
            algorithm: self.algorithm,
            origin: target.record.origin,
            arn: target.arn,
            secret,
        })
    }
}
