//! Encrypting and decrypting inside the token, data keys and random bytes.

use std::collections::HashMap;

use strongroom_material::{DataKey, Material, Plaintext};
use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

/// What is authenticated with a ciphertext and needed again to decrypt it. Not secret: it stands in audit records.
pub type EncryptionContext = HashMap<String, String>;

/// What is to be encrypted, and under which key.
pub struct Plain<'a> {
    /// Key id, key ARN, alias or alias ARN.
    pub key_id: &'a str,
    /// 1 to 4,096 bytes.
    pub plaintext: &'a Material<Plaintext>,
    /// Needed again to decrypt.
    pub encryption_context: &'a EncryptionContext,
    /// Tokens of grants that are too new to be known everywhere; mostly none.
    pub grant_tokens: &'a [String],
    /// Check everything and do nothing: the answer is then a refusal in any case, [`ClientFault::is_dry_run`] where the
    /// request would have succeeded.
    pub dry_run: bool,
}

/// The answer of Decrypt.
pub struct Decrypted {
    /// The plaintext.
    pub plaintext: Material<Plaintext>,
    /// The ARN of the key.
    pub key_id: String,
    /// The key material that decrypted, 64 hexadecimal digits.
    pub key_material_id: String,
}

/// The answer of GenerateDataKey.
pub struct GeneratedDataKey {
    /// The data key: use it, then drop it.
    pub plaintext: Material<DataKey>,
    /// The data key, encrypted: keep it beside what the data key encrypted.
    pub ciphertext_blob: Vec<u8>,
    /// The ARN of the key that encrypted it.
    pub key_id: String,
    /// The key material that encrypted it, 64 hexadecimal digits.
    pub key_material_id: String,
}

impl Client {
    /// Encrypts up to 4,096 bytes inside the token. For more, see [`Client::seal`].
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn encrypt(&self, plain: Plain<'_>) -> Result<v1::EncryptResponse, ClientFault> {
        self.encrypt_with(v1::EncryptionAlgorithm::SymmetricDefault, plain)
            .await
    }

    /// The same with this algorithm: with a key pair's, how many bytes it takes depends on the key, and there is no
    /// encryption context.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn encrypt_with(
        &self,
        algorithm: v1::EncryptionAlgorithm,
        plain: Plain<'_>,
    ) -> Result<v1::EncryptResponse, ClientFault> {
        let make = || v1::EncryptRequest {
            key_id: plain.key_id.to_owned(),
            plaintext: plain.plaintext.reveal_to_wire(<[u8]>::to_vec),
            encryption_context: plain.encryption_context.clone(),
            encryption_algorithm: algorithm.into(),
            grant_tokens: plain.grant_tokens.to_vec(),
            dry_run: plain.dry_run,
        };
        self.call(Repeat::Safe, make, |channel, request| async move {
            KeyManagementClient::new(channel).encrypt(request).await
        })
        .await
    }

    /// Decrypts what [`Client::encrypt`], [`Client::re_encrypt`] or [`Client::generate_data_key`] made.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn decrypt(&self, request: v1::DecryptRequest) -> Result<Decrypted, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.decrypt(request).await
            })
            .await?;
        let plaintext = Material::take(answer.plaintext);
        Ok(Decrypted {
            plaintext,
            key_id: answer.key_id,
            key_material_id: answer.key_material_id,
        })
    }

    /// Encrypts a ciphertext anew, under another key or context.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn re_encrypt(&self, request: v1::ReEncryptRequest) -> Result<v1::ReEncryptResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.re_encrypt(request).await
        })
        .await
    }

    /// Makes a data key, in plaintext and encrypted.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn generate_data_key(
        &self,
        request: v1::GenerateDataKeyRequest,
    ) -> Result<GeneratedDataKey, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.generate_data_key(request).await
            })
            .await?;
        let plaintext = Material::take(answer.plaintext);
        Ok(GeneratedDataKey {
            plaintext,
            ciphertext_blob: answer.ciphertext_blob,
            key_id: answer.key_id,
            key_material_id: answer.key_material_id,
        })
    }

    /// Makes a data key, encrypted only.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn generate_data_key_without_plaintext(
        &self,
        request: v1::GenerateDataKeyWithoutPlaintextRequest,
    ) -> Result<v1::GenerateDataKeyWithoutPlaintextResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.generate_data_key_without_plaintext(request).await
        })
        .await
    }

    /// Takes 1 to 1,024 random bytes from the token.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn generate_random(&self, number_of_bytes: i32) -> Result<Material<Plaintext>, ClientFault> {
        let request = v1::GenerateRandomRequest {
            number_of_bytes: Some(number_of_bytes),
        };
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.generate_random(request).await
            })
            .await?;
        Ok(Material::take(answer.plaintext))
    }
}
