//! The resource policy of a secret: how requests bring and name it, and what it is to the gate's decision.

use std::sync::Arc;

use serde_json::{Value, json};
use strongroom_base::limits::{SECRET_POLICY_BYTES_MAX, SECRET_POLICY_NAME_LENGTH_MAX};
use strongroom_base::{Action, Code, Fault};
use strongroom_gate::Need;
use strongroom_policy::{Grants, Guard, ResourcePolicy};

use crate::constraint;

/// The name of the policy that a secret can have.
pub(crate) const POLICY_NAME: &str = "default";

/// AWS's words for a policy that its author could not replace.
pub(crate) const LOCKS_OUT: &str = "This resource policy will not allow you to manage this secret in the future.";
/// AWS's words for a policy that lets in everybody.
pub(crate) const IS_PUBLIC: &str = "You can't attach a resource-based policy that allows broad access to the secret.";

/// A secret's policy, for decisions. It stands beside the policies of the account's own principals.
#[derive(Debug)]
pub(crate) struct SecretGuard(Arc<ResourcePolicy>);

impl SecretGuard {
    pub(crate) fn of(policy: &Arc<ResourcePolicy>) -> Arc<dyn Guard> {
        Arc::new(Self(Arc::clone(policy)))
    }
}

impl Guard for SecretGuard {
    fn policy(&self) -> &ResourcePolicy {
        &self.0
    }

    fn is_root(&self) -> bool {
        false
    }

    fn grants(&self) -> Option<&Grants> {
        None
    }
}

/// A text that is to become a secret's policy. What is wrong with it is told to whoever may put it there.
pub(crate) struct PolicyText(Box<str>);

impl PolicyText {
    /// The text of a request.
    ///
    /// # Errors
    /// ValidationException for none and for more than 20,480 bytes.
    pub(crate) fn new(text: &str) -> Result<Self, Fault> {
        constraint::length("resourcePolicy", text.len(), 1, SECRET_POLICY_BYTES_MAX)?;
        Ok(Self(text.into()))
    }

    /// Reads it.
    ///
    /// # Errors
    /// MalformedPolicyDocumentException, with the place, for what is not understood.
    pub(crate) fn compile(&self) -> Result<Arc<ResourcePolicy>, Fault> {
        let malformed = |fault| {
            let message = format!("This resource policy contains a syntax error: {fault}");
            Fault::new(Code::MalformedPolicyDocument, message)
        };
        ResourcePolicy::parse(&self.0).map(Arc::new).map_err(malformed)
    }

    /// The text for the audit trail.
    pub(crate) fn described(&self) -> Value {
        json!(self.0)
    }
}

/// The permission without which a new policy would lock the caller out, under that policy.
pub(crate) fn under(policy: &Arc<ResourcePolicy>, need: Need) -> Need {
    Need {
        action: Action::PutSecretPolicy,
        ..need
    }
    .under(SecretGuard::of(policy))
    .or_else(Code::MalformedPolicyDocument, LOCKS_OUT)
}

/// Accepts the name of the one policy that can be put on a secret or taken from it.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), Fault> {
    check_form(name)?;
    match name {
        None | Some(POLICY_NAME) => Ok(()),
        Some(_) => Err(Fault::new(
            Code::InvalidParameter,
            "The PolicyName must be default: it is the only policy that a secret can have.",
        )),
    }
}

/// Refuses what can be the name of no policy.
pub(crate) fn check_form(name: Option<&str>) -> Result<(), Fault> {
    let Some(name) = name else { return Ok(()) };
    constraint::length("policyName", name.chars().count(), 1, SECRET_POLICY_NAME_LENGTH_MAX)?;
    if name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return Ok(());
    }
    let rule = r"Member must satisfy regular expression pattern: [0-9A-Za-z\-\_]+";
    Err(constraint::broken("policyName", rule))
}
