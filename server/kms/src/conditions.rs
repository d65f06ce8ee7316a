//! What keys and requests for them answer to the condition keys of policies.

use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::key::KeyRecord;
use crate::key_reference::{AliasName, KeyReference};
use crate::tags::KeyTags;

impl KeyRecord {
    /// What the key answers.
    pub(crate) fn answer(&self, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::KeySpec | KeyName::CustomerMasterKeySpec) => Values::one(self.spec.as_str()),
            Some(KeyName::KeyUsage | KeyName::CustomerMasterKeyUsage) => Values::one(self.usage.as_str()),
            Some(KeyName::KeyOrigin) => Values::one(self.origin.as_str()),
            Some(KeyName::MultiRegion) => Values::one(false),
            Some(KeyName::ResourceTag) => key.pick(self.tags.pairs()),
            Some(KeyName::ResourceAliases) => Values::many(self.aliases.iter().map(AliasName::as_str)),
            Some(_) | None => Values::Absent,
        }
    }
}

impl KeyReference {
    /// What a request that names its key so answers: `kms:RequestAlias`.
    pub(crate) fn answer(&self, key: &ConditionKey) -> Values<'_> {
        match (key.name(), self) {
            (Some(KeyName::RequestAlias), Self::Alias(name)) => Values::one(name.as_str()),
            _ => Values::Absent,
        }
    }
}

impl KeyTags {
    /// What a request that brings these tags answers.
    pub(crate) fn answer(&self, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::RequestTag) => key.pick(self.pairs()),
            Some(KeyName::TagKeys) => Values::many(self.pairs().map(|(name, _)| name)),
            Some(_) | None => Values::Absent,
        }
    }
}
