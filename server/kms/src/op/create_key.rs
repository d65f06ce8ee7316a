//! CreateKey: a new AES-256 key, made in the token and never outside it.

use std::fmt::Display;

use strongroom_base::{Action, Code, Fault, KeyOrigin, KeySpec, KeyUsage};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::creation::Plan;
use crate::key::KeyManager;
use crate::kms::Kms;
use crate::metadata::KeyMetadata;
use crate::op::{check_description, parameters};
use crate::tags::KeyTags;
use crate::target::NoTarget;

/// What the new key is to be. What is not said is AWS's default.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// The customer's words, at most 8,192 characters.
    pub description: String,
    /// SYMMETRIC_DEFAULT unless said otherwise.
    pub spec: Option<KeySpec>,
    /// ENCRYPT_DECRYPT unless said otherwise.
    pub usage: Option<KeyUsage>,
    /// AWS_KMS unless said otherwise.
    pub origin: Option<KeyOrigin>,
    /// Tags that it has from the beginning, at most 50.
    pub tags: Vec<(String, String)>,
}

/// The request.
pub struct CreateKey {
    description: String,
    spec: KeySpec,
    usage: KeyUsage,
    origin: KeyOrigin,
    tags: KeyTags,
}

impl CreateKey {
    /// A key as `new` describes it.
    ///
    /// # Errors
    /// ValidationException for a description that is too long; as [`KeyTags::parse`] for tags; UnsupportedOperationException for every key spec, usage
    /// and origin but SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT and AWS_KMS.
    pub fn new(new: NewKey) -> Result<Self, Fault> {
        check_description(&new.description)?;
        Ok(Self {
            description: new.description,
            spec: supported("KeySpec", new.spec, KeySpec::SymmetricDefault)?,
            usage: supported("KeyUsage", new.usage, KeyUsage::EncryptDecrypt)?,
            origin: supported("Origin", new.origin, KeyOrigin::AwsKms)?,
            tags: KeyTags::parse(new.tags)?,
        })
    }
}

fn supported<T: Copy + PartialEq + Display>(field: &str, wanted: Option<T>, supported: T) -> Result<T, Fault> {
    match wanted {
        Some(other) if other != supported => Err(Fault::new(
            Code::UnsupportedOperation,
            format!("{field} {other} is not supported; this service makes keys with {field} {supported}."),
        )),
        Some(_) | None => Ok(supported),
    }
}

impl Operation for CreateKey {
    const ACTION: Action = Action::CreateKey;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = KeyMetadata;

    fn parameters(&self) -> Parameters {
        let mut fields = parameters([("description", self.description.as_str().into())]);
        if !self.tags.is_empty() {
            fields.insert("tags".to_owned(), self.tags.described());
        }
        fields
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::KeySpec | KeyName::CustomerMasterKeySpec) => Values::one(self.spec.as_str()),
            Some(KeyName::KeyUsage | KeyName::CustomerMasterKeyUsage) => Values::one(self.usage.as_str()),
            Some(KeyName::KeyOrigin) => Values::one(self.origin.as_str()),
            Some(KeyName::BypassPolicyLockoutSafetyCheck | KeyName::MultiRegion) => Values::one(false),
            Some(_) | None => self.tags.answer(key),
        }
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        // A new key with tags is a key that somebody tags.
        let tagging = (!self.tags.is_empty()).then_some(Action::TagKey);
        Ok(Resolved::Found(NoTarget::new(Self::ACTION).and(tagging)))
    }

    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        let plan = Plan {
            description: self.description,
            spec: self.spec,
            usage: self.usage,
            origin: self.origin,
            manager: KeyManager::Customer,
            alias: None,
            tags: self.tags,
        };
        KeyMetadata::gather(kms, kms.create(plan).await?).await
    }

    fn response(reply: &KeyMetadata) -> Parameters {
        parameters([("arn", reply.arn.as_str().into())])
    }
}
