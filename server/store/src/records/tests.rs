use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use strongroom_material::Material;

use super::cache::Cache;
use super::{Document, Inner, Records, Stored};
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::memory::{MemoryDisk, MemoryStore};
use crate::record::{Revision, Transaction};
use crate::sealer::Sealer;
use crate::store::Store;

/// The present version: a name in two parts.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    first: String,
    last: String,
}

impl Document for Person {
    const KIND: &'static str = "person";
    const VERSION: u16 = 2;

    /// Version 1 had the name in one text.
    fn upgrade(version: u16, body: Value) -> Option<Value> {
        let name = (version == 1).then(|| body.get("name")?.as_str()?.split_once(' '))??;
        Some(json!({ "first": name.0, "last": name.1 }))
    }
}

#[derive(Serialize, Deserialize)]
struct Count(u64);

impl Document for Count {
    const KIND: &'static str = "count";
    const VERSION: u16 = 1;
}

fn person(first: &str) -> Person {
    Person {
        first: first.to_owned(),
        last: "Hopper".to_owned(),
    }
}

fn store() -> Arc<MemoryStore> {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    Arc::new(MemoryStore::new(sealer))
}

/// Records with a cache of this size.
fn records(store: Arc<dyn Store>, slots_max: usize) -> Records {
    Records {
        inner: Arc::new(Inner {
            store,
            cache: Cache::with_slots_max(slots_max),
            clock: strongroom_base::Clock::System,
        }),
    }
}

fn key(id: &str) -> RecordKey {
    RecordKey::new("person", id).unwrap()
}

async fn found(records: &Records, id: &str) -> Stored<Person> {
    records.find(id).await.unwrap().unwrap()
}

async fn raw(store: &MemoryStore, id: &str, body: &[u8]) {
    let puts = vec![(key(id), body.to_vec())];
    store
        .commit(Transaction {
            puts,
            ..Transaction::default()
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn documents_come_back_as_they_were_written() {
    let store = store();
    let revision = Records::new(store.clone())
        .change()
        .insert("g", person("Grace"))
        .commit()
        .await
        .unwrap();
    let again = Records::new(store);
    let stored = found(&again, "g").await;
    assert_eq!((&*stored.document, stored.revision), (&person("Grace"), revision));
    assert!(
        Arc::ptr_eq(&stored.document, &found(&again, "g").await.document),
        "the second time from the cache"
    );
    assert!(again.find::<Person>("nobody").await.unwrap().is_none());
}

#[tokio::test]
async fn what_was_written_is_in_the_cache_at_once() {
    let records = Records::new(store());
    records.change().insert("g", person("Grace")).commit().await.unwrap();
    let first = found(&records, "g").await;
    assert!(Arc::ptr_eq(&first.document, &found(&records, "g").await.document));
    let revision = records
        .change()
        .replace("g", &first, person("Amazing"))
        .commit()
        .await
        .unwrap();
    let second = found(&records, "g").await;
    assert_eq!((&*second.document.first, second.revision), ("Amazing", revision));
    records.change().delete("g", &second).commit().await.unwrap();
    assert!(records.find::<Person>("g").await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_happens_as_a_whole_and_only_on_what_it_requires() {
    let records = Records::new(store());
    records
        .change()
        .insert("a", person("A"))
        .insert("b", person("B"))
        .commit()
        .await
        .unwrap();
    let (a, b) = (found(&records, "a").await, found(&records, "b").await);
    assert_eq!(a.revision, b.revision);
    let conflict = |id| Err(StoreFault::Conflict { key: key(id) });
    assert_eq!(
        records
            .change()
            .insert("c", person("C"))
            .insert("a", person("X"))
            .commit()
            .await,
        conflict("a")
    );
    assert_eq!(
        records
            .change()
            .insert("b", person("X"))
            .insert("c", person("C"))
            .commit()
            .await,
        conflict("b")
    );
    records.change().replace("b", &b, person("B2")).commit().await.unwrap();
    assert_eq!(
        records
            .change()
            .delete("a", &a)
            .replace("b", &b, person("B3"))
            .commit()
            .await,
        conflict("b")
    );
    assert_eq!(records.change().delete("b", &b).commit().await, conflict("b"));
    assert!(records.find::<Person>("c").await.unwrap().is_none());
    assert_eq!(found(&records, "a").await.first, "A");
    assert_eq!(found(&records, "b").await.first, "B2");
}

#[tokio::test]
async fn a_change_may_depend_on_what_it_leaves_alone() {
    let records = Records::new(store());
    records.change().insert("g", person("Grace")).commit().await.unwrap();
    let before = found(&records, "g").await;
    let change = || records.change().require("g", &before).insert("a", person("Ada"));
    records
        .change()
        .replace("g", &before, person("Amazing"))
        .commit()
        .await
        .unwrap();
    let fault = change().commit().await.unwrap_err();
    assert!(
        matches!(&fault, StoreFault::Conflict { key } if key.as_str() == "person/g"),
        "{fault}"
    );
    assert!(records.find::<Person>("a").await.unwrap().is_none());
    let after = found(&records, "g").await;
    let change = records.change().require("g", &after).insert("a", person("Ada"));
    change.commit().await.unwrap();
    assert_eq!(found(&records, "g").await.revision, after.revision);
}

#[tokio::test]
async fn the_first_mistake_in_a_change_stops_all_of_it() {
    let records = Records::new(store());
    let fault = records
        .change()
        .insert("a", person("A"))
        .insert("b c", person("B"))
        .commit()
        .await
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "not a record key: the id may have printable ASCII without blanks only"
    );
    assert!(records.find::<Person>("a").await.unwrap().is_none());
}

#[tokio::test]
async fn a_document_that_does_not_serialise_is_refused_without_its_content() {
    #[derive(Deserialize)]
    struct Broken;
    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("content"))
        }
    }
    impl Document for Broken {
        const KIND: &'static str = "broken";
        const VERSION: u16 = 1;
    }
    let fault = Records::new(store())
        .change()
        .insert("a", Broken)
        .commit()
        .await
        .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "document broken/a cannot be stored: it does not serialise"
    );
}

