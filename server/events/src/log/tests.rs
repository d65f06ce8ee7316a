use strongroom_base::{EventId, EventKind};

use super::*;

fn logged(revision: u64) -> Logged {
    Logged {
        token: ResumeToken {
            place: Place { revision, part: 0 },
            event: EventId::from_bytes([u8::try_from(revision % 251).unwrap(); 16]),
        },
        time: Timestamp(0),
        event: Event::new(EventKind::SecretCreated, format!("secret:{revision}-AbCdEf")),
    }
}

fn log(count: u64) -> Log {
    let log = Log::new();
    log.extend((1..=count).map(logged).collect());
    log
}

fn place(revision: u64) -> Place {
    Place { revision, part: 0 }
}

fn revisions(after: Result<After, Fault>) -> Vec<u64> {
    match after.unwrap() {
        After::Memory(events) => events.iter().map(|logged| logged.token.place.revision).collect(),
        After::Store => panic!("it is in memory"),
    }
}

#[test]
fn what_comes_after_a_place_comes_in_order_and_in_parts() {
    let log = log(200);
    assert_eq!(revisions(log.after(place(197))), [198, 199, 200]);
    assert_eq!(revisions(log.after(place(200))), [0_u64; 0]);
    assert_eq!(revisions(log.after(place(1))), (2..66).collect::<Vec<_>>());
}

#[test]
fn whoever_is_far_behind_reads_the_store() {
    let log = log(EVENTS_IN_MEMORY_MAX as u64 + 10);
    assert!(matches!(log.after(place(10)), Ok(After::Store)));
    assert_eq!(revisions(log.after(place(11)))[0], 12);
}

#[test]
fn who_stands_before_what_is_kept_must_start_anew() {
    let log = log(20);
    log.forget_through(place(10));
    let says = "The events after this resume token are not all kept any more: start anew without a token, and read again \
                whatever depends on events.";
    for fault in [
        log.after(place(10)).err().unwrap(),
        log.check(&logged(10).token).unwrap_err(),
    ] {
        assert_eq!(fault.code(), Code::TrimmedData);
        assert_eq!(fault.message(), says);
    }
    log.check(&logged(11).token).unwrap();
    assert_eq!(revisions(log.after(place(11)))[0], 12);
}

#[test]
fn a_token_of_another_life_of_the_store_is_refused() {
    let log = log(20);
    let other = ResumeToken {
        event: EventId::from_bytes([0xFF; 16]),
        ..logged(11).token
    };
    assert_eq!(log.check(&other).unwrap_err().code(), Code::TrimmedData);
    assert_eq!(
        log.check(&logged(21).token).unwrap_err().code(),
        Code::TrimmedData,
        "not yet"
    );
}
