//! Who may: the decision over a caller's policies, a resource's policy and grants, and the rules of keys that services
//! manage.

use std::collections::HashMap;

use strongroom_base::{Arn, CallerKind, Code, Fault};
use strongroom_policy::{Decision, PolicyDocument, Refusal, decide};

use crate::asking::{Asking, Circumstances};
use crate::operation::{Need, Resource};

/// The policy documents that are attached to each principal. A principal without any may what resource policies and grants
/// allow it.
#[derive(Debug, Default)]
pub struct Policies {
    by_principal: HashMap<Arn, Vec<PolicyDocument>>,
}

impl Policies {
    /// Attaches `document` to `principal`, beside those it has.
    pub fn attach(&mut self, principal: Arn, document: PolicyDocument) {
        self.by_principal.entry(principal).or_default().push(document);
    }

    /// Decides every need; the first that is refused is the answer.
    pub(crate) fn decide(&self, circumstances: Circumstances<'_>, needs: &[Need]) -> Result<(), Fault> {
        let caller = &circumstances.context.caller;
        if caller.kind() == CallerKind::System {
            return Ok(());
        }
        let documents = self.by_principal.get(caller.arn()).map_or(&[][..], Vec::as_slice);
        needs.iter().try_for_each(|need| {
            let asking = Asking {
                circumstances,
                need,
                unseen: false,
            };
            decide_one(documents, asking)
        })
    }
}

fn decide_one(documents: &[PolicyDocument], asking: Asking<'_>) -> Result<(), Fault> {
    let need = asking.need;
    let guard = need.guard.as_deref();
    let refusal = match (decide(documents, guard, &asking), need.reserved_to) {
        (Decision::Allowed(_), None) => return Ok(()),
        (Decision::Denied(refusal), None) => Some(refusal),
        (Decision::Denied(refusal @ Refusal::DeniedByIdentityPolicy(_)), Some(_)) => Some(refusal),
        (Decision::Allowed(_) | Decision::Denied(_), Some(service)) => {
            if asking.circumstances.context.via == Some(service) {
                return Ok(());
            }
            None
        }
    };
    let why = reason(need, refusal);
    match need.instead {
        Some((code, message)) => Err(Fault::new(code, message).because(why)),
        None => Err(denied(documents, asking, why)),
    }
}

/// AWS's words for a refusal; `None` is the rule of keys that services manage.
fn reason(need: &Need, refusal: Option<Refusal<'_>>) -> String {
    let action = need.action;
    match refusal {
        None => "because only the service that manages this key may use it".to_owned(),
        Some(Refusal::DeniedByIdentityPolicy(_)) => "with an explicit deny in an identity-based policy".to_owned(),
        Some(Refusal::DeniedByResourcePolicy(_)) => "with an explicit deny in a resource-based policy".to_owned(),
        Some(Refusal::SilentIdentityPolicies) => format!("because no identity-based policy allows the {action} action"),
        Some(Refusal::SilentResourcePolicy) => format!("because no resource-based policy allows the {action} action"),
    }
}

/// AWS's wording. It repeats the resource, which the caller named or which was derived from what it named. Whoever would be
/// refused if there were no such resource hears what would be said then, so that nobody learns from a refusal what
/// exists. Only whoever would be told that it does not exist hears the true reason, which the operator always does.
fn denied(documents: &[PolicyDocument], asking: Asking<'_>, why: String) -> Fault {
    let need = asking.need;
    let said = match decide(documents, None, &Asking { unseen: true, ..asking }) {
        Decision::Denied(refusal) => reason(need, Some(refusal)),
        Decision::Allowed(_) => why.clone(),
    };
    let who = asking.circumstances.context.caller.arn();
    let action = need.action;
    let message = match (&need.named, &need.resource) {
        (None, Resource::Any) => format!("User: {who} is not authorized to perform: {action} {said}"),
        (Some(arn), _) | (None, Resource::Named(arn)) => {
            format!("User: {who} is not authorized to perform: {action} on resource: {arn} {said}")
        }
    };
    let fault = Fault::new(Code::AccessDenied, message);
    if said == why { fault } else { fault.because(why) }
}
