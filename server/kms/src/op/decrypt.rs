//! Decrypt: the blob names its key and material; a wrong context, a flipped bit or a foreign blob get one answer. What RSA
//! encrypted names nothing: the request does.

use strongroom_base::{Action, Arn, EncryptionAlgorithm, Fault, KeyMaterialId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, Plaintext};
use strongroom_policy::{ConditionKey, ContextPairs, Values};

use crate::blob::{self, Blob};
use crate::ciphertext::Ciphertext;
use crate::context::EncryptionContext;
use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{parameters, with_context};
use crate::target::KeyTarget;

/// The request.
pub struct Decrypt {
    key: Option<KeyReference>,
    context: EncryptionContext,
    ciphertext: Ciphertext,
}

/// What Decrypt answers.
pub struct Decrypted {
    /// The key's ARN.
    pub arn: Arn,
    /// The material that had encrypted.
    pub material: KeyMaterialId,
    /// How it had.
    pub algorithm: EncryptionAlgorithm,
    /// The bytes that had been encrypted.
    pub plaintext: Material<Plaintext>,
}

impl Decrypt {
    /// A decryption, under whatever key the blob names unless `key` insists on one.
    ///
    /// # Errors
    /// ValidationException for an empty blob. Whether a blob is well-formed is told only to callers who may decrypt.
    pub fn new(key: Option<KeyReference>, context: EncryptionContext, blob: &[u8]) -> Result<Self, Fault> {
        Self::with_algorithm(key, EncryptionAlgorithm::SymmetricDefault, context, blob)
    }

    /// The same for a ciphertext that was made with `algorithm`; RSA needs the key.
    ///
    /// # Errors
    /// ValidationException for an empty ciphertext, and for RSA without a key.
    pub fn with_algorithm(
        key: Option<KeyReference>,
        algorithm: EncryptionAlgorithm,
        context: EncryptionContext,
        ciphertext: &[u8],
    ) -> Result<Self, Fault> {
        let ciphertext = Ciphertext::new(algorithm, ciphertext, key.as_ref())?;
        Ok(Self {
            key,
            context,
            ciphertext,
        })
    }

    /// A dry run under `key` that has no ciphertext (`IGNORE_CIPHERTEXT`). It cannot be performed.
    #[must_use]
    pub fn without_ciphertext(key: KeyReference, algorithm: EncryptionAlgorithm, context: EncryptionContext) -> Self {
        Self {
            key: Some(key),
            context,
            ciphertext: Ciphertext::Ignored { algorithm },
        }
    }
}

impl Operation for Decrypt {
    const ACTION: Action = Action::Decrypt;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Decrypted;

    fn parameters(&self) -> Parameters {
        let mut fields = parameters([("encryptionAlgorithm", self.ciphertext.algorithm().as_str().into())]);
        if let Some(key) = &self.key {
            fields.insert("keyId".to_owned(), key.to_string().into());
        }
        with_context(fields, &self.context)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        let named = self.key.as_ref().map_or(Values::Absent, |named| named.answer(key));
        named.or_else(|| Algorithm::Encryption(self.ciphertext.algorithm()).answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        resolve_source(kms, self.key.as_ref(), self.ciphertext.blob(), Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        kms.check_open(target, Self::ACTION, &self.ciphertext, &self.context)
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Decrypted, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let algorithm = self.ciphertext.algorithm();
        let opened = kms
            .open(&target, Self::ACTION, &self.ciphertext, &self.context, deadline)
            .await?;
        Ok(Decrypted {
            arn: target.arn,
            material: opened.material,
            algorithm,
            plaintext: opened.plaintext,
        })
    }
}

/// Finds the key of a ciphertext: the one that the request names, else the one that the blob names. A blob that names
/// none of ours is decided on as if it named some key, and an allowed caller is told that it is not valid.
pub(crate) async fn resolve_source(
    kms: &Kms,
    named: Option<&KeyReference>,
    blob: Option<&Blob>,
    action: Action,
) -> Result<Resolved<KeyTarget>, Fault> {
    if let Some(reference) = named {
        return KeyTarget::resolve(kms, reference, action).await;
    }
    let record = match blob {
        Some(blob) => kms.find_key(&blob.key.key).await?,
        None => None,
    };
    Ok(match (record, blob) {
        (Some(record), _) => Resolved::Found(KeyTarget::found(kms, record, action, None).await?),
        (None, Some(blob)) => Resolved::Absent {
            needs: vec![Need::on(action, kms.scope().key_arn(&blob.key.key))],
            fault: blob::invalid(),
        },
        (None, None) => {
            let unknown = kms.scope().arn("kms", "key/unknown");
            Resolved::Absent {
                needs: vec![Need::on(action, unknown)],
                fault: blob::invalid(),
            }
        }
    })
}
