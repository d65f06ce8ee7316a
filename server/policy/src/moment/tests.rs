use proptest::prelude::*;
use strongroom_base::Timestamp;

use super::{parse, text};

#[test]
fn every_form_is_read() {
    for (written, millis) in [
        ("1970", 0),
        ("1970-02", 2_678_400_000),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T00:01Z", 60_000),
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01T00:00:01.5Z", 1_500),
        ("1970-01-01T00:00:01.12345+01:30", -5_398_877),
        ("1970-01-01T00:00:01-00:01", 61_000),
        ("2000-02-29", 951_782_400_000),
        ("12345", 12_345_000),
        ("1772366400", 1_772_366_400_000),
    ] {
        assert_eq!(parse(written), Some(Timestamp(millis)), "{written}");
    }
}

#[test]
fn what_is_no_moment_is_not_read() {
    for written in [
        "",
        "70",
        "1970-1",
        "1970-13",
        "1970-00-01",
        "2001-02-29",
        "1970-01-01-01",
        "1970-01T00:00Z",
        "1970-01-01T",
        "1970-01-01T00Z",
        "1970-01-01T00:00",
        "1970-01-01T24:00Z",
        "1970-01-01T00:60Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00:00Z",
        "1970-01-01T00:00:00*01:00",
        "1970-01-01T00:00:00+01:60",
        "1970-01-01 00:00:00Z",
        "99999999999999999999",
        "-1",
        "é970-01-01T00:00:00Zé",
    ] {
        assert_eq!(parse(written), None, "{written}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(seconds in -62_167_219_200_i64..253_402_300_800) {
        let moment = Timestamp(seconds * 1_000);
        prop_assert_eq!(parse(&text(moment)), Some(moment));
    }

    #[test]
    fn reading_never_panics(written in "\\PC{0,30}", shaped in "[0-9T:.Z+-]{0,30}") {
        let _ = (parse(&written), parse(&shaped));
    }
}
