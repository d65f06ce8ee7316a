//! Who may: the decision over a caller's policies, a resource's policy and grants, and the rules of keys that services
//! manage.

use std::collections::HashMap;

use strongroom_base::{Arn, CallerKind, Code, Fault};
use strongroom_policy::{Decision, PolicyDocument, Refusal, Request as _, decide};

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

/// What is not for other accounts is refused to them before any policy, in the words that they would hear if there were no
/// such resource.
fn decide_one(documents: &[PolicyDocument], asking: Asking<'_>) -> Result<(), Fault> {
    let need = asking.need;
    let caller = &asking.circumstances.context.caller;
    if caller.account() != asking.owner() && !need.action.crosses_accounts() {
        let why = format!("because {} is not for principals of other accounts", need.action);
        return Err(denied(documents, asking, why));
    }
    let why = match refusal(documents, &asking) {
        None => return Ok(()),
        Some(why) => reason(need, why),
    };
    match need.instead {
        Some((code, message)) => Err(Fault::new(code, message).because(why)),
        None => Err(denied(documents, asking, why)),
    }
}

/// Why a need is refused.
enum Why {
    /// By policies.
    Policies(Refusal),
    /// The request does not come through the service that manages the key.
    Reserved,
}

/// What the need fails by, if it fails. What is reserved to a service must come through it, and where the resource has a
/// policy of its own, that must allow it too. Without one nothing but a Deny of the caller's policies stands in the way.
fn refusal(documents: &[PolicyDocument], asking: &Asking<'_>) -> Option<Why> {
    let Need { guard, reserved_to, .. } = asking.need;
    let comes_through = reserved_to.is_none_or(|service| asking.circumstances.context.via == Some(service));
    match decide(documents, guard.as_deref(), asking) {
        Decision::Denied(refusal @ Refusal::DeniedByIdentityPolicy) => Some(Why::Policies(refusal)),
        _ if !comes_through => Some(Why::Reserved),
        Decision::Allowed(_) => None,
        Decision::Denied(_) if reserved_to.is_some() && guard.is_none() => None,
        Decision::Denied(refusal) => Some(Why::Policies(refusal)),
    }
}

/// AWS's words for a refusal.
fn reason(need: &Need, why: Why) -> String {
    let action = need.action;
    match why {
        Why::Reserved => "because only the service that manages this key may use it".to_owned(),
        Why::Policies(Refusal::DeniedByIdentityPolicy) => {
            "with an explicit deny in an identity-based policy".to_owned()
        }
        Why::Policies(Refusal::DeniedByResourcePolicy) => "with an explicit deny in a resource-based policy".to_owned(),
        Why::Policies(Refusal::SilentIdentityPolicies) => {
            format!("because no identity-based policy allows the {action} action")
        }
        Why::Policies(Refusal::SilentResourcePolicy) => {
            format!("because no resource-based policy allows the {action} action")
        }
    }
}

/// AWS's wording. It repeats the resource, which the caller named or which was derived from what it named. Whoever would be
/// refused if there were no such resource hears what would be said then, so that nobody learns from a refusal what
/// exists. Only whoever would be told that it does not exist hears the true reason, which the operator always does.
fn denied(documents: &[PolicyDocument], asking: Asking<'_>, why: String) -> Fault {
    let need = asking.need;
    let said = match decide(documents, None, &Asking { unseen: true, ..asking }) {
        Decision::Denied(refusal) => reason(need, Why::Policies(refusal)),
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
