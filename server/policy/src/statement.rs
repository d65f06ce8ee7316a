//! One statement of a policy document.

use crate::fault::{Place, PolicyFault};
use crate::json::{Member, Node};
use crate::pattern::{Selection, actions, resources};

/// What a statement does to the requests that it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// One statement: an effect on some actions on some resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    actions: Selection,
    resources: Selection,
}

/// Characters of a statement id: AWS states no bound, log lines want one.
const SID_LENGTH_MAX: usize = 100;

const ADVICE_CONDITION: &str = "remove it, and allow only what may be done without that condition";
const ADVICE_PRINCIPAL: &str = "remove it: the document speaks of the principal that it is attached to";
const ADVICE_ELSE: &str = "a statement has Sid, Effect, Action or NotAction, Resource or NotResource";

impl Statement {
    /// Whether the statement speaks of this action on this resource.
    pub(crate) fn applies_to(&self, action: &str, resource: &str) -> bool {
        self.actions.includes(action) && self.resources.includes(resource)
    }

    pub(crate) fn parse(node: Node<'_>) -> Result<Self, PolicyFault> {
        let wrong_type = PolicyFault::WrongType {
            place: node.place(),
            name: "a statement",
            expected: "an object",
        };
        let mut parts = Parts::default();
        for member in node.members()?.ok_or(wrong_type)? {
            parts.take(&member)?;
        }
        parts.complete(node.place())
    }
}

/// The elements that have been seen so far.
#[derive(Default)]
struct Parts {
    sid: Option<Box<str>>,
    effect: Option<Effect>,
    actions: Option<Selection>,
    resources: Option<Selection>,
}

impl Parts {
    fn take(&mut self, member: &Member<'_>) -> Result<(), PolicyFault> {
        let value = member.value;
        match &*member.name {
            "Sid" => self.sid = Some(sid(value)?),
            "Effect" => self.effect = Some(effect(value)?),
            "Action" => once(
                &mut self.actions,
                Selection::Any(actions("Action", value)?),
                "Action",
                member,
            )?,
            "NotAction" => once(
                &mut self.actions,
                Selection::AllBut(actions("NotAction", value)?),
                "Action",
                member,
            )?,
            "Resource" => once(
                &mut self.resources,
                Selection::Any(resources("Resource", value)?),
                "Resource",
                member,
            )?,
            "NotResource" => {
                once(
                    &mut self.resources,
                    Selection::AllBut(resources("NotResource", value)?),
                    "Resource",
                    member,
                )?;
            }
            "Condition" => return Err(not_understood(member, ADVICE_CONDITION)),
            "Principal" | "NotPrincipal" => return Err(not_understood(member, ADVICE_PRINCIPAL)),
            _ => return Err(not_understood(member, ADVICE_ELSE)),
        }
        Ok(())
    }

    fn complete(self, place: Place) -> Result<Statement, PolicyFault> {
        let missing = |name| PolicyFault::Missing { place, name };
        Ok(Statement {
            sid: self.sid,
            effect: self.effect.ok_or_else(|| missing("Effect"))?,
            actions: self.actions.ok_or_else(|| missing("Action (or NotAction)"))?,
            resources: self.resources.ok_or_else(|| missing("Resource (or NotResource)"))?,
        })
    }
}

/// Fills a slot that an element and its opposite share.
fn once(
    slot: &mut Option<Selection>,
    selection: Selection,
    name: &'static str,
    member: &Member<'_>,
) -> Result<(), PolicyFault> {
    match slot.replace(selection) {
        None => Ok(()),
        Some(_) => Err(PolicyFault::Both {
            place: member.place,
            name,
        }),
    }
}

fn not_understood(member: &Member<'_>, advice: &'static str) -> PolicyFault {
    PolicyFault::NotUnderstood {
        place: member.place,
        name: member.name.to_string(),
        advice,
    }
}

fn sid(value: Node<'_>) -> Result<Box<str>, PolicyFault> {
    let place = value.place();
    let found = value.text()?.ok_or(PolicyFault::WrongType {
        place,
        name: "Sid",
        expected: "a string",
    })?;
    if (1..=SID_LENGTH_MAX).contains(&found.len()) && found.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(found.into())
    } else {
        Err(PolicyFault::Sid {
            place,
            found: found.into_owned(),
        })
    }
}

fn effect(value: Node<'_>) -> Result<Effect, PolicyFault> {
    let place = value.place();
    match value.text()?.as_deref() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        Some(found) => Err(PolicyFault::Effect {
            place,
            found: found.to_owned(),
        }),
        None => Err(PolicyFault::WrongType {
            place,
            name: "Effect",
            expected: "\"Allow\" or \"Deny\"",
        }),
    }
}
