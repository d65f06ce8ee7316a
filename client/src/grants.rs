//! Grants: principals who may use a key until the grant is taken back.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Makes a grant. With a name it is repeated where the service says that it may help: the same grant answers. Without,
    /// only if nothing was done: a second grant would be nobody's.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn create_grant(&self, request: v1::CreateGrantRequest) -> Result<v1::CreateGrantResponse, ClientFault> {
        let repeat = match &request.name {
            Some(_) => Repeat::Safe,
            None => Repeat::OnlyIfNotCommitted,
        };
        self.key_management(repeat, request, |mut service, request| async move {
            service.create_grant(request).await
        })
        .await
    }

    /// One page of a key's grants.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_grants(&self, request: v1::ListGrantsRequest) -> Result<v1::ListGrantsResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_grants(request).await
        })
        .await
    }

    /// One page of the grants that name a retiring principal.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_retirable_grants(
        &self,
        request: v1::ListRetirableGrantsRequest,
    ) -> Result<v1::ListRetirableGrantsResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_retirable_grants(request).await
        })
        .await
    }

    /// Gives a grant up, which is named by its token, or by its key and its id.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn retire_grant(&self, request: v1::RetireGrantRequest) -> Result<(), ClientFault> {
        self.key_management(Repeat::OnlyIfNotCommitted, request, |mut service, request| async move {
            service.retire_grant(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Takes a grant away. Once this has answered, nobody can use it.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn revoke_grant(&self, request: v1::RevokeGrantRequest) -> Result<(), ClientFault> {
        self.key_management(Repeat::OnlyIfNotCommitted, request, |mut service, request| async move {
            service.revoke_grant(request).await
        })
        .await
        .map(|_nothing| ())
    }
}
