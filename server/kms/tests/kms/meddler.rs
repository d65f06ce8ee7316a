//! A store in memory in which a test can make one commit fail or wait.

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
    rules: Mutex<Vec<Rule>>,
}

struct Rule {
    prefix: &'static str,
    /// Commits that are left alone first.
    spared: usize,
    meddling: Meddling,
}

enum Meddling {
    Fail(StoreFault),
    Pause(Arc<Pause>),
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

    /// Makes the next commit that changes a record under `prefix` fail; nothing of it is applied.
    pub(crate) fn fail(&self, prefix: &'static str, fault: StoreFault) {
        self.fail_after(prefix, 0, fault);
    }

    /// The same for the one after the next `spared`.
    pub(crate) fn fail_after(&self, prefix: &'static str, spared: usize, fault: StoreFault) {
        self.rules.lock().unwrap().push(Rule {
            prefix,
            spared,
            meddling: Meddling::Fail(fault),
        });
    }

    /// Makes the next commit that changes a record under `prefix` wait before it is applied.
    pub(crate) fn pause(&self, prefix: &'static str) -> Arc<Pause> {
        let pause = Arc::new(Pause::default());
        self.rules.lock().unwrap().push(Rule {
            prefix,
            spared: 0,
            meddling: Meddling::Pause(Arc::clone(&pause)),
        });
        pause
    }

    /// Forgets what has not come to pass.
    pub(crate) fn clear(&self) {
        self.rules.lock().unwrap().clear();
    }

    fn meddling(&self, transaction: &Transaction) -> Option<Meddling> {
        let mut rules = self.rules.lock().unwrap();
        let changed = || transaction.puts.iter().map(|(key, _)| key).chain(&transaction.deletes);
        let hit = rules
            .iter()
            .position(|rule| changed().any(|key| key.as_str().starts_with(rule.prefix)))?;
        if let Some(fewer) = rules[hit].spared.checked_sub(1) {
            rules[hit].spared = fewer;
            return None;
        }
        Some(rules.remove(hit).meddling)
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
        match self.meddling(&transaction) {
            Some(Meddling::Fail(fault)) => return Err(fault),
            Some(Meddling::Pause(pause)) => {
                pause.reached.notify_one();
                pause.resumed.notified().await;
            }
            None => {}
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
