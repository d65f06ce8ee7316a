//! The one thread that writes a trail: it links, writes and syncs whatever waits, then answers.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use strongroom_base::Clock;
use strongroom_base::limits::{
    AUDIT_BATCH_MAX, AUDIT_RECORD_BYTES_MAX, AUDIT_WRITE_BUSY_RECORDS, AUDIT_WRITE_BYTES_MAX, AUDIT_WRITE_INTERVAL,
};
use tokio::sync::{mpsc, oneshot};

use crate::chain::Head;
use crate::fault::AuditFault;
use crate::folder::Disk;
use crate::recover::Start;
use crate::status::{Progress, TrailState};
use crate::trail::Receipt;

/// The cause that is given once the writer's thread has ended.
pub(crate) const STOPPED: &str = "the audit writer has stopped";

/// What the writer is asked to do.
pub(crate) enum Job {
    /// Write a record: its JSON object, to be linked.
    Append {
        body: Vec<u8>,
        answer: oneshot::Sender<Result<Receipt, AuditFault>>,
    },
    /// Write as much as the largest record has, and take it back.
    Rehearse {
        answer: oneshot::Sender<Result<(), AuditFault>>,
    },
}

/// The state of the writing thread.
pub(crate) struct Writer<D: Disk> {
    disk: D,
    segment: u32,
    /// Bytes of the segment that hold acknowledged records.
    length: u64,
    segment_bytes_max: u64,
    /// Whether bytes may stand behind `length` that a failed write left and that could not be cut off yet.
    littered: bool,
    /// The last acknowledged record.
    head: Head,
    clock: Clock,
    progress: Arc<Progress>,
}

impl<D: Disk> Writer<D> {
    /// A writer that goes on at `start`.
    pub(crate) fn new(disk: D, start: &Start, segment_bytes_max: u64, clock: Clock, progress: Arc<Progress>) -> Self {
        let (segment, length, head) = (start.segment, start.length, start.head);
        Self {
            disk,
            segment,
            length,
            segment_bytes_max,
            littered: false,
            head,
            clock,
            progress,
        }
    }

