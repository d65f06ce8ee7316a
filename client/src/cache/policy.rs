//! [`CachePolicy`]: how long values are kept.

use std::time::Duration;

/// How a cache keeps values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachePolicy {
    /// Time after which a value is read anew at the next question; 5 minutes unless said otherwise. Each value gets up to a
    /// tenth less, by chance, so that many clients do not ask at the same moment.
    pub refresh: Duration,
    /// Time since its last reading for which a value is answered while the service cannot be reached or is overloaded; an hour
    /// unless said otherwise. Zero answers none.
    pub stale_max: Duration,
    /// Time for which the service is not asked again for a value that it could not give; a second unless said otherwise.
    pub pause: Duration,
    /// Values at most; the one that nobody asked for the longest goes. 1,024 unless said otherwise, and at least one.
    pub entries_max: usize,
}

impl Default for CachePolicy {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(300),
            stale_max: Duration::from_secs(3_600),
            pause: Duration::from_secs(1),
            entries_max: 1_024,
        }
    }
}
