//! What watchers are told of a key: found by comparing its record before and after, whichever operation changed it.
//!
//! A key that is made or destroyed is no event: of the one nobody knows the id, and of the other no policy is left that could
//! say who may hear of it.

use strongroom_base::{Event, EventKind};

use crate::key::{KeyRecord, KeyState, KeyVersion};

/// The events of one change.
pub(crate) fn events(before: &KeyRecord, after: &KeyRecord) -> Vec<Event> {
    let resource = || format!("key/{}", after.id);
    let mut events = Vec::new();
    if let Some(kind) = changed(before.state, after.state) {
        events.push(Event::new(kind, resource()));
    }
    let current = |key: &KeyRecord| key.versions.last().map(|version: &KeyVersion| version.material);
    if let (Some(old), Some(new)) = (current(before), current(after))
        && old != new
    {
        events.push(Event {
            version: Some(new.to_string()),
            ..Event::new(EventKind::KeyRotated, resource())
        });
    }
    events
}

fn changed(before: KeyState, after: KeyState) -> Option<EventKind> {
    use KeyState::{Deleting, Disabled, Enabled, PendingDeletion, PendingImport};
    Some(match (before, after) {
        (PendingDeletion { .. }, Enabled | Disabled | PendingImport) => EventKind::KeyDeletionCancelled,
        (Enabled | Disabled | PendingImport, PendingDeletion { .. }) => EventKind::KeyDeletionScheduled,
        (Disabled | PendingImport, Enabled) => EventKind::KeyEnabled,
        (Enabled, Disabled | PendingImport) => EventKind::KeyDisabled,
        (Enabled, Enabled)
        | (Disabled | PendingImport, Disabled | PendingImport)
        | (PendingDeletion { .. }, PendingDeletion { .. } | Deleting { .. })
        | (Enabled | Disabled | PendingImport, Deleting { .. })
        | (Deleting { .. }, _) => return None,
    })
}

#[cfg(test)]
mod tests;
