//! [`StoreFault`]: why the store did not do what it was asked.

use std::path::PathBuf;
use std::sync::Arc;

use strongroom_base::{Code, Fault};

use crate::key::RecordKey;

/// Every fault of the store. The texts are for the operator; callers get those of the conversion into [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// The directory is open already.
    #[error(
        "the store in {} is open already, in this process or another: stop the other strongroomd, or give this one a \
         data-directory of its own", directory.display()
    )]
    InUse {
        /// The store's directory.
        directory: PathBuf,
    },
    /// The database does not open although its files can be read.
    #[error(
        "the store in {} is damaged ({what}): keep the directory for inspection and restore it from a backup; starting \
         with an empty one would lose every key record", directory.display()
    )]
    Damaged {
        /// The store's directory.
        directory: PathBuf,
        /// What was found.
        what: String,
    },
    /// The directory or its files cannot be made, read or locked.
    #[error("the store in {} cannot be opened: {cause}; check that it exists and belongs to this user", directory.display())]
    Inaccessible {
        /// The store's directory.
        directory: PathBuf,
        /// What the operating system says.
        cause: String,
    },
    /// The sealing key has not been opened yet.
    #[error("the store is locked: the token has not opened the sealing key yet")]
    Locked,
    /// The sealing key has another length than 32 bytes.
    #[error("the sealing key has {bytes} bytes instead of 32: its bootstrap record is not this installation's")]
    SealingKeyLength {
        /// The length that was found.
        bytes: usize,
    },
    /// The store has been unlocked before.
    #[error("the store is unlocked already: a sealing key is never changed while it is in use")]
    UnlockedAlready,
    /// Text that cannot be a record's key.
    #[error("not a record key: {what}")]
    KeyMalformed {
        /// The rule that it breaks.
        what: &'static str,
    },
    /// A requirement does not hold.
    #[error("record {key} is not as the transaction requires")]
    Conflict {
        /// The first record that is otherwise.
        key: RecordKey,
    },
    /// A transaction that changes one record twice.
    #[error("the transaction changes record {key} twice")]
    ChangedTwice {
        /// The record.
        key: RecordKey,
    },
    /// A stored record is not what was written there.
    #[error("record {key} is damaged: {what}; restore it from a backup")]
    RecordDamaged {
        /// The name it was found under, as far as it can be printed.
        key: Box<str>,
        /// What does not fit.
        what: &'static str,
    },
    /// A record that a newer version of the service wrote.
    #[error(
        "record {key} has version {found}, this program knows {known}: install the version that wrote it, or a newer one"
    )]
    RecordFromNewerVersion {
        /// The record.
        key: RecordKey,
        /// Its version.
        found: u16,
        /// The newest version that this program knows.
        known: u16,
    },
    /// A record so old that this version of the service cannot read it any more.
    #[error(
        "record {key} has version {found}, this program cannot upgrade it to {known}: upgrade through an older release first"
    )]
    RecordFromOlderVersion {
        /// The record.
        key: RecordKey,
        /// Its version.
        found: u16,
        /// The version that this program writes.
        known: u16,
    },
    /// A document that does not turn into a record.
    #[error("document {key} cannot be stored: it does not serialise")]
    Unserializable {
        /// The record.
        key: RecordKey,
    },
    /// More than a limit allows.
    #[error("{what}: {size}, and at most {limit} are allowed")]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How much there is.
        size: usize,
        /// How much there may be.
        limit: usize,
    },
    /// The file system has no room. The transaction was refused before anything of it was written.
    #[error("the file system of the store is full: nothing was written; make room, and changes work again at once")]
    Full,
    /// A page of the database cannot be read. Records on other pages are not affected.
    #[error(
        "the database cannot be read here ({cause}): check the disk; if it stays so, restore the store from a backup"
    )]
    Unreadable {
        /// What the database says.
        cause: String,
    },
    /// Too many transactions wait.
    #[error("too many transactions wait for the disk")]
    Overloaded,
    /// The store was closed.
    #[error("the store is closed: the service is shutting down")]
    Closed,
    /// The database or its disk failed; what is on disk is not known until the store was opened again.
    #[error("the store has failed ({cause}): it accepts nothing more; mend the disk and restart the service")]
    Failed {
        /// What failed first.
        cause: Arc<str>,
    },
}

impl StoreFault {
    pub(crate) fn failed(cause: impl Into<Arc<str>>) -> Self {
        Self::Failed { cause: cause.into() }
    }

    fn public(&self) -> (Code, &'static str) {
        match self {
            Self::InUse { .. } | Self::Damaged { .. } | Self::Inaccessible { .. } => (
                Code::Unavailable,
                "The service's store cannot be opened. An operator must look at the service's log.",
            ),
            Self::Locked => (
                Code::Unavailable,
                "The service is waiting for its token to unlock the store. Try again.",
            ),
            Self::Conflict { .. } => (Code::Conflict, "Another request changed the same record. Try again."),
            Self::RecordDamaged { .. } => (
                Code::RecordDamaged,
                "A stored record is damaged and was refused. An operator must restore it from a backup.",
            ),
            Self::RecordFromNewerVersion { .. } | Self::RecordFromOlderVersion { .. } => (
                Code::Internal,
                "A stored record was written by another version of the service. An operator must install that version.",
            ),
            Self::Unreadable { .. } => (
                Code::Unavailable,
                "The service's store cannot read a record. An operator must check the disk.",
            ),
            Self::TooLarge { .. } => (Code::Validation, "The request would store more than a record may hold."),
            Self::Full => (
                Code::StorageFull,
                "The service's disk is full; nothing was changed. An operator must make room, then try again.",
            ),
            Self::Overloaded => (
                Code::Throttling,
                "Too many changes are waiting for the disk. Try again later.",
            ),
            Self::Closed => (Code::Unavailable, "The service is shutting down. Try again later."),
            Self::Failed { .. } => (
                Code::Unavailable,
                "The service's store has failed. An operator must check the disk and restart the service.",
            ),
            Self::SealingKeyLength { .. }
            | Self::UnlockedAlready
            | Self::KeyMalformed { .. }
            | Self::ChangedTwice { .. }
            | Self::Unserializable { .. } => (Code::Internal, "The service has a defect. Tell an operator."),
        }
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        let (code, message) = fault.public();
        Self::new(code, message).because(fault)
    }
}

#[cfg(test)]
mod tests;
