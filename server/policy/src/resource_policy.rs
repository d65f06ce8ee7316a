//! [`ResourcePolicy`]: the policy document of a key or a secret, which says who may touch it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::{AccountId, Scope};

use crate::document::{self, Kind};
use crate::fault::PolicyFault;
use crate::statement::Statement;

/// A resource's policy document, with its exact text, compiled for decisions.
///
/// It is a key's or a secret's. As a [`crate::PolicyDocument`], with Principal or NotPrincipal in each statement. As they are written for AWS: a Sid may
/// have spaces, and Version may be missing or `2008-10-17`, which then allows no policy variables.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourcePolicy {
    text: Box<str>,
    statements: Box<[Statement]>,
}

impl ResourcePolicy {
    /// Reads a document of at most [`strongroom_base::limits::POLICY_DOCUMENT_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`PolicyFault`] for anything that is not understood, with its line and column.
    pub fn parse(text: &str) -> Result<Self, PolicyFault> {
        Ok(Self {
            statements: document::statements(text, Kind::Resource)?,
            text: text.into(),
        })
    }

    /// The policy of a key that was made without one: the account's own policies decide. Source: KMS Developer Guide,
    /// "Default key policy".
    #[must_use]
    pub fn default_of_keys(scope: &Scope) -> Self {
        let (partition, account) = (scope.partition(), scope.account());
        let text = format!(
            r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
        );
        Self {
            text: text.into(),
            statements: Box::new([Statement::enabling_account(
                "Enable IAM User Permissions",
                account,
                "kms:*",
            )]),
        }
    }

    /// What stands in the place of a policy where each of these accounts decides for its own principals who may do `action`,
    /// whatever the resource's policy says. It is no document, and has no text.
    #[must_use]
    pub fn left_to<'a>(accounts: impl IntoIterator<Item = &'a AccountId>, action: &str) -> Self {
        let accounts = accounts.into_iter();
        Self {
            text: Box::default(),
            statements: accounts
                .map(|account| Statement::enabling_account("", account, action))
                .collect(),
        }
    }

    /// Whether it may let in principals of any account: whether any Allow speaks of everybody, without a condition that lets
    /// in known accounts, principals or networks alone. Decided by how the document is written: whatever its other
    /// statements deny, such an Allow makes it public.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }

    /// The exact text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

/// Two are the same when their texts are.
impl PartialEq for ResourcePolicy {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ResourcePolicy {}

impl fmt::Debug for ResourcePolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for ResourcePolicy {
    type Err = PolicyFault;

    fn from_str(text: &str) -> Result<Self, PolicyFault> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ResourcePolicy {
    type Error = PolicyFault;

    fn try_from(text: String) -> Result<Self, PolicyFault> {
        Self::parse(&text)
    }
}

impl From<ResourcePolicy> for String {
    fn from(policy: ResourcePolicy) -> Self {
        policy.text.into()
    }
}

#[cfg(test)]
mod tests;
