//! `alias/NAME` arguments, checked where a wrong one would leave half of the work done.

use crate::limit::ALIAS_NAME_LENGTH_MAX;

/// Takes what the service takes as the name of a new alias.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "/_-:".contains(character);
    let name = text.strip_prefix("alias/").unwrap_or_default();
    if name.is_empty() || !name.chars().all(allowed) {
        return Err("write it as alias/NAME; a name has letters, digits and / _ - : only".to_owned());
    }
    if text.len() > ALIAS_NAME_LENGTH_MAX {
        return Err(format!(
            "it has {} characters, more than {ALIAS_NAME_LENGTH_MAX}",
            text.len()
        ));
    }
    if name.starts_with("aws/") {
        return Err(
            "names that begin with alias/aws/ are reserved for keys that services manage; choose another".to_owned(),
        );
    }
    Ok(text.to_owned())
}
