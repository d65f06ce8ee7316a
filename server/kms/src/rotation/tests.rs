use strongroom_base::Timestamp;

use crate::key::RotationSchedule;

const DAY: i64 = 86_400_000;

fn every_ninety_days_from(next: i64) -> RotationSchedule {
    RotationSchedule {
        period_days: 90,
        next: Timestamp(next * DAY),
    }
}

#[test]
fn a_schedule_goes_on_from_its_own_dates() {
    let schedule = every_ninety_days_from(100);
    assert!(!schedule.is_due(Timestamp(100 * DAY - 1)));
    assert!(schedule.is_due(Timestamp(100 * DAY)));
    assert_eq!(schedule.advanced(Timestamp(103 * DAY)), every_ninety_days_from(190));
}

#[test]
fn missed_dates_are_not_made_up_for() {
    let schedule = every_ninety_days_from(100);
    assert_eq!(schedule.advanced(Timestamp(190 * DAY)), every_ninety_days_from(280));
    assert_eq!(schedule.advanced(Timestamp(1_000 * DAY)), every_ninety_days_from(1_090));
}
