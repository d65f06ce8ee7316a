//! ReEncrypt: from one key or context to another; the plaintext never leaves the token's lane.

use strongroom_base::{Action, Arn, EncryptionAlgorithm, Fault, KeyMaterialId, KeySpec};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, ContextPairs, KeyName, Values};

use crate::blob::{self, Blob, BlobKey};
use crate::conditions::by_algorithm;
use crate::context::EncryptionContext;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::decrypt::{empty_blob, resolve_source, version_of};
use crate::op::encrypt::check_encryption;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct ReEncrypt {
    source_key: Option<KeyReference>,
    source_context: EncryptionContext,
    blob: Result<Blob, Fault>,
    destination_key: KeyReference,
    destination_context: EncryptionContext,
    ciphertext_ignored: bool,
}

/// The two keys, each with its own permission.
pub struct ReEncryptTarget {
    source: KeyTarget,
    destination: KeyTarget,
}

impl Protected for ReEncryptTarget {
    fn needs(&self) -> Vec<Need> {
        [self.source.needs(), self.destination.needs()].concat()
    }

    /// The source's: what only its key can do is the dearer half.
    fn key_spec(&self) -> KeySpec {
        self.source.key_spec()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        match (key.name(), need.action) {
            (Some(KeyName::ReEncryptOnSameKey), _) => Values::one(self.source.arn == self.destination.arn),
            (_, Action::ReEncryptFrom) => self.source.answer(need, key),
            _ => self.destination.answer(need, key),
        }
    }
}

/// What ReEncrypt answers.
#[derive(Debug)]
pub struct ReEncrypted {
    /// The ARN of the key that had encrypted.
    pub source_arn: Arn,
    /// Its material.
    pub source_material: KeyMaterialId,
    /// The ARN of the key that encrypts now.
    pub destination_arn: Arn,
    /// Its material.
    pub destination_material: KeyMaterialId,
    /// The new ciphertext blob.
    pub blob: Vec<u8>,
}

impl ReEncrypt {
    /// A re-encryption under `destination_key`.
    ///
    /// # Errors
    /// ValidationException for an empty blob.
    pub fn new(
        source_key: Option<KeyReference>,
        source_context: EncryptionContext,
        blob: &[u8],
        destination_key: KeyReference,
        destination_context: EncryptionContext,
    ) -> Result<Self, Fault> {
        if blob.is_empty() {
            return Err(empty_blob());
        }
        Ok(Self {
            source_key,
            source_context,
            blob: Blob::parse(blob),
            destination_key,
            destination_context,
            ciphertext_ignored: false,
        })
    }

    /// A dry run from one key to another that has no ciphertext (`IGNORE_CIPHERTEXT`). It cannot be performed.
    #[must_use]
    pub fn without_ciphertext(
        source_key: KeyReference,
        source_context: EncryptionContext,
        destination_key: KeyReference,
        destination_context: EncryptionContext,
    ) -> Self {
        Self {
            source_key: Some(source_key),
            source_context,
            blob: Err(empty_blob()),
            destination_key,
            destination_context,
            ciphertext_ignored: true,
        }
    }
}

impl Operation for ReEncrypt {
    const ACTION: Action = Action::ReEncrypt;
    type Domain = Kms;
    type Target = ReEncryptTarget;
    type Reply = ReEncrypted;

    fn parameters(&self) -> Parameters {
        let context = |context: &EncryptionContext| -> serde_json::Value {
            context
                .pairs()
                .map(|(key, value)| (key.to_owned(), value.into()))
                .collect::<Parameters>()
                .into()
        };
        let mut fields = parameters([
            ("destinationKeyId", self.destination_key.to_string().into()),
            ("sourceEncryptionContext", context(&self.source_context)),
            ("destinationEncryptionContext", context(&self.destination_context)),
        ]);
        if let Some(key) = &self.source_key {
            fields.insert("sourceKeyId".to_owned(), key.to_string().into());
        }
        fields
    }

    fn encryption_context(&self, need: &Need) -> Option<&ContextPairs> {
        Some(match need.action {
            Action::ReEncryptFrom => self.source_context.as_map(),
            _ => self.destination_context.as_map(),
        })
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        let named = match need.action {
            Action::ReEncryptFrom => self.source_key.as_ref(),
            _ => Some(&self.destination_key),
        };
        let named = named.map_or(Values::Absent, |named| named.answer(key));
        named.or_else(|| by_algorithm(EncryptionAlgorithm::SymmetricDefault, key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<ReEncryptTarget>, Fault> {
        let blob = self.blob.as_ref().ok();
        let source = resolve_source(kms, self.source_key.as_ref(), blob, Action::ReEncryptFrom).await?;
        let destination = KeyTarget::resolve(kms, &self.destination_key, Action::ReEncryptTo).await?;
        Ok(both(source, destination))
    }

    async fn check(&self, target: &ReEncryptTarget, kms: &Kms) -> Result<(), Fault> {
        let source = &target.source;
        if self.ciphertext_ignored {
            source.record.usable(&source.arn)?;
        } else {
            version_of(source, self.blob.as_ref().map_err(|_| blob::invalid())?)?;
        }
        check_encryption(kms, &target.destination).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<ReEncrypted, Fault> {
        let deadline = permit.context().deadline;
        let ReEncryptTarget { source, destination } = permit.into_target();
        let blob = self.blob?;
        let from = version_of(&source, &blob)?;
        let into = destination.record.current(&destination.arn)?;
        let key = BlobKey {
            key: destination.record.id,
            material: into.material,
            suite: into.suite,
        };
        let source_data = blob.key.authenticated_data(&self.source_context);
        let destination_data = key.authenticated_data(&self.destination_context);
        kms.spend(into.material).await?;
        let encrypted = kms
            .token
            .re_encrypt(
                &from.token_key(),
                blob.nonce,
                &source_data,
                &blob.ciphertext,
                &into.token_key(),
                &destination_data,
                deadline,
            )
            .await;
        let encrypted = kms.budgets.settle(into.material, encrypted, |made| made.invocations)?;
        Ok(ReEncrypted {
            source_material: blob.key.material,
            destination_material: key.material,
            blob: Blob::join(&key, &encrypted),
            source_arn: source.arn,
            destination_arn: destination.arn,
        })
    }
}

/// Whatever is absent, both permissions are decided on.
fn both(source: Resolved<KeyTarget>, destination: Resolved<KeyTarget>) -> Resolved<ReEncryptTarget> {
    match (source, destination) {
        (Resolved::Found(source), Resolved::Found(destination)) => {
            Resolved::Found(ReEncryptTarget { source, destination })
        }
        (Resolved::Found(source), Resolved::Absent { needs, fault }) => Resolved::Absent {
            needs: [source.needs(), needs].concat(),
            fault,
        },
        (Resolved::Absent { needs, fault }, Resolved::Found(destination)) => Resolved::Absent {
            needs: [needs, destination.needs()].concat(),
            fault,
        },
        (Resolved::Absent { needs, fault }, Resolved::Absent { needs: more, .. }) => Resolved::Absent {
            needs: [needs, more].concat(),
            fault,
        },
    }
}
