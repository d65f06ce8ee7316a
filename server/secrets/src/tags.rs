//! The tags of secrets: what they may look like, and how many there may be.

use strongroom_base::limits::{TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX};
use strongroom_base::{Code, Fault};
use strongroom_policy::Tags;

use crate::constraint;

/// The tags of a request.
///
/// # Errors
/// ValidationException for keys and values of another length or with control characters; InvalidParameterException for a
/// key that comes twice or is AWS's own, and for more than 50 tags.
pub(crate) fn parse(tags: impl IntoIterator<Item = (String, String)>) -> Result<Tags, Fault> {
    let mut parsed = Tags::default();
    for (key, value) in tags {
        check_key(&key)?;
        constraint::length("tags.member.value", value.chars().count(), 0, TAG_VALUE_LENGTH_MAX)?;
        check_characters("tags.member.value", &value)?;
        let message = format!("The tag key {key} is given more than once.");
        if !parsed.insert(key, value) {
            return Err(Fault::new(Code::InvalidParameter, message));
        }
    }
    checked(parsed)
}

/// The keys of a request to remove tags.
pub(crate) fn parse_keys(keys: Vec<String>) -> Result<Vec<String>, Fault> {
    constraint::length("tagKeys", keys.len(), 1, TAGS_MAX)?;
    keys.iter().try_for_each(|key| check_key(key))?;
    Ok(keys)
}

/// Refuses more tags than a secret may have.
pub(crate) fn checked(tags: Tags) -> Result<Tags, Fault> {
    if tags.len() > TAGS_MAX {
        return Err(Fault::new(
            Code::InvalidParameter,
            format!("A secret can have at most {TAGS_MAX} tags."),
        ));
    }
    Ok(tags)
}

fn check_key(key: &str) -> Result<(), Fault> {
    constraint::length("tags.member.key", key.chars().count(), 1, TAG_KEY_LENGTH_MAX)?;
    check_characters("tags.member.key", key)?;
    // Policies do not tell keys apart by case: another spelling would pass for one of AWS's own.
    if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
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
