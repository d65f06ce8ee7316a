//! The backends under test, and what the tests need besides the store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_material::Material;
use strongroom_store::{
    MemoryDisk, MemoryStore, RecordKey, Revision, Sealer, SledStore, Store, StoreFault, Transaction,
};
use tempfile::TempDir;

/// A place that keeps records while no store is open over it.
pub(crate) trait Backend {
    fn open_with(&self, sealer: Sealer) -> Arc<dyn Store>;

    /// Edits stored values behind the store's back. Only while no store is open.
    fn tamper(&self, edit: impl FnOnce(&mut BTreeMap<RecordKey, Vec<u8>>));

    fn open(&self) -> Arc<dyn Store> {
        self.open_with(sealer(1))
    }
}

pub(crate) struct Memory(MemoryDisk);

impl Memory {
    pub(crate) fn new() -> Self {
        Self(MemoryDisk::default())
    }
}

impl Backend for Memory {
    fn open_with(&self, sealer: Sealer) -> Arc<dyn Store> {
        Arc::new(MemoryStore::over(self.0.clone(), sealer))
    }

    fn tamper(&self, edit: impl FnOnce(&mut BTreeMap<RecordKey, Vec<u8>>)) {
        self.0.tamper(edit);
    }
}

pub(crate) struct Embedded(TempDir);

impl Embedded {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Backend for Embedded {
    fn open_with(&self, sealer: Sealer) -> Arc<dyn Store> {
        Arc::new(SledStore::open(self.0.path(), sealer).unwrap())
    }

    fn tamper(&self, edit: impl FnOnce(&mut BTreeMap<RecordKey, Vec<u8>>)) {
        let database = raw_database(self.0.path());
        let mut values = BTreeMap::new();
        for row in database.iter() {
            let (name, value) = row.unwrap();
            let Some((kind, id)) = std::str::from_utf8(&name).unwrap().split_once('/') else {
                continue;
            };
            values.insert(RecordKey::new(kind, id).unwrap(), value.to_vec());
        }
        let before = values.clone();
        edit(&mut values);
        for gone in before.keys().filter(|key| !values.contains_key(*key)) {
            database.remove(gone.as_str()).unwrap();
        }
        for (key, value) in values {
            database.insert(key.as_str(), value).unwrap();
        }
        database.flush().unwrap();
    }
}

/// sled as the store configures it, without the store. Waits for a store that is still closing.
fn raw_database(directory: &std::path::Path) -> sled::Db {
    let config = sled::Config::new()
        .path(directory)
        .segment_size(8 << 20)
        .flush_every_ms(None);
    let start = Instant::now();
    loop {
        match config.open() {
            Ok(database) => return database,
            Err(error) => assert!(start.elapsed() < Duration::from_secs(5), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn sealer(byte: u8) -> Sealer {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![byte; 32])).unwrap();
    sealer
}

pub(crate) fn key(text: &str) -> RecordKey {
    let (kind, id) = text.split_once('/').unwrap();
    RecordKey::new(kind, id).unwrap()
}

pub(crate) fn put(text: &str, body: &str) -> Transaction {
    Transaction {
        puts: vec![(key(text), body.into())],
        ..Transaction::default()
    }
}

pub(crate) fn delete(text: &str) -> Transaction {
    Transaction {
        deletes: vec![key(text)],
        ..Transaction::default()
    }
}

pub(crate) trait Requiring {
    fn requiring(self, text: &str, revision: Option<Revision>) -> Self;
}

impl Requiring for Transaction {
    fn requiring(mut self, text: &str, revision: Option<Revision>) -> Self {
        self.requires.push((key(text), revision));
        self
    }
}

pub(crate) async fn body(store: &Arc<dyn Store>, text: &str) -> Option<String> {
    let record = store.get(&key(text)).await.unwrap()?;
    Some(String::from_utf8(record.body.to_vec()).unwrap())
}

pub(crate) fn conflict<T>(text: &str) -> Result<T, StoreFault> {
    Err(StoreFault::Conflict { key: key(text) })
}
