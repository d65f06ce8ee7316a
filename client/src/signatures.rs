//! Signatures: made inside the token, verified by the service.

use strongroom_material::{Material, Message};
use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

/// What is to be signed, or was, and how.
pub struct MessageToSign<'a> {
    /// Key id, key ARN, alias or alias ARN.
    pub key_id: &'a str,
    /// One of the key's.
    pub algorithm: v1::SigningAlgorithm,
    /// 1 to 4,096 bytes: the message, or what stands for it.
    pub message: &'a Material<Message>,
    /// Which of these; the message itself if unspecified.
    pub message_type: v1::MessageType,
    /// Tokens of grants that are too new to be known everywhere; mostly none.
    pub grant_tokens: &'a [String],
    /// Check everything and do nothing: the answer is then a refusal in any case, [`ClientFault::is_dry_run`] where the
    /// request would have succeeded.
    pub dry_run: bool,
}

impl Client {
    /// Signs inside the token.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn sign(&self, signed: MessageToSign<'_>) -> Result<v1::SignResponse, ClientFault> {
        let make = || v1::SignRequest {
            key_id: signed.key_id.to_owned(),
            message: signed.message.reveal_to_wire(<[u8]>::to_vec),
            message_type: signed.message_type.into(),
            signing_algorithm: signed.algorithm.into(),
            grant_tokens: signed.grant_tokens.to_vec(),
            dry_run: signed.dry_run,
        };
        self.call(Repeat::Safe, make, |channel, request| async move {
            KeyManagementClient::new(channel).sign(request).await
        })
        .await
    }

    /// Verifies a signature.
    ///
    /// # Errors
    /// [`ClientFault`]; for one that does not verify a refusal with KMSInvalidSignatureException.
    pub async fn verify(&self, signed: MessageToSign<'_>, signature: &[u8]) -> Result<v1::VerifyResponse, ClientFault> {
        let make = || v1::VerifyRequest {
            key_id: signed.key_id.to_owned(),
            message: signed.message.reveal_to_wire(<[u8]>::to_vec),
            message_type: signed.message_type.into(),
            signing_algorithm: signed.algorithm.into(),
            signature: signature.to_vec(),
            grant_tokens: signed.grant_tokens.to_vec(),
            dry_run: signed.dry_run,
        };
        self.call(Repeat::Safe, make, |channel, request| async move {
            KeyManagementClient::new(channel).verify(request).await
        })
        .await
    }
}
