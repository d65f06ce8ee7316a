//! The short forms of the long proofs; `cargo soak` runs them in full.

use strongroom_tests::soak::{kill, token_loss};

use crate::world::helper;

#[test]
fn nothing_acknowledged_is_lost_when_the_service_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let proven = kill::prove(directory.path(), helper(), 5).unwrap_or_else(|fault| panic!("{fault}"));
    let written = proven.acknowledged;
    assert!(
        written.keys > 0 && written.aliases > 0 && written.data_keys > 0 && written.secrets > 0,
        "the writers wrote nothing: {proven}"
    );
}

#[test]
fn a_lost_token_is_told_as_unavailable_and_recovers_without_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    token_loss::prove(directory.path(), helper(), 1).unwrap_or_else(|fault| panic!("{fault}"));
}
