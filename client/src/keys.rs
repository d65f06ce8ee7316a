//! Keys and their aliases: everything that does not touch plaintext.

use strongroom_proto::v1;

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;

impl Client {
    /// Makes a key. Repeated only if the service says that nothing was done: a second key would be nobody's.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn create_key(&self, request: v1::CreateKeyRequest) -> Result<v1::KeyMetadata, ClientFault> {
        let answer = self
            .key_management(
                Repeat::OnlyIfNothingWasDone,
                request,
                |mut service, request| async move { service.create_key(request).await },
            )
            .await?;
        metadata(answer.key_metadata)
    }

    /// Describes the key with this id, ARN, alias or alias ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn describe_key(&self, key_id: &str) -> Result<v1::KeyMetadata, ClientFault> {
        self.describe_key_with(v1::DescribeKeyRequest {
            key_id: key_id.to_owned(),
            grant_tokens: Vec::new(),
        })
        .await
    }

    /// Describes a key for a caller whose permission may come from a grant of this moment.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn describe_key_with(&self, request: v1::DescribeKeyRequest) -> Result<v1::KeyMetadata, ClientFault> {
        let answer = self
            .key_management(Repeat::Safe, request, |mut service, request| async move {
                service.describe_key(request).await
            })
            .await?;
        metadata(answer.key_metadata)
    }

    /// One page of keys.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_keys(&self, request: v1::ListKeysRequest) -> Result<v1::ListKeysResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_keys(request).await
        })
        .await
    }

    /// When the key with this id or ARN was last used, and how.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn key_last_usage(&self, key_id: &str) -> Result<v1::GetKeyLastUsageResponse, ClientFault> {
        let request = v1::GetKeyLastUsageRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.get_key_last_usage(request).await
        })
        .await
    }

    /// Enables the key with this id or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn enable_key(&self, key_id: &str) -> Result<(), ClientFault> {
        let request = v1::EnableKeyRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.enable_key(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Disables the key with this id or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn disable_key(&self, key_id: &str) -> Result<(), ClientFault> {
        let request = v1::DisableKeyRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.disable_key(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Replaces the description of the key with this id or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn update_key_description(&self, key_id: &str, description: &str) -> Result<(), ClientFault> {
        let request = v1::UpdateKeyDescriptionRequest {
            key_id: key_id.to_owned(),
            description: description.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.update_key_description(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Schedules the deletion of the key with this id or ARN, in 7 to 30 days, 30 unless said otherwise.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn schedule_key_deletion(
        &self,
        key_id: &str,
        pending_window_in_days: Option<i32>,
    ) -> Result<v1::ScheduleKeyDeletionResponse, ClientFault> {
        let request = v1::ScheduleKeyDeletionRequest {
            key_id: key_id.to_owned(),
            pending_window_in_days,
        };
        self.key_management(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.schedule_key_deletion(request).await },
        )
        .await
    }

    /// Takes back the key with this id or ARN; it is then disabled. Answers the key's ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn cancel_key_deletion(&self, key_id: &str) -> Result<String, ClientFault> {
        let request = v1::CancelKeyDeletionRequest {
            key_id: key_id.to_owned(),
        };
        self.key_management(
            Repeat::OnlyIfNothingWasDone,
            request,
            |mut service, request| async move { service.cancel_key_deletion(request).await },
        )
        .await
        .map(|answer| answer.key_id)
    }

    /// Names a key: the alias with its `alias/` prefix, and the key's id or ARN.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn create_alias(&self, alias_name: &str, target_key_id: &str) -> Result<(), ClientFault> {
        let request = v1::CreateAliasRequest {
            alias_name: alias_name.to_owned(),
            target_key_id: target_key_id.to_owned(),
        };
        self.key_management(Repeat::OnlyIfNotCommitted, request, |mut service, request| async move {
            service.create_alias(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Points an alias at another key.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn update_alias(&self, alias_name: &str, target_key_id: &str) -> Result<(), ClientFault> {
        let request = v1::UpdateAliasRequest {
            alias_name: alias_name.to_owned(),
            target_key_id: target_key_id.to_owned(),
        };
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.update_alias(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Removes an alias.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete_alias(&self, alias_name: &str) -> Result<(), ClientFault> {
        let request = v1::DeleteAliasRequest {
            alias_name: alias_name.to_owned(),
        };
        self.key_management(Repeat::OnlyIfNotCommitted, request, |mut service, request| async move {
            service.delete_alias(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// One page of aliases.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn list_aliases(&self, request: v1::ListAliasesRequest) -> Result<v1::ListAliasesResponse, ClientFault> {
        self.key_management(Repeat::Safe, request, |mut service, request| async move {
            service.list_aliases(request).await
        })
        .await
    }
}

fn metadata(found: Option<v1::KeyMetadata>) -> Result<v1::KeyMetadata, ClientFault> {
    found.ok_or(ClientFault::AnswerIncomplete("the key's metadata"))
}
