//! [`SecretName`] and [`ArnSuffix`]: together they make a secret's ARN.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::SECRET_NAME_LENGTH_MAX;
use strongroom_base::{Arn, Code, Fault, Scope};

use crate::{constraint, random};

/// A secret's name: 1 to 512 of `a-z A-Z 0-9 / _ + = . @ - !`.
///
/// AWS's documentation leaves out the `!`, its error text and its service do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(Box<str>);

impl SecretName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it stands in an ARN without the suffix: what a request by name is about, whichever secret has the
    /// name at present.
    pub(crate) fn arn(&self, scope: &Scope) -> Arn {
        scope.arn("secretsmanager", format_args!("secret:{}", self.0))
    }

    /// The ARN of the secret with this name and suffix.
    pub(crate) fn arn_with(&self, suffix: &ArnSuffix, scope: &Scope) -> Arn {
        scope.arn("secretsmanager", self.arn_resource(suffix))
    }

    /// What that ARN says after the account.
    pub(crate) fn arn_resource(&self, suffix: &ArnSuffix) -> String {
        format!("secret:{}-{}", self.0, suffix.0)
    }

    pub(crate) fn allows(text: &str) -> bool {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-!".contains(&byte))
    }
}

impl FromStr for SecretName {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        constraint::length("name", text.chars().count(), 1, SECRET_NAME_LENGTH_MAX)?;
        if !Self::allows(text) {
            return Err(invalid_name());
        }
        Ok(Self(text.into()))
    }
}

/// AWS's words for a name with other characters.
pub(crate) fn invalid_name() -> Fault {
    Fault::new(
        Code::Validation,
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    )
}

impl TryFrom<String> for SecretName {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<SecretName> for String {
    fn from(name: SecretName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The six random characters that end a secret's ARN, so that permissions on a deleted secret are none on a new one of
/// the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArnSuffix(Box<str>);

impl ArnSuffix {
    /// The number of characters.
    pub const LENGTH: usize = 6;

    const CHARACTERS: &'static [u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// A new random suffix.
    ///
    /// # Errors
    /// ServiceUnavailableException when the system has no random numbers to give.
    pub fn random() -> Result<Self, Fault> {
        let mut text = String::with_capacity(Self::LENGTH);
        for _ in 0..Self::LENGTH {
            text.extend(random::one_of(Self::CHARACTERS)?.map(char::from));
        }
        Ok(Self(text.into()))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ArnSuffix {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Self(text.into()));
        }
        Err(Fault::new(
            Code::InvalidParameter,
            "The end of a secret's ARN has six letters or digits.",
        ))
    }
}

impl TryFrom<String> for ArnSuffix {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<ArnSuffix> for String {
    fn from(suffix: ArnSuffix) -> Self {
        suffix.0.into()
    }
}
