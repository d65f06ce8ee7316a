//! [`ParameterName`] and [`ParameterPath`]: where a parameter is, and what that makes of its ARN and its record's id.

use std::fmt;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{PARAMETER_ARN_LENGTH_MAX, PARAMETER_LEVELS_MAX, PARAMETER_REFERENCE_LENGTH_MAX};
use strongroom_base::{Arn, Code, Fault, Scope};

use crate::constraint;

/// A parameter's name: parts of `a-z A-Z 0-9 _ . -` divided by slashes, such as `/app/database/password`, or one part
/// alone.
///
/// `/name` and `name` are one name: they have one ARN, which permissions and the encryption of values go by. A parameter
/// keeps the form in which it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ParameterName(Box<str>);

impl ParameterName {
    /// Reads a name; blanks around it do not count.
    ///
    /// # Errors
    /// ValidationException for what is no name, and for one that is reserved; AccessDeniedException for one under `/aws/`,
    /// which is AWS's own tree; HierarchyLevelLimitExceededException for more than 15 levels.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, Fault> {
        let name = Self::of_any(text)?;
        check_new(name.as_str())?;
        let length = name.arn(scope).as_str().len();
        if length > PARAMETER_ARN_LENGTH_MAX {
            return Err(Fault::new(
                Code::Validation,
                format!(
                    "The parameter's ARN would have {length} characters. It can have {PARAMETER_ARN_LENGTH_MAX}, which bounds \
                     the name."
                ),
            ));
        }
        Ok(name)
    }

    /// Reads the name of a parameter that should exist: a name that none can have is one of a parameter that does not.
    ///
    /// # Errors
    /// ValidationException for what is no name, and for an ARN.
    pub fn of_any(text: &str) -> Result<Self, Fault> {
        constraint::length("name", text.chars().count(), 1, PARAMETER_REFERENCE_LENGTH_MAX)?;
        let text = text.trim();
        if text.contains('/') && !text.starts_with('/') {
            return Err(invalid("Parameter name must be a fully qualified name."));
        }
        if !text.strip_prefix('/').unwrap_or(text).split('/').all(is_part) {
            return Err(invalid(MALFORMED));
        }
        Ok(Self(text.into()))
    }

    /// The name, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parameter's ARN.
    #[must_use]
    pub fn arn(&self, scope: &Scope) -> Arn {
        scope.arn("ssm", format_args!("parameter/{}", self.without_slash()))
    }

    /// The id of the parameter's record: the path of its level, a colon, and the last part of the name. So the parameters
    /// of one level are neighbours, whatever levels there are below.
    pub(crate) fn id(&self) -> String {
        match self.without_slash().rsplit_once('/') {
            Some((level, last)) => format!("/{level}:{last}"),
            None => format!(":{}", self.without_slash()),
        }
    }

    fn without_slash(&self) -> &str {
        self.0.strip_prefix('/').unwrap_or(&self.0)
    }
}

impl fmt::Display for ParameterName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Refuses names that no parameter may be made with.
fn check_new(text: &str) -> Result<(), Fault> {
    let parts = Vec::from_iter(text.strip_prefix('/').unwrap_or(text).split('/'));
    check_prefix(text, &parts)?;
    if parts.len() > PARAMETER_LEVELS_MAX {
        return Err(Fault::new(
            Code::HierarchyLevelLimitExceeded,
            format!(
                "A hierarchy can have a maximum of {PARAMETER_LEVELS_MAX} levels, and {text} has {}.",
                parts.len()
            ),
        ));
    }
    Ok(())
}

/// AWS's words for names that begin as its own do.
fn check_prefix(text: &str, parts: &[&str]) -> Result<(), Fault> {
    let first = parts.first().copied().unwrap_or_default();
    let begins = |prefix: &str| {
        let begin = first.get(..prefix.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    };
    match (begins("aws"), begins("ssm"), parts.len()) {
        (false, false, _) => Ok(()),
        (true, _, 2..) => Err(Fault::new(
            Code::AccessDenied,
            format!("No access to reserved parameter name: {text}."),
        )),
        (_, _, 2..) => Err(invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following \
             3 symbols .-_",
        )),
        (_, _, _) => Err(invalid(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
        )),
    }
}

fn is_part(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

const MALFORMED: &str = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it \
                         can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
                         numbers and the following 3 symbols .-_";

fn invalid(message: &'static str) -> Fault {
    Fault::new(Code::Validation, message)
}

/// A level of the hierarchy, such as `/app/database`; `/` is the highest. A slash at its end does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterPath(Box<str>);

impl ParameterPath {
    /// Reads a path.
    ///
    /// # Errors
    /// ValidationException for what is no path, in AWS's words.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        constraint::length("path", text.chars().count(), 1, PARAMETER_REFERENCE_LENGTH_MAX)?;
        let text = text.trim();
        let path = text.strip_suffix('/').unwrap_or(text);
        let reserved = |part: &str| {
            let begin = part.get(..3).unwrap_or_default();
            begin.eq_ignore_ascii_case("aws") || begin.eq_ignore_ascii_case("ssm")
        };
        let mut parts = path.split('/').skip(1);
        let first_is_free = parts.clone().next().is_none_or(|first| !reserved(first));
        let count = parts.clone().count();
        if text.starts_with('/') && first_is_free && count < PARAMETER_LEVELS_MAX && parts.all(is_part) {
            return Ok(Self(path.into()));
        }
        Err(invalid(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \
             \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or \
             the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All \
             sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.",
        ))
    }

    /// The path, `/` for the highest.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    /// What a permission on the path is asked on.
    pub(crate) fn arn(&self, scope: &Scope) -> Arn {
        scope.arn("ssm", format_args!("parameter{}", self.as_str()))
    }

    /// What the ids of the records of this level begin with.
    pub(crate) fn level(&self) -> String {
        format!("{}:", self.0)
    }

    /// What the ids of the records of all levels below it begin with.
    pub(crate) fn below(&self) -> String {
        format!("{}/", self.0)
    }
}

#[cfg(test)]
mod tests;
