use std::time::{Duration, Instant};

use strongroom_base::limits::{REQUEST_DEADLINE_DEFAULT, REQUEST_DEADLINE_MAX};
use tonic::metadata::MetadataMap;

use super::{deadline_of, last_moment, margin, patience, timeout};

#[test]
fn every_unit_is_read() {
    assert_eq!(timeout("2H"), Some(Duration::from_secs(7_200)));
    assert_eq!(timeout("3M"), Some(Duration::from_secs(180)));
    assert_eq!(timeout("4S"), Some(Duration::from_secs(4)));
    assert_eq!(timeout("5m"), Some(Duration::from_millis(5)));
    assert_eq!(timeout("6u"), Some(Duration::from_micros(6)));
    assert_eq!(timeout("99999999n"), Some(Duration::from_nanos(99_999_999)));
}

#[test]
fn nonsense_is_no_deadline() {
    for text in ["", "S", "1", "1x", "-1S", "123456789S", "1 S", "ä"] {
        assert_eq!(timeout(text), None, "{text:?}");
    }
}

#[test]
fn our_answer_comes_before_the_callers_timer() {
    assert_eq!(margin(Duration::from_secs(10)), Duration::from_millis(10));
    assert_eq!(margin(Duration::from_millis(10)), Duration::from_millis(1));
    assert_eq!(margin(Duration::ZERO), Duration::ZERO);
    let mut metadata = MetadataMap::new();
    metadata.insert("grpc-timeout", "5S".parse().unwrap());
    let before = Instant::now();
    let (first, second) = (
        deadline_of(&metadata).instant(),
        last_moment(&metadata.clone().into_headers()),
    );
    assert!(first < second, "the refusal that says more must come first");
    assert!(
        first >= before + Duration::from_millis(4_990),
        "the caller waits longer"
    );
    assert!(
        second < Instant::now() + Duration::from_secs(5),
        "the caller is gone by then"
    );
}

#[test]
fn a_caller_that_does_not_say_waits_ten_seconds() {
    assert_eq!(REQUEST_DEADLINE_DEFAULT, Duration::from_secs(10));
    for header in [None, Some("forever")] {
        assert_eq!(patience(header), REQUEST_DEADLINE_DEFAULT, "{header:?}");
    }
}

#[test]
fn nobody_waits_longer_than_a_minute() {
    assert_eq!(REQUEST_DEADLINE_MAX, Duration::from_secs(60));
    for header in ["61S", "2M", "99999999H"] {
        assert_eq!(patience(Some(header)), REQUEST_DEADLINE_MAX, "{header:?}");
    }
    assert_eq!(patience(Some("59S")), Duration::from_secs(59));
}
