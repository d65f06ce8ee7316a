//! ReEncrypt: from one key or context to another. Between symmetric keys the plaintext never leaves the token's lane; where
//! one of them is RSA's, this process holds it for a moment.

use strongroom_base::{Action, Arn, Deadline, EncryptionAlgorithm, Fault, KeyMaterialId, KeySpec};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, ContextPairs, KeyName, Values};

use crate::blob::{Blob, BlobKey};
use crate::ciphertext::Ciphertext;
use crate::context::EncryptionContext;
use crate::fitness::Algorithm;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::decrypt::resolve_source;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct ReEncrypt {
    source_key: Option<KeyReference>,
    source_context: EncryptionContext,
    ciphertext: Ciphertext,
    destination: ReEncryptDestination,
}

/// What is to be encrypted anew.
pub struct ReEncryptSource<'r> {
    /// The key that must have encrypted it; RSA's ciphertexts do not name theirs.
    pub key: Option<KeyReference>,
    /// How it was encrypted.
    pub algorithm: EncryptionAlgorithm,
    /// What it was bound to.
    pub context: EncryptionContext,
    /// The ciphertext.
    pub ciphertext: &'r [u8],
}

/// How it is to be encrypted.
pub struct ReEncryptDestination {
    /// The key.
    pub key: KeyReference,
    /// How.
    pub algorithm: EncryptionAlgorithm,
    /// What the new ciphertext is bound to.
    pub context: EncryptionContext,
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

    fn key_spec(&self) -> KeySpec {
        self.source.key_spec()
    }

    fn second_key_spec(&self) -> Option<KeySpec> {
        Some(self.destination.key_spec())
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
    /// How it had.
    pub source_algorithm: EncryptionAlgorithm,
    /// The ARN of the key that encrypts now.
    pub destination_arn: Arn,
    /// Its material.
    pub destination_material: KeyMaterialId,
    /// How it encrypts.
    pub destination_algorithm: EncryptionAlgorithm,
    /// The new ciphertext.
    pub blob: Vec<u8>,
}

impl ReEncrypt {
    /// A re-encryption of a symmetric key's blob under the symmetric `destination_key`.
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
        let source = ReEncryptSource {
            key: source_key,
            algorithm: EncryptionAlgorithm::SymmetricDefault,
            context: source_context,
            ciphertext: blob,
        };
        let destination = ReEncryptDestination {
            key: destination_key,
            algorithm: EncryptionAlgorithm::SymmetricDefault,
            context: destination_context,
        };
        Self::with_algorithms(source, destination)
    }

    /// A re-encryption with any algorithm on either side.
    ///
    /// # Errors
    /// ValidationException for an empty ciphertext, and for RSA's without a key.
    pub fn with_algorithms(source: ReEncryptSource<'_>, destination: ReEncryptDestination) -> Result<Self, Fault> {
        Ok(Self {
            ciphertext: Ciphertext::new(source.algorithm, source.ciphertext, source.key.as_ref())?,
            source_key: source.key,
            source_context: source.context,
            destination,
        })
    }

    /// A dry run from one key to another that has no ciphertext (`IGNORE_CIPHERTEXT`). It cannot be performed.
    #[must_use]
    pub fn without_ciphertext(
        source_key: KeyReference,
        source_algorithm: EncryptionAlgorithm,
        source_context: EncryptionContext,
        destination: ReEncryptDestination,
    ) -> Self {
        Self {
            source_key: Some(source_key),
            source_context,
            ciphertext: Ciphertext::Ignored {
                algorithm: source_algorithm,
            },
            destination,
        }
    }

    /// Both keys are symmetric: one trip to the token, and the plaintext stays in its lane.
    async fn in_lane(
        &self,
        kms: &Kms,
        target: &ReEncryptTarget,
        blob: &Blob,
        deadline: Deadline,
    ) -> Result<ReEncrypted, Fault> {
        let ReEncryptTarget { source, destination } = target;
        let from = source.maker(Action::ReEncryptFrom, Some(blob))?;
        let into = destination.fit(Action::ReEncryptTo, Algorithm::SYMMETRIC)?;
        let key = BlobKey {
            key: destination.record.id,
            material: into.material,
            suite: into.suite,
        };
        let source_data = blob.key.authenticated_data(&self.source_context);
        let destination_data = key.authenticated_data(&self.destination.context);
        let (source_key, destination_key) = (source.record.token_key(from)?, destination.record.token_key(into)?);
        kms.spend(into.material).await?;
        let encrypted = kms
            .token
            .re_encrypt(
                &source_key,
                blob.nonce,
                &source_data,
                &blob.ciphertext,
                &destination_key,
                &destination_data,
                deadline,
            )
            .await;
        let encrypted = kms.budgets.settle(into.material, encrypted, |made| made.invocations)?;
        let made = Blob::join(&key, &encrypted);
        Ok(self.re_encrypted(target, blob.key.material, key.material, made))
    }

