//! The calendar of moments that are written for people. A dozen lines instead of a calendar crate.

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last one (Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms", `civil_from_days`). Days so far away that no [`Timestamp`](crate::Timestamp) reaches them are taken
/// for the last one that there is.
#[must_use]
pub fn civil(days: i64) -> (i64, i64, i64) {
    let since_year_zero = days.saturating_add(719_468);
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
