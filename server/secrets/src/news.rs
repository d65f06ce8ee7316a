//! What watchers are told of a secret: found by comparing its record before and after, whichever operation changed it.

use std::collections::BTreeMap;

use strongroom_base::{Event, EventKind};

use crate::label::StagingLabel;
use crate::record::SecretRecord;
use crate::staging::Staging;
use crate::version_id::VersionId;

/// The events of one change.
pub(crate) fn events(before: Option<&SecretRecord>, after: Option<&SecretRecord>) -> Vec<Event> {
    match (before, after) {
        (Some(before), Some(after)) => changed(before, after),
        (None, Some(after)) => vec![Event {
            version: current(&after.staging),
            ..event(EventKind::SecretCreated, after)
        }],
        // Its policy went with it: nobody could say who may hear of its end.
        (Some(before), None) if before.policy.is_some() => Vec::new(),
        (Some(before), None) => vec![Event {
            last_tags: owned(before.tags.pairs()),
            ..event(EventKind::SecretRemoved, before)
        }],
        (None, None) => Vec::new(),
    }
}

fn changed(before: &SecretRecord, after: &SecretRecord) -> Vec<Event> {
    let mut events = Vec::new();
    match (before.deletion.is_some(), after.deletion.is_some()) {
        (false, true) => events.push(event(EventKind::SecretDeleted, after)),
        (true, false) => events.push(event(EventKind::SecretRestored, after)),
        (false, false) | (true, true) => {}
    }
    let version = current(&after.staging);
    if version != current(&before.staging) {
        events.push(Event {
            version,
            ..event(EventKind::SecretValueChanged, after)
        });
    }
    let labels = after.staging.moved_since(&before.staging);
    if !labels.is_empty() {
        events.push(Event {
            labels: labels.iter().map(ToString::to_string).collect(),
            ..event(EventKind::SecretLabelsMoved, after)
        });
    }
    let is_same = before.description == after.description && before.key == after.key && before.policy == after.policy;
    if !is_same {
        events.push(event(EventKind::SecretMetadataChanged, after));
    }
    if before.tags != after.tags {
        events.push(event(EventKind::SecretTagsChanged, after));
    }
    events
}

fn event(kind: EventKind, secret: &SecretRecord) -> Event {
    Event::new(kind, secret.arn_resource())
}

fn current(staging: &Staging) -> Option<String> {
    staging.holder(&StagingLabel::current()).map(VersionId::to_string)
}

fn owned<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests;
