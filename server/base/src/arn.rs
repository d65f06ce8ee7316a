//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//!
//! Strongroom's look like AWS's so that every AWS tool can parse them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::limits::ARN_LENGTH_MAX;

/// Text that is not an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed ARN: it must read arn:partition:service:region:account:resource")]
pub struct ArnFault;

/// A well-formed ARN; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: Arc<str>,
    /// Where partition, service, region, account and resource begin. Each fits, because the length is bounded.
    starts: [u16; 5],
}

impl Arn {
    /// Joins parts that are known to be well-formed: they come from a [`crate::Scope`].
    pub(crate) fn assemble(
        partition: &str,
        service: &str,
        region: &str,
        account: &str,
        resource: impl fmt::Display,
    ) -> Self {
        let text = format!("arn:{partition}:{service}:{region}:{account}:{resource}");
        let starts = starts_of(&text).unwrap_or_default();
        Self {
            text: text.into(),
            starts,
        }
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The second part, such as `aws`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.part(0)
    }

    /// The third part, such as `kms`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.part(1)
    }

    /// The fourth part; empty for global services such as `iam`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.part(2)
    }

    /// The fifth part.
    #[must_use]
    pub fn account(&self) -> &str {
        self.part(3)
    }

    /// All that follows the fifth colon; may hold colons itself.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.part(4)
    }

    fn part(&self, index: usize) -> &str {
        let start = self.starts.get(index).copied().map_or(0, usize::from);
        let end = self
            .starts
            .get(index + 1)
            .map_or(self.text.len(), |next| usize::from(*next).saturating_sub(1));
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Finds where the five parts after `arn:` begin.
fn starts_of(text: &str) -> Option<[u16; 5]> {
    let mut starts = [0; 5];
    let mut from = text.strip_prefix("arn:").map(|_| 4_usize)?;
    for (index, start) in starts.iter_mut().enumerate() {
        *start = u16::try_from(from).ok()?;
        if index < 4 {
            from += text.get(from..)?.find(':')? + 1;
        }
    }
    Some(starts)
}

impl FromStr for Arn {
    type Err = ArnFault;

    fn from_str(text: &str) -> Result<Self, ArnFault> {
        if text.len() > ARN_LENGTH_MAX || text.chars().any(char::is_control) {
            return Err(ArnFault);
        }
        let arn = Self {
            starts: starts_of(text).ok_or(ArnFault)?,
            text: text.into(),
        };
        let complete = !arn.partition().is_empty() && !arn.service().is_empty() && !arn.resource().is_empty();
        complete.then_some(arn).ok_or(ArnFault)
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnFault;

    fn try_from(text: String) -> Result<Self, ArnFault> {
        text.parse()
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.text.as_ref().to_owned()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Arn({})", self.text)
    }
}

#[cfg(test)]
mod tests;
