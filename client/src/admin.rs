//! The installation: who is calling, and how the token is.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;

impl Client {
    /// Who the service takes this client for.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn caller_identity(&self) -> Result<v1::GetCallerIdentityResponse, ClientFault> {
        self.admin(v1::GetCallerIdentityRequest {}, |mut service, request| async move {
            service.get_caller_identity(request).await
        })
        .await
    }

    /// What the token says of up to ten materials of a key now, beside what was recorded.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn inspect_key(&self, request: v1::InspectKeyRequest) -> Result<v1::InspectKeyResponse, ClientFault> {
        self.admin(request, |mut service, request| async move {
            service.inspect_key(request).await
        })
        .await
    }

    /// How the token and its queues are.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn describe_token(&self) -> Result<v1::DescribeTokenResponse, ClientFault> {
        self.admin(v1::DescribeTokenRequest {}, |mut service, request| async move {
            service.describe_token(request).await
        })
        .await
    }
}