    /// One of the keys is a pair: what the source opens is encrypted in a second step.
    async fn in_two_steps(
        &self,
        kms: &Kms,
        target: &ReEncryptTarget,
        deadline: Deadline,
    ) -> Result<ReEncrypted, Fault> {
        let ReEncryptTarget { source, destination } = target;
        let algorithm = self.destination.algorithm;
        destination.fit(Action::ReEncryptTo, Algorithm::Encryption(algorithm))?;
        let from = Action::ReEncryptFrom;
        let opened = kms
            .open(source, from, &self.ciphertext, &self.source_context, deadline)
            .await?;
        let context = &self.destination.context;
        let sealed = kms
            .seal(
                destination,
                Action::ReEncryptTo,
                algorithm,
                context,
                opened.plaintext,
                deadline,
            )
            .await?;
        Ok(self.re_encrypted(target, opened.material, sealed.material, sealed.blob))
    }

    fn re_encrypted(
        &self,
        target: &ReEncryptTarget,
        source_material: KeyMaterialId,
        destination_material: KeyMaterialId,
        blob: Vec<u8>,
    ) -> ReEncrypted {
        ReEncrypted {
            source_arn: target.source.arn.clone(),
            source_material,
            source_algorithm: self.ciphertext.algorithm(),
            destination_arn: target.destination.arn.clone(),
            destination_material,
            destination_algorithm: self.destination.algorithm,
            blob,
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
            ("destinationKeyId", self.destination.key.to_string().into()),
            ("sourceEncryptionAlgorithm", self.ciphertext.algorithm().as_str().into()),
            (
                "destinationEncryptionAlgorithm",
                self.destination.algorithm.as_str().into(),
            ),
            ("sourceEncryptionContext", context(&self.source_context)),
            ("destinationEncryptionContext", context(&self.destination.context)),
        ]);
        if let Some(key) = &self.source_key {
            fields.insert("sourceKeyId".to_owned(), key.to_string().into());
        }
        fields
    }

    fn encryption_context(&self, need: &Need) -> Option<&ContextPairs> {
        Some(match need.action {
            Action::ReEncryptFrom => self.source_context.as_map(),
            _ => self.destination.context.as_map(),
        })
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        let (named, algorithm) = match need.action {
            Action::ReEncryptFrom => (self.source_key.as_ref(), self.ciphertext.algorithm()),
            _ => (Some(&self.destination.key), self.destination.algorithm),
        };
        let named = named.map_or(Values::Absent, |named| named.answer(key));
        named.or_else(|| Algorithm::Encryption(algorithm).answer(key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<ReEncryptTarget>, Fault> {
        let blob = self.ciphertext.blob();
        let source = resolve_source(kms, self.source_key.as_ref(), blob, Action::ReEncryptFrom).await?;
        let destination = KeyTarget::resolve(kms, &self.destination.key, Action::ReEncryptTo).await?;
        Ok(both(source, destination))
    }

    async fn check(&self, target: &ReEncryptTarget, kms: &Kms) -> Result<(), Fault> {
        let (from, into) = (Action::ReEncryptFrom, Action::ReEncryptTo);
        kms.check_open(&target.source, from, &self.ciphertext, &self.source_context)?;
        let ReEncryptDestination { algorithm, context, .. } = &self.destination;
        kms.check_seal(&target.destination, into, *algorithm, context).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<ReEncrypted, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        match (&self.ciphertext, self.destination.algorithm) {
            (Ciphertext::Blob(Some(blob)), EncryptionAlgorithm::SymmetricDefault) => {
                self.in_lane(kms, &target, blob, deadline).await
            }
            _ => self.in_two_steps(kms, &target, deadline).await,
        }
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
