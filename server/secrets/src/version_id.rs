//! [`VersionId`]: a version's name, which is the ClientRequestToken of the request that made it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{VERSION_ID_LENGTH_MAX, VERSION_ID_LENGTH_MIN};
use strongroom_base::{Code, Fault};
use uuid::Uuid;

use crate::constraint;

/// 32 to 64 printable ASCII characters without blanks; usually a UUID.
///
/// AWS's model sets no characters, only the length. The text becomes part of a record's key, which is printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionId(Box<str>);

impl VersionId {
    /// A new random one, for requests that bring none.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string().into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id in the field `field` of a request.
    ///
    /// # Errors
    /// ValidationException for another length, InvalidParameterException for other characters.
    pub fn parse(field: &str, text: &str) -> Result<Self, Fault> {
        constraint::length(
            field,
            text.chars().count(),
            VERSION_ID_LENGTH_MIN,
            VERSION_ID_LENGTH_MAX,
        )?;
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let rule = "may have printable ASCII characters without blanks only.";
            return Err(Fault::new(Code::InvalidParameter, format!("The {field} {rule}")));
        }
        Ok(Self(text.into()))
    }

    /// The id of a new version: the token that the request brings, else a random one.
    pub(crate) fn of_token(token: Option<&str>) -> Result<Self, Fault> {
        token.map_or_else(|| Ok(Self::random()), |token| Self::parse("clientRequestToken", token))
    }
}

impl FromStr for VersionId {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::parse("versionId", text)
    }
}

impl TryFrom<String> for VersionId {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
