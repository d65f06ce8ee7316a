//! The words in which AWS refuses a field that breaks a constraint of the model.

use crate::code::Code;
use crate::fault::Fault;

/// Refuses a length that is not between `min` and `max`. The value itself is not repeated: it may be secret.
///
/// # Errors
/// ValidationException.
pub fn length(field: &str, length: usize, min: usize, max: usize) -> Result<(), Fault> {
    if length < min {
        return Err(broken(
            field,
            &format!("Member must have length greater than or equal to {min}"),
        ));
    }
    if length > max {
        return Err(broken(
            field,
            &format!("Member must have length less than or equal to {max}"),
        ));
    }
    Ok(())
}

/// Refuses a number that is not between `min` and `max`.
///
/// # Errors
/// ValidationException.
pub fn range(field: &str, value: i64, min: i64, max: i64) -> Result<(), Fault> {
    let broken = |bound: &str| {
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: Member must have value {bound}"
            ),
        )
    };
    if value < min {
        return Err(broken(&format!("greater than or equal to {min}")));
    }
    if value > max {
        return Err(broken(&format!("less than or equal to {max}")));
    }
    Ok(())
}

/// The refusal of a field, with the rule that it breaks.
#[must_use]
pub fn broken(field: &str, rule: &str) -> Fault {
    Fault::new(
        Code::Validation,
        format!("1 validation error detected: Value at '{field}' failed to satisfy constraint: {rule}"),
    )
}
