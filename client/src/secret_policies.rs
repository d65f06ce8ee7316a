//! Resource policies of secrets: who may do what with a secret.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Puts a resource policy on a secret. Repeated where the service says that it may help: a second time changes nothing.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn put_resource_policy(
        &self,
        request: v1::PutResourcePolicyRequest,
    ) -> Result<v1::PutResourcePolicyResponse, ClientFault> {
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.put_resource_policy(request).await
        })
        .await
    }

    /// The resource policy of the secret with this name or ARN, to the letter.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn resource_policy(&self, secret_id: &str) -> Result<v1::GetResourcePolicyResponse, ClientFault> {
        let request = v1::GetResourcePolicyRequest {
            secret_id: secret_id.to_owned(),
            policy_name: None,
        };
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.get_resource_policy(request).await
        })
        .await
    }

    /// Takes the resource policy from the secret with this name or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete_resource_policy(
        &self,
        secret_id: &str,
    ) -> Result<v1::DeleteResourcePolicyResponse, ClientFault> {
        let request = v1::DeleteResourcePolicyRequest {
            secret_id: secret_id.to_owned(),
            policy_name: None,
        };
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.delete_resource_policy(request).await
        })
        .await
    }

    /// What speaks against a resource policy, before it is put on a secret.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn validate_resource_policy(
        &self,
        request: v1::ValidateResourcePolicyRequest,
    ) -> Result<v1::ValidateResourcePolicyResponse, ClientFault> {
        self.secrets(Repeat::Safe, request, |mut service, request| async move {
            service.validate_resource_policy(request).await
        })
        .await
    }
}
