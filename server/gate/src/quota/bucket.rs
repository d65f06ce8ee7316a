//! [`Bucket`]: one account's or principal's tokens of one class, without a lock (the generic cell rate algorithm, ITU-T I.371).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use strongroom_base::limits::{QUOTA_BURST, THROTTLED_RECORD_INTERVAL};

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    /// Nanoseconds in which one token comes.
    interval: u64,
    /// Nanoseconds of tokens that the bucket holds beyond the one that is taken.
    ahead: u64,
}

impl Rate {
    /// So many requests a second, of which those of one second may come at once, and one in any case.
    pub(super) fn per_second(requests: f64) -> Self {
        let interval = (1e9 / requests).round().max(1.0) as u64;
        Self {
            interval,
            ahead: nanos(QUOTA_BURST).saturating_sub(interval),
        }
    }
}

/// One account's or principal's tokens of one class.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// When the bucket is full again, in nanoseconds since the process began.
    full: AtomicU64,
    /// When a refusal was last recorded, in nanoseconds since the process began; 0 for never.
    recorded: AtomicU64,
    /// Refusals since then.
    left_out: AtomicU64,
}

impl Bucket {
    /// Takes a token at `now`, or says when there is one.
    pub(super) fn take(&self, rate: Rate, now: Duration) -> Option<Duration> {
        let now = nanos(now);
        let mut full = self.full.load(Ordering::Relaxed);
        loop {
            let early = early(full, rate, now);
            if early.is_some() {
                return early;
            }
            let next = full.max(now).saturating_add(rate.interval);
            match self
                .full
                .compare_exchange_weak(full, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return None,
                Err(other) => full = other,
            }
        }
    }

    /// Puts a token back that was taken.
    pub(super) fn give_back(&self, rate: Rate) {
        self.full.fetch_sub(rate.interval, Ordering::Relaxed);
    }

    /// Takes nothing at `now`, but says when there is a token, if there is none.
    pub(super) fn wait(&self, rate: Rate, now: Duration) -> Option<Duration> {
        early(self.full.load(Ordering::Relaxed), rate, nanos(now))
    }

    /// Takes a token at `now`, and where there is none the next that comes: of many that look before one of them takes,
    /// each pays.
    pub(super) fn owe(&self, rate: Rate, now: Duration) {
        let now = nanos(now);
        let mut full = self.full.load(Ordering::Relaxed);
        loop {
            let next = full.max(now).saturating_add(rate.interval);
            match self
                .full
                .compare_exchange_weak(full, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(other) => full = other,
            }
        }
    }

    /// Notes a refusal at `now`. `Some` if it is to be recorded, with the number of those that were not.
    pub(super) fn note(&self, now: Duration) -> Option<u64> {
        let now = nanos(now).max(1);
        let last = self.recorded.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= nanos(THROTTLED_RECORD_INTERVAL);
        let first = due
            && self
                .recorded
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if first {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

/// The time until there is a token in a bucket that is full at `full`, if there is none at `now`.
fn early(full: u64, rate: Rate, now: u64) -> Option<Duration> {
    let early = full.saturating_sub(now.saturating_add(rate.ahead));
    (early > 0).then(|| Duration::from_nanos(early))
}

/// Exact for five hundred years.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
