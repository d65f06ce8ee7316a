//! CreateKey by the service itself: the key behind `alias/aws/secretsmanager`, made at first use.

use strongroom_base::{Action, Fault, KeyId, KeyOrigin, KeySpec, KeyUsage, Service};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::creation::Plan;
use crate::key::KeyManager;
use crate::key_reference::{AliasName, KeyReference};
use crate::kms::Kms;
use crate::metadata::KeyMetadata;
use crate::op::parameters;
use crate::tags::KeyTags;
use crate::target::NoTarget;

/// The request; only the service itself makes it, and the secrets service on a caller's behalf.
pub struct CreateManagedKey {
    manager: KeyManager,
    alias: AliasName,
}

impl CreateManagedKey {
    /// The key that the secrets service encrypts with unless a secret names another one.
    #[must_use]
    pub fn for_secrets() -> Self {
        Self {
            manager: KeyManager::SecretsManager,
            alias: AliasName::managed("secretsmanager"),
        }
    }
}

impl Operation for CreateManagedKey {
    const ACTION: Action = Action::CreateKey;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = KeyMetadata;

    fn parameters(&self) -> Parameters {
        parameters([("aliasName", self.alias.as_str().into())])
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::reserved_to(
            Self::ACTION,
            Service::SecretsManager,
        )))
    }

    /// Answers the key that is there already when another request was faster; a lost race leaves an intent, and
    /// reconciliation destroys the object.
    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        let _one_at_a_time = kms.managed.lock().await;
        if let Some(record) = kms.find(&KeyReference::Alias(self.alias.clone())).await? {
            return KeyMetadata::gather(kms, record).await;
        }
        let description = "Default key that protects secrets when no other key is defined".to_owned();
        let plan = Plan {
            description,
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            origin: KeyOrigin::AwsKms,
            manager: self.manager,
            alias: Some(self.alias),
            tags: KeyTags::default(),
            policy: None,
        };
        KeyMetadata::gather(kms, kms.create(KeyId::random(), plan).await?).await
    }

    fn response(reply: &KeyMetadata) -> Parameters {
        parameters([("arn", reply.arn.as_str().into())])
    }
}
