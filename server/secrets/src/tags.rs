//! [`Tags`]: names and values that an organisation sorts its secrets by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX};
use strongroom_base::{Code, Fault};

use crate::constraint;

/// Up to 50 tags, each key once. Not secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// The tags of a request.
    ///
    /// # Errors
    /// ValidationException for keys and values of another length or with control characters; InvalidParameterException
    /// for a key that comes twice or is AWS's own, and for more than 50 tags.
    pub fn parse(tags: impl IntoIterator<Item = (String, String)>) -> Result<Self, Fault> {
        let mut parsed = BTreeMap::new();
        for (key, value) in tags {
            check_key(&key)?;
            constraint::length("tags.member.value", value.chars().count(), 0, TAG_VALUE_LENGTH_MAX)?;
            check_characters("tags.member.value", &value)?;
            if parsed.insert(key.clone(), value).is_some() {
                return Err(Fault::new(
                    Code::InvalidParameter,
                    format!("The tag key {key} is given more than once."),
                ));
            }
        }
        Self(parsed).checked()
    }

    /// The keys of a request to remove tags.
    pub(crate) fn parse_keys(keys: Vec<String>) -> Result<Vec<String>, Fault> {
        constraint::length("tagKeys", keys.len(), 1, TAGS_MAX)?;
        keys.iter().try_for_each(|key| check_key(key))?;
        Ok(keys)
    }

    /// Keys and values, sorted by key.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These tags and `others`, which win.
    pub(crate) fn with(&self, others: &Self) -> Result<Self, Fault> {
        let mut all = self.0.clone();
        all.extend(others.0.clone());
        Self(all).checked()
    }

    /// These tags but for `keys`.
    pub(crate) fn without(&self, keys: &[String]) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(key, _)| !keys.contains(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
    }

    fn checked(self) -> Result<Self, Fault> {
        if self.0.len() > TAGS_MAX {
            return Err(Fault::new(
                Code::InvalidParameter,
                format!("A secret can have at most {TAGS_MAX} tags."),
            ));
        }
        Ok(self)
    }
}

fn check_key(key: &str) -> Result<(), Fault> {
    constraint::length("tags.member.key", key.chars().count(), 1, TAG_KEY_LENGTH_MAX)?;
    check_characters("tags.member.key", key)?;
    if key.starts_with("aws:") {
        return Err(Fault::new(
            Code::InvalidParameter,
            "Tag keys that start with aws: are reserved for AWS's own use.",
        ));
    }
    Ok(())
}

fn check_characters(field: &str, text: &str) -> Result<(), Fault> {
    if text.chars().any(char::is_control) {
        return Err(constraint::broken(field, "Member must not have control characters"));
    }
    Ok(())
}
