//! The partition, region and account that an installation speaks for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::arn::Arn;
use crate::ids::KeyId;

/// A configured scope that cannot stand in an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeFault {
    /// Not twelve digits.
    #[error("the account must be 12 digits, not {0:?}")]
    Account(String),
    /// Empty, or with characters that an ARN cannot carry there.
    #[error("the {0} may have a-z, 0-9 and '-' only, 1 to 32 of them, not {1:?}")]
    Name(&'static str, String),
}

/// Twelve digits that own keys and secrets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Box<str>);

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = ScopeFault;

    fn from_str(text: &str) -> Result<Self, ScopeFault> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(ScopeFault::Account(text.to_owned()))
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = ScopeFault;

    fn try_from(text: String) -> Result<Self, ScopeFault> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(account: AccountId) -> Self {
        account.0.into()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Partition, region and account: the part of an ARN that the configuration gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    partition: Box<str>,
    region: Box<str>,
    account: AccountId,
}

impl Scope {
    /// Checks each part.
    ///
    /// # Errors
    /// [`ScopeFault`] naming the part that cannot stand in an ARN.
    pub fn new(partition: &str, region: &str, account: &str) -> Result<Self, ScopeFault> {
        Ok(Self {
            partition: arn_part("partition", partition)?,
            region: arn_part("region", region)?,
            account: account.parse()?,
        })
    }

    /// The partition, `aws` unless configured otherwise.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The region's name.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The ARN of a resource of `service` in this scope.
    #[must_use]
    pub fn arn(&self, service: &str, resource: impl fmt::Display) -> Arn {
        Arn::assemble(&self.partition, service, &self.region, &self.account.0, resource)
    }

    /// The ARN of a KMS key.
    #[must_use]
    pub fn key_arn(&self, key: &KeyId) -> Arn {
        self.arn("kms", format_args!("key/{key}"))
    }

    /// The ARN that stands for a whole account, this one or another.
    #[must_use]
    pub fn root_arn(&self, account: &AccountId) -> Arn {
        Arn::assemble(&self.partition, "iam", "", &account.0, "root")
    }

    /// The ARN of a job of the service itself.
    #[must_use]
    pub fn system_arn(&self, job: &str) -> Arn {
        Arn::assemble(
            &self.partition,
            "iam",
            "",
            &self.account.0,
            format_args!("role/strongroom/{job}"),
        )
    }

    /// Whether `arn` is in this scope: same partition, region and account.
    #[must_use]
    pub fn owns(&self, arn: &Arn) -> bool {
        arn.partition() == self.partition() && arn.region() == self.region() && arn.account() == &*self.account.0
    }
}

fn arn_part(name: &'static str, text: &str) -> Result<Box<str>, ScopeFault> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=32).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.into())
    } else {
        Err(ScopeFault::Name(name, text.to_owned()))
    }
}
