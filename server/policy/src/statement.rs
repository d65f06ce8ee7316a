//! One statement of a policy document.

use strongroom_base::{AccountId, Caller};

use crate::condition::Conditions;
use crate::document::{Dialect, Kind};
use crate::fault::PolicyFault;
use crate::glob::{Case, Glob};
use crate::json::{Member, Node};
use crate::pattern::{Selection, actions, resources};
use crate::principal::{Naming, Principal, Principals};
use crate::request::Request;
use crate::template::InDoubt;

/// What a statement does to the requests that it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

impl Effect {
    /// What a policy variable of several values fits in such a statement: nobody gains by the second one.
    pub(crate) fn in_doubt(self) -> InDoubt {
        match self {
            Self::Allow => InDoubt::FitsNot,
            Self::Deny => InDoubt::Fits,
        }
    }
}

/// One statement: an effect on some actions on some resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// Whom it speaks of; `None` in documents that are attached to whom they speak of.
    principals: Option<Principals>,
    actions: Selection,
    resources: Selection,
    conditions: Conditions,
}

/// Characters of a statement id: AWS states no bound, log lines want one.
const SID_LENGTH_MAX: usize = 100;

const ADVICE_PRINCIPAL: &str = "remove it: the document speaks of the principal that it is attached to";
const ADVICE_ELSE: &str = "a statement has Sid, Effect, Action or NotAction, Resource or NotResource, and Condition";

impl Statement {
    /// How the statement names this caller.
    pub(crate) fn naming(&self, caller: &Caller) -> Naming {
        let principals = self.principals.as_ref();
        principals.map_or(Naming::Directly, |principals| principals.naming(caller))
    }

    /// Whether the statement speaks of this request, by whomever.
    pub(crate) fn applies_to(&self, request: &dyn Request) -> bool {
        let in_doubt = self.effect.in_doubt();
        self.actions.includes(request.action(), request, in_doubt)
            && self.resources.includes(request.resource(), request, in_doubt)
            && self.conditions.hold(request, self.effect)
    }

    /// Whether it is an Allow for everybody that no condition narrows.
    pub(crate) fn is_public(&self) -> bool {
        let speaks_of_everybody = self.principals.as_ref().is_some_and(Principals::include_everybody);
        self.effect == Effect::Allow && speaks_of_everybody && !self.conditions.narrow()
    }

    /// An Allow of `action` on everything, by which the account's own policies decide.
    pub(crate) fn enabling_account(sid: &str, account: &AccountId, action: &str) -> Self {
        Self {
            sid: Some(sid.into()),
            effect: Effect::Allow,
            principals: Some(Principals::Any(Box::new([Principal::Account(account.clone())]))),
            actions: Selection::Any(Box::new([Glob::new(action, Case::Ignored).into()])),
            resources: Selection::Any(Box::new([Glob::new("*", Case::Matters).into()])),
            conditions: Conditions::default(),
        }
    }

    pub(crate) fn parse(node: Node<'_>, dialect: Dialect) -> Result<Self, PolicyFault> {
        let members = node.members()?.ok_or_else(|| PolicyFault::WrongType {
            place: node.place(),
            name: "a statement",
            expected: "an object",
        })?;
        let mut parts = Parts::default();
        for member in members {
            parts.take(&member, dialect)?;
        }
        parts.complete(node, dialect)
    }
}

/// The elements that have been seen so far.
#[derive(Default)]
struct Parts {
    sid: Option<Box<str>>,
    effect: Option<Effect>,
    principals: Option<Principals>,
    actions: Option<Selection>,
    resources: Option<Selection>,
    conditions: Conditions,
}

