//! Moments as CloudTrail writes them: ISO 8601, UTC.

use std::fmt;

use strongroom_base::{Timestamp, civil};

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

#[cfg(test)]
mod tests;
