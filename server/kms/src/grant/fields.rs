//! Fields that several operations on grants take.

use strongroom_base::limits::{
    GRANT_ID_LENGTH_MAX, GRANT_PRINCIPAL_LENGTH_MAX, LIST_GRANTS_LIMIT_DEFAULT, LIST_GRANTS_LIMIT_MAX,
};
use strongroom_base::{AccountId, Arn, Code, Fault, GrantId};

/// A grant id.
///
/// # Errors
/// ValidationException for text that the model does not allow; InvalidGrantIdException for what this service never gives.
pub(crate) fn parse_id(text: &str) -> Result<GrantId, Fault> {
    if text.is_empty() || text.chars().count() > GRANT_ID_LENGTH_MAX {
        return Err(Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value at 'grantId' failed to satisfy constraint: Member must have length \
                 between 1 and {GRANT_ID_LENGTH_MAX}"
            ),
        ));
    }
    let invalid = |_| {
        Fault::new(
            Code::InvalidGrantId,
            "The grant ID is not valid; it has 64 hexadecimal digits.",
        )
    };
    text.parse().map_err(invalid)
}

/// The number of rows of a page of grants, which has fewer than other lists.
pub(crate) fn rows(limit: Option<usize>) -> Result<usize, Fault> {
    let limit = limit.unwrap_or(LIST_GRANTS_LIMIT_DEFAULT);
    if (1..=LIST_GRANTS_LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value \
             between 1 and {LIST_GRANTS_LIMIT_MAX}"
        ),
    ))
}

/// A principal as grants name it: an account's root, a user, a role, or a session of one of them, by ARN. Whether there
/// is one is not known here: principals come and go with the configuration.
///
/// # Errors
/// ValidationException for text that the model does not allow; InvalidArnException for what names no principal.
pub(crate) fn principal(field: &str, text: &str) -> Result<Arn, Fault> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "_+=,.@:/-".contains(character);
    if !(1..=GRANT_PRINCIPAL_LENGTH_MAX).contains(&text.len()) || !text.chars().all(allowed) {
        return Err(Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must satisfy regular \
                 expression pattern: ^[\\w+=,.@:/-]+$ and have length between 1 and {GRANT_PRINCIPAL_LENGTH_MAX}"
            ),
        ));
    }
    let invalid = || {
        Fault::new(
            Code::InvalidArn,
            format!("ARN does not refer to a valid principal: {text}"),
        )
    };
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let is_principal = match (arn.service(), arn.resource().split_once('/')) {
        ("iam", None) => arn.resource() == "root",
        ("iam", Some((kind, name))) => ["user", "role"].contains(&kind) && !name.is_empty(),
        ("sts", Some((kind, name))) => ["assumed-role", "federated-user"].contains(&kind) && !name.is_empty(),
        _ => false,
    };
    let owned = arn.region().is_empty() && arn.account().parse::<AccountId>().is_ok();
    if is_principal && owned { Ok(arn) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests;
