//! [`Backoff`]: how long to wait between attempts to reach a token that is away.

use std::time::Duration;

use strongroom_base::limits;

/// The delay after the next failure. Begins anew with each connection.
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self {
            next: limits::TOKEN_RECONNECT_DELAY_MIN,
        }
    }

    /// How long to wait after an attempt that failed: twice as long as after the one before.
    pub(super) fn after_failure(&mut self) -> Duration {
        let delay = self.next;
        self.next = (delay * 2).min(limits::TOKEN_RECONNECT_DELAY_MAX);
        delay
    }
}

#[cfg(test)]
mod tests;
