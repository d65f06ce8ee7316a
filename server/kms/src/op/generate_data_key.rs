//! GenerateDataKey and GenerateDataKeyWithoutPlaintext: random bytes and their encryption, in one trip to the token.

use strongroom_base::limits::RANDOM_BYTES_MAX;
use strongroom_base::{Action, Code, Deadline, EncryptionAlgorithm, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{DataKey, Material};
use strongroom_policy::{ConditionKey, ContextPairs, Values};

use crate::blob::{Blob, BlobKey};
use crate::context::EncryptionContext;
use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::encrypt::Encryption;
use crate::op::{parameters, with_context};
use crate::target::KeyTarget;

/// The length of a data key in bytes: 1 to 1,024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataKeyLength(usize);

impl DataKeyLength {
    /// 32 bytes.
    pub const AES_256: Self = Self(32);

    /// The length that a request asks for: by key spec (AES_128, AES_256; empty for none) or by number of bytes.
    ///
    /// # Errors
    /// ValidationException unless exactly one is given and within bounds.
    pub fn parse(spec: &str, number_of_bytes: Option<usize>) -> Result<Self, Fault> {
        match (spec, number_of_bytes) {
            ("AES_128", None) => Ok(Self(16)),
            ("AES_256", None) => Ok(Self::AES_256),
            ("", Some(bytes)) if (1..=RANDOM_BYTES_MAX).contains(&bytes) => Ok(Self(bytes)),
            ("", Some(bytes)) => Err(Fault::new(
                Code::Validation,
                format!(
                    "1 validation error detected: Value '{bytes}' at 'numberOfBytes' failed to satisfy constraint: \
                     Member must have value between 1 and 1024"
                ),
            )),
            ("", None) | ("AES_128" | "AES_256", Some(_)) => Err(Fault::new(
                Code::Validation,
                "Please specify either number of bytes or key spec.",
            )),
            (other, _) => Err(Fault::new(
                Code::Validation,
                format!(
                    "1 validation error detected: Value '{other}' at 'keySpec' failed to satisfy constraint: Member \
                     must satisfy enum value set: [AES_256, AES_128]"
                ),
            )),
        }
    }
}

/// The request for a data key.
pub struct GenerateDataKey {
    /// The key that encrypts the data key.
    pub key: KeyReference,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// The data key's length.
    pub length: DataKeyLength,
}

/// The request for a data key of which only the ciphertext is given out. The data key itself is drawn into this process,
/// as for [`GenerateDataKey`], and wiped without anybody having seen it.
pub struct GenerateDataKeyWithoutPlaintext {
    /// The key that encrypts the data key.
    pub key: KeyReference,
    /// What the ciphertext is bound to.
    pub context: EncryptionContext,
    /// The data key's length.
    pub length: DataKeyLength,
}

/// What GenerateDataKey answers.
pub struct GeneratedKey {
    /// The data key.
    pub plaintext: Material<DataKey>,
    /// Its encryption.
    pub encryption: Encryption,
}

impl Operation for GenerateDataKey {
    const ACTION: Action = Action::GenerateDataKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = GeneratedKey;

    fn parameters(&self) -> Parameters {
        described(&self.key, &self.context, self.length)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key).or_else(|| Algorithm::SYMMETRIC.answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        kms.check_data_keys(target, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<GeneratedKey, Fault> {
        let deadline = permit.context().deadline;
        generate(
            kms,
            permit.into_target(),
            Self::ACTION,
            &self.context,
            self.length,
            deadline,
        )
        .await
    }
}

impl Operation for GenerateDataKeyWithoutPlaintext {
    const ACTION: Action = Action::GenerateDataKeyWithoutPlaintext;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Encryption;

    fn parameters(&self) -> Parameters {
        described(&self.key, &self.context, self.length)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key).or_else(|| Algorithm::SYMMETRIC.answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        kms.check_data_keys(target, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Encryption, Fault> {
        let deadline = permit.context().deadline;
        let generated = generate(
            kms,
            permit.into_target(),
            Self::ACTION,
            &self.context,
            self.length,
            deadline,
        )
        .await?;
        Ok(generated.encryption)
    }
}

impl Kms {
    /// Whether a key could encrypt data keys now: its kind, its state, and the budget of its material.
    pub(crate) async fn check_data_keys(&self, target: &KeyTarget, action: Action) -> Result<(), Fault> {
        let version = target.for_data_keys(action)?;
        self.check_token()?;
        self.budgets.check(version.material).await
    }
}

fn described(key: &KeyReference, context: &EncryptionContext, length: DataKeyLength) -> Parameters {
    with_context(
        parameters([("keyId", key.to_string().into()), ("numberOfBytes", length.0.into())]),
        context,
    )
}

async fn generate(
    kms: &Kms,
    target: KeyTarget,
    action: Action,
    context: &EncryptionContext,
    length: DataKeyLength,
    deadline: Deadline,
) -> Result<GeneratedKey, Fault> {
    let version = target.for_data_keys(action)?;
    let key = BlobKey {
        key: target.record.id,
        material: version.material,
        suite: version.suite,
    };
    let data = key.authenticated_data(context);
    kms.spend(version.material).await?;
    let generated = kms
        .token
        .generate_data_key(&target.record.token_key(version)?, &data, length.0, deadline)
        .await;
    let generated = kms
        .budgets
        .settle(version.material, generated, |made| made.encrypted.invocations)?;
    let blob = Blob::join(&key, &generated.encrypted);
    Ok(GeneratedKey {
        plaintext: generated.plaintext,
        encryption: Encryption {
            arn: target.arn,
            material: key.material,
            algorithm: EncryptionAlgorithm::SymmetricDefault,
            blob,
        },
    })
}
