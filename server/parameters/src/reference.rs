//! [`ParameterReference`]: how a request to read names a parameter, or a secret in a parameter's place.

use std::fmt;

use strongroom_base::limits::PARAMETER_REFERENCE_LENGTH_MAX;
use strongroom_base::{Arn, Code, Fault, Scope};

use crate::constraint;
use crate::name::ParameterName;

/// Where secrets stand among parameters.
const SECRETS: &str = "/aws/reference/secretsmanager/";

/// A parameter by name or ARN, with the version that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterReference {
    pub(crate) subject: Subject,
    pub(crate) selector: Option<Selector>,
}

/// What is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A parameter of this installation.
    Own(ParameterName),
    /// A parameter of another account or region: none of ours.
    Foreign(Arn),
    /// A secret, by its name or ARN.
    Secret(String),
}

/// Which version is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The version with this number.
    Version(u64),
    /// The version with this label; of a secret its version id or staging label.
    Label(String),
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(number) => write!(formatter, ":{number}"),
            Self::Label(label) => write!(formatter, ":{label}"),
        }
    }
}

impl fmt::Display for ParameterReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Own(name) => name.fmt(formatter)?,
            Subject::Foreign(arn) => arn.fmt(formatter)?,
            Subject::Secret(name) => write!(formatter, "{SECRETS}{name}")?,
        }
        self.selector.iter().try_for_each(|selector| selector.fmt(formatter))
    }
}

impl ParameterReference {
    /// Reads a name or an ARN, each perhaps with `:version` or `:label` behind it.
    ///
    /// # Errors
    /// ValidationException for what is neither.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, Fault> {
        constraint::length("name", text.chars().count(), 1, PARAMETER_REFERENCE_LENGTH_MAX)?;
        let text = text.trim();
        if let Some(secret) = text.strip_prefix(SECRETS) {
            return Self::of_secret(secret);
        }
        if text.starts_with("arn:") {
            return Self::of_arn(text, scope);
        }
        let (name, selector) = split(text)?;
        Ok(Self {
            subject: Subject::Own(ParameterName::of_any(name)?),
            selector,
        })
    }

    fn of_secret(text: &str) -> Result<Self, Fault> {
        // An ARN has colons of its own: six before the name.
        let (name, selector) = if text.starts_with("arn:") {
            match text.match_indices(':').nth(6) {
                Some((end, _)) => (text.get(..end).unwrap_or_default(), text.get(end + 1..)),
                None => (text, None),
            }
        } else {
            text.split_once(':')
                .map_or((text, None), |(name, rest)| (name, Some(rest)))
        };
        Ok(Self {
            subject: Subject::Secret(name.to_owned()),
            selector: selector.map(|selector| Selector::Label(selector.to_owned())),
        })
    }

    fn of_arn(text: &str, scope: &Scope) -> Result<Self, Fault> {
        let malformed = || {
            Fault::new(
                Code::Validation,
                "The parameter ARN isn't valid. It must read arn:aws:ssm:REGION:ACCOUNT:parameter/NAME.",
            )
        };
        let whole: Arn = text.parse().map_err(|_| malformed())?;
        let name = whole
            .resource()
            .strip_prefix("parameter/")
            .filter(|_| whole.service() == "ssm");
        let name = name.ok_or_else(malformed)?;
        let (name, selector) = split(name)?;
        if !scope.owns(&whole) {
            let length = selector.as_ref().map_or(0, |selector| selector.to_string().len());
            let arn = text.get(..text.len().saturating_sub(length)).unwrap_or(text);
            let arn = arn.parse().map_err(|_| malformed())?;
            return Ok(Self {
                subject: Subject::Foreign(arn),
                selector,
            });
        }
        // In an ARN the slash before a name is not there, or there once.
        let name = if name.contains('/') {
            ParameterName::of_any(&format!("/{name}"))?
        } else {
            ParameterName::of_any(name)?
        };
        Ok(Self {
            subject: Subject::Own(name),
            selector,
        })
    }

    /// What a permission is asked on.
    pub(crate) fn arn(&self, scope: &Scope) -> Arn {
        match &self.subject {
            Subject::Own(name) => name.arn(scope),
            Subject::Foreign(arn) => arn.clone(),
            Subject::Secret(name) => scope.arn("ssm", format_args!("parameter{SECRETS}{name}")),
        }
    }
}

fn split(text: &str) -> Result<(&str, Option<Selector>), Fault> {
    let Some((name, selector)) = text.split_once(':') else {
        return Ok((text, None));
    };
    if selector.is_empty() {
        return Err(Fault::new(
            Code::Validation,
            format!("The parameter {text} isn't valid. A version or a label must follow the colon."),
        ));
    }
    let number = selector
        .parse()
        .ok()
        .filter(|_| selector.bytes().all(|byte| byte.is_ascii_digit()));
    let selector = number.map_or_else(|| Selector::Label(selector.to_owned()), Selector::Version);
    Ok((name, Some(selector)))
}

#[cfg(test)]
mod tests;
