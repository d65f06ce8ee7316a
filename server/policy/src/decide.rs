//! The decision: an explicit Deny wins, silence denies.

use crate::document::PolicyDocument;
use crate::statement::Effect;

/// The statement that a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cited<'p> {
    /// Which of the documents, from 0.
    pub document: usize,
    /// Which statement of it, from 0.
    pub statement: usize,
    /// The statement's id, if it has one.
    pub sid: Option<&'p str>,
}

/// Whether a request may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'p> {
    /// A statement allows it and none denies it.
    Allowed(Cited<'p>),
    /// A statement denies it; what others allow does not count.
    DeniedExplicitly(Cited<'p>),
    /// No statement speaks of it.
    DeniedSilently,
}

impl Decision<'_> {
    /// Whether it may be done.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Allowed(_) => true,
            Self::DeniedExplicitly(_) | Self::DeniedSilently => false,
        }
    }
}

/// Decides on one action (such as `kms:Decrypt`; letters of either case are the same) on one resource (an ARN, or `*`
/// for actions that have none; case matters). Cites the first statement that settles it. Allocates nothing.
#[must_use]
pub fn decide<'p>(documents: &'p [PolicyDocument], action: &str, resource: &str) -> Decision<'p> {
    let mut decision = Decision::DeniedSilently;
    for (document, policy) in documents.iter().enumerate() {
        for (index, statement) in policy.statements().iter().enumerate() {
            if !statement.applies_to(action, resource) {
                continue;
            }
            let cited = Cited {
                document,
                statement: index,
                sid: statement.sid.as_deref(),
            };
            match statement.effect {
                Effect::Deny => return Decision::DeniedExplicitly(cited),
                Effect::Allow if decision == Decision::DeniedSilently => decision = Decision::Allowed(cited),
                Effect::Allow => {}
            }
        }
    }
    decision
}

#[cfg(test)]
mod tests;
