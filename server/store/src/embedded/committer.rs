//! The one thread that writes: takes what waits, applies it as one batch, makes it durable, then answers.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use strongroom_base::limits::{COMMIT_BATCH_BYTES_MAX, COMMIT_BATCH_MAX};
use tokio::sync::oneshot;

use super::Shared;
use super::files::{Disk, is_full};
use super::marker::sequence_row;
use super::open::describe;
use super::visible::SEQUENCE_ROW;
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::locks::lock;
use crate::plan::{Plan, Touched};
use crate::record::{Revision, Transaction};
use crate::watch::Changed;

/// A transaction in the queue, checked, and where its answer goes.
pub(super) struct Waiting {
    pub(super) transaction: Transaction,
    pub(super) answer: Answer,
}

/// The committer's own state.
pub(super) struct Committer {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: Receiver<Waiting>,
    pub(super) disk: Box<dyn Disk>,
}

type Answer = oneshot::Sender<Result<Revision, StoreFault>>;
type Applied = (Revision, Answer);
type TouchedRecords = BTreeMap<RecordKey, Touched>;

/// The time of the two halves of making a batch durable.
struct Took {
    write: Duration,
    sync: Duration,
}

impl Committer {
    /// Works until the store is dropped and the queue is empty.
    pub(super) fn run(mut self) {
        while let Some(batch) = self.next_batch() {
            *lock(&self.shared.busy_since) = Some(Instant::now());
            self.commit(batch);
            *lock(&self.shared.busy_since) = None;
        }
    }

    /// Waits for one transaction and takes all that came with it. Whoever comes during the sync makes the next batch.
    fn next_batch(&self) -> Option<Vec<Waiting>> {
        let first = self.queue.recv().ok()?;
        let mut bytes = first.transaction.bytes();
        let mut batch = vec![first];
        while batch.len() < COMMIT_BATCH_MAX && bytes < COMMIT_BATCH_BYTES_MAX {
            let Ok(next) = self.queue.try_recv() else { break };
            bytes += next.transaction.bytes();
            batch.push(next);
        }
        // Nobody waits for the answers of these any more: not applying them is as good, and lets an overload drain.
        batch.retain(|waiting| !waiting.answer.is_closed());
        Some(batch)
    }

    fn commit(&mut self, batch: Vec<Waiting>) {
        if let Err(failed) = self.shared.admit() {
            return batch
                .into_iter()
                .for_each(|waiting| self.answer(waiting.answer, Err(failed.clone())));
        }
        let shared = Arc::clone(&self.shared);
        let mut plan = Plan::new(&shared.sealer, shared.visible.newest(), |key| {
            shared.notice(shared.visible.stored(key))
        });
        let mut applied = Vec::with_capacity(batch.len());
        for Waiting { transaction, answer } in batch {
            match plan.add(&transaction) {
                Ok(revision) => applied.push((revision, answer)),
                Err(fault) => self.answer(answer, Err(fault)),
            }
        }
        if applied.is_empty() {
            return;
        }
        let Plan {
            touched,
            changes,
            newest,
            ..
        } = plan;
        match self.make_durable(touched, newest) {
            Ok(took) => self.publish(newest, changes, applied, &took),
            Err(fault) => applied
                .into_iter()
                .for_each(|(_, answer)| self.answer(answer, Err(fault.clone()))),
        }
    }

    /// The batch is on disk: readers may see it, watchers hear of it, callers get their answers, in this order.
    fn publish(&self, newest: Revision, changes: Vec<Changed>, applied: Vec<Applied>, took: &Took) {
        if let Err(error) = self.shared.marker.note(newest) {
            // The batch is durable all the same; an older note only protects less.
            tracing::warn!(%error, "the store's marker cannot be written");
        }
        self.shared.visible.reveal(newest);
        self.shared.news.tell(changes);
        self.shared.counters.batch(applied.len(), took.write, took.sync);
        for (revision, answer) in applied {
            self.answer(answer, Ok(revision));
        }
    }

    /// Applies, flushes and syncs. Readers see the values from before until [`Self::publish`], and for ever if it fails.
    fn make_durable(&mut self, touched: TouchedRecords, newest: Revision) -> Result<Took, StoreFault> {
        self.make_room(&touched)?;
        let mut batch = sled::Batch::default();
        let mut before = BTreeMap::new();
        for (key, Touched { before: old, after }) in touched {
            match after {
                Some(value) => batch.insert(key.as_str(), value),
                None => batch.remove(key.as_str()),
            }
            before.insert(key, old);
        }
        batch.insert(SEQUENCE_ROW, sequence_row(newest));
        self.shared.visible.hide(before);

        let start = Instant::now();
        // sled asserts its way out of some I/O errors. Unwinding is safe to go on from: the database is not used again.
        let written = catch_unwind(AssertUnwindSafe(|| {
            self.shared.visible.database.apply_batch(batch)?;
            self.shared.visible.database.flush()
        }));
        match written {
            Ok(Ok(_bytes)) => {}
            Ok(Err(error)) => {
                return Err(self
                    .shared
                    .fail(format!("writing the database failed: {}", describe(&error))));
            }
            Err(_panic) => return Err(self.shared.fail("the database gave up while it was writing")),
        }
        let write = start.elapsed();
        match self.disk.sync() {
            Ok(()) => Ok(Took {
                write,
                sync: start.elapsed() - write,
            }),
            Err(error) => Err(self
                .shared
                .fail(format!("syncing the database's files failed: {error}"))),
        }
    }

    /// A full disk must be met here: met by sled in the middle of a batch, it ends the database until a restart.
    fn make_room(&mut self, touched: &TouchedRecords) -> Result<(), StoreFault> {
        let size =
            |(key, record): (&RecordKey, &Touched)| key.as_str().len() + record.after.as_ref().map_or(0, Vec::len);
        let bytes: usize = touched.iter().map(size).sum();
        match self.disk.make_room(u64::try_from(bytes).unwrap_or(u64::MAX)) {
            Ok(()) => Ok(()),
            Err(error) if is_full(&error) => Err(StoreFault::Full),
            Err(error) => Err(self.shared.fail(format!("reserving room on the disk failed: {error}"))),
        }
    }

    fn answer(&self, answer: Answer, outcome: Result<Revision, StoreFault>) {
        // A caller who went away does not learn the outcome.
        let _gone = answer.send(self.shared.counters.seen(outcome));
    }
}
