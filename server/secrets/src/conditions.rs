//! What secrets and requests for them answer to the condition keys of policies.

use strongroom_base::{Arn, Fault, Scope};
use strongroom_gate::{Need, Resource};
use strongroom_kms::KeyReference;
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::key::{key_arn, parse_key};
use crate::record::SecretRecord;

impl SecretRecord {
    /// What the secret answers, as the permission is asked on it.
    pub(crate) fn answer<'s>(&'s self, need: &Need, key: &ConditionKey) -> Values<'s> {
        match (key.name(), &need.resource) {
            (Some(KeyName::ResourceTag | KeyName::SecretResourceTag), _) => key.pick(self.tags.pairs()),
            (Some(KeyName::SecretId), Resource::Named(arn)) => Values::one(arn.to_string()),
            _ => Values::Absent,
        }
    }
}

/// The key that a request names for a secret.
pub(crate) struct NamedKey {
    /// As the request named it.
    pub(crate) reference: KeyReference,
    /// The ARN of what it named.
    pub(crate) arn: Arn,
}

impl NamedKey {
    /// Reads a KmsKeyId; `None` stands for the service's own key.
    pub(crate) fn parse(text: &str, scope: &Scope) -> Result<Option<Self>, Fault> {
        let reference = parse_key(text, scope)?;
        Ok(reference.map(|reference| Self {
            arn: key_arn(&reference, scope),
            reference,
        }))
    }

    /// What a request that names this key answers.
    pub(crate) fn answer(&self, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::SecretKmsKeyArn) => Values::one(self.arn.as_str()),
            Some(KeyName::SecretKmsKeyId) => Values::one(self.reference.to_string()),
            Some(_) | None => Values::Absent,
        }
    }
}
