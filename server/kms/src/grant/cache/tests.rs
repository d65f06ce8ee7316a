use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use strongroom_base::limits::CONFLICT_TRIES_MAX;
use strongroom_base::{Arn, Code, GrantId, KeyId, Timestamp};
use strongroom_material::Material;
use strongroom_policy::{GrantConstraints, GrantOperation, GrantTerms};
use strongroom_store::{
    Lease, MemoryStore, Record, RecordKey, Records, Revision, Sealer, Store, StoreFault, Transaction, Watch,
};
use tokio::time::timeout;

use super::{GrantCache, GrantHead, GrantRecord, HeldGrants, KeyGrants};
use crate::key_locks::KeyLocks;

fn records() -> Records {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    Records::new(Arc::new(MemoryStore::new(sealer)))
}

fn clerk() -> Arn {
    "arn:aws:iam::000000000000:user/clerk".parse().unwrap()
}

fn key(byte: u8) -> KeyId {
    KeyId::from_bytes([byte; 16])
}

fn grant(key: KeyId, byte: u8) -> GrantRecord {
    GrantRecord {
        id: GrantId::from_bytes([byte; 32]),
        key,
        created: Timestamp(0),
        name: Some("name".into()),
        grantee: clerk(),
        retiring: None,
        issuing_account: "000000000000".parse().unwrap(),
        terms: GrantTerms {
            operations: BTreeSet::from([GrantOperation::Decrypt]),
            constraints: GrantConstraints::default(),
        },
    }
}

/// Writes a key with grants as the key service does.
async fn write(records: &Records, key: KeyId, grants: &[u8]) {
    let mut change = records
        .change()
        .insert(&key.to_string(), GrantHead { count: grants.len() });
    for byte in grants {
        let grant = grant(key, *byte);
        change = change.insert(&GrantRecord::record_id(&key, &grant.id), grant);
    }
    change.commit().await.unwrap();
}

async fn held(cache: &GrantCache, records: &Records, key: KeyId) -> HeldGrants {
    cache.of(records, &key, &KeyLocks::default()).await.unwrap().unwrap()
}

fn to(grants: &KeyGrants, principal: &Arn) -> usize {
    grants.ids_of(principal, None).count()
}

#[tokio::test]
async fn a_key_is_loaded_once_and_found_by_grantee_and_name() {
    let (records, cache) = (records(), GrantCache::new());
    let changes = KeyLocks::default();
    assert!(cache.of(&records, &key(1), &changes).await.unwrap().is_none());
    write(&records, key(1), &[1, 2]).await;
    write(&records, key(2), &[3]).await;
    let first = held(&cache, &records, key(1)).await;
    let both = [1, 2].map(|byte| GrantId::from_bytes([byte; 32]));
    assert_eq!(first.grants.ids_of(&clerk(), None).collect::<Vec<_>>(), both);
    assert_eq!(first.grants.named("name").collect::<Vec<_>>(), both);
    assert!(first.grants.named("other").next().is_none() && first.grants.named("nam").next().is_none());
    let other: Arn = "arn:aws:iam::000000000000:user/other".parse().unwrap();
    assert_eq!(to(&first.grants, &other), 0);
    let again = held(&cache, &records, key(1)).await;
    assert!(Arc::ptr_eq(&first.grants, &again.grants));
}

