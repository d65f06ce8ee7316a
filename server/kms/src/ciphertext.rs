//! [`Ciphertext`]: what is to be opened; and what Decrypt, Encrypt and ReEncrypt do with one key each: look whether it can be
//! done, which is all of a dry run, and do it.

use strongroom_base::limits::CIPHERTEXT_BLOB_BYTES_MAX;
use strongroom_base::{Action, Code, Deadline, EncryptionAlgorithm, Fault, KeyMaterialId};
use strongroom_material::{Material, Plaintext};
use strongroom_token::Capability;

use crate::blob::{self, Blob, BlobKey};
use crate::context::EncryptionContext;
use crate::fitness::Algorithm;
use crate::key::KeyVersion;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::Encryption;
use crate::target::KeyTarget;

/// What a request wants opened.
pub(crate) enum Ciphertext {
    /// One that names its key and material; `None` for what is none, which only callers who may decrypt are told.
    Blob(Option<Blob>),
    /// RSA's, which names nothing.
    Rsa {
        algorithm: EncryptionAlgorithm,
        bytes: Box<[u8]>,
    },
    /// Of a dry run that brings none (`IGNORE_CIPHERTEXT`).
    Ignored { algorithm: EncryptionAlgorithm },
}

/// What was in a ciphertext.
pub(crate) struct Opened {
    pub(crate) material: KeyMaterialId,
    pub(crate) plaintext: Material<Plaintext>,
}

impl Ciphertext {
    /// # Errors
    /// ValidationException for no bytes at all, and for an asymmetric algorithm without a key.
    pub(crate) fn new(algorithm: EncryptionAlgorithm, bytes: &[u8], key: Option<&KeyReference>) -> Result<Self, Fault> {
        if bytes.is_empty() {
            return Err(none());
        }
        if algorithm == EncryptionAlgorithm::SymmetricDefault {
            return Ok(Self::Blob(Blob::parse(bytes).ok()));
        }
        if key.is_none() {
            return Err(Fault::new(Code::Validation, "KeyId must not be null"));
        }
        let bytes = bytes.into();
        Ok(Self::Rsa { algorithm, bytes })
    }

    /// The blob, if it is one.
    pub(crate) fn blob(&self) -> Option<&Blob> {
        match self {
            Self::Blob(blob) => blob.as_ref(),
            Self::Rsa { .. } | Self::Ignored { .. } => None,
        }
    }

    /// How it was encrypted.
    pub(crate) fn algorithm(&self) -> EncryptionAlgorithm {
        match self {
            Self::Blob(_) => EncryptionAlgorithm::SymmetricDefault,
            Self::Rsa { algorithm, .. } | Self::Ignored { algorithm } => *algorithm,
        }
    }
}

impl Kms {
    /// Whether [`Self::open`] could do it now.
    pub(crate) fn check_open(
        &self,
        source: &KeyTarget,
        action: Action,
        ciphertext: &Ciphertext,
        context: &EncryptionContext,
    ) -> Result<(), Fault> {
        source.opener(action, ciphertext, context)?;
        self.check_token()?;
        Ok(self.token.supports(Capability::Decrypt(ciphertext.algorithm()))?)
    }

    /// Opens a ciphertext with the key that was decided on.
    pub(crate) async fn open(
        &self,
        source: &KeyTarget,
        action: Action,
        ciphertext: &Ciphertext,
        context: &EncryptionContext,
        deadline: Deadline,
    ) -> Result<Opened, Fault> {
        let version = source.opener(action, ciphertext, context)?;
        let key = source.record.token_key(version)?;
        let plaintext = match ciphertext {
            Ciphertext::Blob(Some(blob)) => {
                let data = blob.key.authenticated_data(context);
                self.token
                    .decrypt(&key, blob.nonce, &data, &blob.ciphertext, deadline)
                    .await?
            }
            Ciphertext::Rsa { algorithm, bytes } => {
                self.token.decrypt_asymmetric(&key, *algorithm, bytes, deadline).await?
            }
            Ciphertext::Blob(None) | Ciphertext::Ignored { .. } => return Err(none()),
        };
        Ok(Opened {
            material: version.material,
            plaintext,
        })
    }

