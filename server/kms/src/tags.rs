//! [`KeyTags`]: names and values that an organisation sorts its keys by, and that policies may ask for.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use strongroom_base::limits::{TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX};
use strongroom_base::{Code, Fault};

/// Up to 50 tags, each key once. Not secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyTags(BTreeMap<String, String>);

impl KeyTags {
    /// The tags of a request.
    ///
    /// # Errors
    /// ValidationException for keys and values of another length than the model allows; TagException for a key that comes
    /// twice or is AWS's own, for characters that tags do not have, and for more than 50.
    pub fn parse(tags: Vec<(String, String)>) -> Result<Self, Fault> {
        if tags.len() > TAGS_MAX {
            return Err(Fault::new(Code::Tag, "Too many tags"));
        }
        let mut parsed = BTreeMap::new();
        for (position, (key, value)) in (1..).zip(tags) {
            check_key(&format!("tags.{position}.member.tagKey"), &key)?;
            check_length(
                &format!("tags.{position}.member.tagValue"),
                &value,
                0,
                TAG_VALUE_LENGTH_MAX,
            )?;
            check_characters(&value)?;
            if parsed.insert(key, value).is_some() {
                return Err(Fault::new(Code::Tag, "Duplicate tag keys"));
            }
        }
        Ok(Self(parsed))
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

    /// The pairs whose keys come after `key`.
    pub(crate) fn after(&self, key: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
        let begin = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.0
            .range::<str, _>((begin, Bound::Unbounded))
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// These tags and `others`, which win.
    pub(crate) fn with(&self, others: &Self) -> Result<Self, Fault> {
        let mut all = self.0.clone();
        all.extend(others.0.clone());
        if all.len() > TAGS_MAX {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!("A key can have at most {TAGS_MAX} tags."),
            ));
        }
        Ok(Self(all))
    }

    /// These tags but for `keys`.
    pub(crate) fn without(&self, keys: &[String]) -> Self {
        let mut rest = self.0.clone();
        rest.retain(|key, _| !keys.contains(key));
        Self(rest)
    }

    /// The tags as CloudTrail shows them.
    pub(crate) fn described(&self) -> Value {
        self.pairs()
            .map(|(key, value)| json!({ "tagKey": key, "tagValue": value }))
            .collect()
    }
}

/// The keys of a request to remove tags.
pub(crate) fn parse_keys(keys: &[String]) -> Result<(), Fault> {
    if keys.len() > TAGS_MAX {
        return Err(Fault::new(Code::Tag, "Too many tags"));
    }
    (1..)
        .zip(keys)
        .try_for_each(|(position, key)| check_key(&format!("tagKeys.{position}.member"), key))
}

fn check_key(field: &str, key: &str) -> Result<(), Fault> {
    check_length(field, key, 1, TAG_KEY_LENGTH_MAX)?;
    if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
        return Err(Fault::new(Code::Tag, "Tags beginning with aws: are reserved"));
    }
    check_characters(key)
}

fn check_length(field: &str, text: &str, min: usize, max: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    let constraint = if length > max {
        format!("less than or equal to {max}")
    } else if length < min {
        format!("greater than or equal to {min}")
    } else {
        return Ok(());
    };
    Err(Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have length \
             {constraint}"
        ),
    ))
}

/// AWS's rule for tags: letters, digits and spaces of any script, and `_ . : / = + - @`.
fn check_characters(text: &str) -> Result<(), Fault> {
    let allowed = |character: char| {
        character.is_alphanumeric()
            || (character.is_whitespace() && !character.is_control())
            || "_.:/=+-@".contains(character)
    };
    if text.chars().all(allowed) {
        return Ok(());
    }
    Err(Fault::new(
        Code::Tag,
        "Tag keys and values can have letters, digits, spaces and the characters _ . : / = + - @",
    ))
}