    /// Works until nobody can send any more; what waits then is still written.
    pub(crate) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = Vec::with_capacity(AUDIT_BATCH_MAX);
        let mut batch = Batch::new(self.head);
        // Dropped before those who wait are let go: they must not find a trail that calls itself writable.
        let _obituary = Obituary {
            progress: Arc::clone(&self.progress),
            clock: self.clock.clone(),
        };
        while jobs.blocking_recv_many(&mut waiting, AUDIT_BATCH_MAX) > 0 {
            for job in waiting.drain(..) {
                match job {
                    Job::Append { body, answer } => batch.add(&body, answer),
                    Job::Rehearse { answer } => {
                        // Who asks for a rehearsal has gone if this fails; nothing is lost.
                        let _ = answer.send(self.rehearse());
                    }
                }
                if batch.lines.len() >= AUDIT_WRITE_BYTES_MAX {
                    self.settle(&mut batch);
                }
            }
            let records = batch.answers.len();
            let begun = Instant::now();
            if records > 0 {
                self.settle(&mut batch);
            }
            if records >= AUDIT_WRITE_BUSY_RECORDS {
                thread::sleep(AUDIT_WRITE_INTERVAL.saturating_sub(begun.elapsed()));
            }
        }
    }

    /// Makes a batch durable and answers everybody in it. A caller that has gone meanwhile does not take its record along.
    fn settle(&mut self, batch: &mut Batch) {
        *self.progress.busy_since() = Some(Instant::now());
        let written = self.write(&batch.lines);
        *self.progress.busy_since() = None;
        if written.is_ok() {
            self.head = batch.head;
        }
        let answer = self.note(written, batch.answers.len());
        let first = batch.first;
        for (sequence, waiting) in (first + 1..).zip(batch.answers.drain(..)) {
            let _ = waiting.send(answer.clone().map(|()| Receipt { sequence }));
        }
        batch.begin(self.head);
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.tidy_up()?;
        let bytes = lines.len() as u64;
        if self.length > 0 && self.length + bytes > self.segment_bytes_max {
            self.disk.begin_segment(self.segment + 1)?;
            self.segment += 1;
            self.length = 0;
        }
        // Set before the attempt: whatever happens in it, the bytes behind `length` do not count until it is over.
        self.littered = true;
        let durable = self.disk.append(lines).and_then(|()| self.disk.sync());
        match durable {
            Ok(()) => {
                self.length += bytes;
                self.littered = false;
                Ok(())
            }
            Err(error) => {
                // If this fails too, the next attempt begins with it.
                let _ = self.tidy_up();
                Err(error)
            }
        }
    }

    /// Cuts off what a failed write left. A record must never be written behind half of another one.
    fn tidy_up(&mut self) -> io::Result<()> {
        if self.littered {
            self.disk.cut(self.length)?;
            self.littered = false;
        }
        Ok(())
    }

    /// Tries whether the largest record would find room, so that health can heal without a request.
    fn rehearse(&mut self) -> Result<(), AuditFault> {
        *self.progress.busy_since() = Some(Instant::now());
        let attempt = self.tidy_up().and_then(|()| {
            self.littered = true;
            // No line breaks: whoever verifies the trail meanwhile finds an unfinished line and no damage.
            self.disk.append(&[b' '; AUDIT_RECORD_BYTES_MAX])?;
            self.disk.sync()
        });
        let cleared = self.tidy_up();
        *self.progress.busy_since() = None;
        self.note(attempt.and(cleared), 0)
    }

    /// Puts the result of an attempt into the status, and into words for those who wait.
    fn note(&self, attempt: io::Result<()>, records: usize) -> Result<(), AuditFault> {
        let mut status = self.progress.status();
        match attempt {
            Ok(()) => {
                if let TrailState::Unwritable { since, .. } = status.state {
                    tracing::warn!(since_millis = since.as_millis(), "the audit trail can be written again");
                }
                status.state = TrailState::Writable;
                status.last_sequence = self.head.sequence;
                status.head_digest = self.head.digest;
                status.segment = self.segment;
                status.records_written += records as u64;
                status.writes += u64::from(records > 0);
                Ok(())
            }
            Err(error) => {
                let cause: Arc<str> = error.to_string().into();
                let since = match &status.state {
                    TrailState::Unwritable { since, .. } => *since,
                    TrailState::Writable | TrailState::Stalled(_) => {
                        tracing::error!(%cause, "the audit trail cannot be written: nothing is answered until it can");
                        self.clock.now()
                    }
                };
                status.failed_writes += 1;
                status.state = TrailState::Unwritable {
                    since,
                    cause: cause.clone(),
                };
                Err(AuditFault::Unwritable { cause })
            }
        }
    }
}

/// Says so when the writer ends. It should end only after the last handle, when nobody can ask any more; if it panics
/// before, this is what health checks see.
struct Obituary {
    progress: Arc<Progress>,
    clock: Clock,
}

impl Drop for Obituary {
    fn drop(&mut self) {
        self.progress.status().state = TrailState::Unwritable {
            since: self.clock.now(),
            cause: STOPPED.into(),
        };
        *self.progress.busy_since() = None;
    }
}

/// Linked lines that wait for one write, and who waits for them.
struct Batch {
    lines: Vec<u8>,
    answers: Vec<oneshot::Sender<Result<Receipt, AuditFault>>>,
    /// The sequence number before the first line's.
    first: u64,
    /// The last line.
    head: Head,
}

impl Batch {
    fn new(head: Head) -> Self {
        Self {
            lines: Vec::new(),
            answers: Vec::with_capacity(AUDIT_BATCH_MAX),
            first: head.sequence,
            head,
        }
    }

    fn add(&mut self, body: &[u8], answer: oneshot::Sender<Result<Receipt, AuditFault>>) {
        self.head.link(body, &mut self.lines);
        self.answers.push(answer);
    }

    /// Starts over behind `head`: the last line if it was written, the last acknowledged one if it was not.
    fn begin(&mut self, head: Head) {
        self.lines.clear();
        self.first = head.sequence;
        self.head = head;
    }
}

#[cfg(test)]
mod tests;
