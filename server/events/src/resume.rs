//! [`ResumeToken`]: where a watcher stands in the log, as it takes it away and brings it back.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use strongroom_base::{Code, EventId, Fault};
use strongroom_store::log_id;

const VERSION: u8 = 1;
const BYTES: usize = 1 + 8 + 2 + 16;

/// A place in the log: an event's. Places are in the order of the commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The revision of the commit.
    pub(crate) revision: u64,
    /// Which event of the commit it is.
    pub(crate) part: u16,
}

impl Place {
    /// The place that the id of an event's record names.
    pub(crate) fn of_record(id: &str) -> Option<Self> {
        let (revision, part) = id.split_once('-')?;
        Some(Self {
            revision: revision.parse().ok()?,
            part: part.parse().ok()?,
        })
    }

    /// The id of the event's record.
    pub(crate) fn record_id(self) -> String {
        log_id(strongroom_store::Revision(self.revision), usize::from(self.part))
    }
}

/// The last event that a watcher was told of, or might have been. Not secret: it opens nothing, and what follows it is
/// decided for whoever brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResumeToken {
    pub(crate) place: Place,
    /// Another event at the same place is one of another life of the store, which was put back to an older state.
    pub(crate) event: EventId,
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.place.revision.to_be_bytes());
        bytes.extend_from_slice(&self.place.part.to_be_bytes());
        bytes.extend_from_slice(self.event.as_bytes());
        formatter.write_str(&BASE64URL_NOPAD.encode(&bytes))
    }
}

impl FromStr for ResumeToken {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        read(text).ok_or_else(|| {
            Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'resumeToken' failed to satisfy constraint: Member must be a token \
                 that this service gave",
            )
        })
    }
}

fn read(text: &str) -> Option<ResumeToken> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (&[VERSION], rest) = bytes.split_first_chunk::<1>()? else {
        return None;
    };
    let (revision, rest) = rest.split_first_chunk::<8>()?;
    let (part, rest) = rest.split_first_chunk::<2>()?;
    let event = <[u8; 16]>::try_from(rest).ok()?;
    Some(ResumeToken {
        place: Place {
            revision: u64::from_be_bytes(*revision),
            part: u16::from_be_bytes(*part),
        },
        event: EventId::from_bytes(event),
    })
}

#[cfg(test)]
mod tests;
