//! Counters and state of a store, for metrics and health.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::fault::StoreFault;

/// Whether a store works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreState {
    /// It does.
    Serving,
    /// The committer has been in one batch for so long; the disk does not answer.
    Stalled(Duration),
    /// It accepts nothing more until the service is restarted.
    Failed {
        /// What failed first.
        cause: Arc<str>,
    },
}

/// What a store has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Transactions acknowledged.
    pub commits: u64,
    /// Batches that they were written in; commits / batches is the mean size of a batch.
    pub batches: u64,
    /// Transactions refused because a requirement did not hold.
    pub conflicts: u64,
    /// Transactions refused because too many waited.
    pub overloads: u64,
    /// Transactions refused for want of room on the disk.
    pub refused_full: u64,
    /// Reads and requirements that met a damaged record.
    pub records_damaged: u64,
    /// Time spent applying and flushing batches.
    pub write_time: Duration,
    /// Time spent in fdatasync.
    pub sync_time: Duration,
}

/// The counters behind [`StoreStats`].
#[derive(Default)]
pub(crate) struct Counters {
    commits: AtomicU64,
    batches: AtomicU64,
    conflicts: AtomicU64,
    overloads: AtomicU64,
    refused_full: AtomicU64,
    records_damaged: AtomicU64,
    write_nanos: AtomicU64,
    sync_nanos: AtomicU64,
}

impl Counters {
    /// Counts a batch that is durable.
    pub(crate) fn batch(&self, commits: usize, write: Duration, sync: Duration) {
        add(&self.batches, 1);
        add(&self.commits, u64::try_from(commits).unwrap_or(u64::MAX));
        add(&self.write_nanos, nanos(write));
        add(&self.sync_nanos, nanos(sync));
    }

    /// Counts an answer that was a fault, where one of the counters is for it.
    pub(crate) fn fault(&self, fault: &StoreFault) {
        match fault {
            StoreFault::Conflict { .. } => add(&self.conflicts, 1),
            StoreFault::Overloaded => add(&self.overloads, 1),
            StoreFault::Full => add(&self.refused_full, 1),
            StoreFault::RecordDamaged { .. } => add(&self.records_damaged, 1),
            StoreFault::InUse { .. }
            | StoreFault::Damaged { .. }
            | StoreFault::Inaccessible { .. }
            | StoreFault::Locked
            | StoreFault::SealingKeyLength { .. }
            | StoreFault::UnlockedAlready
            | StoreFault::KeyMalformed { .. }
            | StoreFault::ChangedTwice { .. }
            | StoreFault::RecordFromNewerVersion { .. }
            | StoreFault::RecordFromOlderVersion { .. }
            | StoreFault::Unserializable { .. }
            | StoreFault::TooLarge { .. }
            | StoreFault::Unreadable { .. }
            | StoreFault::Closed
            | StoreFault::Failed { .. } => {}
        }
    }

    /// Counts the fault of an answer, if it is one.
    pub(crate) fn seen<T>(&self, answer: Result<T, StoreFault>) -> Result<T, StoreFault> {
        answer.inspect_err(|fault| self.fault(fault))
    }

    pub(crate) fn read(&self) -> StoreStats {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StoreStats {
            commits: load(&self.commits),
            batches: load(&self.batches),
            conflicts: load(&self.conflicts),
            overloads: load(&self.overloads),
            refused_full: load(&self.refused_full),
            records_damaged: load(&self.records_damaged),
            write_time: Duration::from_nanos(load(&self.write_nanos)),
            sync_time: Duration::from_nanos(load(&self.sync_nanos)),
        }
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
