//! GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext: a key pair for use outside, made in this process, its private
//! key encrypted in the token.

use strongroom_base::{Action, DataKeyPairSpec, Deadline, EncryptionAlgorithm, Fault, KeySpec};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, PrivateKeyDer};
use strongroom_policy::{ConditionKey, ContextPairs, KeyName, Values};

use crate::context::EncryptionContext;
use crate::data_key_pair::check_kind;
use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::encrypt::Encryption;
use crate::op::{parameters, with_context};
use crate::target::KeyTarget;

/// The request for a key pair.
pub struct GenerateDataKeyPair {
    /// The symmetric key that encrypts the private key.
    pub key: KeyReference,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// The pair's kind.
    pub spec: DataKeyPairSpec,
}

/// The request for a key pair of whose private key only the ciphertext is given out.
pub struct GenerateDataKeyPairWithoutPlaintext {
    /// The symmetric key that encrypts the private key.
    pub key: KeyReference,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// The pair's kind.
    pub spec: DataKeyPairSpec,
}

/// What GenerateDataKeyPair answers.
pub struct GeneratedKeyPair {
    /// The private key: PKCS #8 PrivateKeyInfo in DER.
    pub private_key: Material<PrivateKeyDer>,
    /// The rest.
    pub pair: EncryptedKeyPair,
}

/// What GenerateDataKeyPairWithoutPlaintext answers.
#[derive(Debug)]
pub struct EncryptedKeyPair {
    /// The pair's kind.
    pub spec: DataKeyPairSpec,
    /// SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
    /// The private key, encrypted.
    pub encryption: Encryption,
}

impl Operation for GenerateDataKeyPair {
    const ACTION: Action = Action::GenerateDataKeyPair;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = GeneratedKeyPair;

    fn parameters(&self) -> Parameters {
        described(&self.key, &self.context, self.spec)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key).or_else(|| answer(self.spec, key))
    }

    fn data_key_pair(&self) -> Option<KeySpec> {
        Some(self.spec.key_spec())
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        check_kind(self.spec)?;
        kms.check_data_keys(target, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<GeneratedKeyPair, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        target.for_data_keys(Self::ACTION)?;
        let made = kms.pairs.make(self.spec, deadline).await?;
        let [to_encrypt, private_key] = made.private;
        let encryption = encrypt(kms, &target, Self::ACTION, &self.context, to_encrypt, deadline).await?;
        Ok(GeneratedKeyPair {
            private_key,
            pair: EncryptedKeyPair {
                spec: self.spec,
                public_key: made.public,
                encryption,
            },
        })
    }
}

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    const ACTION: Action = Action::GenerateDataKeyPairWithoutPlaintext;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = EncryptedKeyPair;

    fn parameters(&self) -> Parameters {
        described(&self.key, &self.context, self.spec)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key).or_else(|| answer(self.spec, key))
    }

    fn data_key_pair(&self) -> Option<KeySpec> {
        Some(self.spec.key_spec())
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        check_kind(self.spec)?;
        kms.check_data_keys(target, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<EncryptedKeyPair, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        target.for_data_keys(Self::ACTION)?;
        let made = kms.pairs.make(self.spec, deadline).await?;
        let [to_encrypt] = made.private;
        let encryption = encrypt(kms, &target, Self::ACTION, &self.context, to_encrypt, deadline).await?;
        Ok(EncryptedKeyPair {
            spec: self.spec,
            public_key: made.public,
            encryption,
        })
    }
}

async fn encrypt(
    kms: &Kms,
    target: &KeyTarget,
    action: Action,
    context: &EncryptionContext,
    private: Material<PrivateKeyDer>,
    deadline: Deadline,
) -> Result<Encryption, Fault> {
    let algorithm = EncryptionAlgorithm::SymmetricDefault;
    kms.seal(target, action, algorithm, context, private.repurpose(), deadline)
        .await
}

fn described(key: &KeyReference, context: &EncryptionContext, spec: DataKeyPairSpec) -> Parameters {
    with_context(
        parameters([("keyId", key.to_string().into()), ("keyPairSpec", spec.as_str().into())]),
        context,
    )
}

fn answer(spec: DataKeyPairSpec, key: &ConditionKey) -> Values<'static> {
    match key.name() {
        Some(KeyName::DataKeyPairSpec) => Values::one(spec.as_str()),
        _ => Algorithm::SYMMETRIC.answer(key),
    }
}
