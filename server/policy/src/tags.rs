//! [`Tags`]: names and values that an organisation sorts its resources by, and that policies may ask for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::condition_key::{ConditionKey, KeyName};
use crate::value::Values;

/// Tags, each key once. Not secret. How many there may be and what they may look like is for each service to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Adds a tag; false if the key was there, which then has the new value.
    pub fn insert(&mut self, key: String, value: String) -> bool {
        self.0.insert(key, value).is_none()
    }

    /// Keys and values, sorted by key.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These tags and `others`, which win.
    #[must_use]
    pub fn with(&self, others: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(others.0.clone());
        Self(all)
    }

    /// These tags but for `keys`.
    #[must_use]
    pub fn without(&self, keys: &[String]) -> Self {
        let mut rest = self.0.clone();
        rest.retain(|key, _| !keys.contains(key));
        Self(rest)
    }

    /// What a request that brings these tags answers.
    pub fn answer(&self, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::RequestTag) => key.pick(self.pairs()),
            Some(KeyName::TagKeys) => Values::many(self.pairs().map(|(name, _)| name)),
            Some(_) | None => Values::Absent,
        }
    }
}
