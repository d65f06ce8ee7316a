//! [`Principals`]: whom a statement of a resource policy speaks of.

use strongroom_base::{AccountId, Arn, Caller};

use crate::fault::PolicyFault;
use crate::json::{Member, Node};

/// The callers that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principals {
    /// These: Principal.
    Any(Box<[Principal]>),
    /// All but these: NotPrincipal, which only a Deny may have.
    AllBut(Box<[Principal]>),
}

/// One entry of Principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// `*`.
    Everybody,
    /// An account: its twelve digits, or the ARN of its root.
    Account(AccountId),
    /// A user or role, or a session of one.
    Exactly(Arn),
    /// A service or an identity provider. No caller of ours is one.
    Elsewhere,
}

/// How a statement names a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// Not at all.
    Not,
    /// Through its account: an Allow lets the account's own policies decide.
    ByAccount,
    /// The caller itself, or everybody.
    Directly,
}

impl Principals {
    pub(crate) fn naming(&self, caller: &Caller) -> Naming {
        match self {
            Self::Any(entries) => {
                let namings = entries.iter().map(|entry| entry.naming(caller));
                namings.max().unwrap_or(Naming::Not)
            }
            // An account that is excepted excepts its root alone, as in AWS.
            Self::AllBut(entries) if entries.iter().any(|entry| entry.naming(caller) == Naming::Directly) => {
                Naming::Not
            }
            Self::AllBut(_) => Naming::Directly,
        }
    }

    /// Whether everybody is among them, of any account.
    pub(crate) fn include_everybody(&self) -> bool {
        match self {
            Self::Any(entries) => entries.contains(&Principal::Everybody),
            Self::AllBut(_) => true,
        }
    }

    /// The value of Principal or NotPrincipal: `name` is which of them.
    pub(crate) fn parse(name: &'static str, value: Node<'_>) -> Result<Box<[Principal]>, PolicyFault> {
        if let Some(text) = value.text()? {
            return match &*text {
                "*" => Ok(Box::new([Principal::Everybody])),
                found => Err(refused(value, found)),
            };
        }
        let members = value.members()?.ok_or_else(|| PolicyFault::WrongType {
            place: value.place(),
            name,
            expected: "\"*\" or an object such as {\"AWS\": \"arn:aws:iam::123456789012:user/NAME\"}",
        })?;
        let mut principals = Vec::new();
        for member in members {
            entries(name, &member, &mut principals)?;
        }
        if principals.is_empty() {
            let place = value.place();
            return Err(PolicyFault::Empty { place, name });
        }
        Ok(principals.into())
    }
}

fn entries(name: &'static str, member: &Member<'_>, principals: &mut Vec<Principal>) -> Result<(), PolicyFault> {
    let read: fn(&str) -> Option<Principal> = match &*member.name {
        "AWS" => Principal::of_aws,
        "Service" => Principal::of_service,
        "Federated" => Principal::of_federation,
        _ => {
            return Err(PolicyFault::NotUnderstood {
                place: member.place(),
                name: member.name.to_string(),
                advice: "a principal is of AWS, Service or Federated",
            });
        }
    };
    let items = member.value.items()?;
    if items.is_empty() {
        let place = member.value.place();
        return Err(PolicyFault::Empty { place, name });
    }
    for item in items {
        let text = item.text()?.ok_or_else(|| PolicyFault::WrongType {
            place: item.place(),
            name,
            expected: "a string or a list of strings",
        })?;
        principals.push(read(&text).ok_or_else(|| refused(item, &text))?);
    }
    Ok(())
}

fn refused(node: Node<'_>, found: &str) -> PolicyFault {
    PolicyFault::Principal {
        place: node.place(),
        found: found.to_owned(),
    }
}

impl Principal {
    fn naming(&self, caller: &Caller) -> Naming {
        match self {
            Self::Everybody => Naming::Directly,
            Self::Account(account) if account == caller.account() => Naming::ByAccount,
            Self::Exactly(arn) if arn == caller.arn() => Naming::Directly,
            Self::Account(_) | Self::Exactly(_) | Self::Elsewhere => Naming::Not,
        }
    }

    /// `*`, an account, or an ARN without wildcards: AWS takes none within principals.
    fn of_aws(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everybody);
        }
        if let Ok(account) = text.parse() {
            return Some(Self::Account(account));
        }
        let arn: Arn = text.parse().ok()?;
        let account: AccountId = arn.account().parse().ok()?;
        if !arn.region().is_empty() || text.contains(['*', '?']) || text.contains("${") {
            return None;
        }
        match (arn.service(), arn.resource().split_once('/')) {
            ("iam", None) if arn.resource() == "root" => Some(Self::Account(account)),
            ("iam", Some(("user" | "role", name))) | ("sts", Some(("assumed-role" | "federated-user", name)))
                if !name.is_empty() =>
            {
                Some(Self::Exactly(arn))
            }
            _ => None,
        }
    }

    fn of_service(text: &str) -> Option<Self> {
        let name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let is_service = text.contains('.') && text.bytes().all(name_byte);
        is_service.then_some(Self::Elsewhere)
    }

    fn of_federation(text: &str) -> Option<Self> {
        let provider: Option<Arn> = text.parse().ok();
        match provider {
            Some(arn) => (arn.service() == "iam").then_some(Self::Elsewhere),
            None => Self::of_service(text),
        }
    }
}

#[cfg(test)]
mod tests;
