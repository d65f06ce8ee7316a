//! Key pairs: public keys, agreeing on secrets, and key pairs for use outside.

use strongroom_material::{Material, PrivateKeyDer, SharedSecret};
use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

/// The answer of GenerateDataKeyPair.
pub struct GeneratedDataKeyPair {
    /// The private key, PKCS #8 in DER: use it, then drop it.
    pub private_key: Material<PrivateKeyDer>,
    /// The private key, encrypted.
    pub private_key_ciphertext_blob: Vec<u8>,
    /// The public key: SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
    /// The ARN of the key that encrypted the private key.
    pub key_id: String,
    /// The key material that did, 64 hexadecimal digits.
    pub key_material_id: String,
}

/// The answer of DeriveSharedSecret and Decapsulate.
pub struct AgreedSecret {
    /// The secret: use it, then drop it.
    pub secret: Material<SharedSecret>,
    /// The ARN of the key.
    pub key_id: String,
}

/// The answer of Encapsulate.
pub struct EncapsulatedSecret {
    /// The secret: use it, then drop it.
    pub secret: Material<SharedSecret>,
    /// What [`Client::decapsulate`] opens to it.
    pub ciphertext_blob: Vec<u8>,
    /// The ARN of the key.
    pub key_id: String,
}

impl Client {
    /// Gives the public key of a key pair.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn public_key(&self, request: v1::GetPublicKeyRequest) -> Result<v1::GetPublicKeyResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.get_public_key(request).await
        })
        .await
    }

    /// Derives, inside the token, the secret that a key pair shares with another one. Not uniform: derive keys from it.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn derive_shared_secret(
        &self,
        request: v1::DeriveSharedSecretRequest,
    ) -> Result<AgreedSecret, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.derive_shared_secret(request).await
            })
            .await?;
        let secret = Material::take(answer.shared_secret);
        Ok(AgreedSecret {
            secret,
            key_id: answer.key_id,
        })
    }

    /// Makes a secret and its encapsulation. Repeated where the service says that it may help: each answer is another
    /// secret.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn encapsulate(&self, request: v1::EncapsulateRequest) -> Result<EncapsulatedSecret, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.encapsulate(request).await
            })
            .await?;
        let secret = Material::take(answer.shared_secret);
        Ok(EncapsulatedSecret {
            secret,
            ciphertext_blob: answer.shared_secret_ciphertext_blob,
            key_id: answer.key_id,
        })
    }

    /// Opens an encapsulation inside the token. One that was changed opens to another secret, without an error.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn decapsulate(&self, request: v1::DecapsulateRequest) -> Result<AgreedSecret, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.decapsulate(request).await
            })
            .await?;
        let secret = Material::take(answer.shared_secret);
        Ok(AgreedSecret {
            secret,
            key_id: answer.key_id,
        })
    }

    /// Makes a key pair for use outside the service, its private key in plaintext and encrypted.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn generate_data_key_pair(
        &self,
        request: v1::GenerateDataKeyPairRequest,
    ) -> Result<GeneratedDataKeyPair, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.generate_data_key_pair(request).await
            })
            .await?;
        let private_key = Material::take(answer.private_key_plaintext);
        Ok(GeneratedDataKeyPair {
            private_key,
            private_key_ciphertext_blob: answer.private_key_ciphertext_blob,
            public_key: answer.public_key,
            key_id: answer.key_id,
            key_material_id: answer.key_material_id,
        })
    }

    /// Makes a key pair for use outside the service, its private key encrypted only.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn generate_data_key_pair_without_plaintext(
        &self,
        request: v1::GenerateDataKeyPairWithoutPlaintextRequest,
    ) -> Result<v1::GenerateDataKeyPairWithoutPlaintextResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.generate_data_key_pair_without_plaintext(request).await
        })
        .await
    }
}
