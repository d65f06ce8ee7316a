//! The log itself: resuming, restarts, and what is kept.

use std::time::Duration;

use strongroom_base::limits::{
    EVENTS_IN_MEMORY_MAX, EVENTS_KEPT_MAX, EVENTS_REMOVED_AT_ONCE, WATCHERS_PER_PRINCIPAL_MAX,
};
use strongroom_base::{Code, Event, EventKind};
use strongroom_store::RecordKey;

use crate::bench::{Bench, next, silent, told};

const TRIMMED: &str = "The events after this resume token are not all kept any more: start anew without a token, and read \
                       again whatever depends on events.";

#[tokio::test]
async fn a_watcher_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let bench = Bench::with(&[]).await;
    let mut watcher = bench.begun("administrator").await;
    bench.create("one", None).await;
    told(&mut watcher, 1).await;
    let token = watcher.token().to_string();
    drop(watcher);
    bench.create("two", None).await;
    bench.put("two", "second").await;
    let mut watcher = bench.watch("administrator", Some(&token), &[]).await.unwrap();
    assert!(next(&mut watcher).await.event.is_none());
    assert_eq!(
        told(&mut watcher, 2).await,
        ["SecretCreated two", "SecretValueChanged two"]
    );
    silent(&mut watcher).await;
}

#[tokio::test]
async fn a_restart_forgets_no_event() {
    let mut bench = Bench::with(&[]).await;
    let token = bench.begun("administrator").await.token().to_string();
    bench.create("one", None).await;
    bench.forget().await;
    bench.create("two", None).await;
    let mut watcher = bench.watch("administrator", Some(&token), &[]).await.unwrap();
    assert_eq!(told(&mut watcher, 2).await, ["SecretCreated one", "SecretCreated two"]);
}

#[tokio::test]
async fn what_is_no_longer_in_memory_comes_from_the_store() {
    let bench = Bench::with(&[]).await;
    bench.create("one", None).await;
    let token = bench.begun("administrator").await.token().to_string();
    for _ in 0..3 {
        tell_many(&bench).await;
    }
    bench.put("one", "second").await;
    let mut watcher = bench.watch("administrator", Some(&token), &[]).await.unwrap();
    assert_eq!(told(&mut watcher, 1).await, ["SecretValueChanged one"]);
}

/// Events that nobody hears of, in one commit.
const MANY: usize = 500;
const _: () = assert!(3 * MANY > EVENTS_IN_MEMORY_MAX);

async fn tell_many(bench: &Bench) {
    let event = || Event::new(EventKind::LogBegan, "log");
    let change = (0..MANY).fold(bench.records.change(), |change, _| change.tell(event()));
    change.commit().await.unwrap();
}

fn kept(bench: &Bench) -> usize {
    let events = |values: &mut std::collections::BTreeMap<RecordKey, Vec<u8>>| {
        values.keys().filter(|key| key.kind() == "event").count()
    };
    bench.disk.tamper(events)
}

#[tokio::test]
async fn the_oldest_events_go_and_who_stands_there_starts_anew() {
    let bench = Bench::with(&[]).await;
    let mut behind = bench.begun("administrator").await;
    let token = behind.token().to_string();
    for _ in 0..EVENTS_KEPT_MAX / MANY + 2 {
        tell_many(&bench).await;
    }
    let trimmed = async {
        while kept(&bench) >= EVENTS_KEPT_MAX + EVENTS_REMOVED_AT_ONCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), trimmed).await.unwrap();
    assert!(kept(&bench) >= EVENTS_KEPT_MAX, "no more go than must");
    for fault in [
        behind.next().await.unwrap_err(),
        bench.watch("administrator", Some(&token), &[]).await.err().unwrap(),
    ] {
        assert_eq!((fault.code(), fault.message()), (Code::TrimmedData, TRIMMED));
    }
    bench.create("one", None).await;
    let mut anew = bench.begun("administrator").await;
    bench.put("one", "second").await;
    assert_eq!(told(&mut anew, 1).await, ["SecretValueChanged one"]);
}

