//! News of changes, and leases.

use std::time::Duration;

use strongroom_base::limits::{COMMIT_BATCH_MAX, TRANSACTION_RECORDS_MAX, WATCH_BACKLOG_MAX};
use strongroom_store::{Changed, Revision, Transaction, Watch, Watched};
use tokio::time::timeout;

use crate::backend::{Backend, Requiring, body, conflict, delete, key, put};

/// One batch of small changes never makes a watcher fall behind.
const _: () = assert!(COMMIT_BATCH_MAX <= WATCH_BACKLOG_MAX);

const SOON: Duration = Duration::from_secs(10);
const A_WHILE: Duration = Duration::from_millis(50);

async fn next(watch: &mut Watch) -> Watched {
    timeout(SOON, watch.next())
        .await
        .expect("news come soon")
        .expect("the store is open")
}

fn changed(text: &str, revision: Revision, deleted: bool) -> Watched {
    Watched::Changed(Changed {
        key: key(text),
        revision,
        deleted,
    })
}

pub(crate) async fn changes_come_in_order_and_only_under_the_prefix(backend: &impl Backend) {
    let store = backend.open();
    let mut watch = store.watch("key/");
    let first = store.commit(put("key/1", "")).await.unwrap();
    store.commit(put("alias/1", "")).await.unwrap();
    let second = store.commit(delete("key/1")).await.unwrap();
    let both = Transaction {
        puts: vec![(key("key/3"), vec![]), (key("key/2"), vec![])],
        ..Transaction::default()
    };
    let third = store.commit(both).await.unwrap();
    assert_eq!(next(&mut watch).await, changed("key/1", first, false));
    assert_eq!(next(&mut watch).await, changed("key/1", second, true));
    assert_eq!(next(&mut watch).await, changed("key/3", third, false));
    assert_eq!(next(&mut watch).await, changed("key/2", third, false));
    drop(store);
    assert_eq!(
        timeout(SOON, watch.next()).await.unwrap(),
        None,
        "a watch ends with its store"
    );
}

pub(crate) async fn a_watch_starts_now(backend: &impl Backend) {
    let store = backend.open();
    store.commit(put("key/1", "")).await.unwrap();
    let mut watch = store.watch("");
    let second = store.commit(put("key/2", "")).await.unwrap();
    assert_eq!(next(&mut watch).await, changed("key/2", second, false));
}

pub(crate) async fn a_slow_watcher_is_told_that_it_fell_behind(backend: &impl Backend) {
    let store = backend.open();
    let mut watch = store.watch("key/");
    let puts = |from: usize| {
        (from..from + TRANSACTION_RECORDS_MAX)
            .map(|id| (key(&format!("key/{id}")), vec![]))
            .collect()
    };
    for part in 0..=WATCH_BACKLOG_MAX / TRANSACTION_RECORDS_MAX {
        store
            .commit(Transaction {
                puts: puts(part * TRANSACTION_RECORDS_MAX),
                ..Transaction::default()
            })
            .await
            .unwrap();
    }
    assert_eq!(next(&mut watch).await, Watched::FellBehind);
    assert!(
        matches!(next(&mut watch).await, Watched::Changed(_)),
        "it goes on afterwards"
    );
}

pub(crate) async fn refused_transactions_are_no_news(backend: &impl Backend) {
    let store = backend.open();
    let mut watch = store.watch("");
    let refused = put("key/1", "").requiring("key/2", Some(Revision(1)));
    assert_eq!(store.commit(refused).await, conflict("key/2"));
    assert!(timeout(A_WHILE, watch.next()).await.is_err());
}

pub(crate) async fn what_a_watcher_heard_of_can_be_read(backend: &impl Backend) {
    let store = backend.open();
    let mut watch = store.watch("");
    for round in 0..50 {
        let writer = std::sync::Arc::clone(&store);
        let commit = tokio::spawn(async move { writer.commit(put("key/1", &round.to_string())).await });
        assert!(matches!(next(&mut watch).await, Watched::Changed(_)));
        assert_eq!(body(&store, "key/1").await, Some(round.to_string()));
        commit.await.unwrap().unwrap();
    }
}

pub(crate) async fn a_lease_has_one_holder(backend: &impl Backend) {
    let store = backend.open();
    let lease = store.lease("reaper", SOON).await.unwrap().unwrap();
    assert!(store.lease("reaper", SOON).await.unwrap().is_none());
    assert!(lease.remaining() > SOON / 2);
    drop(lease);
    let mut short = store.lease("reaper", A_WHILE).await.unwrap().unwrap();
    tokio::time::sleep(A_WHILE * 2).await;
    let mut next = store.lease("reaper", SOON).await.unwrap().expect("it ran out");
    assert!(short.renew(SOON).is_err());
    next.renew(SOON * 2).unwrap();
    assert!(next.remaining() > SOON);
}
