use std::error::Error;

use strongroom_base::{Code, Fault};

use super::StoreFault;
use crate::key::RecordKey;

/// Every fault with the code and text that a caller gets. New faults must be added here: the match below has no
/// wildcard.
fn table() -> Vec<(StoreFault, Code, &'static str)> {
    let key = RecordKey::new("key", "1").unwrap();
    let directory = std::path::PathBuf::from("/srv/store");
    let cannot_open = "The service's store cannot be opened. An operator must look at the service's log.";
    let version =
        "A stored record was written by another version of the service. An operator must install that version.";
    let defect = "The service has a defect. Tell an operator.";
    vec![
        (
            StoreFault::InUse {
                directory: directory.clone(),
            },
            Code::Unavailable,
            cannot_open,
        ),
        (
            StoreFault::Damaged {
                directory: directory.clone(),
                what: String::new(),
            },
            Code::Unavailable,
            cannot_open,
        ),
        (
            StoreFault::Inaccessible {
                directory,
                cause: String::new(),
            },
            Code::Unavailable,
            cannot_open,
        ),
        (
            StoreFault::Locked,
            Code::Unavailable,
            "The service is waiting for its token to unlock the store. Try again.",
        ),
        (StoreFault::SealingKeyLength { bytes: 1 }, Code::Internal, defect),
        (StoreFault::UnlockedAlready, Code::Internal, defect),
        (StoreFault::KeyMalformed { what: "" }, Code::Internal, defect),
        (
            StoreFault::Conflict { key: key.clone() },
            Code::Conflict,
            "Another request changed the same record. Try again.",
        ),
        (StoreFault::ChangedTwice { key: key.clone() }, Code::Internal, defect),
        (
            StoreFault::RecordDamaged {
                key: "key/1".into(),
                what: "",
            },
            Code::RecordDamaged,
            "A stored record is damaged and was refused. An operator must restore it from a backup.",
        ),
        (
            StoreFault::RecordFromNewerVersion {
                key: key.clone(),
                found: 2,
                known: 1,
            },
            Code::Internal,
            version,
        ),
        (
            StoreFault::RecordFromOlderVersion {
                key: key.clone(),
                found: 1,
                known: 2,
            },
            Code::Internal,
            version,
        ),
        (StoreFault::Unserializable { key }, Code::Internal, defect),
        (
            StoreFault::TooLarge {
                what: "",
                size: 2,
                limit: 1,
            },
            Code::Validation,
            "The request would store more than a record may hold.",
        ),
        (
            StoreFault::Full,
            Code::StorageFull,
            "The service's disk is full; nothing was changed. An operator must make room, then try again.",
        ),
        (
            StoreFault::Unreadable { cause: String::new() },
            Code::Unavailable,
            "The service's store cannot read a record. An operator must check the disk.",
        ),
        (
            StoreFault::Overloaded,
            Code::Throttling,
            "Too many changes are waiting for the disk. Try again later.",
        ),
        (
            StoreFault::Closed,
            Code::Unavailable,
            "The service is shutting down. Try again later.",
        ),
        (
            StoreFault::failed("disk"),
            Code::Unavailable,
            "The service's store has failed. An operator must check the disk and restart the service.",
        ),
    ]
}

#[test]
fn callers_get_the_fixed_text_and_operators_the_cause() {
    for (fault, code, message) in table() {
        let cause = fault.to_string();
        let answer = Fault::from(fault);
        assert_eq!((answer.code(), answer.message()), (code, message), "{cause}");
        assert_eq!(answer.source().map(ToString::to_string), Some(cause));
    }
}

#[test]
fn no_public_text_names_a_record_or_a_directory() {
    for (fault, ..) in table() {
        let answer = Fault::from(fault);
        assert!(
            !answer.message().contains("key/1") && !answer.message().contains("/srv"),
            "{answer}"
        );
    }
}

#[test]
fn operators_are_told_what_to_do() {
    let directory = std::path::PathBuf::from("/srv/store");
    let in_use = StoreFault::InUse {
        directory: directory.clone(),
    }
    .to_string();
    assert_eq!(
        in_use,
        "the store in /srv/store is open already, in this process or another: stop the other strongroomd, or give this \
         one a data-directory of its own"
    );
    let damaged = StoreFault::Damaged {
        directory,
        what: "its file is corrupt".to_owned(),
    }
    .to_string();
    assert_eq!(
        damaged,
        "the store in /srv/store is damaged (its file is corrupt): keep the directory for inspection and restore it from \
         a backup; starting with an empty one would lose every key record"
    );
}
