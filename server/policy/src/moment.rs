//! Moments as policies write them: ISO 8601, in UTC or with an offset, or as seconds since 1970.

use strongroom_base::{Timestamp, civil};

const DAY_MILLIS: i64 = 86_400_000;

/// The moment as AWS writes it: `2026-03-01T12:30:00Z`.
#[must_use]
pub fn text(moment: Timestamp) -> String {
    let (days, millis) = (
        moment.as_millis().div_euclid(DAY_MILLIS),
        moment.as_millis().rem_euclid(DAY_MILLIS),
    );
    let (year, month, day) = civil(days);
    let seconds = millis / 1_000;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Days from 1970-01-01 to the first of a month; the inverse of [`civil`].
fn days_before(year: i64, month: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Reads a moment in one of the forms of ISO 8601 that the W3C names (year, month, day, minute, second, or a part of it, with
/// `Z` or an offset), or as seconds since 1970 where there are more than four digits.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && text.len() > 4 {
        let seconds: i64 = text.parse().ok()?;
        return seconds.checked_mul(1_000).map(Timestamp);
    }
    let (date, time) = match text.split_once('T') {
        None => (text, None),
        Some((date, time)) => (date, Some(time)),
    };
    let days = days_of(date, time.is_some())?;
    let millis = time.map_or(Some(0), millis_of)?;
    Some(Timestamp(days * DAY_MILLIS + millis))
}

/// The day that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` names, counted from 1970-01-01.
fn days_of(text: &str, whole: bool) -> Option<i64> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next();
    if parts.next().is_some() || (whole && day.is_none()) {
        return None;
    }
    let day = day.map_or(Some(1), |part| digits(part, 2))?;
    let days = days_before(year, month) + day - 1;
    (civil(days) == (year, month, day)).then_some(days)
}

/// Milliseconds of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s...`, with `Z` or an offset behind it.
fn millis_of(text: &str) -> Option<i64> {
    let (clock, offset_minutes) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let (clock, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
            let (sign, offset) = offset.split_at_checked(1)?;
            let (hours, minutes) = offset.split_once(':')?;
            let minutes = below(hours, 24)? * 60 + below(minutes, 60)?;
            let minutes = match sign {
                "+" => minutes,
                "-" => -minutes,
                _ => return None,
            };
            (clock, minutes)
        }
    };
    let (clock, fraction) = match clock.split_once('.') {
        None => (clock, 0),
        Some((clock, fraction)) => (clock, thousandths(fraction)?),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (below(parts.next()?, 24)?, below(parts.next()?, 60)?);
    let second = parts.next().map_or(Some(0), |part| below(part, 60))?;
    let seconds = ((hour * 60 + minute) - offset_minutes) * 60 + second;
    parts.next().is_none().then_some(seconds * 1_000 + fraction)
}

fn below(text: &str, bound: i64) -> Option<i64> {
    digits(text, 2).filter(|number| *number < bound)
}

/// The first three digits behind the point.
fn thousandths(text: &str) -> Option<i64> {
    let padded: String = text.chars().chain("00".chars()).take(3).collect();
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits(&padded, 3)).flatten()
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
