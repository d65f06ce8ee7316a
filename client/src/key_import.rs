//! Import of key material that its owner has made elsewhere.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// A wrapping key and an import token for the key with this id or ARN, good for one import within 24 hours. Repeated
    /// only if the service says that nothing was done: a key has few wrapping keys at a time.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn parameters_for_import(
        &self,
        request: v1::GetParametersForImportRequest,
    ) -> Result<v1::GetParametersForImportResponse, ClientFault> {
        self.key_management(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.get_parameters_for_import(request).await },
        )
        .await
    }

    /// Imports material. Repeated only if the service says that nothing was done: a second try would find its token used.
    /// After any other error, [`Client::describe_key`] shows whether it was done.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn import_key_material(
        &self,
        request: v1::ImportKeyMaterialRequest,
    ) -> Result<v1::ImportKeyMaterialResponse, ClientFault> {
        self.key_management(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.import_key_material(request).await },
        )
        .await
    }

    /// Destroys imported material of the key with this id or ARN in the token, the current one unless `key_material_id`
    /// says which. Repeated where the service says that it may help: a second time changes nothing.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete_imported_key_material(
        &self,
        key_id: &str,
        key_material_id: Option<&str>,
    ) -> Result<v1::DeleteImportedKeyMaterialResponse, ClientFault> {
        let request = v1::DeleteImportedKeyMaterialRequest {
            key_id: key_id.to_owned(),
            key_material_id: key_material_id.map(str::to_owned),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.delete_imported_key_material(request).await
        })
        .await
    }
}
