//! CreateKey by the service itself: the key behind `alias/aws/secretsmanager` or `alias/aws/ssm`, made at first use.

use strongroom_base::{Action, Fault, KeyId, KeyOrigin, KeySpec, KeyUsage};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::creation::Plan;
use crate::kms::Kms;
use crate::managed_key::ManagedKey;
use crate::metadata::KeyMetadata;
use crate::op::parameters;
use crate::tags::KeyTags;
use crate::target::NoTarget;

/// The request; only the service itself makes it, and the service whose key it is on a caller's behalf.
pub struct CreateManagedKey {
    key: ManagedKey,
}

impl CreateManagedKey {
    /// The key that the secrets service encrypts with unless a secret names another one.
    #[must_use]
    pub fn for_secrets() -> Self {
        Self::new(ManagedKey::OfSecrets)
    }

    /// The key that this service encrypts with unless it is told another one.
    #[must_use]
    pub fn new(key: ManagedKey) -> Self {
        Self { key }
    }
}

impl Operation for CreateManagedKey {
    const ACTION: Action = Action::CreateKey;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = KeyMetadata;

    fn parameters(&self) -> Parameters {
        parameters([("aliasName", self.key.alias().as_str().into())])
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::reserved_to(Self::ACTION, self.key.service())))
    }

    /// Answers the key that is there already when another request was faster; a lost race leaves an intent, and
    /// reconciliation destroys the object.
    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        let _one_at_a_time = kms.managed.lock().await;
        if let Some(record) = kms.find(&self.key.reference()).await? {
            return KeyMetadata::gather(kms, record).await;
        }
        let plan = Plan {
            description: self.key.description().to_owned(),
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            origin: KeyOrigin::AwsKms,
            manager: self.key.manager(),
            alias: Some(self.key.alias()),
            tags: KeyTags::default(),
            policy: None,
        };
        KeyMetadata::gather(kms, kms.create(KeyId::random(), plan).await?).await
    }

    fn response(reply: &KeyMetadata) -> Parameters {
        parameters([("arn", reply.arn.as_str().into())])
    }
}
