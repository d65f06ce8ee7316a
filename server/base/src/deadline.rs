//! How long a request may still take, on the monotonic clock.

use std::time::{Duration, Instant};

/// A moment after which nobody waits for the answer any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// `duration` from now.
    #[must_use]
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// Whether the moment has passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.0 <= Instant::now()
    }

    /// The moment itself, for timers.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.0
    }
}
