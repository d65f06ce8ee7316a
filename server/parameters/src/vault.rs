//! Sealing and opening secure values, with keys of the key service, on behalf of the caller.
//!
//! A standard parameter's value is encrypted under the KMS key itself, an advanced one's under a data key
//! (`strongroom_kms::envelope`), both with AWS's encryption context {PARAMETER_ARN}.
//!
//! ```text
//! AAD of an advanced value     = "strongroom/parameter-value" 00 | format (1 byte, 01) | ARN
//! an advanced value, encrypted = length of the data key (2 bytes, most significant first) | data key, encrypted | nonce
//!                                | ciphertext | tag
//! ```

use data_encoding::BASE64;
use strongroom_base::{Arn, Code, Fault, ParameterTier, Service};
use strongroom_gate::OpContext;
use strongroom_kms::op::{DataKeyLength, Decrypt, Encrypt, GenerateDataKey};
use strongroom_kms::{EncryptionContext, ManagedKey, envelope};
use strongroom_material::{Material, Plaintext, Sealed, SecretValue};

use crate::fetch::Shown;
use crate::key::{NamedKey, key_fault};
use crate::parameters::Parameters;
use crate::record::StoredValue;
use crate::value::Value;

const DOMAIN: &[u8] = b"strongroom/parameter-value\0";
const FORMAT: u8 = 1;

impl Parameters {
    /// Encrypts a value for the parameter with this ARN.
    pub(crate) async fn seal(
        &self,
        context: &OpContext,
        key: &NamedKey,
        (arn, tier): (&Arn, ParameterTier),
        value: &Value,
    ) -> Result<StoredValue, Fault> {
        if key.is_own() {
            let own = ManagedKey::OfParameters;
            self.kms.ensure_managed_key(&self.gate, context, own).await?;
        }
        let on_behalf = context.on_behalf(Service::Ssm);
        if tier == ParameterTier::Advanced {
            let generate = GenerateDataKey {
                key: key.reference.clone(),
                context: binding(arn)?,
                length: DataKeyLength::AES_256,
            };
            let generated = self.gate.run(&on_behalf, &*self.kms, generate).await;
            let generated = generated.map_err(key_fault)?.into_inner();
            return Ok(StoredValue::Envelope {
                data_key: Sealed::from_cipher(generated.encryption.blob),
                value: envelope::seal(generated.plaintext, &authenticated_data(arn), value.material())?,
            });
        }
        let plaintext = Material::<Plaintext>::fill(value.len(), |copy| {
            value.material().reveal_to_cipher(|bytes| copy.copy_from_slice(bytes));
            Ok::<(), Fault>(())
        });
        let plaintext = plaintext.map_err(|_| Fault::new(Code::Internal, "A value has no bytes."))?;
        let encrypt = Encrypt::new(key.reference.clone(), binding(arn)?, plaintext).map_err(key_fault)?;
        let encrypted = self.gate.run(&on_behalf, &*self.kms, encrypt).await;
        let blob = encrypted.map_err(key_fault)?.into_inner().blob;
        Ok(StoredValue::Direct(Sealed::from_cipher(blob)))
    }

    /// A value for a caller: as text where it is no secret, decrypted, or encrypted as it is stored.
    pub(crate) async fn open(
        &self,
        context: &OpContext,
        arn: &Arn,
        stored: &StoredValue,
        decrypt: bool,
    ) -> Result<Shown, Fault> {
        match stored {
            StoredValue::Plain(text) => Ok(Shown::Plain(text.clone())),
            StoredValue::Direct(blob) if !decrypt => Ok(Shown::Plain(BASE64.encode(blob.as_bytes()))),
            StoredValue::Envelope { data_key, value } if !decrypt => {
                let length = u16::try_from(data_key.as_bytes().len())
                    .unwrap_or(u16::MAX)
                    .to_be_bytes();
                let bytes = [&length, data_key.as_bytes(), value.as_bytes()].concat();
                Ok(Shown::Plain(BASE64.encode(&bytes)))
            }
            StoredValue::Direct(blob) => {
                let opened: Material<SecretValue> = self.decrypt(context, arn, blob).await?.repurpose();
                Ok(Shown::Secret(opened))
            }
            StoredValue::Envelope { data_key, value } => {
                let data_key = self.decrypt(context, arn, data_key).await?.repurpose();
                let opened = envelope::open(data_key, &authenticated_data(arn), value);
                opened.map(Shown::Secret).map_err(|_| {
                    let message = "The parameter's value can't be decrypted: it is not as it was stored.";
                    Fault::new(Code::RecordDamaged, message)
                })
            }
        }
    }

    async fn decrypt(&self, context: &OpContext, arn: &Arn, blob: &Sealed) -> Result<Material<Plaintext>, Fault> {
        let decrypt = Decrypt::new(None, binding(arn)?, blob.as_bytes()).map_err(key_fault)?;
        let on_behalf = context.on_behalf(Service::Ssm);
        let decrypted = self.gate.run(&on_behalf, &*self.kms, decrypt).await;
        Ok(decrypted.map_err(unreadable)?.into_inner().plaintext)
    }
}

/// Who is refused the key hears AWS's words for that: which key it is, and what its policy says, is not for everybody who
/// may ask for the parameter. The trail says it.
fn unreadable(fault: Fault) -> Fault {
    if fault.code() != Code::AccessDenied {
        return key_fault(fault);
    }
    let message = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you \
                   are not allowed to access. (Service: AWSKMS; Error Code: AccessDeniedException)";
    Fault::new(Code::AccessDenied, message).because(fault)
}

/// AWS's encryption context of Parameter Store.
fn binding(arn: &Arn) -> Result<EncryptionContext, Fault> {
    EncryptionContext::new([("PARAMETER_ARN".to_owned(), arn.to_string())])
}

fn authenticated_data(arn: &Arn) -> Vec<u8> {
    [DOMAIN, &[FORMAT], arn.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests;
