use strongroom_base::Timestamp;

use super::{Iso8601, MILLIS_PER_DAY};

#[test]
fn known_moments() {
    let cases = [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
        (4_107_542_399_001, "2100-02-28T23:59:59.001Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ];
    for (millis, text) in cases {
        assert_eq!(Iso8601(Timestamp(millis)).to_string(), text);
    }
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for millis in [i64::MIN, i64::MAX, i64::MIN / MILLIS_PER_DAY] {
        assert!(Iso8601(Timestamp(millis)).to_string().ends_with('Z'));
    }
}
