//! Wall-clock time, which somebody may set, and the time that this process has seen pass, which nobody can.
//!
//! What cannot be undone when a waiting period is over waits for both: see [`Clock::due`].

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment plus `duration`; stays at the last representable moment instead of overflowing.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// Whole days, as AWS counts waiting periods.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        self.plus(Duration::from_secs(u64::from(days) * 86_400))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }
}

/// Where the time comes from: the system, or a test's hand.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The operating system's wall clock.
    #[default]
    System,
    /// Milliseconds since the epoch, set by whoever holds the other handle: time passes, and the clock shows it.
    Manual(Arc<AtomicI64>),
    /// The same with the two apart: a wall clock that is set while time passes.
    Apart {
        /// What the wall clock shows.
        wall: Arc<AtomicI64>,
        /// What it would show had nobody set it since the process began.
        seen: Arc<AtomicI64>,
    },
}

/// The wall clock's time when this process first asked, and that moment on the monotonic clock.
static BEGINNING: LazyLock<(Timestamp, Instant)> = LazyLock::new(|| (wall_time(), Instant::now()));

impl Clock {
    /// The present moment. A system clock before 1970 reads as 1970.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => wall_time(),
            Self::Manual(millis) | Self::Apart { wall: millis, .. } => Timestamp(millis.load(Ordering::Acquire)),
        }
    }

    /// What the clock would show had nobody set it since this process first asked. The time that a machine sleeps is
    /// not seen. Call it at the start.
    #[must_use]
    pub fn seen(&self) -> Timestamp {
        match self {
            Self::System => {
                let (begun, at) = *BEGINNING;
                begun.plus(at.elapsed())
            }
            Self::Manual(millis) | Self::Apart { seen: millis, .. } => Timestamp(millis.load(Ordering::Acquire)),
        }
    }

    /// The moment up to which waiting periods are over: the wall clock's, but no later than this process has seen time
    /// pass. A clock that is set forward ends none early; with a restart the new time counts.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        self.now().min(self.seen())
    }

    /// From when a waiting period is counted that begins now: one that begins while the clock is set back is not short.
    #[must_use]
    pub fn waiting_from(&self) -> Timestamp {
        self.now().max(self.seen())
    }
}

fn wall_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
