//! Encrypt: up to 4,096 bytes under a symmetric key, in the token; less under the public key of an RSA key pair, in this
//! process.

use strongroom_base::limits::PLAINTEXT_BYTES_MAX;
use strongroom_base::{Action, Arn, Code, EncryptionAlgorithm, Fault, KeyMaterialId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, Plaintext};
use strongroom_policy::{ConditionKey, ContextPairs, Values};

use crate::context::EncryptionContext;
use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{parameters, with_context};
use crate::target::KeyTarget;

/// The request.
pub struct Encrypt {
    key: KeyReference,
    algorithm: EncryptionAlgorithm,
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
    /// How it encrypted.
    pub algorithm: EncryptionAlgorithm,
    /// The ciphertext; a symmetric key's names key and material.
    pub blob: Vec<u8>,
}

impl Encrypt {
    /// An encryption of 1 to 4,096 bytes under a symmetric key.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(key: KeyReference, context: EncryptionContext, plaintext: Material<Plaintext>) -> Result<Self, Fault> {
        Self::with_algorithm(key, EncryptionAlgorithm::SymmetricDefault, context, plaintext)
    }

    /// The same with `algorithm`; how much RSA takes depends on the key.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn with_algorithm(
        key: KeyReference,
        algorithm: EncryptionAlgorithm,
        context: EncryptionContext,
        plaintext: Material<Plaintext>,
    ) -> Result<Self, Fault> {
        if plaintext.is_empty() || plaintext.len() > PLAINTEXT_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
                 between 1 and 4096",
            ));
        }
        Ok(Self {
            key,
            algorithm,
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
        let fields = parameters([
            ("keyId", self.key.to_string().into()),
            ("encryptionAlgorithm", self.algorithm.as_str().into()),
        ]);
        with_context(fields, &self.context)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key
            .answer(key)
            .or_else(|| Algorithm::Encryption(self.algorithm).answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        kms.check_seal(target, Self::ACTION, self.algorithm, &self.context)
            .await?;
        target.check_length(self.algorithm, self.plaintext.len())
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Encryption, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        kms.seal(
            &target,
            Self::ACTION,
            self.algorithm,
            &self.context,
            self.plaintext,
            deadline,
        )
        .await
    }
}
