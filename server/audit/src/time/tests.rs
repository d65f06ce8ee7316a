use strongroom_base::Timestamp;

use super::{Iso8601, MILLIS_PER_DAY, civil};

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

/// Day by day through two cycles of the calendar, against the rule for leap years.
#[test]
fn every_day_follows_the_one_before() {
    let (mut year, mut month, mut day) = (1970, 1, 1);
    for days in 0..2 * 146_097 {
        assert_eq!(civil(days), (year, month, day), "day {days}");
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        (year, month, day) = match (month, day == length) {
            (_, false) => (year, month, day + 1),
            (12, true) => (year + 1, 1, 1),
            (_, true) => (year, month + 1, 1),
        };
    }
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for millis in [i64::MIN, i64::MAX, i64::MIN / MILLIS_PER_DAY] {
        assert!(Iso8601(Timestamp(millis)).to_string().ends_with('Z'));
    }
}