impl Parts {
    fn take(&mut self, member: &Member<'_>, dialect: Dialect) -> Result<(), PolicyFault> {
        let value = member.value;
        match &*member.name {
            "Sid" => self.sid = sid(value, dialect.kind)?,
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
                Selection::Any(resources("Resource", value, dialect.language)?),
                "Resource",
                member,
            )?,
            "NotResource" => {
                once(
                    &mut self.resources,
                    Selection::AllBut(resources("NotResource", value, dialect.language)?),
                    "Resource",
                    member,
                )?;
            }
            "Condition" => self.conditions = Conditions::parse(value, dialect.language)?,
            "Principal" | "NotPrincipal" if dialect.kind == Kind::Identity => {
                return Err(not_understood(member, ADVICE_PRINCIPAL));
            }
            "Principal" => once(
                &mut self.principals,
                Principals::Any(Principals::parse("Principal", value)?),
                "Principal",
                member,
            )?,
            "NotPrincipal" => once(
                &mut self.principals,
                Principals::AllBut(Principals::parse("NotPrincipal", value)?),
                "Principal",
                member,
            )?,
            _ => return Err(not_understood(member, ADVICE_ELSE)),
        }
        Ok(())
    }

    fn complete(self, node: Node<'_>, dialect: Dialect) -> Result<Statement, PolicyFault> {
        let missing = |name| PolicyFault::Missing {
            place: node.place(),
            name,
        };
        let effect = self.effect.ok_or_else(|| missing("Effect"))?;
        match (&self.principals, dialect.kind, effect) {
            (None, Kind::Resource, _) => return Err(missing("Principal (or NotPrincipal)")),
            (Some(Principals::AllBut(_)), _, Effect::Allow) => {
                return Err(PolicyFault::AllowOfOthers { place: node.place() });
            }
            _ => {}
        }
        Ok(Statement {
            sid: self.sid,
            effect,
            principals: self.principals,
            actions: self.actions.ok_or_else(|| missing("Action (or NotAction)"))?,
            resources: self.resources.ok_or_else(|| missing("Resource (or NotResource)"))?,
            conditions: self.conditions,
        })
    }
}

/// Fills a slot that an element and its opposite share.
fn once<T>(slot: &mut Option<T>, selection: T, name: &'static str, member: &Member<'_>) -> Result<(), PolicyFault> {
    match slot.replace(selection) {
        None => Ok(()),
        Some(_) => Err(PolicyFault::Both {
            place: member.place(),
            name,
        }),
    }
}

fn not_understood(member: &Member<'_>, advice: &'static str) -> PolicyFault {
    PolicyFault::NotUnderstood {
        place: member.place(),
        name: member.name.to_string(),
        advice,
    }
}

/// A statement's id; an empty one, which tools write for none and AWS takes for none, is none.
fn sid(value: Node<'_>, kind: Kind) -> Result<Option<Box<str>>, PolicyFault> {
    let found = value.text()?.ok_or_else(|| PolicyFault::WrongType {
        place: value.place(),
        name: "Sid",
        expected: "a string",
    })?;
    let allowed = |byte: u8| match kind {
        Kind::Identity => byte.is_ascii_alphanumeric(),
        // "Enable IAM User Permissions" of the default key policy has spaces.
        Kind::Resource => byte.is_ascii_graphic() || byte == b' ',
    };
    if found.len() <= SID_LENGTH_MAX && found.bytes().all(allowed) {
        return Ok((!found.is_empty()).then(|| found.into()));
    }
    let (place, found) = (value.place(), found.into_owned());
    Err(match kind {
        Kind::Identity => PolicyFault::Sid { place, found },
        Kind::Resource => PolicyFault::SidOfResource { place, found },
    })
}

fn effect(value: Node<'_>) -> Result<Effect, PolicyFault> {
    match value.text()?.as_deref() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        Some(found) => Err(PolicyFault::Effect {
            place: value.place(),
            found: found.to_owned(),
        }),
        None => Err(PolicyFault::WrongType {
            place: value.place(),
            name: "Effect",
            expected: "\"Allow\" or \"Deny\"",
        }),
    }
}
