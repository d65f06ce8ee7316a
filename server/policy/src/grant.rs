//! [`Grant`]: a permission on one key that stands beside its policy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strongroom_base::{Arn, Caller};

use crate::condition_key::{ConditionKey, KeyName};
use crate::grant_operation::GrantOperation;
use crate::request::{ContextPairs, Request};
use crate::value::Value;

/// Who a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// A principal. An account's root is nobody but itself.
    Principal(Arn),
    /// A service, such as `secretsmanager.amazonaws.com`, when it acts by itself. No caller is one.
    Service(Box<str>),
}

impl Grantee {
    fn is(&self, caller: &Caller) -> bool {
        match self {
            Self::Principal(arn) => arn == caller.arn(),
            Self::Service(_) => false,
        }
    }
}

/// What a grant allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantTerms {
    /// The operations.
    pub operations: BTreeSet<GrantOperation>,
    /// What requests must bring.
    #[serde(default)]
    pub constraints: GrantConstraints,
}

/// What requests must bring for a grant to allow them (model `GrantConstraints`). Keys of encryption contexts are
/// compared without regard to case here, values with. Keys that differ by case alone are one key with several values, all
/// of which must be those of the constraint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConstraints {
    /// The encryption context must be this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_context_equals: Option<ContextPairs>,
    /// The encryption context must have these pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_context_subset: Option<ContextPairs>,
    /// The request must be made on behalf of this resource (`aws:SourceArn`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_arn: Option<Arn>,
}

/// A grant, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Its id, for records of what was decided.
    pub id: Box<str>,
    /// Who it is for.
    pub grantee: Grantee,
    /// What it allows.
    pub terms: GrantTerms,
}

impl Grant {
    /// Whether the grant allows the request.
    #[must_use]
    pub fn allows(&self, request: &dyn Request) -> bool {
        let operation = GrantOperation::of_permission(request.action());
        self.grantee.is(request.caller()) && operation.is_some_and(|operation| self.terms.allow(operation, request))
    }
}

impl GrantTerms {
    fn allow(&self, operation: GrantOperation, request: &dyn Request) -> bool {
        self.operations.contains(&operation)
            && self.constraints.met_by(operation, request)
            && match operation {
                // Whoever may pass a grant on passes on no more than it allows.
                GrantOperation::CreateGrant => request.grant_asked_for().is_some_and(|new| new.is_within(self)),
                _ => true,
            }
    }

    /// Whether these terms allow nothing that `others` do not.
    #[must_use]
    pub fn is_within(&self, others: &Self) -> bool {
        self.operations.is_subset(&others.operations) && self.constraints.are_within(&others.constraints)
    }
}

impl GrantConstraints {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn met_by(&self, operation: GrantOperation, request: &dyn Request) -> bool {
        self.met_by_context(operation, request.encryption_context())
            && self
                .source_arn
                .as_ref()
                .is_none_or(|arn| operation == GrantOperation::RetireGrant || is_source(arn, request))
    }

    /// Operations without an encryption context are not bound by these. One that has it and does not say it is refused.
    fn met_by_context(&self, operation: GrantOperation, context: Option<&ContextPairs>) -> bool {
        if !operation.has_encryption_context() {
            return true;
        }
        let equals = |pairs: &ContextPairs| context.is_some_and(|context| is_same(context, pairs));
        let subset = |pairs: &ContextPairs| context.is_some_and(|context| includes(context, pairs));
        self.encryption_context_equals.as_ref().is_none_or(equals)
            && self.encryption_context_subset.as_ref().is_none_or(subset)
    }

    /// Whether every request that meets these constraints meets `others`.
    #[must_use]
    pub fn are_within(&self, others: &Self) -> bool {
        let equals = |pairs: &ContextPairs| {
            let own = self.encryption_context_equals.as_ref();
            own.is_some_and(|own| is_same(own, pairs))
        };
        let subset = |pairs: &ContextPairs| {
            let own = [&self.encryption_context_equals, &self.encryption_context_subset];
            own.into_iter().flatten().any(|own| includes(own, pairs))
        };
        others.encryption_context_equals.as_ref().is_none_or(equals)
            && others.encryption_context_subset.as_ref().is_none_or(subset)
            && (others.source_arn.is_none() || others.source_arn == self.source_arn)
    }
}

/// Whether `context` has all `pairs`, whatever the case of their keys, and no other value under any case of them.
fn includes(context: &ContextPairs, pairs: &ContextPairs) -> bool {
    pairs.keys().all(|key| values(context, key) == values(pairs, key))
}

/// The values of a key in all its cases.
fn values<'c>(context: &'c ContextPairs, key: &str) -> BTreeSet<&'c str> {
    let meant = context.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
    meant.map(|(_, value)| value.as_str()).collect()
}

/// Whether both have the same pairs, as often, whatever the case of their keys.
fn is_same(one: &ContextPairs, other: &ContextPairs) -> bool {
    one.len() == other.len() && sorted(one) == sorted(other)
}

fn sorted(context: &ContextPairs) -> Vec<(String, &str)> {
    let pairs = context
        .iter()
        .map(|(key, value)| (key.to_ascii_lowercase(), value.as_str()));
    let mut sorted: Vec<_> = pairs.collect();
    sorted.sort_unstable();
    sorted
}

fn is_source(arn: &Arn, request: &dyn Request) -> bool {
    let answer = request.answer(&ConditionKey::new(KeyName::SourceArn, ""));
    answer
        .as_slice()
        .iter()
        .any(|source| *source == Value::from(arn.as_str()))
}

#[cfg(test)]
mod tests;
