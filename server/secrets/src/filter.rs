//! [`Filter`]: which secrets a list is about.

use std::str::FromStr;

use serde_json::{Value, json};
use strongroom_base::Fault;
use strongroom_base::limits::{SECRET_FILTER_VALUE_LENGTH_MAX, SECRET_FILTER_VALUES_MAX, SECRET_FILTERS_MAX};

use crate::constraint;
use crate::record::SecretRecord;

/// What a filter looks at. A prefix must match, in the same case unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKey {
    /// The description; upper and lower case are the same.
    Description,
    /// The name.
    Name,
    /// The key of any tag.
    TagKey,
    /// The value of any tag.
    TagValue,
    /// The region of this installation.
    PrimaryRegion,
    /// The service that manages the secret; no secret here has one.
    OwningService,
    /// Everything: each word of the filter must begin a word of name, description or tags, in any case.
    All,
}

impl FilterKey {
    /// The name in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Name => "name",
            Self::TagKey => "tag-key",
            Self::TagValue => "tag-value",
            Self::PrimaryRegion => "primary-region",
            Self::OwningService => "owning-service",
            Self::All => "all",
        }
    }

    const EVERY: [Self; 7] = [
        Self::Description,
        Self::Name,
        Self::TagKey,
        Self::TagValue,
        Self::PrimaryRegion,
        Self::OwningService,
        Self::All,
    ];
}

impl FromStr for FilterKey {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let rule = "Member must satisfy enum value set: \
                    [all, name, tag-key, description, tag-value, primary-region, owning-service]";
        let key = Self::EVERY.into_iter().find(|key| key.name() == text);
        key.ok_or_else(|| constraint::broken("filters.member.key", rule))
    }
}

/// Chooses secrets that match one of its values. Several filters must all match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    key: FilterKey,
    values: Vec<String>,
}

impl Filter {
    /// A filter with 1 to 10 values. A leading `!` negates a value.
    ///
    /// # Errors
    /// ValidationException for another number of values, and for values that are too long or have characters that
    /// AWS's model does not allow.
    pub fn new(key: FilterKey, values: Vec<String>) -> Result<Self, Fault> {
        constraint::length("filters.member.values", values.len(), 1, SECRET_FILTER_VALUES_MAX)?;
        for value in &values {
            constraint::length(
                "filters.member.values",
                value.chars().count(),
                0,
                SECRET_FILTER_VALUE_LENGTH_MAX,
            )?;
            if !value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b" :_@/+=.-!".contains(&byte))
            {
                let rule = r"Member must satisfy regular expression pattern: ^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$";
                return Err(constraint::broken("filters.member.values", rule));
            }
        }
        Ok(Self { key, values })
    }

    /// Refuses too many filters.
    pub(crate) fn check_count(filters: &[Self]) -> Result<(), Fault> {
        constraint::length("filters", filters.len(), 0, SECRET_FILTERS_MAX)
    }

    /// The filter for the audit record.
    pub(crate) fn parameter(&self) -> Value {
        json!({"key": self.key.name(), "values": self.values})
    }

    /// What every name that it chooses begins with, if that can be told.
    pub(crate) fn name_prefix(&self) -> Option<&str> {
        match (self.key, self.values.as_slice()) {
            (FilterKey::Name, [value]) if !value.starts_with('!') => Some(value),
            _ => None,
        }
    }

    pub(crate) fn matches(&self, secret: &SecretRecord, region: &str) -> bool {
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(value) => !self.matches_value(secret, region, value),
            None => self.matches_value(secret, region, value),
        })
    }

    fn matches_value(&self, secret: &SecretRecord, region: &str, value: &str) -> bool {
        match self.key {
            FilterKey::Description => {
                let description = secret.description.as_deref().unwrap_or_default();
                description.to_lowercase().starts_with(&value.to_lowercase())
            }
            FilterKey::Name => secret.name.as_str().starts_with(value),
            FilterKey::TagKey => secret.tags.pairs().any(|(key, _)| key.starts_with(value)),
            FilterKey::TagValue => secret.tags.pairs().any(|(_, tag)| tag.starts_with(value)),
            FilterKey::PrimaryRegion => region.starts_with(value),
            FilterKey::OwningService => false,
            FilterKey::All => matches_everything(secret, value),
        }
    }
}

fn matches_everything(secret: &SecretRecord, value: &str) -> bool {
    let attributes = [secret.name.as_str(), secret.description.as_deref().unwrap_or_default()];
    let tags = secret.tags.pairs().flat_map(|(key, value)| [key, value]);
    let held: Vec<String> = attributes.into_iter().chain(tags).flat_map(words).collect();
    let mut wanted = words(value).peekable();
    wanted.peek().is_some() && wanted.all(|word| held.iter().any(|held| held.starts_with(&word)))
}

/// Letters and digits hang together; everything else divides words.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
