//! Key policies: who may do what with a key.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Replaces the policy of a key. Repeated where the service says that it may help: a second time changes nothing.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn put_key_policy(&self, request: v1::PutKeyPolicyRequest) -> Result<(), ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.put_key_policy(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// The policy of the key with this id or ARN, to the letter.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn key_policy(&self, key_id: &str) -> Result<String, ClientFault> {
        let request = v1::GetKeyPolicyRequest {
            key_id: key_id.to_owned(),
            policy_name: None,
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.get_key_policy(request).await
        })
        .await
        .map(|answer| answer.policy)
    }

    /// One page of the names of a key's policies.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_key_policies(
        &self,
        request: v1::ListKeyPoliciesRequest,
    ) -> Result<v1::ListKeyPoliciesResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_key_policies(request).await
        })
        .await
    }
}
