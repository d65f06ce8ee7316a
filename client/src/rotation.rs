//! Rotation of keys: new material for a key that keeps its id.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Lets the key with this id or ARN rotate by itself, every 90 to 2,560 days, 365 unless said otherwise. Repeated
    /// where the service says that it may help: a second time changes nothing.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn enable_key_rotation(
        &self,
        key_id: &str,
        rotation_period_in_days: Option<i32>,
    ) -> Result<(), ClientFault> {
        let request = v1::EnableKeyRotationRequest {
            key_id: key_id.to_owned(),
            rotation_period_in_days,
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.enable_key_rotation(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Stops the rotation by time of the key with this id or ARN. Repeated where the service says that it may help: a
    /// second time changes nothing.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn disable_key_rotation(&self, key_id: &str) -> Result<(), ClientFault> {
        let request = v1::DisableKeyRotationRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.disable_key_rotation(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Whether and when the key with this id or ARN rotates.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn key_rotation_status(&self, key_id: &str) -> Result<v1::GetKeyRotationStatusResponse, ClientFault> {
        let request = v1::GetKeyRotationStatusRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.get_key_rotation_status(request).await
        })
        .await
    }

    /// One page of a key's rotations, oldest first.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_key_rotations(
        &self,
        request: v1::ListKeyRotationsRequest,
    ) -> Result<v1::ListKeyRotationsResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_key_rotations(request).await
        })
        .await
    }

    /// Rotates the key with this id or ARN now, and answers its id. Repeated only if the service says that nothing was
    /// done: a key has 25 rotations on demand in its life, and a second would be lost. After any other error,
    /// [`Client::list_key_rotations`] shows whether it was done.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn rotate_key_on_demand(&self, key_id: &str) -> Result<String, ClientFault> {
        let request = v1::RotateKeyOnDemandRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.rotate_key_on_demand(request).await },
        )
        .await
        .map(|answer| answer.key_id)
    }
}
