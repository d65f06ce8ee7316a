//! [`StagingLabel`]: a name that is on at most one version of a secret at a time.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::Fault;
use strongroom_base::limits::{STAGING_LABEL_LENGTH_MAX, STAGING_LABELS_PER_VERSION_MAX};

use crate::constraint;

/// 1 to 256 printable ASCII characters, blanks included. AWS's model sets the length alone; two hundred labels are one
/// record, so their bytes are bounded too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StagingLabel(Box<str>);

impl StagingLabel {
    /// The label of the version that readers get.
    pub(crate) const CURRENT: &str = "AWSCURRENT";

    /// On the version that readers get.
    #[must_use]
    pub fn current() -> Self {
        Self(Self::CURRENT.into())
    }

    /// On the version that readers got before.
    #[must_use]
    pub fn previous() -> Self {
        Self("AWSPREVIOUS".into())
    }

    /// On the version that a rotation is making.
    #[must_use]
    pub fn pending() -> Self {
        Self("AWSPENDING".into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels of a request.
    pub(crate) fn parse_all(labels: &[String]) -> Result<BTreeSet<Self>, Fault> {
        constraint::length("versionStages", labels.len(), 1, STAGING_LABELS_PER_VERSION_MAX)?;
        labels.iter().map(|label| label.parse()).collect()
    }
}

impl FromStr for StagingLabel {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        constraint::length("versionStage", text.chars().count(), 1, STAGING_LABEL_LENGTH_MAX)?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(constraint::broken(
                "versionStage",
                "Member must have printable ASCII characters only",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for StagingLabel {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<StagingLabel> for String {
    fn from(label: StagingLabel) -> Self {
        label.0.into()
    }
}

impl fmt::Display for StagingLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
