//! Decrypt: the blob names its key and material; a wrong context, a flipped bit or a foreign blob get one answer.

use strongroom_base::{Action, Arn, Code, EncryptionAlgorithm, Fault, KeyMaterialId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, Plaintext};
use strongroom_policy::{ConditionKey, ContextPairs, Values};

use crate::blob::{self, Blob};
use crate::conditions::by_algorithm;
use crate::context::EncryptionContext;
use crate::key::KeyVersion;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::with_context;
use crate::target::KeyTarget;

/// The request.
pub struct Decrypt {
    key: Option<KeyReference>,
    context: EncryptionContext,
    blob: Result<Blob, Fault>,
    ciphertext_ignored: bool,
}

/// What Decrypt answers.
pub struct Decrypted {
    /// The key's ARN.
    pub arn: Arn,
    /// The material that had encrypted.
    pub material: KeyMaterialId,
    /// The bytes that had been encrypted.
    pub plaintext: Material<Plaintext>,
}

impl Decrypt {
    /// A decryption, under whatever key the blob names unless `key` insists on one.
    ///
    /// # Errors
    /// ValidationException for an empty blob. Whether a blob is well-formed is told only to callers who may decrypt.
    pub fn new(key: Option<KeyReference>, context: EncryptionContext, blob: &[u8]) -> Result<Self, Fault> {
        if blob.is_empty() {
            return Err(empty_blob());
        }
        Ok(Self {
            key,
            context,
            blob: Blob::parse(blob),
            ciphertext_ignored: false,
        })
    }

    /// A dry run under `key` that has no ciphertext (`IGNORE_CIPHERTEXT`). It cannot be performed.
    #[must_use]
    pub fn without_ciphertext(key: KeyReference, context: EncryptionContext) -> Self {
        Self {
            key: Some(key),
            context,
            blob: Err(empty_blob()),
            ciphertext_ignored: true,
        }
    }
}

impl Operation for Decrypt {
    const ACTION: Action = Action::Decrypt;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Decrypted;

    fn parameters(&self) -> Parameters {
        let key = self
            .key
            .as_ref()
            .map(|key| ("keyId".to_owned(), key.to_string().into()));
        with_context(key.into_iter().collect(), &self.context)
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(self.context.as_map())
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        let named = self.key.as_ref().map_or(Values::Absent, |named| named.answer(key));
        named.or_else(|| by_algorithm(EncryptionAlgorithm::SymmetricDefault, key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        resolve_source(kms, self.key.as_ref(), self.blob.as_ref().ok(), Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        if self.ciphertext_ignored {
            target.record.usable(&target.arn)?;
        } else {
            version_of(target, self.blob.as_ref().map_err(|_| blob::invalid())?)?;
        }
        kms.check_token()
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Decrypted, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let blob = self.blob?;
        let version = version_of(&target, &blob)?;
        let data = blob.key.authenticated_data(&self.context);
        let key = version.token_key();
        let plaintext = kms
            .token
            .decrypt(&key, blob.nonce, &data, &blob.ciphertext, deadline)
            .await?;
        Ok(Decrypted {
            arn: target.arn,
            material: blob.key.material,
            plaintext,
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

/// The version of the target that made a blob, refusing a blob that was made under another key than the request insists on.
pub(crate) fn version_of<'t>(target: &'t KeyTarget, blob: &Blob) -> Result<&'t KeyVersion, Fault> {
    if blob.key.key != target.record.id {
        return Err(Fault::new(
            Code::IncorrectKey,
            "The key ID in the request does not identify a CMK that can perform this operation.",
        ));
    }
    let version = target.record.version(&target.arn, &blob.key.material)?;
    // A version serves one suite for life.
    if version.suite == blob.key.suite {
        Ok(version)
    } else {
        Err(blob::invalid())
    }
}

pub(crate) fn empty_blob() -> Fault {
    Fault::new(
        Code::Validation,
        "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length \
         greater than or equal to 1",
    )
}
