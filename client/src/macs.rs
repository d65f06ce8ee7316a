//! Message authentication codes: made, and made anew to be compared, inside the token.

use strongroom_material::{Mac, Material, Message};
use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

/// What is to get a message authentication code, or has one.
pub struct MessageToAuthenticate<'a> {
    /// Key id, key ARN, alias or alias ARN.
    pub key_id: &'a str,
    /// The key's.
    pub algorithm: v1::MacAlgorithm,
    /// 1 to 4,096 bytes.
    pub message: &'a Material<Message>,
    /// Tokens of grants that are too new to be known everywhere; mostly none.
    pub grant_tokens: &'a [String],
    /// Check everything and do nothing: the answer is then a refusal in any case, [`ClientFault::is_dry_run`] where the
    /// request would have succeeded.
    pub dry_run: bool,
}

/// The answer of GenerateMac.
pub struct GeneratedMac {
    /// The code: whoever has it passes for whoever made it.
    pub mac: Material<Mac>,
    /// The ARN of the key.
    pub key_id: String,
    /// How it was made.
    pub algorithm: v1::MacAlgorithm,
}

impl Client {
    /// Makes a message authentication code inside the token.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn generate_mac(&self, message: MessageToAuthenticate<'_>) -> Result<GeneratedMac, ClientFault> {
        let make = || v1::GenerateMacRequest {
            key_id: message.key_id.to_owned(),
            message: message.message.reveal_to_wire(<[u8]>::to_vec),
            mac_algorithm: message.algorithm.into(),
            grant_tokens: message.grant_tokens.to_vec(),
            dry_run: message.dry_run,
        };
        let answer = self
            .call(Repeat::Safe, make, |channel, request| async move {
                KeyManagementClient::new(channel).generate_mac(request).await
            })
            .await?;
        let algorithm = answer.mac_algorithm();
        Ok(GeneratedMac {
            mac: Material::take(answer.mac),
            key_id: answer.key_id,
            algorithm,
        })
    }

    /// Verifies a message authentication code.
    ///
    /// # Errors
    /// [`ClientFault`]; for one that does not verify a refusal with KMSInvalidMacException.
    pub async fn verify_mac(
        &self,
        message: MessageToAuthenticate<'_>,
        mac: &Material<Mac>,
    ) -> Result<v1::VerifyMacResponse, ClientFault> {
        let make = || v1::VerifyMacRequest {
            key_id: message.key_id.to_owned(),
            message: message.message.reveal_to_wire(<[u8]>::to_vec),
            mac: mac.reveal_to_wire(<[u8]>::to_vec),
            mac_algorithm: message.algorithm.into(),
            grant_tokens: message.grant_tokens.to_vec(),
            dry_run: message.dry_run,
        };
        self.call(Repeat::Safe, make, |channel, request| async move {
            KeyManagementClient::new(channel).verify_mac(request).await
        })
        .await
    }
}
