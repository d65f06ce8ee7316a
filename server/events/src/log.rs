//! [`Log`]: what is known in memory of the log of events: which are kept, and the newest of them whole.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use strongroom_base::limits::{EVENTS_IN_MEMORY_MAX, EVENTS_READ_AT_ONCE};
use strongroom_base::{Arn, Code, Event, Fault, Scope, Service, Timestamp};
use strongroom_store::{EventRecord, Stored};
use tokio::sync::watch;

use crate::resume::{Place, ResumeToken};

/// An event with its place.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) token: ResumeToken,
    pub(crate) time: Timestamp,
    pub(crate) event: Event,
}

impl Logged {
    /// The event that this record is, unless its id is no place.
    pub(crate) fn of_record(id: &str, record: &Stored<EventRecord>) -> Option<Self> {
        Some(Self {
            token: ResumeToken {
                place: Place::of_record(id)?,
                event: record.id,
            },
            time: record.time,
            event: record.event.clone(),
        })
    }

    /// What it is about.
    pub(crate) fn arn(&self, scope: &Scope) -> Arn {
        let service = match self.event.kind.service() {
            Service::Kms => "kms",
            Service::SecretsManager => "secretsmanager",
            Service::Ssm => "ssm",
            Service::Strongroom => "strongroom",
        };
        scope.arn(service, &self.event.resource)
    }
}

/// Where the events after a place are.
pub(crate) enum After {
    /// Here, at most [`EVENTS_READ_AT_ONCE`] of them.
    Memory(Vec<Arc<Logged>>),
    /// In the store alone.
    Store,
}

/// The events that are kept, oldest first.
pub(crate) struct Log {
    state: RwLock<State>,
    newest: watch::Sender<Option<ResumeToken>>,
}

#[derive(Default)]
struct State {
    /// All of them.
    kept: VecDeque<ResumeToken>,
    /// The last of them.
    tail: VecDeque<Arc<Logged>>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            state: RwLock::default(),
            newest: watch::Sender::new(None),
        }
    }

    /// The last event, and news of later ones; `None` until the log has been read.
    pub(crate) fn newest(&self) -> watch::Receiver<Option<ResumeToken>> {
        self.newest.subscribe()
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.read().kept.len()
    }

    /// Adds events, which come after all that are there.
    pub(crate) fn extend(&self, events: Vec<Logged>) {
        let Some(last) = events.last().map(|logged| logged.token) else {
            return;
        };
        {
            let mut state = self.write();
            state.kept.extend(events.iter().map(|logged| logged.token));
            state.tail.extend(events.into_iter().map(Arc::new));
            let surplus = state.tail.len().saturating_sub(EVENTS_IN_MEMORY_MAX);
            state.tail.drain(..surplus);
        }
        self.newest.send_replace(Some(last));
    }

    /// Keeps the events up to this place no more, before they are removed: nobody may read past a gap unawares.
    pub(crate) fn forget_through(&self, place: Place) {
        let mut state = self.write();
        let gone = state.kept.partition_point(|token| token.place <= place);
        state.kept.drain(..gone);
        let gone = state.tail.partition_point(|logged| logged.token.place <= place);
        state.tail.drain(..gone);
    }

    /// Refuses a token whose event is not kept, or was another one.
    pub(crate) fn check(&self, token: &ResumeToken) -> Result<(), Fault> {
        let state = self.read();
        let found = state.kept.binary_search_by_key(&token.place, |kept| kept.place).ok();
        match found.and_then(|at| state.kept.get(at)) {
            Some(kept) if kept.event == token.event => Ok(()),
            Some(_) | None => Err(trimmed()),
        }
    }

    /// The events after `place`, or where they are.
    pub(crate) fn after(&self, place: Place) -> Result<After, Fault> {
        let state = self.read();
        if state.kept.front().is_none_or(|oldest| oldest.place > place) {
            return Err(trimmed());
        }
        if state.tail.front().is_none_or(|first| first.token.place > place) {
            return Ok(After::Store);
        }
        let next = state.tail.partition_point(|logged| logged.token.place <= place);
        let events = state.tail.range(next..).take(EVENTS_READ_AT_ONCE);
        Ok(After::Memory(events.cloned().collect()))
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a watcher hears that has been away for too long.
fn trimmed() -> Fault {
    Fault::new(
        Code::TrimmedData,
        "The events after this resume token are not all kept any more: start anew without a token, and read again whatever \
         depends on events.",
    )
}

#[cfg(test)]
mod tests;
