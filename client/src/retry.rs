//! When to call again, and after how long.
//!
//! The service decides whether trying again can help: its error carries `google.rpc.RetryInfo` or it does not. This
//! side decides whether trying again can hurt.

use std::time::Duration;

use crate::fault::{ClientFault, Refusal};

/// Calls made for one request, the first included.
pub(crate) const TRIES_MAX: u32 = 5;
/// Time between two tries at most, unless the service advises more.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Whether a request that may have been carried out can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// A second time changes nothing and answers the same.
    Safe,
    /// A second time makes a second thing (CreateKey), or answers an error because of the first.
    OnlyIfNothingWasDone,
    /// As above, of a change that is one commit in the store and nothing else (CreateAlias): if that was in conflict
    /// with another, nothing was done.
    OnlyIfNotCommitted,
}

/// How long to wait before the next try; `None` if there must be none.
pub(crate) fn wait(fault: &ClientFault, repeat: Repeat, tries_made: u32) -> Option<Duration> {
    let refusal = fault.refusal()?;
    let advised = refusal.retry_delay?;
    let allowed = match repeat {
        Repeat::Safe => true,
        Repeat::OnlyIfNothingWasDone => says_nothing_was_done(refusal),
        Repeat::OnlyIfNotCommitted => says_nothing_was_done(refusal) || refusal.exception == "ConflictException",
    };
    if !allowed || tries_made >= TRIES_MAX {
        return None;
    }
    Some(advised + jitter(spread(advised, tries_made)))
}

/// The service sheds load before it begins: only this error promises that nothing was done. A timeout, a token that
/// went away or a conflict may have come after the token made its object.
fn says_nothing_was_done(refusal: &Refusal) -> bool {
    refusal.exception == "ThrottlingException"
}

/// What jitter is drawn from: it doubles with each try, so that many clients who failed together spread out.
fn spread(advised: Duration, tries_made: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(tries_made.saturating_sub(1));
    advised.saturating_mul(doubled).min(WAIT_MAX)
}

/// Any duration from zero to `most`, all equally likely. Not a secret: without random numbers it is `most`.
pub(crate) fn jitter(most: Duration) -> Duration {
    let mut bytes = [u8::MAX; 4];
    let parts = match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => u32::from_le_bytes(bytes),
        Err(_unspecified) => u32::MAX,
    };
    most.mul_f64(f64::from(parts) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests;
