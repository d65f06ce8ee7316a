use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::{Arn, Code, GrantId, KeyId, Timestamp};
use strongroom_material::Material;
use strongroom_policy::{GrantConstraints, GrantOperation, GrantTerms};
use strongroom_store::{MemoryStore, Records, Sealer};

use super::{GrantCache, GrantHead, GrantRecord, HeldGrants, KeyGrants};

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
    cache.of(records, &key).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_key_is_loaded_once_and_found_by_grantee_and_name() {
    let (records, cache) = (records(), GrantCache::new());
    assert!(cache.of(&records, &key(1)).await.unwrap().is_none());
    write(&records, key(1), &[1, 2]).await;
    write(&records, key(2), &[3]).await;
    let first = held(&cache, &records, key(1)).await;
    assert_eq!(first.grants.to(&clerk()).len(), 2);
    assert_eq!(
        first.grants.named("name"),
        [1, 2].map(|byte| GrantId::from_bytes([byte; 32]))
    );
    assert!(first.grants.named("other").is_empty());
    let other: Arn = "arn:aws:iam::000000000000:user/other".parse().unwrap();
    assert!(first.grants.to(&other).is_empty());
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
    assert_eq!((told.head.revision, told.grants.to(&clerk()).len()), (revision, 2));
    assert_eq!(before.grants.to(&clerk()).len(), 1, "whoever has it keeps what he has");
    let stored = records.find::<GrantRecord>(&name).await.unwrap().unwrap();
    let change = records.change().delete(&name, &stored);
    let change = change.replace(&id, &told.head, GrantHead { count: 1 });
    change.commit().await.unwrap();
    assert_eq!(held(&cache, &records, key(1)).await.grants.to(&clerk()).len(), 1);
}

#[tokio::test]
async fn what_is_told_of_another_state_is_ignored() {
    let (records, cache) = (records(), GrantCache::new());
    write(&records, key(1), &[1]).await;
    let held_before = held(&cache, &records, key(1)).await;
    let wrong = strongroom_store::Revision(held_before.head.revision.0 - 1);
    cache.changed(&key(1), Some(wrong), held_before.head.revision, |grants| {
        grants.remove(&grant(key(1), 1));
    });
    assert_eq!(held(&cache, &records, key(1)).await.grants.to(&clerk()).len(), 1);
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
    let fault = cache.of(&records, &key(1)).await.err().unwrap();
    assert_eq!(fault.code(), Code::RecordDamaged);
    assert_eq!(
        fault.cause().unwrap().to_string(),
        format!("key {} has 2 grants, and 1 are stored", key(1))
    );
}

#[tokio::test]
async fn a_full_cache_is_emptied_and_goes_on() {
    let (records, cache) = (records(), GrantCache::with_grants_max(3));
    write(&records, key(1), &[1, 2]).await;
    write(&records, key(2), &[3, 4]).await;
    let first = held(&cache, &records, key(1)).await;
    held(&cache, &records, key(2)).await;
    assert_eq!(cache.held.read().unwrap().grants, 2);
    let again = held(&cache, &records, key(1)).await;
    assert!(!Arc::ptr_eq(&first.grants, &again.grants), "it was read anew");
    cache.forget(&key(1));
    assert_eq!(cache.held.read().unwrap().grants, 0);
}
