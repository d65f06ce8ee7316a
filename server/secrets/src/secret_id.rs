//! [`SecretId`]: the three ways in which a request can name a secret.

use std::fmt;

use strongroom_base::limits::SECRET_ID_LENGTH_MAX;
use strongroom_base::{Arn, Code, Fault, Scope};

use crate::constraint;
use crate::name::{ArnSuffix, SecretName, invalid_name};

/// How a request names a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretId {
    /// By name.
    Name(SecretName),
    /// By ARN, or by ARN without the hyphen and the six characters at its end.
    Arn(Arn),
}

/// The name in an ARN, with the suffix if the ARN is complete.
pub(crate) struct Reading {
    pub(crate) name: SecretName,
    pub(crate) suffix: Option<ArnSuffix>,
}

impl SecretId {
    /// Parses a name, ARN or partial ARN.
    ///
    /// # Errors
    /// ValidationException for a text that is empty, too long or no name; InvalidParameterException for an ARN of
    /// something else. An ARN of another account or region is one of a secret that does not exist here.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        constraint::length("secretId", text.chars().count(), 1, SECRET_ID_LENGTH_MAX)?;
        if !text.starts_with("arn:") {
            return if SecretName::allows(text) {
                text.parse().map(Self::Name)
            } else {
                Err(invalid_name())
            };
        }
        let invalid = || {
            Fault::new(
                Code::InvalidParameter,
                format!("The SecretId {text} is not the ARN of a secret."),
            )
        };
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let name = arn.resource().strip_prefix("secret:").unwrap_or_default();
        // The other parts are held to the same characters: twenty ARNs of a batch must fit an audit record, and a
        // character that JSON escapes takes up to six.
        let plain = text.split(':').all(SecretName::allows);
        if arn.service() != "secretsmanager" || name.is_empty() || name.contains(':') || !plain {
            return Err(invalid());
        }
        Ok(Self::Arn(arn))
    }

    /// What the request may mean, the likelier reading first: a complete ARN, then a partial one whose name ends like
    /// a suffix (which AWS's documentation warns of).
    pub(crate) fn readings(&self, scope: &Scope) -> Vec<Reading> {
        match self {
            Self::Name(name) => vec![Reading {
                name: name.clone(),
                suffix: None,
            }],
            Self::Arn(arn) if !scope.owns(arn) => Vec::new(),
            Self::Arn(arn) => {
                let text = arn.resource().strip_prefix("secret:").unwrap_or_default();
                let complete = split_suffix(text).map(|(name, suffix)| Reading {
                    name,
                    suffix: Some(suffix),
                });
                let partial = text.parse().ok().map(|name| Reading { name, suffix: None });
                complete.into_iter().chain(partial).collect()
            }
        }
    }

    /// The ARN as it was asked for, which is what a caller without permission is told about.
    pub(crate) fn arn(&self, scope: &Scope) -> Arn {
        match self {
            Self::Name(name) => name.arn(scope),
            Self::Arn(arn) => arn.clone(),
        }
    }

    /// What a caller must be allowed on to be told that the secret does not exist. Nobody knows the suffix that it
    /// would have, so the ARN ends in question marks: policies that allow every suffix (`secret:NAME-??????`,
    /// `secret:NAME-*`) match it, those that name one secret's ARN do not. A complete ARN is decided on as it is.
    pub(crate) fn absent_arn(&self, scope: &Scope) -> Arn {
        let arn = self.arn(scope);
        if matches!(self, Self::Arn(_)) && split_suffix(arn.resource()).is_some() {
            return arn;
        }
        format!("{arn}-??????").parse().unwrap_or(arn)
    }

    /// The name, as far as the request tells it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Name(name) => name.as_str(),
            Self::Arn(arn) => arn.resource().strip_prefix("secret:").unwrap_or_default(),
        }
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(formatter),
            Self::Arn(arn) => arn.fmt(formatter),
        }
    }
}

/// Splits `NAME-SUFFIX`, in an ARN's resource or without its `secret:`.
fn split_suffix(text: &str) -> Option<(SecretName, ArnSuffix)> {
    let text = text.strip_prefix("secret:").unwrap_or(text);
    let (name, suffix) = text.rsplit_once('-')?;
    Some((name.parse().ok()?, suffix.parse().ok()?))
}

#[cfg(test)]
mod tests;
