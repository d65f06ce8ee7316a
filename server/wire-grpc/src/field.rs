//! Fields that mean the same in several messages.

use std::collections::HashMap;
use std::str::FromStr;

use prost_types::Timestamp as ProtoTimestamp;
use strongroom_base::{Code, Fault, Timestamp, UnknownName};
use strongroom_kms::EncryptionContext;

/// A moment as the wire writes it.
pub(crate) fn timestamp(moment: Timestamp) -> ProtoTimestamp {
    let millis = moment.as_millis();
    let nanos = i32::try_from(millis.rem_euclid(1_000) * 1_000_000).unwrap_or_default();
    ProtoTimestamp {
        seconds: millis.div_euclid(1_000),
        nanos,
    }
}

/// A moment that the wire wrote.
pub(crate) fn moment(written: ProtoTimestamp, field: &str) -> Result<Timestamp, Fault> {
    let ProtoTimestamp { seconds, nanos } = written;
    let millis = seconds.checked_mul(1_000);
    millis
        .filter(|_| (0..1_000_000_000).contains(&nanos))
        .and_then(|millis| millis.checked_add(i64::from(nanos / 1_000_000)))
        .map(Timestamp)
        .ok_or_else(|| {
            Fault::new(
                Code::Validation,
                format!("1 validation error detected: Value at '{field}' is not a moment in time"),
            )
        })
}

/// A count that the wire writes as a signed number.
pub(crate) fn count<N>(number: Option<N>, field: &str) -> Result<Option<usize>, Fault>
where
    N: TryInto<usize> + Copy + std::fmt::Display,
{
    let Some(number) = number else { return Ok(None) };
    number.try_into().map(Some).map_err(|_| {
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value '{number}' at '{field}' failed to satisfy constraint: Member must \
                 have value greater than or equal to 0"
            ),
        )
    })
}

/// The name of an enumeration's value without its type's prefix; empty for the value that stands for nothing said.
pub(crate) fn name<E: TryFrom<i32>>(
    value: i32,
    field: &str,
    text: fn(&E) -> &'static str,
    prefix: &str,
) -> Result<&'static str, Fault> {
    let value = E::try_from(value).map_err(|_| {
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: Member must \
                 satisfy enum value set of this interface"
            ),
        )
    })?;
    let name = text(&value).strip_prefix(prefix).unwrap_or_default();
    Ok(if name == "UNSPECIFIED" { "" } else { name })
}

/// The number of the value that is called `name` behind its type's prefix; 0 for one that this interface lacks.
pub(crate) fn numbered<E: Into<i32>>(prefix: &str, name: &str, value: fn(&str) -> Option<E>) -> i32 {
    value(&format!("{prefix}{name}")).map_or(0, Into::into)
}

/// What a name stands for; `None` for nothing said.
pub(crate) fn known<T: FromStr<Err = UnknownName>>(name: &str, field: &str) -> Result<Option<T>, Fault> {
    if name.is_empty() {
        return Ok(None);
    }
    name.parse().map(Some).map_err(|unknown: UnknownName| {
        let (found, known) = (unknown.found, unknown.known);
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value '{found}' at '{field}' failed to satisfy constraint: Member must \
                 satisfy enum value set: [{known}]"
            ),
        )
    })
}

/// What a name stands for, where one must be given.
pub(crate) fn required<T: FromStr<Err = UnknownName>>(name: &str, field: &str) -> Result<T, Fault> {
    known(name, field)?.ok_or_else(|| {
        Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be \
                 null"
            ),
        )
    })
}

/// The pairs of an encryption context.
pub(crate) fn context(pairs: HashMap<String, String>) -> Result<EncryptionContext, Fault> {
    EncryptionContext::new(pairs)
}
