//! Tags of keys.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Gives the key with this id or ARN tags, or other values of those that it has.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn tag_key(&self, request: v1::TagKeyRequest) -> Result<(), ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.tag_resource(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Takes tags from the key with this id or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn untag_key(&self, request: v1::UntagKeyRequest) -> Result<(), ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.untag_resource(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// One page of a key's tags.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_key_tags(
        &self,
        request: v1::ListResourceTagsRequest,
    ) -> Result<v1::ListResourceTagsResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_resource_tags(request).await
        })
        .await
    }
}
