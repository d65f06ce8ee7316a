//! The tags of parameters: what they may look like, and how many there may be.

use strongroom_base::limits::{TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX};
use strongroom_base::{Code, Fault};
use strongroom_policy::Tags;

use crate::constraint;

/// The tags of a request.
///
/// # Errors
/// ValidationException for keys and values that the model does not allow, for a key that is AWS's own and for one that comes
/// twice; TooManyTagsError for more than 50.
pub(crate) fn parse(tags: Vec<(String, String)>) -> Result<Tags, Fault> {
    let mut parsed = Tags::default();
    for (key, value) in tags {
        check_key("tags.member.key", &key)?;
        constraint::length("tags.member.value", value.chars().count(), 0, TAG_VALUE_LENGTH_MAX)?;
        check_characters("tags.member.value", &value)?;
        let message = format!("The tag key {key} is given more than once.");
        if !parsed.insert(key, value) {
            return Err(Fault::new(Code::Validation, message));
        }
    }
    checked(parsed)
}

/// The keys of a request to remove tags.
pub(crate) fn parse_keys(keys: Vec<String>) -> Result<Vec<String>, Fault> {
    constraint::length("tagKeys", keys.len(), 1, TAGS_MAX)?;
    keys.iter().try_for_each(|key| check_key("tagKeys.member", key))?;
    Ok(keys)
}

/// Refuses more tags than a parameter may have.
pub(crate) fn checked(tags: Tags) -> Result<Tags, Fault> {
    if tags.len() > TAGS_MAX {
        return Err(Fault::new(
            Code::TooManyTags,
            format!("A parameter can have at most {TAGS_MAX} tags. Remove one or more tags and try the command again."),
        ));
    }
    Ok(tags)
}

fn check_key(field: &str, key: &str) -> Result<(), Fault> {
    constraint::length(field, key.chars().count(), 1, TAG_KEY_LENGTH_MAX)?;
    check_characters(field, key)?;
    if key.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("aws:")) {
        return Err(Fault::new(
            Code::Validation,
            "Tag keys that start with aws: are reserved for AWS's own use.",
        ));
    }
    Ok(())
}

/// The model's rule for tags: letters, digits and separators of any script, and `_ . : / = + - @`.
fn check_characters(field: &str, text: &str) -> Result<(), Fault> {
    let allowed = |character: char| {
        character.is_alphanumeric()
            || (character.is_whitespace() && !character.is_control())
            || "_.:/=+-@".contains(character)
    };
    if text.chars().all(allowed) {
        return Ok(());
    }
    let rule = r"Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";
    Err(constraint::broken(field, rule))
}
