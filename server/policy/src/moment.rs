//! Moments as policies write them: ISO 8601, in UTC or with an offset, or as seconds since 1970.

use strongroom_base::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;

/// The moment as AWS writes it: `2026-03-01T12:30:00Z`.
pub(crate) fn text(moment: Timestamp) -> String {
    let (days, millis) = (
        moment.as_millis().div_euclid(DAY_MILLIS),
        moment.as_millis().rem_euclid(DAY_MILLIS),
    );
    let (year, month, day) = civil(days);
    let seconds = millis / 1_000;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day counted from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
