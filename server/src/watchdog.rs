//! [`Watchdog`]: ends a connection whose other end does not read, or that is too old.
//!
//! HTTP/2 by itself does neither: after a keep-alive that is not answered, hyper waits for the blocked socket to take its
//! farewell, and a graceful shutdown waits until the client agrees to it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use strongroom_wire_grpc::Answers;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::bounds::Bounds;

/// How often in the time that a client has to read it is looked whether it does.
const LOOKS: u32 = 4;

/// What is watched of one connection.
pub(crate) struct Watchdog {
    /// Made when it is first polled: a connection is made outside of the task that serves it.
    timer: Option<Pin<Box<Sleep>>>,
    bounds: Bounds,
    end: Instant,
    answers: Arc<Answers>,
    /// Bytes that had been written, and answers that had been taken, when it was last looked.
    seen: (u64, u64),
    /// When that was.
    looked: Instant,
    /// Since when nothing moves although something waits.
    stuck_since: Option<Instant>,
    bitten: bool,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// Whether the socket took less than it was given.
    pub(crate) blocked: bool,
    /// Bytes that the socket took.
    pub(crate) written: u64,
}

impl Watchdog {
    pub(crate) fn new(bounds: Bounds, answers: Arc<Answers>) -> Self {
        let now = Instant::now();
        Self {
            timer: None,
            bounds,
            end: now + bounds.age + bounds.grace,
            answers,
            seen: (0, 0),
            looked: now,
            stuck_since: None,
            bitten: false,
        }
    }

    /// Fails once the connection is to end, and from then on.
    pub(crate) fn check(&mut self, progress: Progress, context: &mut Context<'_>) -> io::Result<()> {
        while !self.bitten {
            let period = self.bounds.unread / LOOKS;
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + period)));
            if timer.as_mut().poll(context).is_pending() {
                return Ok(());
            }
            let now = Instant::now();
            timer.as_mut().reset(now + period);
            self.bitten = self.is_over(progress, now);
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    fn is_over(&mut self, progress: Progress, now: Instant) -> bool {
        let (written, taken) = self.seen;
        let socket = progress.blocked && progress.written == written;
        let answers = self.answers.unread() > 0 && self.answers.taken() == taken;
        self.seen = (progress.written, self.answers.taken());
        let before = std::mem::replace(&mut self.looked, now);
        if !socket && !answers {
            self.stuck_since = None;
            return now >= self.end;
        }
        let since = *self
            .stuck_since
            .get_or_insert_with(|| since_seen(before, now, self.bounds.unread / LOOKS));
        now >= self.end || now.duration_since(since) >= self.bounds.unread
    }
}

/// The last look, unless the whole process stood still since then.
fn since_seen(before: Instant, now: Instant, period: Duration) -> Instant {
    now.checked_sub(2 * period)
        .map_or(before, |recently| before.max(recently))
}

#[cfg(test)]
mod tests;
