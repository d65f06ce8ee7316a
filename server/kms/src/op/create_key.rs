//! CreateKey: a new key or key pair, made in the token; what is secret of it never leaves.

use std::sync::Arc;

use strongroom_base::{Action, Code, Fault, KeyId, KeyOrigin, KeySpec, KeyUsage};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, ResourcePolicy, Values};

use crate::creation::Plan;
use crate::key::KeyManager;
use crate::key_policy;
use crate::kms::Kms;
use crate::metadata::KeyMetadata;
use crate::op::{check_description, parameters};
use crate::tags::KeyTags;

/// What the new key is to be. What is not said is AWS's default.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// The customer's words, at most 8,192 characters.
    pub description: String,
    /// SYMMETRIC_DEFAULT unless said otherwise.
    pub spec: Option<KeySpec>,
    /// ENCRYPT_DECRYPT unless said otherwise; must be said for every spec but SYMMETRIC_DEFAULT.
    pub usage: Option<KeyUsage>,
    /// AWS_KMS unless said otherwise.
    pub origin: Option<KeyOrigin>,
    /// Tags that it has from the beginning, at most 50.
    pub tags: Vec<(String, String)>,
    /// The key's policy, as for PutKeyPolicy; without one, AWS's default policy.
    pub policy: Option<String>,
    /// Whether to accept a policy under which the caller could not put another one.
    pub bypass_policy_lockout_safety_check: bool,
}

/// The request.
pub struct CreateKey {
    description: String,
    spec: KeySpec,
    usage: KeyUsage,
    origin: KeyOrigin,
    tags: KeyTags,
    policy: Option<Arc<ResourcePolicy>>,
    bypass_lockout_check: bool,
}

/// The key that is to be made, and what else is needed for it: to tag it, and to put another policy on it afterwards.
pub struct NewKeyTarget {
    key: KeyId,
    others: Vec<Need>,
}

impl Protected for NewKeyTarget {
    fn needs(&self) -> Vec<Need> {
        let first = Need::anywhere(Action::CreateKey);
        std::iter::once(first).chain(self.others.clone()).collect()
    }
}

impl CreateKey {
    /// A key as `new` describes it.
    ///
    /// # Errors
    /// ValidationException for a description that is too long, for a usage that the spec has not, and for none where there
    /// is no default; as [`KeyTags::parse`] for tags; UnsupportedOperationException for every origin but AWS_KMS and, for
    /// symmetric keys, EXTERNAL; those of
    /// [`PutKeyPolicy`](super::PutKeyPolicy) for the policy.
    pub fn new(new: NewKey) -> Result<Self, Fault> {
        check_description(&new.description)?;
        let spec = new.spec.unwrap_or(KeySpec::SymmetricDefault);
        Ok(Self {
            description: new.description,
            spec,
            usage: usage_of(spec, new.usage)?,
            origin: origin_of(spec, new.origin)?,
            tags: KeyTags::parse(new.tags)?,
            policy: new.policy.as_deref().map(key_policy::parse).transpose()?,
            bypass_lockout_check: new.bypass_policy_lockout_safety_check,
        })
    }
}

/// AWS has a default for symmetric keys alone, though most other specs leave no choice.
fn usage_of(spec: KeySpec, wanted: Option<KeyUsage>) -> Result<KeyUsage, Fault> {
    match wanted {
        None if spec == KeySpec::SymmetricDefault => Ok(KeyUsage::EncryptDecrypt),
        None => Err(Fault::new(
            Code::Validation,
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        )),
        Some(usage) if spec.usages().contains(&usage) => Ok(usage),
        Some(usage) => Err(Fault::new(
            Code::Validation,
            format!("KeyUsage {usage} is not compatible with KeySpec {spec}"),
        )),
    }
}

/// Imported material can be checked for symmetric keys alone: a private key or a key for message authentication codes is
/// whatever its importer says it is, and not every token tells how long it is.
fn origin_of(spec: KeySpec, wanted: Option<KeyOrigin>) -> Result<KeyOrigin, Fault> {
    let unsupported = |text: String| Err(Fault::new(Code::UnsupportedOperation, text));
    match wanted.unwrap_or(KeyOrigin::AwsKms) {
        KeyOrigin::AwsKms => Ok(KeyOrigin::AwsKms),
        KeyOrigin::External if spec == KeySpec::SymmetricDefault => Ok(KeyOrigin::External),
        KeyOrigin::External => unsupported(format!(
            "Origin EXTERNAL is not supported with KeySpec {spec}; this service imports material for SYMMETRIC_DEFAULT."
        )),
        other @ (KeyOrigin::AwsCloudHsm | KeyOrigin::ExternalKeyStore) => unsupported(format!(
            "Origin {other} is not supported; this service makes keys with Origin AWS_KMS and EXTERNAL."
        )),
    }
}

impl Operation for CreateKey {
    const ACTION: Action = Action::CreateKey;
    type Domain = Kms;
    type Target = NewKeyTarget;
    type Reply = KeyMetadata;

    fn parameters(&self) -> Parameters {
        let mut fields = parameters([
            ("description", self.description.as_str().into()),
            ("keySpec", self.spec.as_str().into()),
            ("keyUsage", self.usage.as_str().into()),
            ("origin", self.origin.as_str().into()),
        ]);
        if !self.tags.is_empty() {
            fields.insert("tags".to_owned(), self.tags.described());
        }
        if let Some(policy) = &self.policy {
            fields.insert("policy".to_owned(), policy.as_str().into());
            let bypass = self.bypass_lockout_check.into();
            fields.insert("bypassPolicyLockoutSafetyCheck".to_owned(), bypass);
        }
        fields
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::BypassPolicyLockoutSafetyCheck) => Values::one(self.bypass_lockout_check),
            Some(KeyName::KeySpec | KeyName::CustomerMasterKeySpec) => Values::one(self.spec.as_str()),
            Some(KeyName::KeyUsage | KeyName::CustomerMasterKeyUsage) => Values::one(self.usage.as_str()),
            Some(KeyName::KeyOrigin) => Values::one(self.origin.as_str()),
            Some(KeyName::MultiRegion) => Values::one(false),
            Some(_) | None => self.tags.answer(key),
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<NewKeyTarget>, Fault> {
        let key = KeyId::random();
        let policy = self.policy.as_ref().filter(|_| !self.bypass_lockout_check);
        let afterwards = policy.map(|policy| key_policy::need_to_put_again(kms, &key, policy));
        // A new key with tags is a key that somebody tags.
        let tagging = (!self.tags.is_empty()).then(|| Need::anywhere(Action::TagKey));
        let others = tagging.into_iter().chain(afterwards).collect();
        Ok(Resolved::Found(NewKeyTarget { key, others }))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        let plan = Plan {
            description: self.description,
            spec: self.spec,
            usage: self.usage,
            origin: self.origin,
            manager: KeyManager::Customer,
            alias: None,
            tags: self.tags,
            policy: self.policy,
        };
        let record = kms.create(permit.target().key, plan).await?;
        KeyMetadata::gather(kms, record).await
    }

    fn response(reply: &KeyMetadata) -> Parameters {
        parameters([("arn", reply.arn.as_str().into())])
    }
}
