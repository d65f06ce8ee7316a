//! ListKeys over more keys than a page holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::KeyId;
use strongroom_kms::op::ListKeys;

use crate::bench::{Bench, scope};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn list_keys_goes_through_all_of_250() {
    let bench = Arc::new(Bench::new().await);
    let making: Vec<_> = (0..250)
        .map(|_| {
            tokio::spawn({
                let bench = Arc::clone(&bench);
                async move { bench.key().await }
            })
        })
        .collect();
    let mut made = BTreeSet::new();
    for key in making {
        made.insert(key.await.unwrap());
    }
    assert_eq!(made.len(), 250);
    for (limit, sizes) in [
        (None, vec![100, 100, 50]),
        (Some(125), vec![125, 125]),
        (Some(1_000), vec![250]),
    ] {
        let pages = pages(&bench, limit).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        let listed = pages.concat();
        assert!(listed.is_sorted_by(|one, next| one < next), "each once, in order");
        assert_eq!(BTreeSet::from_iter(listed), made);
    }
    assert_eq!(bench.reconcile().await.keys, 250);
}

async fn pages(bench: &Bench, limit: Option<usize>) -> Vec<Vec<KeyId>> {
    let (mut pages, mut marker) = (Vec::new(), None::<String>);
    loop {
        let page = bench
            .admin(ListKeys::new(limit, marker.as_deref()).unwrap())
            .await
            .unwrap();
        assert!(page.keys.iter().all(|(id, arn)| *arn == scope().key_arn(id)));
        pages.push(page.keys.iter().map(|(id, _)| *id).collect());
        match page.next_marker {
            Some(next) => marker = Some(next),
            None => return pages,
        }
    }
}

/// A marker names a place, not a key: the key there may go meanwhile.
#[tokio::test]
async fn a_marker_works_whether_or_not_its_key_exists() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let before = KeyId::from_bytes([0; 16]).to_string();
    let page = bench.admin(ListKeys::new(None, Some(&before)).unwrap()).await.unwrap();
    assert_eq!(page.keys.len(), 1);
    let page = bench
        .admin(ListKeys::new(None, Some(&key.to_string())).unwrap())
        .await
        .unwrap();
    assert!(page.keys.is_empty() && page.next_marker.is_none());
}
