//! Moments as CloudTrail writes them: ISO 8601, UTC. A dozen lines instead of a calendar crate.

use std::fmt;

use strongroom_base::Timestamp;

/// Formats as `2026-01-31T23:59:59.999Z`.
pub(crate) struct Iso8601(pub(crate) Timestamp);

const MILLIS_PER_DAY: i64 = 86_400_000;

impl fmt::Display for Iso8601 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let (year, month, day) = civil(millis.div_euclid(MILLIS_PER_DAY));
        let rest = millis.rem_euclid(MILLIS_PER_DAY);
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
        write!(
            formatter,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            rest % 1_000
        )
    }
}

/// Year, month and day of the proleptic Gregorian calendar, from days since 1970-01-01.
///
/// Years are counted from March, so that the leap day is a year's last one (Howard Hinnant, "chrono-compatible low-level
/// date algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let since_year_zero = days + 719_468;
    let era = since_year_zero.div_euclid(146_097);
    let day_of_era = since_year_zero.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests;
