//! A data lane or an asymmetric lane: one thread with its own session and its own session copies of keys.
//!
//! The thread holds its lane's lock during a batch. The control lane and [`crate::Token::forget`] come in between two
//! jobs, so that what they dropped is really dropped when the lane goes on.

mod asymmetric;
mod copies;
mod held;
mod serve;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use crossbeam_channel::{Receiver, Sender};
use strongroom_base::{KeyMaterialId, limits};

use self::held::Held;
pub(crate) use self::serve::resume;

use crate::board::lock;
use crate::engine::Engine;
use crate::job::{LaneKind, QueuedData};
use crate::module::{Module, ModuleSession, SlotNumber};

/// What the queues of the lanes carry.
pub(crate) enum DataMessage {
    Job(Box<QueuedData>),
    /// Look whether to stop.
    Wake,
}

/// The ways into the lanes: one queue for the lanes of each kind, so that no data key waits behind an RSA signature.
#[derive(Clone)]
pub(crate) struct Queues {
    pub(crate) data: Sender<DataMessage>,
    pub(crate) asymmetric: Sender<DataMessage>,
}

impl Queues {
    pub(crate) fn of(&self, kind: LaneKind) -> &Sender<DataMessage> {
        match kind {
            LaneKind::Data => &self.data,
            LaneKind::Asymmetric => &self.asymmetric,
        }
    }
}

/// One lane, as all see it.
pub(crate) struct Lane<S: ModuleSession> {
    state: Mutex<LaneState<S>>,
    /// Who waits for the lock. The lane's own thread lets them in first: with a plain lock the thread that has just
    /// released it takes it again before a sleeper wakes up.
    visitors: AtomicUsize,
    forgotten: Mutex<Vec<KeyMaterialId>>,
    has_forgotten: AtomicBool,
}

/// What the lane's lock protects.
pub(crate) struct LaneState<S: ModuleSession> {
    /// `None` while the token is away. Not closed while copies are in use: they die with it.
    session: Option<S>,
    slot: SlotNumber,
    copies: HashMap<KeyMaterialId, S::Handle>,
}

/// The lane's thread.
pub(crate) fn run<M: Module>(
    engine: &Engine<M>,
    lane: &Lane<M::Session>,
    kind: LaneKind,
    queue: &Receiver<DataMessage>,
) {
    while let Ok(first) = queue.recv() {
        if engine.board.stopping.load(Ordering::Acquire) {
            break;
        }
        run_batch(engine, lane, kind, queue, first);
    }
}

/// Takes up to [`limits::TOKEN_BATCH_MAX`] jobs per wake-up: a sleep and a wake-up cost as much as a job with a secret key.
/// Beside one with a private key they are nothing, and its answer would wait for the next one to be done.
fn run_batch<M: Module>(
    engine: &Engine<M>,
    lane: &Lane<M::Session>,
    kind: LaneKind,
    queue: &Receiver<DataMessage>,
    first: DataMessage,
) {
    let jobs_max = match kind {
        LaneKind::Data => limits::TOKEN_BATCH_MAX,
        LaneKind::Asymmetric => 1,
    };
    let mut state = lane.enter();
    let mut held = Held::new();
    let mut next = Some(first);
    let mut taken = 0;
    while let Some(message) = next {
        if lane.visitors.load(Ordering::SeqCst) > 0 {
            held.give();
            drop(state);
            state = lane.enter();
        }
        lane.honour(&mut state);
        if let DataMessage::Job(job) = message {
            serve::serve(engine, &mut state, job, &mut held);
        }
        taken += 1;
        next = if taken < jobs_max { queue.try_recv().ok() } else { None };
    }
    held.give();
    drop(state);
    lane.settle();
}

impl<S: ModuleSession> Lane<S> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(LaneState {
                session: None,
                slot: SlotNumber(0),
                copies: HashMap::new(),
            }),
            visitors: AtomicUsize::new(0),
            forgotten: Mutex::new(Vec::new()),
            has_forgotten: AtomicBool::new(false),
        }
    }

    /// Comes in between two jobs; waits for the one under way.
    pub(crate) fn visit<R>(&self, work: impl FnOnce(&mut LaneState<S>) -> R) -> R {
        self.visitors.fetch_add(1, Ordering::SeqCst);
        let mut state = lock(&self.state);
        self.visitors.fetch_sub(1, Ordering::SeqCst);
        let answer = work(&mut state);
        drop(state);
        self.settle();
        answer
    }

    /// Drops the copy now if the lane is idle, else before its next job. Does not wait for the job under way: a token
    /// that hangs must not take the threads of the async runtime with it.
    pub(crate) fn forget(&self, id: KeyMaterialId) {
        lock(&self.forgotten).push(id);
        self.has_forgotten.store(true, Ordering::SeqCst);
        self.settle();
    }

    /// The lane's own thread, after everyone who waits.
    fn enter(&self) -> MutexGuard<'_, LaneState<S>> {
        while self.visitors.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
        lock(&self.state)
    }

    /// Drops what was to be forgotten.
    fn honour(&self, state: &mut LaneState<S>) {
        if self.has_forgotten.swap(false, Ordering::SeqCst) {
            for id in std::mem::take(&mut *lock(&self.forgotten)) {
                state.drop_copy(&id);
            }
        }
    }

    /// Whoever releases the lock looks once more: what was added meanwhile found the lock taken.
    fn settle(&self) {
        while self.has_forgotten.load(Ordering::SeqCst) {
            let Ok(mut state) = self.state.try_lock() else { break };
            self.honour(&mut state);
        }
    }
}

#[cfg(test)]
mod tests;
