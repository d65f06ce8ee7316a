use strongroom_base::Timestamp;

use super::*;

const AT: Timestamp = Timestamp(1);
const STATES: [KeyState; 5] = [
    KeyState::Enabled,
    KeyState::Disabled,
    KeyState::PendingImport,
    KeyState::PendingDeletion { delete_at: AT },
    KeyState::Deleting { delete_at: AT },
];

/// A row for each state before, a column for each after, in the order of [`STATES`].
const TOLD: [[&str; 5]; 5] = [
    ["", "KeyDisabled", "KeyDisabled", "KeyDeletionScheduled", ""],
    ["KeyEnabled", "", "", "KeyDeletionScheduled", ""],
    ["KeyEnabled", "", "", "KeyDeletionScheduled", ""],
    [
        "KeyDeletionCancelled",
        "KeyDeletionCancelled",
        "KeyDeletionCancelled",
        "",
        "",
    ],
    ["", "", "", "", ""],
];

#[test]
fn every_change_of_state_is_told_as_the_table_says() {
    for (before, row) in STATES.into_iter().zip(TOLD) {
        for (after, told) in STATES.into_iter().zip(row) {
            let found = changed(before, after).map_or("", EventKind::name);
            assert_eq!(found, told, "{before:?} to {after:?}");
        }
    }
}
