//! [`ObjectLabel`]: the CKA_LABEL that marks an object as ours.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use strongroom_base::InstallationId;

/// What every label of ours begins with.
pub(crate) const PREFIX: &str = "strongroom/";
/// Characters of the key's and of the version's part: together with the rest below the 255 that some tokens stop at.
const PART_LENGTH_MAX: usize = 80;

/// Text that is not a label of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a label of the form strongroom/INSTALLATION/KEY/VERSION with 1 to 80 of a-z, A-Z, 0-9, '-', '_' and '.' in the last two"
)]
pub struct LabelFault;

/// `strongroom/<installation id>/<key>/<version>`: only objects that carry our own installation's id are counted, used
/// or destroyed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ObjectLabel {
    installation: InstallationId,
    text: Arc<str>,
}

impl ObjectLabel {
    /// The label of `version` of `key`, such as a key id and a key material id.
    ///
    /// # Errors
    /// [`LabelFault`] where a part is empty, longer than 80 characters or has other characters than the label takes.
    pub fn new(installation: InstallationId, key: &str, version: &str) -> Result<Self, LabelFault> {
        if is_part(key) && is_part(version) {
            Ok(Self {
                installation,
                text: format!("{PREFIX}{installation}/{key}/{version}").into(),
            })
        } else {
            Err(LabelFault)
        }
    }

    /// Whose object it is.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.installation
    }

    /// The key's part.
    #[must_use]
    pub fn key(&self) -> &str {
        self.text.split('/').nth(2).unwrap_or_default()
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn is_part(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=PART_LENGTH_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

impl FromStr for ObjectLabel {
    type Err = LabelFault;

    fn from_str(text: &str) -> Result<Self, LabelFault> {
        let mut parts = text.strip_prefix(PREFIX).ok_or(LabelFault)?.split('/');
        let (Some(installation), Some(key), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LabelFault);
        };
        let label = Self::new(installation.parse().map_err(|_| LabelFault)?, key, version)?;
        // An installation id in upper case would be another text for the same label.
        if label.as_str() == text {
            Ok(label)
        } else {
            Err(LabelFault)
        }
    }
}

impl fmt::Display for ObjectLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for ObjectLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ObjectLabel({})", self.text)
    }
}

#[cfg(test)]
mod tests;
