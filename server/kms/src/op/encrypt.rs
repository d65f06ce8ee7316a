//! Encrypt: up to 4,096 bytes under a key, in the token.

use strongroom_base::limits::PLAINTEXT_BYTES_MAX;
use strongroom_base::{Action, Arn, Code, EncryptionAlgorithm, Fault, KeyMaterialId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, Plaintext};
use strongroom_policy::{ConditionKey, ContextPairs, Values};

use crate::blob::{Blob, BlobKey};
use crate::conditions::by_algorithm;
use crate::context::EncryptionContext;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{parameters, with_context};
use crate::target::KeyTarget;

/// The request.
pub struct Encrypt {
    key: KeyReference,
    context: EncryptionContext,
    plaintext: Material<Plaintext>,
}

/// What Encrypt answers.
#[derive(Debug)]
pub struct Encryption {
    /// The key's ARN.
    pub arn: Arn,
    /// The material that encrypted.
    pub material: KeyMaterialId,
    /// The ciphertext blob, which names key and material.
    pub blob: Vec<u8>,
}

impl Encrypt {
    /// An encryption of 1 to 4,096 bytes.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(key: KeyReference, context: EncryptionContext, plaintext: Material<Plaintext>) -> Result<Self, Fault> {
        if plaintext.is_empty() || plaintext.len() > PLAINTEXT_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
                 between 1 and 4096",
            ));
        }
        Ok(Self {
            key,
            context,
            plaintext,
        })
    }
}

impl Operation for Encrypt {
    const ACTION: Action = Action::Encrypt;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Encryption;

    fn parameters(&self) -> Parameters {
        with_context(parameters([("keyId", self.key.to_string().into())]), &self.context)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key
            .answer(key)
            .or_else(|| by_algorithm(EncryptionAlgorithm::SymmetricDefault, key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        check_encryption(kms, target).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Encryption, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let version = target.record.current(&target.arn)?;
        let key = BlobKey {
            key: target.record.id,
            material: version.material,
            suite: version.suite,
        };
        kms.spend(version.material).await?;
        let data = key.authenticated_data(&self.context);
        let encrypted = kms
            .token
            .encrypt(&version.token_key(), &data, self.plaintext, deadline)
            .await;
        let encrypted = kms
            .budgets
            .settle(version.material, encrypted, |made| made.invocations)?;
        Ok(Encryption {
            arn: target.arn,
            material: key.material,
            blob: Blob::join(&key, &encrypted),
        })
    }
}

/// Whether a key could encrypt now: its state, and the budget of its material.
pub(crate) async fn check_encryption(kms: &Kms, target: &KeyTarget) -> Result<(), Fault> {
    let version = target.record.current(&target.arn)?;
    kms.check_token()?;
    kms.budgets.check(version.material).await
}