/// Damage at the front of the log keeps no other event from going.
#[tokio::test]
async fn events_that_cannot_be_read_keep_no_others() {
    let mut bench = Bench::with(&[]).await;
    tell_many(&bench).await;
    bench.disk.tamper(|values| {
        let events = values.iter_mut().filter(|(key, _)| key.kind() == "event");
        for (_, value) in events.take(EVENTS_REMOVED_AT_ONCE) {
            *value.last_mut().unwrap() ^= 1;
        }
    });
    bench.forget().await;
    for _ in 0..EVENTS_KEPT_MAX / MANY + 2 {
        tell_many(&bench).await;
    }
    let trimmed = async {
        while kept(&bench) >= EVENTS_KEPT_MAX + 2 * EVENTS_REMOVED_AT_ONCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), trimmed).await.unwrap();
}

/// The stream does not stand still before an event about which nobody can be decided.
#[tokio::test]
async fn an_event_of_a_record_that_cannot_be_read_is_told_to_nobody() {
    let mut bench = Bench::with(&[]).await;
    let token = bench.begun("administrator").await.token().to_string();
    bench.create("one", None).await;
    bench.create("two", None).await;
    bench.disk.tamper(|values| {
        let is_one = |key: &RecordKey| key.kind() == "secret" && key.id() == "one";
        let (_, value) = values.iter_mut().find(|(key, _)| is_one(key)).unwrap();
        *value.last_mut().unwrap() ^= 1;
    });
    bench.restart().await;
    let mut watcher = bench.watch("administrator", Some(&token), &[]).await.unwrap();
    assert_eq!(told(&mut watcher, 1).await, ["SecretCreated two"]);
}

#[tokio::test]
async fn a_token_that_is_from_nowhere_is_told_to_start_anew() {
    let bench = Bench::with(&[]).await;
    let other = Bench::with(&[]).await;
    other.create("one", None).await;
    let token = other.begun("administrator").await.token().to_string();
    let fault = bench.watch("administrator", Some(&token), &[]).await.err().unwrap();
    assert_eq!((fault.code(), fault.message()), (Code::TrimmedData, TRIMMED));
}

/// A gap that nobody can see past is said, not skipped.
#[tokio::test]
async fn a_damaged_event_makes_everybody_start_anew() {
    let mut bench = Bench::with(&[]).await;
    let token = bench.begun("administrator").await.token().to_string();
    bench.create("one", None).await;
    bench.create("two", None).await;
    bench.disk.tamper(|values| {
        let key: Vec<RecordKey> = values.keys().filter(|key| key.kind() == "event").cloned().collect();
        let value = values.get_mut(&key[1]).unwrap();
        *value.last_mut().unwrap() ^= 1;
    });
    bench.forget().await;
    let fault = bench.watch("administrator", Some(&token), &[]).await.err().unwrap();
    assert_eq!((fault.code(), fault.message()), (Code::TrimmedData, TRIMMED));
    let mut watcher = bench.begun("administrator").await;
    bench.create("three", None).await;
    assert_eq!(told(&mut watcher, 1).await, ["SecretCreated three"]);
}

#[tokio::test]
async fn a_place_is_free_again_when_its_watcher_goes() {
    let bench = Bench::with(&[]).await;
    let mut watchers = Vec::new();
    for _ in 0..WATCHERS_PER_PRINCIPAL_MAX {
        watchers.push(bench.watch("administrator", None, &[]).await.unwrap());
    }
    let fault = bench.watch("administrator", None, &[]).await.err().unwrap();
    assert_eq!(fault.code(), Code::LimitExceeded);
    assert_eq!(bench.events.watchers(), WATCHERS_PER_PRINCIPAL_MAX);
    watchers.pop();
    bench.begun("administrator").await;
}

#[tokio::test]
async fn before_the_log_has_been_read_a_watcher_is_asked_to_come_back() {
    let mut bench = Bench::with(&[]).await;
    bench.stop_following();
    let fault = bench.watch("administrator", None, &[]).await.err().unwrap();
    assert_eq!(fault.code(), Code::Unavailable);
    assert_eq!(
        fault.message(),
        "The service is still reading its log of events; try again."
    );
    bench.forget().await;
}
