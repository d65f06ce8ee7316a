use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::unbounded;
use strongroom_base::limits::TOKEN_BATCH_MAX;
use strongroom_base::{Deadline, InstallationId};
use tokio::sync::oneshot::{self, Receiver};

use super::{DataMessage, run_batch};
use crate::board::Board;
use crate::engine::Engine;
use crate::fake::FakeToken;
use crate::fault::TokenFault;
use crate::job::{DataAnswer, DataJob, LaneKind, Queued, QueuedData};
use crate::module::{Module, SlotNumber};

fn job() -> (DataMessage, Receiver<Result<DataAnswer, TokenFault>>) {
    let (reply, answer) = oneshot::channel();
    let queued = Queued {
        job: DataJob::Random { length: 1 },
        deadline: Deadline::after(Duration::from_secs(10)),
        reply,
    };
    let message = DataMessage::Job(Box::new(QueuedData {
        queued,
        found_again: false,
        invocations: 0,
    }));
    (message, answer)
}

#[test]
fn a_wake_up_serves_thirty_two_jobs() {
    let directory = tempfile::tempdir().unwrap();
    let token = FakeToken::new();
    let settings = token
        .settings(directory.path(), InstallationId::from_bytes([7; 16]))
        .unwrap();
    let (control, _inbox) = unbounded();
    let engine = Engine::new(token.module(), settings, Arc::new(Board::new()), control);
    engine.module.initialize().unwrap();
    let lane = engine.lanes.first().unwrap();
    let session = engine.module.open_session(SlotNumber(0)).unwrap();
    lane.visit(|state| state.attach(session, SlotNumber(0)));

    let (sender, queue) = unbounded();
    let mut answers = Vec::new();
    for _ in 0..TOKEN_BATCH_MAX + 3 {
        let (message, answer) = job();
        sender.send(message).unwrap();
        answers.push(answer);
    }
    run_batch(&engine, lane, LaneKind::Data, &queue, queue.recv().unwrap());
    let random = answers
        .iter_mut()
        .filter_map(|answer| answer.try_recv().ok())
        .map(|answer| answer.unwrap().into_random().unwrap());
    assert_eq!((random.count(), queue.len()), (TOKEN_BATCH_MAX, 3));
    assert_eq!(engine.board.counters.read().jobs, 32);
}
