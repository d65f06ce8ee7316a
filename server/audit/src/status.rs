//! [`TrailStatus`]: how the trail is, for health checks and metrics, and [`Progress`], which it is read from.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use strongroom_base::Timestamp;
use strongroom_base::limits::AUDIT_STALL_MIN;

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
    /// One write or sync has been under way for so long: the disk does not answer, and so nothing is answered.
    Stalled(Duration),
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

/// What the writer tells of itself while it works. Its status never says [`TrailState::Stalled`]: whoever hangs cannot
/// say so, so the reader works it out.
pub(crate) struct Progress {
    status: Mutex<TrailStatus>,
    /// When the write began that is under way.
    busy_since: Mutex<Option<Instant>>,
}

impl Progress {
    pub(crate) fn new(status: TrailStatus) -> Self {
        Self {
            status: Mutex::new(status),
            busy_since: Mutex::new(None),
        }
    }

    /// The status as the writer left it after its last attempt.
    pub(crate) fn status(&self) -> MutexGuard<'_, TrailStatus> {
        lock(&self.status)
    }

    /// The mark of the write that is under way.
    pub(crate) fn busy_since(&self) -> MutexGuard<'_, Option<Instant>> {
        lock(&self.busy_since)
    }

    /// The status at this moment.
    pub(crate) fn read(&self) -> TrailStatus {
        let mut status = self.status().clone();
        let busy = self.busy_since().map_or(Duration::ZERO, |since| since.elapsed());
        if busy >= AUDIT_STALL_MIN {
            status.state = TrailState::Stalled(busy);
        }
        status
    }
}

/// Locks, also after a panic elsewhere: every value behind these locks is good at any moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
