//! Sealing and opening values: a data key from the key service, on behalf of the caller, and the envelope.

use strongroom_base::{Arn, Fault, Service};
use strongroom_gate::OpContext;
use strongroom_kms::op::{DataKeyLength, Decrypt, GenerateDataKey, GeneratedKey};
use strongroom_kms::{EncryptionContext, KeyReference, ManagedKey};
use strongroom_material::Sealed;

use crate::envelope::{self, Place};
use crate::key::{decryption_fault, encryption_fault, key_arn};
use crate::record::ValueRecord;
use crate::secrets::Secrets;
use crate::value::Value;

/// A value as it is stored, and the key that it was sealed under.
#[derive(Clone)]
pub(crate) struct SealedValue {
    pub(crate) key: Arn,
    pub(crate) managed: bool,
    pub(crate) record: ValueRecord,
}

impl Secrets {
    /// Seals a value under a new data key. `key` is as in the secret's record.
    pub(crate) async fn seal(
        &self,
        context: &OpContext,
        key: Option<&Arn>,
        place: &Place<'_>,
        value: &Value,
    ) -> Result<SealedValue, Fault> {
        let generated = self.data_key(context, key, binding(place)?).await?;
        let data_key = Sealed::from_cipher(generated.encryption.blob);
        let sealed = envelope::seal(generated.plaintext, place, value)?;
        let record = ValueRecord {
            kind: value.kind(),
            data_key,
            value: sealed,
        };
        Ok(SealedValue {
            key: generated.encryption.arn,
            managed: key.is_none(),
            record,
        })
    }

    /// Opens a value.
    pub(crate) async fn open(
        &self,
        context: &OpContext,
        place: &Place<'_>,
        record: &ValueRecord,
    ) -> Result<Value, Fault> {
        let decrypt = Decrypt::new(None, binding(place)?, record.data_key.as_bytes()).map_err(decryption_fault)?;
        let on_behalf = context.on_behalf(Service::SecretsManager);
        let decrypted = self
            .gate
            .run(&on_behalf, &*self.kms, decrypt)
            .await
            .map_err(decryption_fault)?;
        envelope::open(
            decrypted.into_inner().plaintext.repurpose(),
            place,
            record.kind,
            &record.value,
        )
    }

    /// Asks for a data key and throws it away: tells a caller at once that a key cannot be used, when there is nothing
    /// to encrypt yet.
    pub(crate) async fn try_key(&self, context: &OpContext, key: &Arn, secret: &Arn) -> Result<(), Fault> {
        let binding = EncryptionContext::new([("SecretARN".to_owned(), secret.to_string())])?;
        self.data_key(context, Some(key), binding).await.map(drop)
    }

    /// The key as it is stored: `None` if it is the service's own, by whatever name.
    pub(crate) async fn stored_key(&self, key: Option<&KeyReference>) -> Result<Option<Arn>, Fault> {
        let managed = self.kms.managed_key(ManagedKey::OfSecrets).await?;
        let own = |key: &&KeyReference| managed.is_some_and(|managed| **key == KeyReference::Key(managed));
        Ok(key.filter(|key| !own(key)).map(|key| key_arn(key, self.scope())))
    }

    async fn data_key(
        &self,
        context: &OpContext,
        key: Option<&Arn>,
        binding: EncryptionContext,
    ) -> Result<GeneratedKey, Fault> {
        let key = match key {
            Some(arn) => KeyReference::parse(arn.as_str(), self.scope()).map_err(encryption_fault)?,
            None => {
                let own = ManagedKey::OfSecrets;
                self.kms.ensure_managed_key(&self.gate, context, own).await?;
                KeyReference::of_secrets()
            }
        };
        let generate = GenerateDataKey {
            key,
            context: binding,
            length: DataKeyLength::AES_256,
        };
        let on_behalf = context.on_behalf(Service::SecretsManager);
        let generated = self
            .gate
            .run(&on_behalf, &*self.kms, generate)
            .await
            .map_err(encryption_fault)?;
        Ok(generated.into_inner())
    }
}

/// What a data key is bound to: AWS's encryption context of Secrets Manager.
fn binding(place: &Place<'_>) -> Result<EncryptionContext, Fault> {
    EncryptionContext::new([
        ("SecretARN".to_owned(), place.arn.to_string()),
        ("SecretVersionId".to_owned(), place.version.to_string()),
    ])
}
