//! Reading: get, list, and what is there after the store was opened again.

use strongroom_base::limits::{RECORD_BYTES_MAX, RECORD_KEY_BYTES_MAX};
use strongroom_store::{RecordKey, Store, Transaction};

use crate::backend::{Backend, body, delete, key, put};

async fn keys(store: &dyn Store, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    let after = after.map(key);
    let records = store.list(prefix, after.as_ref(), limit).await.unwrap();
    records.into_iter().map(|record| record.key.to_string()).collect()
}

pub(crate) async fn an_empty_store_has_nothing(backend: &impl Backend) {
    let store = backend.open();
    assert_eq!(store.get(&key("key/1")).await.unwrap(), None);
    assert!(store.list("", None, 10).await.unwrap().is_empty());
}

pub(crate) async fn lists_are_in_the_order_of_the_keys_bytes(backend: &impl Backend) {
    let store = backend.open();
    for text in ["b/2", "a/~", "a/1", "b/10", "a/1/x", "a/1-"] {
        store.commit(put(text, text)).await.unwrap();
    }
    assert_eq!(
        keys(&*store, "", None, 10).await,
        ["a/1", "a/1-", "a/1/x", "a/~", "b/10", "b/2"]
    );
    let records = store.list("a/", None, 2).await.unwrap();
    assert_eq!(&*records[1].body, b"a/1-", "a record of a list has its body");
    assert_eq!(keys(&*store, "a/", None, 0).await, [""; 0]);
}

pub(crate) async fn paging_visits_every_record_once(backend: &impl Backend) {
    let store = backend.open();
    let all: Vec<String> = (0..50).map(|number| format!("key/{number:02}")).collect();
    let puts = all.iter().rev().map(|text| (key(text), vec![0])).collect();
    store
        .commit(Transaction {
            puts,
            ..Transaction::default()
        })
        .await
        .unwrap();
    store.commit(put("kez/1", "beyond")).await.unwrap();
    for limit in [1, 7, 50, 51] {
        let (mut seen, mut after) = (Vec::<String>::new(), None);
        loop {
            let page = keys(&*store, "key/", after.as_deref(), limit).await;
            let is_last = page.len() < limit;
            seen.extend(page);
            after = seen.last().cloned();
            if is_last {
                break;
            }
        }
        assert_eq!(seen, all, "pages of {limit}");
    }
    // A marker may be gone by now, or lie outside the prefix.
    store.commit(delete("key/10")).await.unwrap();
    assert_eq!(keys(&*store, "key/", Some("key/10"), 1).await, ["key/11"]);
    assert_eq!(keys(&*store, "key/", Some("a/1"), 1).await, ["key/00"]);
    assert_eq!(keys(&*store, "key/", Some("z/1"), 1).await, [""; 0]);
}

pub(crate) async fn a_prefix_ends_where_it_says(backend: &impl Backend) {
    let store = backend.open();
    for text in ["key/a", "key/ab", "key/b", "key-version/a", "keys/a"] {
        store.commit(put(text, "")).await.unwrap();
    }
    assert_eq!(keys(&*store, "key/", None, 10).await, ["key/a", "key/ab", "key/b"]);
    assert_eq!(keys(&*store, "key/a", None, 10).await, ["key/a", "key/ab"]);
    assert_eq!(keys(&*store, "key/a", Some("key/a"), 10).await, ["key/ab"]);
    assert_eq!(keys(&*store, "key/c", None, 10).await, [""; 0]);
}

pub(crate) async fn what_was_written_is_there_after_reopening(backend: &impl Backend) {
    let store = backend.open();
    let revision = store.commit(put("key/1", "one")).await.unwrap();
    store.commit(put("key/2", "two")).await.unwrap();
    store.commit(delete("key/2")).await.unwrap();
    drop(store);
    let store = backend.open();
    let record = store.get(&key("key/1")).await.unwrap().unwrap();
    assert_eq!(
        (record.key, record.revision, &*record.body),
        (key("key/1"), revision, &b"one"[..])
    );
    assert_eq!(body(&store, "key/2").await, None);
}

pub(crate) async fn the_largest_record_and_the_longest_key_fit(backend: &impl Backend) {
    let store = backend.open();
    let longest = RecordKey::new("key", &"x".repeat(RECORD_KEY_BYTES_MAX - "key/".len())).unwrap();
    let largest: Vec<u8> = (0..RECORD_BYTES_MAX)
        .map(|place| u8::try_from(place % 251).unwrap())
        .collect();
    for round in 0_u8..20 {
        // Neighbours of the same size share its page, so that pages get too large for the log as well.
        let near = RecordKey::new("key", &format!("x{round}")).unwrap();
        let puts = vec![(longest.clone(), largest.clone()), (near, largest.clone())];
        store
            .commit(Transaction {
                puts,
                ..Transaction::default()
            })
            .await
            .unwrap();
    }
    drop(store);
    let store = backend.open();
    assert_eq!(&*store.get(&longest).await.unwrap().unwrap().body, &largest[..]);
    let all = store.list("key/", None, 100).await.unwrap();
    assert_eq!(all.len(), 21);
    assert!(all.iter().all(|record| *record.body == largest));
}
