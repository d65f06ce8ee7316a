//! Who may: the decision over a caller's policies and the rules of keys that services manage.

use std::collections::HashMap;

use strongroom_base::{Arn, CallerKind, Code, Fault};
use strongroom_policy::{Decision, PolicyDocument, decide};

use crate::context::OpContext;
use crate::operation::{Need, Resource};

/// The policy documents that are attached to each principal. A principal without any may nothing.
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
    pub(crate) fn decide(&self, context: &OpContext, needs: &[Need]) -> Result<(), Fault> {
        if context.caller.kind() == CallerKind::System {
            return Ok(());
        }
        let documents = self
            .by_principal
            .get(context.caller.arn())
            .map_or(&[][..], Vec::as_slice);
        needs.iter().try_for_each(|need| decide_one(context, documents, need))
    }
}

fn decide_one(context: &OpContext, documents: &[PolicyDocument], need: &Need) -> Result<(), Fault> {
    let resource = match &need.resource {
        Resource::Any => "*",
        Resource::Named(arn) => arn.as_str(),
    };
    let by_identity = decide(documents, need.action.permission(), resource);
    match (by_identity, need.reserved_to) {
        (Decision::DeniedExplicitly { .. }, _) => Err(denied(
            context,
            need,
            "with an explicit deny in an identity-based policy",
        )),
        (Decision::Allowed { .. } | Decision::DeniedSilently, Some(service)) if context.via == Some(service) => Ok(()),
        (Decision::Allowed { .. }, Some(_)) => Err(denied(
            context,
            need,
            "because only the service that manages this key may use it",
        )),
        (Decision::Allowed { .. }, None) => Ok(()),
        // The same words whether the key is a managed one, another, or none.
        (Decision::DeniedSilently, _) => Err(denied(context, need, "because no identity-based policy allows it")),
    }
}

/// AWS's wording. It repeats the resource, which the caller named or which was derived from what it named; whether the
/// resource exists cannot be told from it.
fn denied(context: &OpContext, need: &Need, why: &str) -> Fault {
    let who = context.caller.arn();
    let action = need.action;
    Fault::new(
        Code::AccessDenied,
        match (&need.named, &need.resource) {
            (None, Resource::Any) => format!("User: {who} is not authorized to perform: {action} {why}"),
            (Some(arn), _) | (None, Resource::Named(arn)) => {
                format!("User: {who} is not authorized to perform: {action} on resource: {arn} {why}")
            }
        },
    )
}