#[tokio::test]
async fn a_change_that_was_told_of_needs_no_list_and_one_that_was_not_is_noticed() {
    let (records, cache) = (records(), GrantCache::new());
    write(&records, key(1), &[1]).await;
    let before = held(&cache, &records, key(1)).await;
    let id = key(1).to_string();
    let (new, next) = (grant(key(1), 2), GrantHead { count: 2 });
    let change = records.change().replace(&id, &before.head, next);
    let name = GrantRecord::record_id(&key(1), &new.id);
    let revision = change.insert(&name, new.clone()).commit().await.unwrap();
    cache.changed(&key(1), Some(before.head.revision), revision, |grants| grants.add(&new));
    let told = held(&cache, &records, key(1)).await;
    assert_eq!((told.head.revision, to(&told.grants, &clerk())), (revision, 2));
    assert_eq!(to(&before.grants, &clerk()), 1, "whoever has it keeps what he has");
    let stored = records.find::<GrantRecord>(&name).await.unwrap().unwrap();
    let change = records.change().delete(&name, &stored);
    let change = change.replace(&id, &told.head, GrantHead { count: 1 });
    change.commit().await.unwrap();
    assert_eq!(to(&held(&cache, &records, key(1)).await.grants, &clerk()), 1);
}

#[tokio::test]
async fn what_is_told_of_another_state_is_ignored() {
    let (records, cache) = (records(), GrantCache::new());
    write(&records, key(1), &[1]).await;
    let held_before = held(&cache, &records, key(1)).await;
    let wrong = Revision(held_before.head.revision.0 - 1);
    cache.changed(&key(1), Some(wrong), held_before.head.revision, |grants| {
        grants.remove(&grant(key(1), 1));
    });
    assert_eq!(to(&held(&cache, &records, key(1)).await.grants, &clerk()), 1);
}

#[test]
fn whether_grants_are_left_is_asked_of_those_that_permit_it_to_that_principal() {
    let (mut before, mut later) = (KeyGrants::default(), KeyGrants::default());
    let decrypt = GrantOperation::Decrypt;
    assert!(before.are_left_in(&later, &clerk(), decrypt));
    before.add(&grant(key(1), 1));
    assert!(before.are_left_in(&before, &clerk(), decrypt));
    assert!(!before.are_left_in(&later, &clerk(), decrypt));
    assert!(before.are_left_in(&later, &clerk(), GrantOperation::CreateGrant));
    let other: Arn = "arn:aws:iam::000000000000:user/other".parse().unwrap();
    assert!(before.are_left_in(&later, &other, decrypt));
    later.add(&grant(key(1), 2));
    assert!(!before.are_left_in(&later, &clerk(), decrypt), "one like it is another");
    later.add(&grant(key(1), 1));
    assert!(before.are_left_in(&later, &clerk(), decrypt));
}

#[tokio::test]
async fn a_count_that_is_wrong_is_an_error() {
    let (records, cache) = (records(), GrantCache::new());
    write(&records, key(1), &[1, 2]).await;
    let one = GrantRecord::record_id(&key(1), &GrantId::from_bytes([1; 32]));
    let stored = records.find::<GrantRecord>(&one).await.unwrap().unwrap();
    records.change().delete(&one, &stored).commit().await.unwrap();
    let fault = cache.of(&records, &key(1), &KeyLocks::default()).await.err().unwrap();
    assert_eq!(fault.code(), Code::RecordDamaged);
    assert_eq!(
        fault.cause().unwrap().to_string(),
        format!("key {} has 2 grants, and 1 are stored", key(1))
    );
}

/// What was used longest ago goes, whatever was put in last, and nothing else.
#[tokio::test]
async fn a_full_cache_forgets_what_was_used_longest_ago() {
    let records = records();
    for byte in 1..=9 {
        write(&records, key(byte), &[byte]).await;
    }
    let measured = GrantCache::new();
    held(&measured, &records, key(1)).await;
    let one = measured.held.read().unwrap().bytes();
    assert!((600..1_500).contains(&one), "{one} bytes");
    let cache = GrantCache::with_bytes_max(8 * one);
    let mut first = Vec::new();
    for byte in 1..=8 {
        first.push(held(&cache, &records, key(byte)).await.grants);
    }
    held(&cache, &records, key(1)).await;
    held(&cache, &records, key(9)).await;
    let mut is_kept = Vec::new();
    for (byte, before) in (1..).zip(&first) {
        let head = records
            .find::<GrantHead>(&key(byte).to_string())
            .await
            .unwrap()
            .unwrap();
        let found = cache.held(&key(byte), head.revision);
        is_kept.push(found.is_some_and(|found| Arc::ptr_eq(&found, before)));
    }
    assert_eq!(is_kept, [true, false, false, true, true, true, true, true]);
    assert_eq!(cache.held.read().unwrap().bytes(), 7 * one);
    for byte in 1..=9 {
        cache.forget(&key(byte));
    }
    assert_eq!(cache.held.read().unwrap().bytes(), 0);
}

