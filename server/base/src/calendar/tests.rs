use super::civil;

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
    assert_eq!(civil(i64::MAX), civil(i64::MAX - 1));
    for days in [i64::MIN, i64::MAX] {
        let (_, month, day) = civil(days);
        assert!((1..=12).contains(&month) && (1..=31).contains(&day), "{days}");
    }
}
