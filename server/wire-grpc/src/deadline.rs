//! How long a caller waits: the `grpc-timeout` header.

use std::time::Duration;

use strongroom_base::Deadline;
use strongroom_base::limits::{DEADLINE_MARGIN_MAX, REQUEST_DEADLINE_DEFAULT, REQUEST_DEADLINE_MAX};
use tonic::metadata::MetadataMap;

/// The moment by which the caller gets an answer: a little before it stops waiting, and never later than the service's
/// own limit.
pub(crate) fn deadline_of(metadata: &MetadataMap) -> Deadline {
    let asked = metadata
        .get("grpc-timeout")
        .and_then(|value| value.to_str().ok())
        .and_then(timeout);
    Deadline::after(less_margin(
        asked.unwrap_or(REQUEST_DEADLINE_DEFAULT).min(REQUEST_DEADLINE_MAX),
    ))
}

/// A tenth is kept back, and at most [`DEADLINE_MARGIN_MAX`].
fn less_margin(asked: Duration) -> Duration {
    asked - (asked / 10).min(DEADLINE_MARGIN_MAX)
}

/// At most eight digits and a unit (gRPC over HTTP/2, "Timeout").
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3_600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
