use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use super::{Clock, Timestamp};

fn apart(wall: i64, seen: i64) -> Clock {
    let hand = |millis| Arc::new(AtomicI64::new(millis));
    Clock::Apart {
        wall: hand(wall),
        seen: hand(seen),
    }
}

#[test]
fn a_clock_that_is_set_forward_ends_no_waiting_early() {
    let clock = apart(9_000, 1_000);
    assert_eq!(clock.now(), Timestamp(9_000));
    assert_eq!(
        (clock.due(), clock.waiting_from()),
        (Timestamp(1_000), Timestamp(9_000))
    );
}

#[test]
fn waiting_that_begins_while_the_clock_is_set_back_is_not_short() {
    let clock = apart(1_000, 9_000);
    assert_eq!(
        (clock.due(), clock.waiting_from()),
        (Timestamp(1_000), Timestamp(9_000))
    );
}

#[test]
fn the_systems_time_passes_as_it_is_seen() {
    let clock = Clock::System;
    let (begun, wall) = (clock.seen(), clock.now());
    assert!(
        (begun.as_millis() - wall.as_millis()).abs() < 60_000,
        "{begun:?} {wall:?}"
    );
    std::thread::sleep(Duration::from_millis(20));
    assert!(clock.seen() >= begun.plus(Duration::from_millis(19)));
}