#[tokio::test]
async fn pages_are_in_order_and_carry_ids() {
    let records = Records::new(store());
    for id in ["team/b", "team/a", "solo", "team/c"] {
        records.change().insert(id, person(id)).commit().await.unwrap();
    }
    let ids = |rows: Vec<(String, Stored<Person>)>| -> Vec<String> {
        assert!(rows.iter().all(|(id, stored)| *id == stored.first));
        rows.into_iter().map(|(id, _)| id).collect()
    };
    assert_eq!(ids(records.page("team/", None, 2).await.unwrap()), ["team/a", "team/b"]);
    assert_eq!(ids(records.page("team/", Some("team/b"), 2).await.unwrap()), ["team/c"]);
    assert_eq!(
        ids(records.page("", None, 9).await.unwrap()),
        ["solo", "team/a", "team/b", "team/c"]
    );
}

/// Whatever the length of the pages, a record that cannot be read hides no other.
#[tokio::test]
async fn a_damaged_record_takes_its_own_place_only() {
    let disk = MemoryDisk::default();
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    let store = Arc::new(MemoryStore::over(disk.clone(), sealer));
    let records = Records::new(store.clone());
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
        records.change().insert(id, person(id)).commit().await.unwrap();
    }
    raw(&store, "f", b"\0\x02no document").await;
    disk.tamper(|values| {
        for id in ["b", "c", "g"] {
            *values.get_mut(&key(id)).unwrap().last_mut().unwrap() ^= 1;
        }
    });
    let records = Records::new(store);
    assert!(records.page::<Person>("", None, 9).await.is_err());
    for limit in 1..9 {
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = records
                .page_of_each::<Person>("", after.as_deref(), limit)
                .await
                .unwrap();
            assert!(page.len() <= limit);
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            seen.extend(page.into_iter().map(|(id, row)| match row {
                Ok(stored) => stored.first.clone(),
                Err(StoreFault::RecordDamaged { key, .. }) => format!("{id}: {key}"),
                Err(fault) => panic!("{fault}"),
            }));
        }
        let expected = [
            "a",
            "b: person/b",
            "c: person/c",
            "d",
            "e",
            "f: person/f",
            "g: person/g",
        ];
        assert_eq!(seen, expected, "{limit}");
    }
}

#[tokio::test]
async fn an_older_version_is_upgraded_and_written_in_the_new_one() {
    let store = store();
    raw(&store, "g", b"\0\x01{\"name\":\"Grace Hopper\"}").await;
    let records = Records::new(store.clone());
    let stored = found(&records, "g").await;
    assert_eq!(*stored.document, person("Grace"));
    records
        .change()
        .replace("g", &stored, person("Grace"))
        .commit()
        .await
        .unwrap();
    let body = store.get(&key("g")).await.unwrap().unwrap().body;
    assert_eq!(&*body, b"\0\x02{\"first\":\"Grace\",\"last\":\"Hopper\"}");
}