    /// Whether [`Self::seal`] could do it now.
    pub(crate) async fn check_seal(
        &self,
        destination: &KeyTarget,
        action: Action,
        algorithm: EncryptionAlgorithm,
        context: &EncryptionContext,
    ) -> Result<(), Fault> {
        let version = destination.sealer(action, algorithm, context)?;
        if algorithm != EncryptionAlgorithm::SymmetricDefault {
            return Ok(());
        }
        self.check_token()?;
        self.budgets.check(version.material).await
    }

    /// Encrypts a plaintext under the key that was decided on.
    pub(crate) async fn seal(
        &self,
        destination: &KeyTarget,
        action: Action,
        algorithm: EncryptionAlgorithm,
        context: &EncryptionContext,
        plaintext: Material<Plaintext>,
        deadline: Deadline,
    ) -> Result<Encryption, Fault> {
        let version = destination.sealer(action, algorithm, context)?;
        let key = BlobKey {
            key: destination.record.id,
            material: version.material,
            suite: version.suite,
        };
        let blob = if algorithm == EncryptionAlgorithm::SymmetricDefault {
            let data = key.authenticated_data(context);
            let token_key = destination.record.token_key(version)?;
            self.spend(version.material).await?;
            let encrypted = self.token.encrypt(&token_key, &data, plaintext, deadline).await;
            let settled = self
                .budgets
                .settle(version.material, encrypted, |made| made.invocations)?;
            Blob::join(&key, &settled)
        } else {
            destination.check_length(algorithm, plaintext.len())?;
            version.public_key()?.encrypt(algorithm, &plaintext)?
        };
        Ok(Encryption {
            arn: destination.arn.clone(),
            material: version.material,
            algorithm,
            blob,
        })
    }
}

impl KeyTarget {
    /// The version that opens a ciphertext.
    fn opener(
        &self,
        action: Action,
        ciphertext: &Ciphertext,
        context: &EncryptionContext,
    ) -> Result<&KeyVersion, Fault> {
        match ciphertext {
            Ciphertext::Blob(blob) => self.maker(action, blob.as_ref()),
            Ciphertext::Rsa { bytes, .. } if bytes.len() > CIPHERTEXT_BLOB_BYTES_MAX => Err(blob::invalid()),
            Ciphertext::Rsa { algorithm, .. } | Ciphertext::Ignored { algorithm } => {
                self.sealer(action, *algorithm, context)
            }
        }
    }

    /// The version that made a blob, if this key did.
    pub(crate) fn maker(&self, action: Action, blob: Option<&Blob>) -> Result<&KeyVersion, Fault> {
        self.check_usage(action, Algorithm::SYMMETRIC)?;
        // A ciphertext of RSA that comes without its algorithm is no blob, and that is what AWS says of it.
        let blob = blob.ok_or_else(blob::invalid)?;
        if blob.key.key != self.record.id {
            return Err(Fault::new(
                Code::IncorrectKey,
                "The key ID in the request does not identify a CMK that can perform this operation.",
            ));
        }
        let version = self.version(&blob.key.material)?;
        // A version serves one suite for life.
        if version.suite == blob.key.suite {
            Ok(version)
        } else {
            Err(blob::invalid())
        }
    }

    /// The version that encrypts.
    fn sealer(
        &self,
        action: Action,
        algorithm: EncryptionAlgorithm,
        context: &EncryptionContext,
    ) -> Result<&KeyVersion, Fault> {
        let version = self.fit(action, Algorithm::Encryption(algorithm))?;
        // OAEP's label could bind a context; AWS binds none, and other software would not know of it.
        if algorithm != EncryptionAlgorithm::SymmetricDefault && !context.is_empty() {
            return Err(Fault::new(
                Code::Validation,
                "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.",
            ));
        }
        Ok(version)
    }

    /// Refuses what does not fit into the modulus.
    pub(crate) fn check_length(&self, algorithm: EncryptionAlgorithm, length: usize) -> Result<(), Fault> {
        let spec = self.record.spec;
        let modulus = spec.rsa_modulus_bytes().unwrap_or_default();
        match algorithm.oaep_plaintext_bytes_max(modulus) {
            Some(most) if length > most => Err(Fault::new(
                Code::Validation,
                format!("Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} bytes."),
            )),
            Some(_) | None => Ok(()),
        }
    }
}

fn none() -> Fault {
    Fault::new(
        Code::Validation,
        "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length \
         greater than or equal to 1",
    )
}
