use std::time::{Duration, Instant};

use strongroom_base::Deadline;
use strongroom_base::limits::{TOKEN_ANSWER_DELAY_MAX, TOKEN_ANSWERS_HELD_MAX};
use tokio::sync::oneshot::{self, Receiver};

use super::Held;
use crate::fault::TokenFault;
use crate::job::{DataAnswer, DataJob, Queued, QueuedData};

type Answer = Receiver<Result<DataAnswer, TokenFault>>;

/// Holds the answer of a job that ends at this moment.
fn hold(held: &mut Held, now: Instant) -> Answer {
    let (reply, answer) = oneshot::channel();
    let queued = Queued {
        job: DataJob::Random { length: 1 },
        deadline: Deadline::after(Duration::from_secs(10)),
        reply,
    };
    let data = Box::new(QueuedData {
        queued,
        found_again: false,
        invocations: 0,
    });
    held.hold_at(now, data, Err(TokenFault::DeadlineExceeded));
    answer
}

fn given(answers: &mut [Answer]) -> usize {
    answers.iter_mut().filter_map(|answer| answer.try_recv().ok()).count()
}

#[test]
fn eight_answers_are_given_together() {
    let (mut held, now) = (Held::new(), Instant::now());
    for _ in 0..2 {
        let mut answers: Vec<_> = (1..TOKEN_ANSWERS_HELD_MAX).map(|_| hold(&mut held, now)).collect();
        assert_eq!(given(&mut answers), 0);
        answers.push(hold(&mut held, now));
        assert_eq!(given(&mut answers), TOKEN_ANSWERS_HELD_MAX);
    }
}

#[test]
fn the_first_answer_waits_for_no_job_that_ends_later_than_a_moment_after_it() {
    let (mut held, now) = (Held::new(), Instant::now());
    for start in [now, now + Duration::from_secs(1)] {
        let almost = start + TOKEN_ANSWER_DELAY_MAX - Duration::from_nanos(1);
        let mut answers = [hold(&mut held, start), hold(&mut held, almost)];
        assert_eq!(given(&mut answers), 0);
        let last = hold(&mut held, start + TOKEN_ANSWER_DELAY_MAX);
        let [first, second] = answers;
        assert_eq!(given(&mut [first, second, last]), 3);
    }
}

#[test]
fn a_lane_that_is_about_to_sleep_gives_what_it_holds() {
    let mut held = Held::new();
    let mut answers = [hold(&mut held, Instant::now())];
    held.give();
    assert_eq!(given(&mut answers), 1);
}
