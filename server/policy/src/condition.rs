//! [`Conditions`]: the Condition block of a statement.

use crate::comparison::Comparison;
use crate::condition_key::{ConditionKey, Count, KeySlip};
use crate::document::Language;
use crate::fault::PolicyFault;
use crate::json::{Member, Node};
use crate::operator::{Family, Operator, Qualifier};
use crate::public;
use crate::request::{Request, ask};
use crate::statement::Effect;

/// Conditions that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions(Box<[Condition]>);

/// One operator on one key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    key: ConditionKey,
    comparison: Comparison,
}

impl Conditions {
    /// Whether all hold of the request, in a statement of this effect.
    pub(crate) fn hold(&self, request: &dyn Request, effect: Effect) -> bool {
        self.0.iter().all(|condition| condition.holds(request, effect))
    }

    /// Whether one of them lets in known accounts, principals or networks alone.
    pub(crate) fn narrow(&self) -> bool {
        self.0
            .iter()
            .any(|condition| public::narrows(condition.operator, &condition.key, &condition.comparison))
    }

    /// Reads the value of Condition: for each operator, for each key, the values of which one must compare.
    pub(crate) fn parse(value: Node<'_>, language: Language) -> Result<Self, PolicyFault> {
        let mut conditions = Vec::new();
        for operator in members("Condition", value)? {
            let known = Operator::parse(&operator.name).ok_or_else(|| PolicyFault::Operator {
                place: operator.place(),
                found: operator.name.to_string(),
            })?;
            let mut keys: Vec<ConditionKey> = Vec::new();
            for member in members("a condition", operator.value)? {
                let key = key_of(&member, &operator.name, known.family)?;
                if keys.contains(&key) {
                    return Err(PolicyFault::Repeated {
                        place: member.place(),
                        name: member.name.into_owned(),
                    });
                }
                conditions.push(Condition {
                    operator: known,
                    comparison: Comparison::parse(known.family, member.value, language)?,
                    key: key.clone(),
                });
                keys.push(key);
            }
        }
        Ok(Self(conditions.into()))
    }
}

/// The members of an object that must have some.
fn members<'t>(name: &'static str, value: Node<'t>) -> Result<Vec<Member<'t>>, PolicyFault> {
    let members = value.members()?.ok_or_else(|| PolicyFault::WrongType {
        place: value.place(),
        name,
        expected: "an object",
    })?;
    if members.is_empty() {
        let place = value.place();
        return Err(PolicyFault::Empty { place, name });
    }
    Ok(members)
}

fn key_of(member: &Member<'_>, operator: &str, family: Family) -> Result<ConditionKey, PolicyFault> {
    let found = || member.name.to_string();
    let key = ConditionKey::parse(&member.name).map_err(|slip| match slip {
        KeySlip::Malformed => PolicyFault::ConditionKey {
            place: member.place(),
            found: found(),
        },
        KeySlip::Unknown(service) => PolicyFault::ConditionKeyUnknown {
            place: member.place(),
            found: found(),
            service,
        },
    })?;
    if key.value_type().is_some_and(|value_type| !family.compares(value_type)) {
        return Err(PolicyFault::Incomparable {
            place: member.place(),
            found: found(),
            operator: operator.to_owned(),
        });
    }
    Ok(key)
}

impl Condition {
    /// IAM's truth table. Source: IAM User Guide, "Conditions with multiple context keys or values", "Multivalued context
    /// keys", and "IfExists condition operators".
    fn holds(&self, request: &dyn Request, effect: Effect) -> bool {
        let values = ask(request, &self.key);
        if self.operator.family == Family::Null {
            return self.comparison.wants_absence(values.as_slice().is_empty());
        }
        let in_doubt = if self.operator.negated {
            !effect.in_doubt()
        } else {
            effect.in_doubt()
        };
        let passes = |value| self.comparison.matches(value, request, in_doubt) != self.operator.negated;
        let mut each = values.as_slice().iter();
        match (self.key.count(), effect, self.operator.qualifier) {
            _ if values.as_slice().is_empty() => self.holds_of_nothing(),
            // Several values of a key that has one are of names that differ by case alone, such as the tags Team and team.
            // Whichever of them is meant, nobody gains by the others.
            (Count::One, Effect::Allow, _) => each.all(passes),
            (Count::One, Effect::Deny, _) => each.any(passes),
            (Count::Many, _, Qualifier::ForAll) => each.all(passes),
            (Count::Many, _, Qualifier::ForAny) => each.any(passes),
            // Of a negated operator, no value may be one of those named.
            (Count::Many, _, Qualifier::None) if self.operator.negated => each.all(passes),
            (Count::Many, _, Qualifier::None) => each.any(passes),
        }
    }

    /// Whether it holds of requests that do not have the key.
    fn holds_of_nothing(&self) -> bool {
        match self.operator.qualifier {
            _ if self.operator.if_exists => true,
            Qualifier::ForAll => true,
            Qualifier::ForAny => false,
            Qualifier::None => self.operator.negated,
        }
    }
}

#[cfg(test)]
mod tests;