#[tokio::test]
async fn versions_that_cannot_be_read_say_what_to_install() {
    let store = store();
    raw(&store, "new", b"\0\x03{}").await;
    raw(&store, "old", b"\0\0{}").await;
    let records = Records::new(store);
    let newer = records.find::<Person>("new").await.err().unwrap();
    assert_eq!(
        newer.to_string(),
        "record person/new has version 3, this program knows 2: install the version that wrote it, or a newer one"
    );
    let older = records.find::<Person>("old").await.err().unwrap();
    assert_eq!(
        older.to_string(),
        "record person/old has version 0, this program cannot upgrade it to 2: upgrade through an older release first"
    );
    assert!(records.page::<Person>("", None, 9).await.is_err());
}

#[tokio::test]
async fn a_body_that_is_no_document_is_refused_without_quoting_it() {
    let store = store();
    for (id, body) in [
        ("a", &b"\0"[..]),
        ("b", b"\0\x02{\"first\":\"content\"}"),
        ("c", b"\0\x01content"),
    ] {
        raw(&store, id, body).await;
        let fault = Records::new(store.clone()).find::<Person>(id).await.err().unwrap();
        assert!(matches!(&fault, StoreFault::RecordDamaged { key, .. } if **key == *format!("person/{id}")));
        assert!(!format!("{fault} {fault:?}").contains("content of"), "{fault}");
        assert!(!fault.to_string().contains("\"content\""), "{fault}");
    }
}

#[tokio::test]
async fn a_commit_whose_caller_went_away_still_reaches_the_cache() {
    let records = Records::new(store());
    records.change().insert("g", person("Grace")).commit().await.unwrap();
    let before = found(&records, "g").await;
    let commit = tokio::spawn(records.change().replace("g", &before, person("Amazing")).commit());
    tokio::task::yield_now().await;
    commit.abort();
    let deadline = Instant::now() + Duration::from_secs(10);
    while found(&records, "g").await.first != "Amazing" {
        assert!(Instant::now() < deadline, "the cache never learned of the change");
        tokio::task::yield_now().await;
    }
}

/// Readers and writers of the same records over a cache that is emptied all the time: nobody ever reads something older
/// than what was acknowledged before the read began, nor something older than what the same reader saw before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_ever_goes_back_in_time() {
    const IDS: [&str; 3] = ["a", "b", "c"];
    let records = records(store(), 2);
    let acknowledged: Arc<[AtomicU64; 3]> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let (records, acknowledged, stop) = (records.clone(), Arc::clone(&acknowledged), Arc::clone(&stop));
        tasks.push(tokio::spawn(async move {
            let mut seen = [Revision(0); 3];
            while !stop.load(Ordering::Relaxed) {
                for (place, id) in IDS.iter().enumerate() {
                    let floor = Revision(acknowledged[place].load(Ordering::SeqCst)).max(seen[place]);
                    if let Some(stored) = records.find::<Count>(id).await.unwrap() {
                        assert!(stored.revision >= floor, "{id}: read {} after {floor}", stored.revision);
                        seen[place] = stored.revision;
                    }
                }
                tokio::task::yield_now().await;
            }
        }));
    }
    let mut writers = Vec::new();
    for writer in 0..4_u64 {
        let (records, acknowledged) = (records.clone(), Arc::clone(&acknowledged));
        writers.push(tokio::spawn(async move {
            for step in 0..500_u64 {
                let place = usize::try_from((writer + step) % 3).unwrap();
                let change = match records.find::<Count>(IDS[place]).await.unwrap() {
                    None => records.change().insert(IDS[place], Count(step)),
                    Some(before) if step % 5 == 0 => records.change().delete(IDS[place], &before),
                    Some(before) => records.change().replace(IDS[place], &before, Count(step)),
                };
                match change.commit().await {
                    Ok(revision) => drop(acknowledged[place].fetch_max(revision.0, Ordering::SeqCst)),
                    Err(fault) => assert!(matches!(fault, StoreFault::Conflict { .. }), "{fault}"),
                }
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
}

/// A kind whose documents are large.
#[derive(Serialize, Deserialize)]
struct Volume(String);

impl Document for Volume {
    const KIND: &'static str = "volume";
    const VERSION: u16 = 1;
    const CACHED: bool = false;
}

#[tokio::test]
async fn large_kinds_are_read_from_the_store_each_time() {
    let store = store();
    let records = records(Arc::clone(&store) as _, 100);
    records
        .change()
        .insert("1", Volume("first".to_owned()))
        .commit()
        .await
        .unwrap();
    let first = records.find::<Volume>("1").await.unwrap().unwrap();
    assert_eq!(first.0, "first");
    let again = records.find::<Volume>("1").await.unwrap().unwrap();
    assert!(!Arc::ptr_eq(&first.document, &again.document), "it was kept in memory");
    records
        .change()
        .replace("1", &again, Volume("second".to_owned()))
        .commit()
        .await
        .unwrap();
    assert_eq!(records.find::<Volume>("1").await.unwrap().unwrap().0, "second");
}
