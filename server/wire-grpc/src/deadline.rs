//! How long a caller waits: the `grpc-timeout` header.

use std::time::{Duration, Instant};

use strongroom_base::Deadline;
use strongroom_base::limits::{DEADLINE_MARGIN_MAX, REQUEST_DEADLINE_DEFAULT, REQUEST_DEADLINE_MAX};
use tonic::codegen::http::HeaderMap;
use tonic::metadata::MetadataMap;

const HEADER: &str = "grpc-timeout";

/// The moment by which the caller gets an answer: a little before it stops waiting, and never later than the service's
/// own limit.
pub(crate) fn deadline_of(metadata: &MetadataMap) -> Deadline {
    let header = metadata.get(HEADER).and_then(|value| value.to_str().ok());
    let patience = patience(header);
    Deadline::after(patience - margin(patience))
}

/// The moment by which a stream has ended, if its caller says one: nobody waits for its end, so that it has no limit of ours.
pub(crate) fn end_of_stream(metadata: &MetadataMap) -> Option<Instant> {
    let header = metadata.get(HEADER).and_then(|value| value.to_str().ok());
    let patience = header.and_then(timeout)?;
    Instant::now().checked_add(patience - margin(patience))
}

/// The moment at which a request that has just arrived is given up: between [`deadline_of`], whose refusals say more,
/// and the timers of the gRPC library, whose refusals say less.
pub(crate) fn last_moment(headers: &HeaderMap) -> Instant {
    let header = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let patience = patience(header);
    Instant::now() + patience - margin(patience) / 2
}

/// How long the caller waits, as far as the service goes along with it.
fn patience(header: Option<&str>) -> Duration {
    let asked = header.and_then(timeout);
    asked.unwrap_or(REQUEST_DEADLINE_DEFAULT).min(REQUEST_DEADLINE_MAX)
}

/// A tenth, and at most [`DEADLINE_MARGIN_MAX`].
fn margin(patience: Duration) -> Duration {
    (patience / 10).min(DEADLINE_MARGIN_MAX)
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
