//! Seals: what somebody who can write to the files cannot do unnoticed.

use std::sync::Arc;

use strongroom_material::Material;
use strongroom_store::{Revision, Sealer, Store, StoreFault};

use crate::backend::{Backend, Requiring, body, key, put, sealer};

const EDITED: &str = "its tag does not fit its name, revision and content, so it was edited, swapped or copied";

async fn refused(store: &Arc<dyn Store>, text: &str, what: &'static str) {
    let damaged = StoreFault::RecordDamaged { key: text.into(), what };
    assert_eq!(store.get(&key(text)).await.unwrap_err(), damaged);
    assert_eq!(
        store.list("", None, 10).await.unwrap_err(),
        damaged,
        "a list does not skip it"
    );
    let replace = put(text, "x").requiring(text, Some(Revision(1)));
    assert_eq!(
        store.commit(replace).await.unwrap_err(),
        damaged,
        "nor does a requirement"
    );
}

/// A store with `key/a` and `key/b`, closed.
async fn two(backend: &impl Backend) -> (Revision, Revision) {
    let store = backend.open();
    let first = store.commit(put("key/a", "alpha")).await.unwrap();
    (first, store.commit(put("key/b", "bravo")).await.unwrap())
}

pub(crate) async fn a_locked_store_keeps_bootstrap_records_only(backend: &impl Backend) {
    let sealer = Sealer::locked();
    let store = backend.open_with(sealer.clone());
    store
        .commit(put("bootstrap/sealing-key", "wrapped").requiring("bootstrap/sealing-key", None))
        .await
        .unwrap();
    assert_eq!(body(&store, "bootstrap/sealing-key").await.as_deref(), Some("wrapped"));
    assert_eq!(store.list("bootstrap/", None, 10).await.unwrap().len(), 1);

    assert_eq!(store.get(&key("key/1")).await.unwrap_err(), StoreFault::Locked);
    assert_eq!(store.list("key/", None, 10).await.unwrap_err(), StoreFault::Locked);
    assert_eq!(store.list("", None, 10).await.unwrap_err(), StoreFault::Locked);
    assert_eq!(store.commit(put("key/1", "x")).await.unwrap_err(), StoreFault::Locked);
    let checks = put("bootstrap/other", "x").requiring("key/1", None);
    assert_eq!(store.commit(checks).await.unwrap_err(), StoreFault::Locked);

    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    store.commit(put("key/1", "x")).await.unwrap();
    assert_eq!(store.list("", None, 10).await.unwrap().len(), 2);
}

pub(crate) async fn an_edited_record_is_refused_by_name(backend: &impl Backend) {
    two(backend).await;
    backend.tamper(|values| {
        let value = values.get_mut(&key("key/a")).unwrap();
        let end = value.len() - 1;
        value[end] ^= 1;
    });
    let store = backend.open();
    refused(&store, "key/a", EDITED).await;
    assert_eq!(
        body(&store, "key/b").await.as_deref(),
        Some("bravo"),
        "others are as good as before"
    );
}

pub(crate) async fn two_swapped_records_are_refused(backend: &impl Backend) {
    two(backend).await;
    backend.tamper(|values| {
        let (a, b) = (values[&key("key/a")].clone(), values[&key("key/b")].clone());
        values.extend([(key("key/a"), b), (key("key/b"), a)]);
    });
    let store = backend.open();
    refused(&store, "key/a", EDITED).await;
    assert!(store.get(&key("key/b")).await.is_err());
}

pub(crate) async fn a_copied_record_is_refused(backend: &impl Backend) {
    two(backend).await;
    backend.tamper(|values| {
        let value = values[&key("key/a")].clone();
        values.insert(key("key/0"), value);
    });
    refused(&backend.open(), "key/0", EDITED).await;
}

pub(crate) async fn an_old_value_under_a_new_revision_is_refused(backend: &impl Backend) {
    let (old, _) = two(backend).await;
    let mut kept = Vec::new();
    backend.tamper(|values| kept.clone_from(&values[&key("key/a")]));
    let store = backend.open();
    let new = store
        .commit(put("key/a", "changed").requiring("key/a", Some(old)))
        .await
        .unwrap();
    drop(store);
    kept[1..9].copy_from_slice(&new.0.to_be_bytes());
    backend.tamper(|values| values.extend([(key("key/a"), kept)]));
    refused(&backend.open(), "key/a", EDITED).await;
}

pub(crate) async fn another_sealing_key_opens_nothing(backend: &impl Backend) {
    two(backend).await;
    refused(&backend.open_with(sealer(2)), "key/a", EDITED).await;
}

pub(crate) async fn a_damaged_record_can_be_written_over(backend: &impl Backend) {
    two(backend).await;
    backend.tamper(|values| values.extend([(key("key/a"), vec![])]));
    let store = backend.open();
    refused(&store, "key/a", "it is empty").await;
    store.commit(put("key/a", "repaired")).await.unwrap();
    assert_eq!(body(&store, "key/a").await.as_deref(), Some("repaired"));
}

pub(crate) async fn a_bootstrap_record_cannot_pose_as_another(backend: &impl Backend) {
    let store = backend.open();
    store.commit(put("bootstrap/1", "unsealed")).await.unwrap();
    drop(store);
    backend.tamper(|values| {
        let value = values[&key("bootstrap/1")].clone();
        values.insert(key("key/a"), value);
    });
    refused(&backend.open(), "key/a", "its format is not the one of its kind").await;
}
