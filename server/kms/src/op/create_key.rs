//! CreateKey: a new key or key pair, made in the token; what is secret of it never leaves.

use std::sync::Arc;

use strongroom_base::{Action, Code, Fault, KeyId, KeyOrigin, KeySpec, KeyUsage};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, ResourcePolicy, Values};

use crate::creation::Plan;
use crate::key::KeyManager;
use crate::key_policy::{self, POLICY_NAME, PolicyText};
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
    policy: Option<PolicyText>,
    bypass_lockout_check: bool,
}

/// The key that is to be made, and what else is needed for it: to tag it, and to put another policy on it afterwards.
pub struct NewKeyTarget {
    key: KeyId,
    /// What is wrong with it is told to those who may make the key.
    policy: Result<Option<Arc<ResourcePolicy>>, Fault>,
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
    /// is no default; as [`KeyTags::parse`] for tags; UnsupportedOperationException for every origin but AWS_KMS and, where the
    /// service imports such keys, EXTERNAL; those of [`PutKeyPolicy`](super::PutKeyPolicy) for the policy.
    pub fn new(new: NewKey) -> Result<Self, Fault> {
        check_description(&new.description)?;
        let spec = new.spec.unwrap_or(KeySpec::SymmetricDefault);
        Ok(Self {
            description: new.description,
            spec,
            usage: usage_of(spec, new.usage)?,
            origin: origin_of(spec, new.origin)?,
            tags: KeyTags::parse(new.tags)?,
            policy: new.policy.as_deref().map(PolicyText::new).transpose()?,
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

/// Every kind of key is imported of which the token can show what it is. Of an Edwards or a post-quantum key nothing shows
/// the public half (docs/decisions/0016-what-an-imported-key-is.md), and AWS wraps RSA and ECC keys alone.
fn origin_of(spec: KeySpec, wanted: Option<KeyOrigin>) -> Result<KeyOrigin, Fault> {
    let unsupported = |text: String| Err(Fault::new(Code::UnsupportedOperation, text));
    match wanted.unwrap_or(KeyOrigin::AwsKms) {
        KeyOrigin::AwsKms => Ok(KeyOrigin::AwsKms),
        KeyOrigin::External if is_importable(spec) => Ok(KeyOrigin::External),
        KeyOrigin::External => unsupported(format!(
            "Origin EXTERNAL is not supported with KeySpec {spec}; this service imports material for symmetric encryption \
             keys, HMAC keys, RSA keys, and ECC keys on NIST's curves and secp256k1."
        )),
        other @ (KeyOrigin::AwsCloudHsm | KeyOrigin::ExternalKeyStore) => unsupported(format!(
            "Origin {other} is not supported; this service makes keys with Origin AWS_KMS and EXTERNAL."
        )),
    }
}

fn is_importable(spec: KeySpec) -> bool {
    match spec {
        KeySpec::SymmetricDefault
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512
        | KeySpec::Rsa2048
        | KeySpec::Rsa3072
        | KeySpec::Rsa4096
        | KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256K1 => true,
        KeySpec::EccNistEdwards25519
        | KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87
        | KeySpec::MlKem512
        | KeySpec::MlKem768
        | KeySpec::MlKem1024
        | KeySpec::Sm2 => false,
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
            fields.insert("policy".to_owned(), policy.described());
            let bypass = self.bypass_lockout_check.into();
            fields.insert("bypassPolicyLockoutSafetyCheck".to_owned(), bypass);
        }
        fields
    }

    /// What the key is to be it is also for the PutKeyPolicy that may follow. That brings no tags; the key has them.
    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        let is_later = need.action == Action::PutKeyPolicy;
        match key.name() {
            Some(KeyName::BypassPolicyLockoutSafetyCheck) => Values::one(self.bypass_lockout_check),
            Some(KeyName::KeySpec | KeyName::CustomerMasterKeySpec) => Values::one(self.spec.as_str()),
            Some(KeyName::KeyUsage | KeyName::CustomerMasterKeyUsage) => Values::one(self.usage.as_str()),
            Some(KeyName::KeyOrigin) => Values::one(self.origin.as_str()),
            Some(KeyName::MultiRegion) => Values::one(false),
            Some(KeyName::PolicyName) if is_later => Values::one(POLICY_NAME),
            Some(KeyName::ResourceTag) if is_later => key.pick(self.tags.pairs()),
            Some(_) | None if is_later => Values::Absent,
            Some(_) | None => self.tags.answer(key),
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<NewKeyTarget>, Fault> {
        let key = KeyId::random();
        let policy = self.policy.as_ref().map(PolicyText::compile).transpose();
        let checked = policy.as_ref().ok().filter(|_| !self.bypass_lockout_check);
        let afterwards = checked
            .and_then(Option::as_ref)
            .map(|policy| key_policy::need_to_put_again(kms, &key, policy));
        // A new key with tags is a key that somebody tags: what policies say of all keys they say of this one. Its own
        // policy has no say yet, as in AWS.
        let tagging = (!self.tags.is_empty()).then(|| Need::on(Action::TagKey, kms.scope().key_arn(&key)));
        let others = tagging.into_iter().chain(afterwards).collect();
        Ok(Resolved::Found(NewKeyTarget { key, policy, others }))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        let NewKeyTarget { key, policy, .. } = permit.into_target();
        let plan = Plan {
            description: self.description,
            spec: self.spec,
            usage: self.usage,
            origin: self.origin,
            manager: KeyManager::Customer,
            alias: None,
            tags: self.tags,
            policy: policy?,
        };
        let record = kms.create(key, plan).await?;
        KeyMetadata::gather(kms, record).await
    }

    fn response(reply: &KeyMetadata) -> Parameters {
        parameters([("arn", reply.arn.as_str().into())])
    }
}
