//! [`Request`]: what a decision is about. It answers what policies ask, and nothing before they ask.

use std::collections::BTreeMap;

use strongroom_base::{AccountId, Caller};

use crate::condition_key::{ConditionKey, KeyName};
use crate::grant::GrantTerms;
use crate::value::Values;

/// The pairs of an encryption context, or of a constraint on it.
pub type ContextPairs = BTreeMap<String, String>;

/// One permission that somebody asks for.
pub trait Request {
    /// Who asks.
    fn caller(&self) -> &Caller;

    /// The account that owns what is asked for.
    fn owner(&self) -> &AccountId;

    /// The permission, such as `kms:Decrypt`.
    fn action(&self) -> &str;

    /// What it is asked on: an ARN, or `*` for actions that have no resource.
    fn resource(&self) -> &str;

    /// The encryption context, empty where the request gives none; `None` for operations that take none.
    fn encryption_context(&self) -> Option<&ContextPairs>;

    /// What a CreateGrant would grant.
    fn grant_asked_for(&self) -> Option<&GrantTerms>;

    /// What it answers to a condition key. `kms:EncryptionContext:...` and `kms:EncryptionContextKeys` are not asked here:
    /// [`Self::encryption_context`] answers them.
    fn answer(&self, key: &ConditionKey) -> Values<'_>;
}

/// What the request answers to any condition key.
pub(crate) fn ask<'r>(request: &'r dyn Request, key: &ConditionKey) -> Values<'r> {
    match key.name() {
        None => Values::Absent,
        Some(KeyName::EncryptionContext) => {
            let pairs = request.encryption_context().into_iter().flatten();
            key.pick(pairs.map(|(name, value)| (name.as_str(), value.as_str())))
        }
        Some(KeyName::EncryptionContextKeys) => match request.encryption_context() {
            Some(context) if !context.is_empty() => Values::many(context.keys().map(String::as_str)),
            Some(_) | None => Values::Absent,
        },
        Some(_) => request.answer(key),
    }
}
