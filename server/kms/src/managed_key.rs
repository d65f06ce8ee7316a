//! [`ManagedKey`]: the keys that services make for themselves, at first use.

use std::sync::Arc;

use strongroom_base::{Caller, Fault, KeyId, Service};
use strongroom_gate::{Gate, OpContext};

use crate::alias::AliasRecord;
use crate::key::KeyManager;
use crate::key_reference::{AliasName, KeyReference};
use crate::kms::Kms;
use crate::op::CreateManagedKey;

/// A key that a service manages, and encrypts with unless it is told another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManagedKey {
    /// `alias/aws/secretsmanager`.
    OfSecrets,
    /// `alias/aws/ssm`.
    OfParameters,
}

impl ManagedKey {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::OfSecrets, Self::OfParameters];

    /// The service's name in the alias, in its callers' ARNs and in AWS's key policies.
    #[must_use]
    pub const fn service_name(self) -> &'static str {
        match self {
            Self::OfSecrets => "secretsmanager",
            Self::OfParameters => "ssm",
        }
    }

    /// The service that manages the key.
    #[must_use]
    pub const fn service(self) -> Service {
        match self {
            Self::OfSecrets => Service::SecretsManager,
            Self::OfParameters => Service::Ssm,
        }
    }

    /// How requests name the key.
    #[must_use]
    pub fn reference(self) -> KeyReference {
        KeyReference::Alias(self.alias())
    }

    pub(crate) fn alias(self) -> AliasName {
        AliasName::managed(self.service_name())
    }

    pub(crate) const fn manager(self) -> KeyManager {
        match self {
            Self::OfSecrets => KeyManager::SecretsManager,
            Self::OfParameters => KeyManager::Ssm,
        }
    }

    /// AWS's description of the key.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::OfSecrets => "Default key that protects secrets when no other key is defined",
            Self::OfParameters => "Default key that protects my SSM parameters when no other key is defined",
        }
    }
}

impl Kms {
    /// Makes a service's own key unless it is there, as that service: whoever stores a value needs no permission to create
    /// keys. Two requests may ask for it at once: one key is made.
    ///
    /// # Errors
    /// What creating a key answers.
    pub async fn ensure_managed_key(&self, gate: &Gate, context: &OpContext, key: ManagedKey) -> Result<(), Fault> {
        if self.managed_key(key).await?.is_some() {
            return Ok(());
        }
        let scope = self.scope();
        let caller = Caller::system(scope.system_arn(key.service_name()), scope.account().clone());
        let context = OpContext {
            caller: Arc::new(caller),
            ..context.clone()
        };
        gate.run(&context, self, CreateManagedKey::new(key)).await.map(drop)
    }

    /// A service's own key, once it exists.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn managed_key(&self, key: ManagedKey) -> Result<Option<KeyId>, Fault> {
        let alias = self.records.find::<AliasRecord>(key.alias().as_str()).await?;
        Ok(alias.map(|alias| alias.target))
    }
}
