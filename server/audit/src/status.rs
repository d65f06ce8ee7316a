//! [`TrailStatus`]: how the trail is, for health checks and metrics.

use std::path::PathBuf;
use std::sync::Arc;

use strongroom_base::Timestamp;

use crate::chain::Digest;

/// Whether records can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrailState {
    /// The last attempt succeeded.
    Writable,
    /// The last attempt failed: nothing is answered until one succeeds. Each append is an attempt.
    Unwritable {
        /// When the first attempt failed.
        since: Timestamp,
        /// What the file system answered last.
        cause: Arc<str>,
    },
}

/// A snapshot of the trail.
#[derive(Debug, Clone)]
pub struct TrailStatus {
    /// Whether records can be written.
    pub state: TrailState,
    /// The sequence number of the last record on disk; 0 before the first.
    pub last_sequence: u64,
    /// The digest of that record. Kept elsewhere, it shows later whether records were cut off.
    pub head_digest: Digest,
    /// The number of the file that is written.
    pub segment: u32,
    /// Records written since the start.
    pub records_written: u64,
    /// Writes that made them durable, since the start.
    pub writes: u64,
    /// Writes that failed, since the start.
    pub failed_writes: u64,
    /// Records that wait.
    pub queued: usize,
    /// The file that an unfinished end of the trail was moved to when it was opened.
    pub moved_aside: Option<PathBuf>,
}
