use std::time::Duration;

use super::{less_margin, timeout};

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
    assert_eq!(less_margin(Duration::from_secs(10)), Duration::from_millis(9_990));
    assert_eq!(less_margin(Duration::from_millis(10)), Duration::from_millis(9));
    assert_eq!(less_margin(Duration::ZERO), Duration::ZERO);
}
