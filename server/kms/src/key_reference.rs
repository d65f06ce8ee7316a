//! [`KeyReference`] and [`AliasName`]: the four ways in which a request can name a key.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{ALIAS_NAME_LENGTH_MAX, KEY_REFERENCE_LENGTH_MAX};
use strongroom_base::{Arn, Code, Fault, KeyId, Scope};

/// An alias with its `alias/` prefix: 1 to 256 characters of `a-z A-Z 0-9 / _ -` (and `:`, as the model allows).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AliasName(Box<str>);

impl AliasName {
    /// The alias of the key that `service` manages, such as `alias/aws/secretsmanager`.
    pub(crate) fn managed(service: &str) -> Self {
        Self(format!("alias/aws/{service}").into())
    }

    /// The name, `alias/` included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name belongs to keys that services manage.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with("alias/aws/")
    }

    /// The alias's own ARN.
    pub(crate) fn arn(&self, scope: &Scope) -> Arn {
        scope.arn("kms", &self.0)
    }
}

impl FromStr for AliasName {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let allowed = |character: char| character.is_ascii_alphanumeric() || "/_-:".contains(character);
        let name = text.strip_prefix("alias/").unwrap_or_default();
        if name.is_empty() || text.len() > ALIAS_NAME_LENGTH_MAX || !name.chars().all(allowed) {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'aliasName' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: ^(alias/)[a-zA-Z0-9:/_-]+$ and have length less than or equal to 256",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for AliasName {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<AliasName> for String {
    fn from(name: AliasName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// How a request names a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyReference {
    /// By key id, or by a key ARN of this scope.
    Key(KeyId),
    /// By alias, or by an alias ARN of this scope.
    Alias(AliasName),
}

impl KeyReference {
    /// The key that secrets are encrypted under unless they name another one: `alias/aws/secretsmanager`.
    #[must_use]
    pub fn of_secrets() -> Self {
        Self::Alias(AliasName::managed("secretsmanager"))
    }

    /// Parses a key id, key ARN, alias or alias ARN.
    ///
    /// # Errors
    /// ValidationException when empty or too long, InvalidArnException for an ARN of something else, NotFoundException
    /// for text that can name no key and for ARNs of another account or region, in AWS's words.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, Fault> {
        if text.is_empty() || text.len() > KEY_REFERENCE_LENGTH_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'keyId' failed to satisfy constraint: Member must have length \
                 between 1 and 2048",
            ));
        }
        if text.starts_with("arn:") {
            return Self::parse_arn(text, scope);
        }
        Self::parse_resource(text).ok_or_else(|| Fault::new(Code::NotFound, format!("Invalid keyId '{text}'")))
    }

    /// As [`Self::parse`], for operations that take no alias.
    ///
    /// # Errors
    /// Those of [`Self::parse`], and NotFoundException for an alias.
    pub fn parse_key(text: &str, scope: &Scope) -> Result<KeyId, Fault> {
        match Self::parse(text, scope)? {
            Self::Key(id) => Ok(id),
            Self::Alias(_) => Err(Fault::new(
                Code::NotFound,
                format!("Invalid keyId '{text}'. This operation takes a key id or key ARN, not an alias."),
            )),
        }
    }

    fn parse_arn(text: &str, scope: &Scope) -> Result<Self, Fault> {
        let invalid = || Fault::new(Code::InvalidArn, format!("Invalid arn {text}"));
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        if arn.service() != "kms" {
            return Err(invalid());
        }
        if !scope.owns(&arn) {
            return Err(Fault::new(Code::NotFound, format!("Key '{text}' does not exist")));
        }
        match arn.resource().strip_prefix("key/") {
            Some(id) => id.parse().map(Self::Key).map_err(|_| invalid()),
            None => arn.resource().parse().map(Self::Alias).map_err(|_: Fault| invalid()),
        }
    }

    fn parse_resource(text: &str) -> Option<Self> {
        if text.starts_with("alias/") {
            text.parse().ok().map(Self::Alias)
        } else {
            text.parse().ok().map(Self::Key)
        }
    }

    /// The ARN as it was asked for, which is what a caller without permission is told about.
    #[must_use]
    pub fn arn(&self, scope: &Scope) -> Arn {
        match self {
            Self::Key(id) => scope.key_arn(id),
            Self::Alias(name) => name.arn(scope),
        }
    }
}

impl fmt::Display for KeyReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => id.fmt(formatter),
            Self::Alias(name) => name.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests;
