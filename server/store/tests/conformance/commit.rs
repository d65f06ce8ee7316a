//! Committing: all or nothing, requirements, revisions, limits.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::limits::{RECORD_BYTES_MAX, TRANSACTION_BYTES_MAX, TRANSACTION_RECORDS_MAX};
use strongroom_store::{Revision, StoreFault, Transaction, log_id};

use crate::backend::{Backend, Requiring, body, conflict, delete, key, put};

pub(crate) async fn a_transaction_applies_as_a_whole_or_not_at_all(backend: &impl Backend) {
    let store = backend.open();
    store.commit(put("key/old", "old")).await.unwrap();
    let both = || Transaction {
        puts: vec![(key("key/a"), b"1".to_vec()), (key("alias/a"), b"2".to_vec())],
        deletes: vec![key("key/old")],
        ..Transaction::default()
    };
    assert_eq!(
        store.commit(both().requiring("key/never", Some(Revision(1)))).await,
        conflict("key/never")
    );
    assert_eq!(body(&store, "key/a").await, None);
    assert_eq!(body(&store, "key/old").await.as_deref(), Some("old"));

    let revision = store.commit(both().requiring("key/a", None)).await.unwrap();
    for text in ["key/a", "alias/a"] {
        assert_eq!(
            store.get(&key(text)).await.unwrap().unwrap().revision,
            revision,
            "one revision for all"
        );
    }
    assert_eq!(body(&store, "key/old").await, None);
}

pub(crate) async fn requirements_are_checked_against_the_present(backend: &impl Backend) {
    let store = backend.open();
    let first = store
        .commit(put("key/1", "one").requiring("key/1", None))
        .await
        .unwrap();
    let again = store.commit(put("key/1", "again").requiring("key/1", None)).await;
    assert_eq!(again, conflict("key/1"));
    let second = store
        .commit(put("key/1", "two").requiring("key/1", Some(first)))
        .await
        .unwrap();
    let stale = store
        .commit(put("key/1", "three").requiring("key/1", Some(first)))
        .await;
    assert_eq!(stale, conflict("key/1"));
    let missing = store.commit(delete("key/2").requiring("key/2", Some(second))).await;
    assert_eq!(missing, conflict("key/2"));
    // The first requirement that does not hold is named, and the changed record need not be a required one.
    let several = put("key/3", "x")
        .requiring("key/1", Some(second))
        .requiring("key/5", Some(second));
    assert_eq!(
        store.commit(several.requiring("key/6", Some(second))).await,
        conflict("key/5")
    );
    assert_eq!(body(&store, "key/1").await.as_deref(), Some("two"));
}

pub(crate) async fn a_record_that_came_back_is_not_the_one_that_went(backend: &impl Backend) {
    let store = backend.open();
    let first = store.commit(put("key/1", "same")).await.unwrap();
    store
        .commit(delete("key/1").requiring("key/1", Some(first)))
        .await
        .unwrap();
    store
        .commit(put("key/1", "same").requiring("key/1", None))
        .await
        .unwrap();
    assert_eq!(
        store.commit(put("key/1", "x").requiring("key/1", Some(first))).await,
        conflict("key/1")
    );
}

pub(crate) async fn revisions_grow_and_are_never_given_twice(backend: &impl Backend) {
    let mut given = Vec::new();
    for round in 0..4 {
        let store = backend.open();
        for text in ["key/1", "key/2"] {
            given.push(store.commit(put(text, "x")).await.unwrap());
        }
        // Everything goes: the sequence must not depend on records that are there. Rounds end with each kind of change.
        if round % 2 == 0 {
            for text in ["key/1", "key/2"] {
                given.push(store.commit(delete(text)).await.unwrap());
            }
        }
    }
    assert!(given.is_sorted_by(|left, right| left < right), "{given:?}");
    assert!(given[0] > Revision(0));
}

pub(crate) async fn of_many_who_want_the_same_one_gets_it(backend: &impl Backend) {
    let store = backend.open();
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store
                    .commit(put("alias/a", &number.to_string()).requiring("alias/a", None))
                    .await
            })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(revision) => winners.push(revision),
            Err(fault) => assert_eq!(fault, StoreFault::Conflict { key: key("alias/a") }),
        }
    }
    let stored = store.get(&key("alias/a")).await.unwrap().unwrap();
    assert_eq!(winners, [stored.revision]);
}

