//! A store in memory in which a test can make one commit wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use strongroom_store::{
    Lease, MemoryDisk, MemoryStore, Record, RecordKey, Revision, Sealer, Store, StoreFault, Transaction, Watch,
};
use tokio::sync::Notify;

/// A [`MemoryStore`] with somebody's hand in it.
pub(crate) struct Meddler {
    inner: MemoryStore,
    rules: Mutex<Vec<(&'static str, Arc<Pause>)>>,
}

/// A commit that waits.
#[derive(Default)]
pub(crate) struct Pause {
    reached: Notify,
    resumed: Notify,
}

impl Pause {
    /// Until the commit has come this far.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets the commit go on.
    pub(crate) fn resume(&self) {
        self.resumed.notify_one();
    }
}

impl Meddler {
    pub(crate) fn over(disk: MemoryDisk, sealer: Sealer) -> Self {
        Self {
            inner: MemoryStore::over(disk, sealer),
            rules: Mutex::default(),
        }
    }

    /// Makes the next commit that changes a record under `prefix` wait before it is applied.
    pub(crate) fn pause(&self, prefix: &'static str) -> Arc<Pause> {
        let pause = Arc::new(Pause::default());
        self.rules.lock().unwrap().push((prefix, Arc::clone(&pause)));
        pause
    }

    fn meddling(&self, transaction: &Transaction) -> Option<Arc<Pause>> {
        let mut rules = self.rules.lock().unwrap();
        let changed = || transaction.puts.iter().map(|(key, _)| key).chain(&transaction.deletes);
        let hit = rules
            .iter()
            .position(|(prefix, _)| changed().any(|key| key.as_str().starts_with(prefix)))?;
        Some(rules.remove(hit).1)
    }
}

#[async_trait]
impl Store for Meddler {
    async fn get(&self, key: &RecordKey) -> Result<Option<Record>, StoreFault> {
        self.inner.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&RecordKey>, limit: usize) -> Result<Vec<Record>, StoreFault> {
        self.inner.list(prefix, after, limit).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Revision, StoreFault> {
        if let Some(pause) = self.meddling(&transaction) {
            pause.reached.notify_one();
            pause.resumed.notified().await;
        }
        self.inner.commit(transaction).await
    }

    fn watch(&self, prefix: &str) -> Watch {
        self.inner.watch(prefix)
    }

    async fn lease(&self, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault> {
        self.inner.lease(name, term).await
    }
}
