use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Cache, Erased, Found, Ticket};
use crate::record::Revision;
use crate::records::{Document, Stored};

#[derive(Serialize, Deserialize)]
struct Number(u64);

impl Document for Number {
    const KIND: &'static str = "number";
    const VERSION: u16 = 1;
}

#[derive(Serialize, Deserialize)]
struct Impostor;

impl Document for Impostor {
    const KIND: &'static str = "number";
    const VERSION: u16 = 1;
}

fn stored(revision: u64) -> Stored<Number> {
    Stored {
        revision: Revision(revision),
        document: Arc::new(Number(revision)),
    }
}

fn written(revision: u64) -> Option<(Revision, Option<Erased>)> {
    Some((Revision(revision), Some(Arc::new(Number(revision)))))
}

fn look(cache: &Cache, id: &str) -> Result<u64, Ticket> {
    match cache.find::<Number>(id) {
        Found::Document(stored) => {
            assert_eq!(stored.revision.0, stored.document.0);
            Ok(stored.document.0)
        }
        Found::Unknown(ticket) => Err(ticket),
    }
}

fn miss(cache: &Cache, id: &str) -> Ticket {
    look(cache, id).expect_err("not cached")
}

fn begin(cache: &Cache, id: &str) {
    cache.begin([("number", id)].into_iter());
}

#[test]
fn what_was_filled_in_is_found() {
    let cache = Cache::new();
    cache.fill("a", &stored(5), miss(&cache, "a"));
    assert_eq!(look(&cache, "a").ok(), Some(5));
    assert!(look(&cache, "b").is_err());
}

#[test]
fn a_slow_reader_does_not_put_back_what_was_replaced() {
    let cache = Cache::new();
    let slow = miss(&cache, "a");
    begin(&cache, "a");
    cache.end("number", "a", written(9));
    cache.fill("a", &stored(5), slow);
    assert_eq!(look(&cache, "a").ok(), Some(9));
}

#[test]
fn a_slow_reader_does_not_bring_back_what_was_deleted() {
    let cache = Cache::new();
    let slow = miss(&cache, "a");
    begin(&cache, "a");
    cache.end("number", "a", Some((Revision(9), None)));
    cache.fill("a", &stored(5), slow);
    assert!(look(&cache, "a").is_err());
    cache.fill("a", &stored(10), miss(&cache, "a"));
    assert_eq!(look(&cache, "a").ok(), Some(10), "one that was made anew is welcome");
}

#[test]
fn a_slow_reader_does_not_use_a_cache_that_was_emptied_meanwhile() {
    let cache = Cache::with_slots_max(2);
    let slow = miss(&cache, "a");
    begin(&cache, "a");
    cache.end("number", "a", Some((Revision(9), None)));
    for id in ["b", "c", "d"] {
        cache.fill(id, &stored(7), miss(&cache, id));
    }
    cache.fill("a", &stored(5), slow);
    assert!(
        look(&cache, "a").is_err(),
        "the slot that knew of revision 9 is gone, but so is the reader's ticket"
    );
}

#[test]
fn while_a_record_is_changed_the_store_must_be_asked() {
    let cache = Cache::new();
    cache.fill("a", &stored(5), miss(&cache, "a"));
    begin(&cache, "a");
    begin(&cache, "a");
    cache.fill("a", &stored(5), miss(&cache, "a"));
    assert!(look(&cache, "a").is_err(), "nobody fills in either");
    cache.end("number", "a", written(9));
    assert!(look(&cache, "a").is_err(), "the other change is still under way");
    cache.end("number", "a", None);
    assert_eq!(look(&cache, "a").ok(), Some(9));
}

#[test]
fn changes_that_end_out_of_order_leave_the_later_one() {
    let cache = Cache::new();
    begin(&cache, "a");
    begin(&cache, "a");
    cache.end("number", "a", written(10));
    cache.end("number", "a", written(9));
    assert_eq!(look(&cache, "a").ok(), Some(10));
}

#[test]
fn emptying_keeps_the_marks_of_changes_under_way() {
    let cache = Cache::with_slots_max(2);
    begin(&cache, "a");
    for id in ["b", "c", "d", "e"] {
        cache.fill(id, &stored(7), miss(&cache, id));
    }
    cache.fill("a", &stored(5), miss(&cache, "a"));
    assert!(look(&cache, "a").is_err());
    cache.end("number", "a", written(9));
    assert_eq!(look(&cache, "a").ok(), Some(9));
}

#[test]
fn a_document_of_another_type_is_not_taken_for_this_one() {
    let cache = Cache::new();
    cache.fill("a", &stored(5), miss(&cache, "a"));
    assert!(matches!(cache.find::<Impostor>("a"), Found::Unknown(_)));
}
