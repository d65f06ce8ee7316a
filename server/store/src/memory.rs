//! [`MemoryStore`]: the same behaviour without a disk, for tests of what is built on a store.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::lease::{Lease, Leases};
use crate::locks::lock;
use crate::plan::Plan;
use crate::record::{Record, Revision, Transaction};
use crate::sealer::Sealer;
use crate::stats::{Counters, StoreStats};
use crate::store::Store;
use crate::watch::{News, Watch};

/// What a [`MemoryStore`] has instead of files: it outlives the store, so that a test can open another one over it.
#[derive(Clone, Default)]
pub struct MemoryDisk {
    content: Arc<Mutex<Content>>,
}

#[derive(Default)]
struct Content {
    values: BTreeMap<RecordKey, Vec<u8>>,
    newest: u64,
}

impl MemoryDisk {
    /// Edits the stored values behind the store's back, as somebody with access to the files could.
    pub fn tamper<T>(&self, edit: impl FnOnce(&mut BTreeMap<RecordKey, Vec<u8>>) -> T) -> T {
        edit(&mut lock(&self.content).values)
    }
}

/// Records in memory. Every commit is acknowledged at once.
pub struct MemoryStore {
    sealer: Sealer,
    disk: MemoryDisk,
    news: News,
    leases: Arc<Leases>,
    counters: Counters,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self::over(MemoryDisk::default(), sealer)
    }

    /// A store with what this disk holds.
    #[must_use]
    pub fn over(disk: MemoryDisk, sealer: Sealer) -> Self {
        Self {
            sealer,
            disk,
            news: News::new(),
            leases: Arc::default(),
            counters: Counters::default(),
        }
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        self.counters.read()
    }

    fn apply(&self, transaction: &Transaction) -> Result<Revision, StoreFault> {
        transaction.check(&self.sealer)?;
        let mut guard = lock(&self.disk.content);
        let content = &mut *guard;
        let read = |key: &RecordKey| Ok(content.values.get(key).cloned());
        let mut plan = Plan::new(&self.sealer, Revision(content.newest), read);
        let revision = plan.add(transaction)?;
        let Plan { touched, changes, .. } = plan;
        content.newest = revision.0;
        for (key, record) in touched {
            match record.after {
                Some(value) => content.values.insert(key, value),
                None => content.values.remove(&key),
            };
        }
        // Told under the lock: news come in the order of the commits.
        self.news.tell(changes);
        self.counters.batch(1, Duration::ZERO, Duration::ZERO);
        Ok(revision)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &RecordKey) -> Result<Option<Record>, StoreFault> {
        self.sealer.admit(key)?;
        let content = lock(&self.disk.content);
        let newest = Revision(content.newest);
        self.counters.seen(
            content
                .values
                .get(key)
                .map(|value| self.sealer.open(key, value, newest))
                .transpose(),
        )
    }

    async fn list(&self, prefix: &str, after: Option<&RecordKey>, limit: usize) -> Result<Vec<Record>, StoreFault> {
        self.sealer.admit_prefix(prefix)?;
        let content = lock(&self.disk.content);
        let newest = Revision(content.newest);
        let start = match after {
            Some(after) if after.as_str() >= prefix => Bound::Excluded(after.as_str()),
            Some(_) | None => Bound::Included(prefix),
        };
        let under = content.values.range::<str, _>((start, Bound::Unbounded));
        let under = under
            .take_while(|(key, _)| key.as_str().starts_with(prefix))
            .take(limit);
        self.counters
            .seen(under.map(|(key, value)| self.sealer.open(key, value, newest)).collect())
    }

    async fn commit(&self, transaction: Transaction) -> Result<Revision, StoreFault> {
        self.counters.seen(self.apply(&transaction))
    }

    fn watch(&self, prefix: &str) -> Watch {
        self.news.watch(prefix)
    }

    async fn lease(&self, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault> {
        self.leases.take(name, term)
    }
}
