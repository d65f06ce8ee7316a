//! The decision, in AWS's order: an explicit Deny wins, silence denies.

use crate::document::PolicyDocument;
use crate::grant_operation::GrantOperation;
use crate::guard::Guard;
use crate::principal::Naming;
use crate::request::Request;
use crate::resource_policy::ResourcePolicy;
use crate::statement::{Effect, Statement};

/// Whether a request may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may, by this.
    Allowed(Basis),
    /// It may not, because of this.
    Denied(Refusal),
}

/// What allows a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A statement that is attached to the principal, where the resource lets it count.
    IdentityPolicy,
    /// A statement of the resource's policy.
    ResourcePolicy,
    /// A grant.
    Grant,
}

/// What a request fails by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A statement that is attached to the principal denies it.
    DeniedByIdentityPolicy,
    /// A statement of the resource's policy denies it.
    DeniedByResourcePolicy,
    /// No statement that is attached to the principal allows it, and nothing else does.
    SilentIdentityPolicies,
    /// Statements that are attached to the principal allow it, but not the resource's policy, on which it depends.
    SilentResourcePolicy,
}

impl Decision {
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
/// gives the account a say or [is not the root](Guard::is_root) of permissions; a grant. To principals of other accounts both
/// policies must allow it, or a grant.
#[must_use]
pub fn decide(identity: &[PolicyDocument], guard: Option<&dyn Guard>, request: &dyn Request) -> Decision {
    let Some(own) = by_identity(identity, request) else {
        return Decision::Denied(Refusal::DeniedByIdentityPolicy);
    };
    let theirs = guard.map_or(Some(Naming::Not), |guard| by_resource(guard.policy(), request));
    let Some(theirs) = theirs else {
        return Decision::Denied(Refusal::DeniedByResourcePolicy);
    };
    let own_allows = own != Naming::Not;
    let basis = if request.caller().account() == request.owner() {
        match theirs {
            Naming::Directly => Some(Basis::ResourcePolicy),
            Naming::ByAccount if own_allows => Some(Basis::IdentityPolicy),
            Naming::Not if own_allows && !guard.is_some_and(Guard::is_root) => Some(Basis::IdentityPolicy),
            Naming::ByAccount | Naming::Not => None,
        }
    } else {
        (own_allows && theirs != Naming::Not).then_some(Basis::ResourcePolicy)
    };
    match basis {
        Some(basis) => Decision::Allowed(basis),
        None if by_grant(guard, request) => Decision::Allowed(Basis::Grant),
        None if own_allows => Decision::Denied(Refusal::SilentResourcePolicy),
        None => Decision::Denied(Refusal::SilentIdentityPolicies),
    }
}

fn by_identity(documents: &[PolicyDocument], request: &dyn Request) -> Option<Naming> {
    let statements = documents.iter().flat_map(PolicyDocument::statements);
    strongest(statements.map(|statement| (Naming::Directly, statement)), request)
}

fn by_resource(policy: &ResourcePolicy, request: &dyn Request) -> Option<Naming> {
    let statements = policy.statements().iter();
    let named = statements.map(|statement| (statement.naming(request.caller()), statement));
    strongest(named.filter(|(naming, _)| *naming != Naming::Not), request)
}

fn by_grant(guard: Option<&dyn Guard>, request: &dyn Request) -> bool {
    let Some(grants) = guard.and_then(Guard::grants) else {
        return false;
    };
    let operation = GrantOperation::of_permission(request.action());
    operation.is_some_and(|operation| grants.allow(operation, request))
}

/// How strongly statements allow the request; `None` if one denies it. An Allow that would add nothing is not looked at.
fn strongest<'p>(statements: impl Iterator<Item = (Naming, &'p Statement)>, request: &dyn Request) -> Option<Naming> {
    let mut allowed = Naming::Not;
    for (naming, statement) in statements {
        match statement.effect {
            Effect::Deny if statement.applies_to(request) => return None,
            Effect::Allow if naming > allowed && statement.applies_to(request) => allowed = naming,
            Effect::Deny | Effect::Allow => {}
        }
    }
    Some(allowed)
}

#[cfg(test)]
mod tests;
