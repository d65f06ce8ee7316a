//! [`GrantTerms`]: what a grant allows, as it is asked for and kept; [`Grant`]: the same, ready for decisions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strongroom_base::GrantId;

use crate::constraint::Constraint;
use crate::grant_operation::{GrantOperation, OperationSet};
use crate::request::{ContextPairs, Request};

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
}

impl GrantConstraints {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The encryption context that a request for such a grant speaks of (`kms:EncryptionContext:...` of CreateGrant): that
    /// of the stricter constraint, where there are two.
    #[must_use]
    pub fn encryption_context(&self) -> Option<&ContextPairs> {
        let subset = self.encryption_context_subset.as_ref();
        self.encryption_context_equals.as_ref().or(subset)
    }
}

/// A grant, as far as a decision needs it. Whom it is for says [`crate::Grants`], which keeps it.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) id: GrantId,
    pub(crate) operations: OperationSet,
    equals: Option<Constraint>,
    subset: Option<Constraint>,
}

impl Grant {
    pub(crate) fn new(id: GrantId, terms: &GrantTerms) -> Self {
        let constraints = &terms.constraints;
        Self {
            id,
            operations: terms.operations.iter().copied().collect(),
            equals: constraints.encryption_context_equals.as_ref().map(Constraint::new),
            subset: constraints.encryption_context_subset.as_ref().map(Constraint::new),
        }
    }

    /// Whether it allows this request of its grantee, whose permission is that of `operation`.
    pub(crate) fn allows(&self, operation: GrantOperation, request: &dyn Request) -> bool {
        self.operations.contains(operation)
            && self.is_met_by(operation, request.encryption_context())
            && match operation {
                // Whoever may pass a grant on passes on no more than it allows.
                GrantOperation::CreateGrant => request.grant_asked_for().is_some_and(|new| self.covers(new)),
                _ => true,
            }
    }

    /// Operations without an encryption context are not bound by constraints. One that has it and does not say it is
    /// refused.
    fn is_met_by(&self, operation: GrantOperation, context: Option<&ContextPairs>) -> bool {
        if !operation.has_encryption_context() {
            return true;
        }
        let equals = |own: &Constraint| context.is_some_and(|context| own.is(context));
        let subset = |own: &Constraint| context.is_some_and(|context| own.is_within(context));
        self.equals.as_ref().is_none_or(equals) && self.subset.as_ref().is_none_or(subset)
    }

    /// Whether `new` allows nothing that this does not: no other operation, and every context that meets its constraints
    /// meets these.
    fn covers(&self, new: &GrantTerms) -> bool {
        let (exact, part) = (
            &new.constraints.encryption_context_equals,
            &new.constraints.encryption_context_subset,
        );
        let equals = |own: &Constraint| exact.as_ref().is_some_and(|exact| own.is(exact));
        let subset = |own: &Constraint| [exact, part].into_iter().flatten().any(|pairs| own.is_within(pairs));
        new.operations
            .iter()
            .all(|operation| self.operations.contains(*operation))
            && self.equals.as_ref().is_none_or(equals)
            && self.subset.as_ref().is_none_or(subset)
    }

    /// The constraints, the stricter first.
    pub(crate) fn constraints(&self) -> impl Iterator<Item = &Constraint> {
        self.equals.iter().chain(&self.subset)
    }
}

#[cfg(test)]
mod tests;
