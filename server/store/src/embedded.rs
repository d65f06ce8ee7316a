//! [`SledStore`]: records in an embedded database (sled 0.34), for one process.

mod committer;
mod files;
mod marker;
mod open;
mod visible;

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use strongroom_base::limits::COMMIT_STALL_MIN;
use tokio::sync::oneshot;

use self::committer::Waiting;
use self::marker::Marker;
use self::visible::Visible;
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::lease::{Lease, Leases};
use crate::locks::lock;
use crate::record::{Record, Revision, Transaction};
use crate::sealer::Sealer;
use crate::stats::{Counters, StoreState, StoreStats};
use crate::store::Store;
use crate::watch::{News, Watch};

/// Records in a directory of files. Dropping it waits for the transactions that are under way and closes the files.
pub struct SledStore {
    shared: Arc<Shared>,
    /// `None` only while it is being dropped.
    queue: Option<SyncSender<Waiting>>,
    committer: Option<JoinHandle<()>>,
}

impl SledStore {
    /// Opens the store in this directory, or makes an empty one if there was none. Reads and writes files: call it
    /// before the service serves.
    ///
    /// # Errors
    /// [`StoreFault::InUse`] if it is open already, [`StoreFault::Damaged`] if the database does not open or has lost
    /// what it held, [`StoreFault::Inaccessible`] if the operating system refuses.
    pub fn open(directory: &Path, sealer: Sealer) -> Result<Self, StoreFault> {
        open::open(directory, sealer, |disk| Box::new(disk))
    }

    /// Whether it works.
    #[must_use]
    pub fn state(&self) -> StoreState {
        if let Some(cause) = self.shared.failure.get() {
            return StoreState::Failed {
                cause: Arc::clone(cause),
            };
        }
        let busy = lock(&self.shared.busy_since).map_or(Duration::ZERO, |since| since.elapsed());
        if busy < COMMIT_STALL_MIN {
            StoreState::Serving
        } else {
            StoreState::Stalled(busy)
        }
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        self.shared.counters.read()
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        // The committer ends when it has emptied the queue of a store that nobody can call any more.
        drop(self.queue.take());
        if let Some(committer) = self.committer.take()
            && committer.join().is_err()
        {
            tracing::error!("the store's committer had ended early");
        }
    }
}

#[async_trait]
impl Store for SledStore {
    /// Reads in place: from memory nearly always, else one read of a page from the file.
    async fn get(&self, key: &RecordKey) -> Result<Option<Record>, StoreFault> {
        self.shared.admit()?;
        self.shared.sealer.admit(key)?;
        let (value, newest) = self.shared.notice(self.shared.visible.get(key))?;
        self.shared.counters.seen(
            value
                .map(|value| self.shared.sealer.open(key, &value, newest))
                .transpose(),
        )
    }

    async fn list(&self, prefix: &str, after: Option<&RecordKey>, limit: usize) -> Result<Vec<Record>, StoreFault> {
        self.shared.admit()?;
        self.shared.sealer.admit_prefix(prefix)?;
        let (rows, newest) = self
            .shared
            .counters
            .seen(self.shared.notice(self.shared.visible.list(prefix, after, limit)))?;
        let open = |(key, value): &(RecordKey, Vec<u8>)| self.shared.sealer.open(key, value, newest);
        self.shared.counters.seen(rows.iter().map(open).collect())
    }

    async fn commit(&self, transaction: Transaction) -> Result<Revision, StoreFault> {
        self.shared.admit()?;
        transaction.check(&self.shared.sealer)?;
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(StoreFault::Closed)?;
        match queue.try_send(Waiting { transaction, answer }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return self.shared.counters.seen(Err(StoreFault::Overloaded)),
            Err(TrySendError::Disconnected(_)) => return Err(self.shared.ended()),
        }
        answered.await.unwrap_or_else(|_gone| Err(self.shared.ended()))
    }

    fn watch(&self, prefix: &str) -> Watch {
        self.shared.news.watch(prefix)
    }

    async fn lease(&self, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault> {
        self.shared.admit()?;
        self.shared.leases.take(name, term)
    }
}

/// What callers and the committer share.
struct Shared {
    sealer: Sealer,
    visible: Visible,
    news: News,
    leases: Arc<Leases>,
    counters: Counters,
    /// When the batch that is being written was begun.
    busy_since: Mutex<Option<Instant>>,
    /// The first failure of the database or its disk. Never taken back: after a failed write or sync nobody knows what
    /// is on disk, and asking again can answer yes wrongly (fsync reports an error once).
    failure: OnceLock<Arc<str>>,
    /// Keeps other openers out. The last field: it goes when the database is closed.
    marker: Arc<Marker>,
}

impl Shared {
    fn admit(&self) -> Result<(), StoreFault> {
        match self.failure.get() {
            Some(cause) => Err(StoreFault::failed(Arc::clone(cause))),
            None => Ok(()),
        }
    }

    /// Ends the store for good, and says why.
    fn fail(&self, cause: impl Into<Arc<str>>) -> StoreFault {
        let mut is_first = false;
        let first = self.failure.get_or_init(|| {
            is_first = true;
            cause.into()
        });
        if is_first {
            tracing::error!(cause = %first, "the store has failed and accepts nothing more; restart the service");
            // Never closed: closing flushes, and sled's flush waits for ever on a batch that broke off. The marker goes
            // with it, so that this process cannot open the files a second time.
            let _kept_open = Box::leak(Box::new((self.visible.database.clone(), Arc::clone(&self.marker))));
        }
        StoreFault::failed(Arc::clone(first))
    }

    /// Ends the store if a read found that the database has failed.
    fn notice<T>(&self, answer: Result<T, StoreFault>) -> Result<T, StoreFault> {
        match answer {
            Err(StoreFault::Failed { cause }) => Err(self.fail(cause)),
            other => other,
        }
    }

    /// Why the committer does not answer.
    fn ended(&self) -> StoreFault {
        self.admit()
            .err()
            .unwrap_or_else(|| StoreFault::failed("the committer ended early"))
    }
}

#[cfg(test)]
mod tests;
