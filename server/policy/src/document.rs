//! [`PolicyDocument`]: an identity policy that has been understood completely.

use strongroom_base::limits::POLICY_DOCUMENT_BYTES_MAX;

use crate::fault::PolicyFault;
use crate::json::{Member, Node};
use crate::statement::Statement;

/// A policy document that is attached to a principal, compiled for decisions.
///
/// The language is IAM's JSON: Version (required, `2012-10-17`), Id, and Statement (one or a list), each with Sid,
/// Effect, exactly one of Action and NotAction, exactly one of Resource and NotResource, and Condition. Source: AWS IAM User
/// Guide, "IAM JSON policy element reference".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    statements: Box<[Statement]>,
}

/// Versions of the language. The older one takes policy variables for text.
const VERSION: &str = "2012-10-17";
const VERSION_BEFORE: &str = "2008-10-17";

/// What a document is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A principal, of which it need not speak.
    Identity,
    /// A resource.
    Resource,
}

/// Which version of the language a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// `2012-10-17`.
    Current,
    /// `2008-10-17`, or none said.
    Before,
}

/// How a statement is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) kind: Kind,
    pub(crate) language: Language,
}

impl PolicyDocument {
    /// Reads a document of at most [`POLICY_DOCUMENT_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`PolicyFault`] for anything that is not understood, with its line and column.
    pub fn parse(text: &str) -> Result<Self, PolicyFault> {
        let statements = statements(text, Kind::Identity)?;
        Ok(Self { statements })
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

/// The statements of a document.
pub(crate) fn statements(text: &str, kind: Kind) -> Result<Box<[Statement]>, PolicyFault> {
    if text.len() > POLICY_DOCUMENT_BYTES_MAX {
        return Err(PolicyFault::TooLong { bytes: text.len() });
    }
    let root = Node::root(text)?;
    let members = root.members()?.ok_or_else(|| PolicyFault::WrongType {
        place: root.place(),
        name: "the document",
        expected: "an object",
    })?;
    let missing = |name| PolicyFault::Missing {
        place: root.place(),
        name,
    };
    let (mut version, mut list) = (None, None);
    for member in members {
        match &*member.name {
            "Version" => version = Some(understood_version(&member, kind)?),
            "Id" => drop(string("Id", &member)?),
            "Statement" => list = Some(member.value),
            _ => return Err(not_understood(&member)),
        }
    }
    let language = match (version, kind) {
        (Some(language), _) => language,
        (None, Kind::Resource) => Language::Before,
        (None, Kind::Identity) => return Err(missing("Version (\"2012-10-17\")")),
    };
    let list = list.ok_or_else(|| missing("Statement"))?;
    parse_statements(list, Dialect { kind, language })
}

fn parse_statements(value: Node<'_>, dialect: Dialect) -> Result<Box<[Statement]>, PolicyFault> {
    let items = value.items()?;
    if items.is_empty() {
        return Err(PolicyFault::Empty {
            place: value.place(),
            name: "Statement",
        });
    }
    let mut statements: Vec<Statement> = Vec::with_capacity(items.len());
    for item in items {
        let statement = Statement::parse(item, dialect)?;
        if let Some(sid) = &statement.sid
            && statements.iter().any(|earlier| earlier.sid.as_ref() == Some(sid))
        {
            return Err(PolicyFault::SidTaken {
                place: item.place(),
                found: sid.to_string(),
            });
        }
        statements.push(statement);
    }
    Ok(statements.into())
}

fn understood_version(member: &Member<'_>, kind: Kind) -> Result<Language, PolicyFault> {
    let found = string("Version", member)?;
    match (found.as_str(), kind) {
        (VERSION, _) => Ok(Language::Current),
        (VERSION_BEFORE, Kind::Resource) => Ok(Language::Before),
        _ => Err(PolicyFault::Version {
            place: member.value.place(),
            found,
        }),
    }
}

fn string(name: &'static str, member: &Member<'_>) -> Result<String, PolicyFault> {
    let text = member.value.text()?.ok_or_else(|| PolicyFault::WrongType {
        place: member.value.place(),
        name,
        expected: "a string",
    })?;
    Ok(text.into_owned())
}

fn not_understood(member: &Member<'_>) -> PolicyFault {
    let advice = "a policy document has Version, Id and Statement";
    PolicyFault::NotUnderstood {
        place: member.place(),
        name: member.name.to_string(),
        advice,
    }
}

#[cfg(test)]
mod tests;