pub(crate) async fn counters_that_many_increment_lose_nothing(backend: &impl Backend) {
    const TASKS: usize = 16;
    const EACH: usize = 8;
    let store = backend.open();
    store.commit(put("count/a", "0")).await.unwrap();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut done = Vec::new();
                while done.len() < EACH {
                    let record = store.get(&key("count/a")).await.unwrap().unwrap();
                    let count: usize = std::str::from_utf8(&record.body).unwrap().parse().unwrap();
                    let next = put("count/a", &(count + 1).to_string()).requiring("count/a", Some(record.revision));
                    match store.commit(next).await {
                        Ok(revision) => done.push(revision),
                        Err(fault) => assert_eq!(fault, StoreFault::Conflict { key: key("count/a") }),
                    }
                }
                done
            })
        })
        .collect();
    let mut revisions = BTreeSet::new();
    for task in tasks {
        revisions.extend(task.await.unwrap());
    }
    assert_eq!(body(&store, "count/a").await, Some((TASKS * EACH).to_string()));
    assert_eq!(revisions.len(), TASKS * EACH);
}

pub(crate) async fn what_is_too_large_is_refused(backend: &impl Backend) {
    let store = backend.open();
    let records = |count: usize, bytes: usize| Transaction {
        puts: (0..count)
            .map(|number| (key(&format!("key/{number}")), vec![0; bytes]))
            .collect(),
        ..Transaction::default()
    };
    let refused = |what, size, limit| Err(StoreFault::TooLarge { what, size, limit });
    let (size, limit) = (RECORD_BYTES_MAX + 1, RECORD_BYTES_MAX);
    assert_eq!(
        store.commit(records(1, size)).await,
        refused("bytes of a record", size, limit)
    );
    let (size, limit) = (TRANSACTION_RECORDS_MAX + 1, TRANSACTION_RECORDS_MAX);
    assert_eq!(
        store.commit(records(size, 0)).await,
        refused("records of a transaction", size, limit)
    );
    let count = TRANSACTION_BYTES_MAX / RECORD_BYTES_MAX;
    // Each has a key as well: "key/" and a number of one or two digits.
    let size = TRANSACTION_BYTES_MAX + 10 * 5 + (count - 10) * 6;
    let whole = store.commit(records(count, RECORD_BYTES_MAX)).await;
    assert_eq!(whole, refused("bytes of a transaction", size, TRANSACTION_BYTES_MAX));
    assert!(store.list("", None, 1).await.unwrap().is_empty());
    store.commit(records(TRANSACTION_RECORDS_MAX, 1)).await.unwrap();
}

pub(crate) async fn a_transaction_changes_a_record_once(backend: &impl Backend) {
    let store = backend.open();
    let twice = Err(StoreFault::ChangedTwice { key: key("key/1") });
    let mut transaction = put("key/1", "one");
    transaction.puts.push((key("key/1"), b"two".to_vec()));
    assert_eq!(store.commit(transaction).await, twice);
    let mut transaction = put("key/1", "one");
    transaction.deletes.push(key("key/1"));
    assert_eq!(store.commit(transaction).await, twice);
    assert_eq!(body(&store, "key/1").await, None);
}

pub(crate) async fn requirements_alone_are_a_check(backend: &impl Backend) {
    let store = backend.open();
    let revision = store.commit(put("key/1", "one")).await.unwrap();
    let check = |required| store.commit(Transaction::default().requiring("key/1", required));
    assert!(check(Some(revision)).await.is_ok());
    assert_eq!(check(None).await, conflict("key/1"));
}

fn logging(bodies: &[&str]) -> Transaction {
    Transaction {
        appends: bodies.iter().map(|body| ("log", body.as_bytes().to_vec())).collect(),
        ..Transaction::default()
    }
}

pub(crate) async fn a_log_grows_in_the_order_of_the_commits(backend: &impl Backend) {
    let store = backend.open();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..20 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let body = writer.to_string();
            (store.commit(logging(&[&body, "second"])).await.unwrap(), body)
        });
    }
    let mut written = writers.join_all().await;
    written.sort_unstable_by_key(|(revision, _)| *revision);
    let log = store.list("log/", None, 100).await.unwrap();
    let mut expected = Vec::new();
    for (revision, body) in written {
        expected.push((log_id(revision, 0), revision, body));
        expected.push((log_id(revision, 1), revision, "second".to_owned()));
    }
    let found = log.into_iter().map(|record| {
        let body = String::from_utf8(record.body.to_vec()).unwrap();
        (record.key.id().to_owned(), record.revision, body)
    });
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

pub(crate) async fn a_refused_transaction_leaves_nothing_in_the_log(backend: &impl Backend) {
    let store = backend.open();
    let refused = logging(&["never"]).requiring("key/1", Some(Revision(1)));
    assert_eq!(store.commit(refused).await, conflict("key/1"));
    assert!(store.list("log/", None, 1).await.unwrap().is_empty());
}
