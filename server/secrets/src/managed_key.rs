//! The key behind `alias/aws/secretsmanager`: made at first use, by the service itself.

use std::sync::Arc;

use strongroom_base::{Caller, Fault, KeyId};
use strongroom_gate::OpContext;
use strongroom_kms::op::CreateManagedKey;
use strongroom_kms::{AliasRecord, KeyReference};

use crate::secrets::Secrets;

impl Secrets {
    /// Makes the service's own key unless it is there. Two requests may ask for it at once: the key service makes one.
    pub(crate) async fn ensure_managed_key(&self, context: &OpContext) -> Result<(), Fault> {
        if self.managed_key().await?.is_some() {
            return Ok(());
        }
        self.gate
            .run(&self.own_context(context), &*self.kms, CreateManagedKey::for_secrets())
            .await?;
        Ok(())
    }

    /// The service's own key, once it exists.
    pub(crate) async fn managed_key(&self) -> Result<Option<KeyId>, Fault> {
        let alias = KeyReference::of_secrets().to_string();
        Ok(self
            .records
            .find::<AliasRecord>(&alias)
            .await?
            .map(|alias| alias.target))
    }

    /// The request's circumstances, with the service itself as the caller: a caller of CreateSecret needs no permission
    /// to create keys.
    fn own_context(&self, context: &OpContext) -> OpContext {
        let caller = Caller::system(
            self.scope().system_arn("secretsmanager"),
            self.scope().account().clone(),
        );
        OpContext {
            caller: Arc::new(caller),
            ..context.clone()
        }
    }
}
