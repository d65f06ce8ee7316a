//! The decision, in AWS's order: an explicit Deny wins, silence denies.

use std::sync::Arc;

use crate::document::PolicyDocument;
use crate::grant::Grant;
use crate::guard::{Authority, Guard};
use crate::principal::Naming;
use crate::request::Request;
use crate::statement::{Effect, Statement};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<'p> {
    /// It may, by this.
    Allowed(Basis<'p>),
    /// It may not, because of this.
    Denied(Refusal<'p>),
}

/// What allows a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis<'p> {
    /// A statement that is attached to the principal, where the resource lets it count.
    IdentityPolicy(Cited<'p>),
    /// A statement of the resource's policy.
    ResourcePolicy(Cited<'p>),
    /// A grant.
    Grant(&'p Arc<Grant>),
}

/// What a request fails by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal<'p> {
    /// A statement that is attached to the principal denies it.
    DeniedByIdentityPolicy(Cited<'p>),
    /// A statement of the resource's policy denies it.
    DeniedByResourcePolicy(Cited<'p>),
    /// No statement that is attached to the principal allows it, and nothing else does.
    SilentIdentityPolicies,
    /// Statements that are attached to the principal allow it, but not the resource's policy, on which it depends.
    SilentResourcePolicy,
}

impl Decision<'_> {
    /// Whether it may be done.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Allowed(_) => true,
            Self::Denied(_) => false,
        }
    }
}

/// Decides on one permission by the documents that are attached to the caller and by what the resource brings, if it
/// brings anything. Asks the request for what those look at and nothing else; allocates nothing for policies without
/// conditions.
///
/// In AWS's order (IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Permissions"): a Deny anywhere wins. Then
/// any of these allows it: a resource policy that names the principal; the principal's own policies, where the resource policy
/// gives the account a say; a grant. To principals of other accounts both policies must allow it, or a grant.
#[must_use]
pub fn decide<'p>(identity: &'p [PolicyDocument], guard: Option<&'p dyn Guard>, request: &dyn Request) -> Decision<'p> {
    let own = by_identity(identity, request);
    let theirs = guard.map(|guard| by_resource(guard, request)).unwrap_or_default();
    if let Some(cited) = own.denied {
        return Decision::Denied(Refusal::DeniedByIdentityPolicy(cited));
    }
    if let Some(cited) = theirs.denied {
        return Decision::Denied(Refusal::DeniedByResourcePolicy(cited));
    }
    let is_own_account = request.caller().account() == request.owner();
    let authority = guard.map_or(Authority::Shared, Guard::authority);
    match (own.allowed, theirs.allowed, is_own_account) {
        (_, Some((Naming::Directly, cited)), true) | (Some(_), Some((_, cited)), false) => {
            return Decision::Allowed(Basis::ResourcePolicy(cited));
        }
        (Some((_, cited)), Some((Naming::ByAccount, _)), true) => {
            return Decision::Allowed(Basis::IdentityPolicy(cited));
        }
        (Some((_, cited)), None, true) if authority == Authority::Shared => {
            return Decision::Allowed(Basis::IdentityPolicy(cited));
        }
        _ => {}
    }
    let mut grants = guard
        .map_or(&[][..], |guard| guard.grants_to(request.caller().arn()))
        .iter();
    match (grants.find(|grant| grant.allows(request)), own.allowed) {
        (Some(grant), _) => Decision::Allowed(Basis::Grant(grant)),
        (None, None) => Decision::Denied(Refusal::SilentIdentityPolicies),
        (None, Some(_)) => Decision::Denied(Refusal::SilentResourcePolicy),
    }
}

/// What some statements say: the first that denies, and of those that allow the first of the strongest.
#[derive(Default)]
struct Finding<'p> {
    denied: Option<Cited<'p>>,
    allowed: Option<(Naming, Cited<'p>)>,
}

impl<'p> Finding<'p> {
    fn add(&mut self, effect: Effect, naming: Naming, cited: Cited<'p>) {
        match effect {
            Effect::Deny if self.denied.is_none() => self.denied = Some(cited),
            Effect::Allow if self.allowed.is_none_or(|(before, _)| before < naming) => {
                self.allowed = Some((naming, cited));
            }
            Effect::Deny | Effect::Allow => {}
        }
    }
}

fn by_identity<'p>(documents: &'p [PolicyDocument], request: &dyn Request) -> Finding<'p> {
    let mut finding = Finding::default();
    for (document, policy) in documents.iter().enumerate() {
        for (index, statement) in policy.statements().iter().enumerate() {
            if statement.applies_to(request) {
                finding.add(statement.effect, Naming::Directly, cite(document, index, statement));
            }
        }
    }
    finding
}

fn by_resource<'p>(guard: &'p dyn Guard, request: &dyn Request) -> Finding<'p> {
    let mut finding = Finding::default();
    for (index, statement) in guard.policy().statements().iter().enumerate() {
        let naming = statement.naming(request.caller());
        if naming != Naming::Not && statement.applies_to(request) {
            finding.add(statement.effect, naming, cite(0, index, statement));
        }
    }
    finding
}

fn cite(document: usize, index: usize, statement: &Statement) -> Cited<'_> {
    Cited {
        document,
        statement: index,
        sid: statement.sid.as_deref(),
    }
}

#[cfg(test)]
mod tests;
