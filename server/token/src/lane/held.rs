//! [`Held`]: answers that wait a moment, so that one wake-up of the async runtime serves several.
//!
//! A wake-up per answer cost more than the rest of a job: an eventfd write, an epoll_wait and two context switches.
//! A token that is so slow that answers would wait longer than a moment gives them one by one.

use std::time::Instant;

use strongroom_base::limits;

use crate::fault::TokenFault;
use crate::job::{DataAnswer, QueuedData};

/// Jobs that are done and not answered yet.
pub(super) struct Held {
    answers: Vec<(Box<QueuedData>, Result<DataAnswer, TokenFault>)>,
    oldest: Instant,
}

impl Held {
    pub(super) fn new() -> Self {
        Self {
            answers: Vec::with_capacity(limits::TOKEN_ANSWERS_HELD_MAX),
            oldest: Instant::now(),
        }
    }

    /// Takes an answer; gives all if they are many or the first has waited long enough.
    pub(super) fn hold(&mut self, data: Box<QueuedData>, answer: Result<DataAnswer, TokenFault>) {
        self.hold_at(Instant::now(), data, answer);
    }

    fn hold_at(&mut self, now: Instant, data: Box<QueuedData>, answer: Result<DataAnswer, TokenFault>) {
        if self.answers.is_empty() {
            self.oldest = now;
        }
        self.answers.push((data, answer));
        let many = self.answers.len() >= limits::TOKEN_ANSWERS_HELD_MAX;
        if many || now.duration_since(self.oldest) >= limits::TOKEN_ANSWER_DELAY_MAX {
            self.give();
        }
    }

    /// Gives all answers: the lane is about to sleep or to wait.
    pub(super) fn give(&mut self) {
        for (data, answer) in self.answers.drain(..) {
            data.queued.answer(answer);
        }
    }
}

#[cfg(test)]
mod tests;
