//! [`AuditFault`]: why a trail cannot be opened, or an event is not on it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strongroom_base::limits::AUDIT_RECORD_BYTES_MAX;
use strongroom_base::{Code, Fault};

/// Why a trail cannot be opened, or an event is not on it. The texts are the operator's.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuditFault {
    /// The file system refused to take the record; the next append tries again.
    #[error("the audit trail cannot be written: {cause}")]
    Unwritable {
        /// What the file system answered.
        cause: Arc<str>,
    },
    /// The record is too long even without its parameters.
    #[error("an audit record of {bytes} bytes is more than the {AUDIT_RECORD_BYTES_MAX} that a record may have")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Another process, or another part of this one, writes the trail.
    #[error("the audit trail in {} is in use by another process: stop that one, or give this one its own data directory", directory.display())]
    InUse {
        /// Where the trail is.
        directory: PathBuf,
    },
    /// A file or directory could not be opened, read, made or cut.
    #[error("cannot {doing} {}: {cause}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// What the file system answered.
        cause: Arc<str>,
    },
    /// The end of the trail is not what this software writes, and more than a crash can tear.
    #[error("the audit trail cannot be continued: {} {what}; run `strongroomd audit verify`, and move the trail aside to begin a new one", path.display())]
    Damaged {
        /// The file at the trail's end.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl AuditFault {
    /// For `map_err`: what was attempted with which path.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io {
            doing,
            path: path.to_owned(),
            cause: cause.to_string().into(),
        }
    }

    pub(crate) fn unwritable(cause: &dyn ToString) -> Self {
        Self::Unwritable {
            cause: cause.to_string().into(),
        }
    }
}

impl From<AuditFault> for Fault {
    fn from(fault: AuditFault) -> Self {
        const UNWRITABLE: &str =
            "The audit trail cannot be written, so nothing is answered; a change may have been made. Try again later.";
        match fault {
            AuditFault::Unwritable { .. }
            | AuditFault::InUse { .. }
            | AuditFault::Io { .. }
            | AuditFault::Damaged { .. } => Self::new(Code::Unavailable, UNWRITABLE).because(fault),
            AuditFault::TooLong { .. } => {
                Self::new(Code::Validation, "The request is too large for an audit record.").because(fault)
            }
        }
    }
}
