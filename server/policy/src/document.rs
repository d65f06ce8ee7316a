//! [`PolicyDocument`]: an identity policy that has been understood completely.

use strongroom_base::limits::POLICY_DOCUMENT_BYTES_MAX;

use crate::fault::PolicyFault;
use crate::json::{Member, Node};
use crate::statement::Statement;

/// A policy document that is attached to a principal, compiled for decisions.
///
/// The language is IAM's JSON: Version (required, `2012-10-17`), Id, and Statement (one or a list), each with Sid,
/// Effect, exactly one of Action and NotAction, exactly one of Resource and NotResource. Source: AWS IAM User Guide,
/// "IAM JSON policy element reference".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    statements: Box<[Statement]>,
}

/// The one version of the language that is understood.
const VERSION: &str = "2012-10-17";

impl PolicyDocument {
    /// Reads a document of at most [`POLICY_DOCUMENT_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`PolicyFault`] for anything that is not understood, with its line and column.
    pub fn parse(text: &str) -> Result<Self, PolicyFault> {
        if text.len() > POLICY_DOCUMENT_BYTES_MAX {
            return Err(PolicyFault::TooLong { bytes: text.len() });
        }
        let root = Node::root(text)?;
        let place = root.place();
        let wrong_type = PolicyFault::WrongType {
            place,
            name: "the document",
            expected: "an object",
        };
        let (mut version, mut statements) = (None, None);
        for member in root.members()?.ok_or(wrong_type)? {
            match &*member.name {
                "Version" => version = Some(understood_version(&member)?),
                "Id" => drop(string("Id", &member)?),
                "Statement" => statements = Some(parse_statements(member.value)?),
                _ => return Err(not_understood(&member)),
            }
        }
        version.ok_or(PolicyFault::Missing {
            place,
            name: "Version (\"2012-10-17\")",
        })?;
        let statements = statements.ok_or(PolicyFault::Missing {
            place,
            name: "Statement",
        })?;
        Ok(Self { statements })
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

fn parse_statements(value: Node<'_>) -> Result<Box<[Statement]>, PolicyFault> {
    let items = value.items()?;
    if items.is_empty() {
        return Err(PolicyFault::Empty {
            place: value.place(),
            name: "Statement",
        });
    }
    let mut statements: Vec<Statement> = Vec::with_capacity(items.len());
    for item in items {
        let statement = Statement::parse(item)?;
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

fn understood_version(member: &Member<'_>) -> Result<(), PolicyFault> {
    match string("Version", member)? {
        found if found == VERSION => Ok(()),
        found => Err(PolicyFault::Version {
            place: member.value.place(),
            found,
        }),
    }
}

fn string(name: &'static str, member: &Member<'_>) -> Result<String, PolicyFault> {
    let wrong_type = PolicyFault::WrongType {
        place: member.value.place(),
        name,
        expected: "a string",
    };
    Ok(member.value.text()?.ok_or(wrong_type)?.into_owned())
}

fn not_understood(member: &Member<'_>) -> PolicyFault {
    let advice = "a policy document has Version, Id and Statement";
    PolicyFault::NotUnderstood {
        place: member.place,
        name: member.name.to_string(),
        advice,
    }
}

#[cfg(test)]
mod tests;
