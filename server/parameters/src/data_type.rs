//! What each data type asks of a value.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::de::IgnoredAny;
use strongroom_base::{Code, Fault, ParameterDataType, ParameterTier, ParameterType};

use crate::value::Value;

/// The data type of a request.
///
/// # Errors
/// ValidationException for one that does not exist, or that this service cannot check: there are no machine images and no
/// integrations here.
pub(crate) fn parse(text: &str) -> Result<ParameterDataType, Fault> {
    text.parse().map_err(|_| {
        let known = Vec::from_iter(ParameterDataType::ALL.iter().map(|known| known.as_str()));
        let message = format!(
            "The following data type is not supported: {text}. Supported data types include: [{}]",
            known.join(", ")
        );
        Fault::new(Code::Validation, message)
    })
}

/// Refuses a value that is not of this type.
pub(crate) fn check(data_type: ParameterDataType, kind: ParameterType, value: &Value) -> Result<(), Fault> {
    if data_type == ParameterDataType::Text {
        return Ok(());
    }
    if kind == ParameterType::StringList {
        return Err(Fault::new(
            Code::UnsupportedParameterType,
            format!("The parameter type {kind} isn't supported with the data type {data_type}."),
        ));
    }
    if value.reads(|text| is_of(data_type, text)) {
        return Ok(());
    }
    Err(Fault::new(
        Code::Validation,
        format!("The parameter value isn't valid for the data type {data_type}."),
    ))
}

/// Whether values of this type are for advanced parameters alone (model text of PutParameter).
pub(crate) fn needs_advanced(data_type: ParameterDataType) -> bool {
    matches!(data_type, ParameterDataType::Url | ParameterDataType::Json)
}

/// AWS's words for a type that a tier does not have.
pub(crate) fn check_tier(data_type: ParameterDataType, tier: ParameterTier) -> Result<(), Fault> {
    if tier == ParameterTier::Standard && needs_advanced(data_type) {
        return Err(Fault::new(
            Code::Validation,
            format!(
                "Standard tier parameters don't support the data type {data_type}. Use the advanced-parameter tier."
            ),
        ));
    }
    Ok(())
}

fn is_of(data_type: ParameterDataType, text: &str) -> bool {
    match data_type {
        ParameterDataType::Text => true,
        ParameterDataType::AccountId => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        ParameterDataType::Region => is_region(text),
        ParameterDataType::Boolean => matches!(text, "true" | "false"),
        ParameterDataType::Integer => text.parse::<i64>().is_ok(),
        ParameterDataType::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        ParameterDataType::Binary => is_base64(text),
        ParameterDataType::Hostname => is_hostname(text),
        ParameterDataType::Email => is_email(text),
        ParameterDataType::Ipv4Address => text.parse::<Ipv4Addr>().is_ok(),
        ParameterDataType::Ipv6Address => text.parse::<Ipv6Addr>().is_ok(),
        ParameterDataType::Url => is_url(text),
        ParameterDataType::Json => serde_json::from_str::<IgnoredAny>(text).is_ok(),
    }
}

/// Groups of four characters, the last of which may be filled up.
fn is_base64(text: &str) -> bool {
    let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('='));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len().is_multiple_of(4) && digits.unwrap_or(text).bytes().all(allowed)
}

fn is_region(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(allowed)
}

/// Parts of 1 to 63 letters, digits and hyphens, no hyphen at either end; 253 characters in all.
fn is_hostname(text: &str) -> bool {
    let part = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&part.len()) && part.bytes().all(allowed) && !part.starts_with('-') && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(part)
}

/// A local part of printable characters, and a host. What else the standards allow nobody writes.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"(),:;<>@[]\\".contains(&byte);
    (1..=64).contains(&local.len()) && local.bytes().all(allowed) && host.contains('.') && is_hostname(host)
}

/// A scheme, a host, and no blanks.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let in_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(in_scheme)
        && !host.is_empty()
        && rest
            .chars()
            .all(|character| !character.is_whitespace() && !character.is_control())
}

#[cfg(test)]
mod tests;
