//! [`Values`]: what a request answers to a condition key.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use strongroom_base::Timestamp;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'v> {
    /// Text, names and ARNs.
    Text(Cow<'v, str>),
    /// A truth.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A moment.
    Moment(Timestamp),
    /// Where a request came from.
    Address(IpAddr),
}

/// All values of one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'v> {
    /// The request does not have the key.
    Absent,
    /// It has one value.
    One(Value<'v>),
    /// It is a key of many values, of which there may be none.
    Many(Vec<Value<'v>>),
}

impl<'v> Values<'v> {
    /// The key's one value.
    pub fn one(value: impl Into<Value<'v>>) -> Self {
        Self::One(value.into())
    }

    /// The key's one value, if the request has it.
    pub fn maybe(value: Option<impl Into<Value<'v>>>) -> Self {
        value.map_or(Self::Absent, Self::one)
    }

    /// The values of a key that may have several.
    pub fn many<T: Into<Value<'v>>>(values: impl IntoIterator<Item = T>) -> Self {
        Self::Many(values.into_iter().map(Into::into).collect())
    }

    /// These, or where the key is absent what `other` answers.
    #[must_use]
    pub fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Absent => other(),
            Self::One(_) | Self::Many(_) => self,
        }
    }

    pub(crate) fn as_slice(&self) -> &[Value<'v>] {
        match self {
            Self::Absent => &[],
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl<'v> Value<'v> {
    /// The same, for good.
    pub(crate) fn into_text(self) -> Cow<'v, str> {
        match self {
            Self::Text(text) => text,
            Self::Bool(_) | Self::Number(_) | Self::Moment(_) | Self::Address(_) => {
                Cow::Owned(self.text().into_owned())
            }
        }
    }

    /// As text, in which string operators compare and policy variables stand.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Moment(moment) => Cow::Owned(crate::moment::text(*moment)),
            Self::Address(address) => Cow::Owned(address.to_string()),
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(moment: Timestamp) -> Self {
        Self::Moment(moment)
    }
}

impl From<IpAddr> for Value<'_> {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}