/// The names of grants are counted with them, and nothing is left when they go.
#[test]
fn what_grants_take_is_what_those_that_are_left_take() {
    let mut grants = KeyGrants::default();
    grants.add(&grant(key(1), 1));
    let one = grants.bytes();
    grants.add(&grant(key(1), 2));
    assert_eq!(grants.bytes(), 2 * one);
    let nameless = GrantRecord {
        name: None,
        ..grant(key(1), 3)
    };
    grants.add(&nameless);
    assert!((2 * one..3 * one).contains(&grants.bytes()));
    for gone in [grant(key(1), 1), grant(key(1), 2), nameless] {
        grants.remove(&gone);
        grants.remove(&gone);
    }
    assert_eq!(grants.bytes(), 0);
}

/// A store in which the key's head changes while its grants are listed, as long as nobody holds the lock of those who change
/// it.
struct Busy {
    inner: MemoryStore,
    records: OnceLock<Records>,
    changes: KeyLocks,
    lists: AtomicUsize,
}

#[async_trait::async_trait]
impl Store for Busy {
    async fn get(&self, key: &RecordKey) -> Result<Option<Record>, StoreFault> {
        self.inner.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&RecordKey>, limit: usize) -> Result<Vec<Record>, StoreFault> {
        self.lists.fetch_add(1, Ordering::Relaxed);
        let listed = self.inner.list(prefix, after, limit).await;
        if let Ok(_changing) = timeout(Duration::ZERO, self.changes.lock(&key(1))).await {
            let (records, id) = (self.records.get().unwrap(), key(1).to_string());
            let head = records.find::<GrantHead>(&id).await.unwrap().unwrap();
            let again = records.change().replace(&id, &head, head.plus(0));
            again.commit().await.unwrap();
        }
        listed
    }

    async fn commit(&self, transaction: Transaction) -> Result<Revision, StoreFault> {
        self.inner.commit(transaction).await
    }

    fn watch(&self, prefix: &str) -> Watch {
        self.inner.watch(prefix)
    }

    async fn lease(&self, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault> {
        self.inner.lease(name, term).await
    }
}

#[tokio::test]
async fn a_key_that_is_changed_all_the_time_is_loaded_when_nobody_may_change_it() {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    let busy = Arc::new(Busy {
        inner: MemoryStore::new(sealer),
        records: OnceLock::new(),
        changes: KeyLocks::default(),
        lists: AtomicUsize::new(0),
    });
    let records = Records::new(Arc::clone(&busy) as Arc<dyn Store>);
    assert!(busy.records.set(records.clone()).is_ok());
    write(&records, key(1), &[1, 2]).await;
    let cache = GrantCache::new();
    let fault = cache.of_unchanging(&records, &key(1)).await.err().unwrap();
    assert_eq!(
        (fault.code(), fault.message()),
        (
            Code::Conflict,
            "The key's grants are being changed by others; try again."
        )
    );
    busy.lists.store(0, Ordering::Relaxed);
    let held = cache.of(&records, &key(1), &busy.changes).await.unwrap().unwrap();
    assert_eq!(to(&held.grants, &clerk()), 2);
    // A list of two grants is two pages, of which the second is empty.
    assert_eq!(busy.lists.load(Ordering::Relaxed), 2 * CONFLICT_TRIES_MAX);
}
