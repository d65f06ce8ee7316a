//! One stored line, as far as the chain needs to understand it.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::chain::Digest;

/// What a line says of its place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its sequence number.
    pub(crate) sequence: u64,
    /// The digest that it carries of the record before it.
    pub(crate) previous: Digest,
    /// Its own digest.
    pub(crate) digest: Digest,
}

/// Reads a line without its newline; what is wrong with it, otherwise.
pub(crate) fn parse(bytes: &[u8]) -> Result<Line, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let record: Record = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let previous =
        Digest::parse(&record.previous_digest).ok_or("previousDigest is not 64 lower-case hexadecimal digits")?;
    Ok(Line {
        sequence: record.sequence,
        previous,
        digest: Digest::of(bytes),
    })
}

/// The members that every record has; there may be others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "the members are read to see that they are there")]
struct Record {
    sequence: u64,
    previous_digest: String,
    event_version: IgnoredAny,
    user_identity: IgnoredAny,
    event_time: IgnoredAny,
    event_source: IgnoredAny,
    event_name: IgnoredAny,
    #[serde(rename = "eventID")]
    event_id: IgnoredAny,
}
