//! [`EventRecord`]: an event as it is kept, in the log of all events.

use serde::{Deserialize, Serialize};
use strongroom_base::{Event, EventId, Timestamp};

use super::document::Document;

/// An event. Its record's id is [`log_id`](crate::log_id): the log is in the order of the commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRecord {
    /// Random: a store that was put back and then went another way has others at the same place.
    pub id: EventId,
    /// When the change was put together.
    pub time: Timestamp,
    /// What happened.
    pub event: Event,
}

impl EventRecord {
    pub(super) fn new(time: Timestamp, event: Event) -> Self {
        Self {
            id: EventId::random(),
            time,
            event,
        }
    }
}

impl Document for EventRecord {
    const KIND: &'static str = "event";
    const VERSION: u16 = 1;
    /// The log has a memory of its own.
    const CACHED: bool = false;
}
