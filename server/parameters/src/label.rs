//! [`Label`]: a name that is on at most one version of a parameter at a time.

use std::fmt;

use serde::{Deserialize, Serialize};
use strongroom_base::Fault;
use strongroom_base::limits::{PARAMETER_LABEL_LENGTH_MAX, PARAMETER_LABELS_PER_VERSION_MAX};

use crate::constraint;

/// 1 to 100 of `a-z A-Z 0-9 . - _`, which begins with no digit, and neither with `aws` nor with `ssm` in any case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(Box<str>);

impl Label {
    /// The label, if the text keeps the rules. What does not is no fault of a request, but reported back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let begins = |prefix: &str| text.get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix));
        let reserved = begins("aws") || begins("ssm") || text.starts_with(|first: char| first.is_ascii_digit());
        let fits = (1..=PARAMETER_LABEL_LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed);
        (fits && !reserved).then(|| Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Refuses a list of labels that the model does not allow: 1 to 10 texts of 1 to 100 characters.
pub(crate) fn check_list(labels: &[String]) -> Result<(), Fault> {
    constraint::length("labels", labels.len(), 1, PARAMETER_LABELS_PER_VERSION_MAX)?;
    labels
        .iter()
        .try_for_each(|label| constraint::length("labels.member", label.chars().count(), 1, PARAMETER_LABEL_LENGTH_MAX))
}
