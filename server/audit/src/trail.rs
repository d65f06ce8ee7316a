//! [`Trail`]: the handle through which events get onto the trail.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use strongroom_base::Clock;
use strongroom_base::limits::{AUDIT_QUEUE_MAX, AUDIT_SEGMENT_BYTES_MAX};
use tokio::sync::{mpsc, oneshot};

use crate::event::Event;
use crate::fault::AuditFault;
use crate::folder::{Disk, Folder};
use crate::recover::{Start, recover};
use crate::shape::encode;
use crate::status::{Progress, TrailState, TrailStatus};
use crate::writer::{Job, STOPPED, Writer};

/// A record that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its sequence number, from 1.
    pub sequence: u64,
}

/// An audit trail that is open for writing. Cheap to clone; dropping the last handle writes what waits, ends the writer
/// and unlocks the directory before it returns.
#[derive(Clone)]
pub struct Trail {
    inner: Arc<Inner>,
}

struct Inner {
    /// None only while the last handle is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    progress: Arc<Progress>,
}

impl Trail {
    /// Opens the trail in `directory`, or begins one there: the directory is made if it is missing (mode 0700) and
    /// locked, so that no other process can write it. An unfinished last line, which a crash leaves, is moved to a file
    /// beside it; [`TrailStatus::moved_aside`] names that.
    ///
    /// # Errors
    /// [`AuditFault::InUse`] if another process has it, [`AuditFault::Damaged`] if its end is not that of a trail,
    /// [`AuditFault::Io`] if the file system refuses.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, AuditFault> {
        let folder = Folder::lock(directory)?;
        let start = recover(&folder)?;
        let disk = folder.into_disk(start.segment, start.length)?;
        Self::start(disk, start, AUDIT_SEGMENT_BYTES_MAX, clock)
    }

    /// Starts the writer on any disk.
    pub(crate) fn start(
        disk: impl Disk,
        start: Start,
        segment_bytes_max: u64,
        clock: Clock,
    ) -> Result<Self, AuditFault> {
        let (jobs, queue) = mpsc::channel(AUDIT_QUEUE_MAX);
        let progress = Arc::new(Progress::new(TrailStatus {
            state: TrailState::Writable,
            last_sequence: start.head.sequence,
            head_digest: start.head.digest,
            segment: start.segment,
            records_written: 0,
            writes: 0,
            failed_writes: 0,
            queued: 0,
            moved_aside: start.moved_aside.clone(),
        }));
        let writer = Writer::new(disk, &start, segment_bytes_max, clock, Arc::clone(&progress));
        let thread = thread::Builder::new()
            .name("audit-writer".into())
            .spawn(move || writer.run(queue));
        let thread = thread.map_err(|cause| AuditFault::unwritable(&cause))?;
        Ok(Self {
            inner: Arc::new(Inner {
                jobs: Some(jobs),
                thread: Some(thread),
                progress,
            }),
        })
    }

    /// Puts `event` on the trail and returns when it is on disk. Waits while the queue is full. If the caller goes away
    /// meanwhile, the record may or may not be written; it is never written in part.
    ///
    /// # Errors
    /// [`AuditFault::Unwritable`] if the file system does not take it: the event is not on the trail then, and what it
    /// is about must not be answered. [`AuditFault::TooLong`] if it has too many resources for one record.
    pub async fn append(&self, event: Event<'_>) -> Result<Receipt, AuditFault> {
        let body = encode(&event)?;
        drop(event);
        self.ask(|answer| Job::Append { body, answer }).await
    }

    /// Tries whether a record could be written, without leaving one: what a health check asks while the trail is
    /// unwritable, so that it becomes writable again without a request.
    ///
    /// # Errors
    /// [`AuditFault::Unwritable`] if it could not.
    pub async fn rehearse(&self) -> Result<(), AuditFault> {
        self.ask(|answer| Job::Rehearse { answer }).await
    }

    /// How the trail is.
    #[must_use]
    pub fn status(&self) -> TrailStatus {
        let mut status = self.inner.progress.read();
        status.queued = self
            .inner
            .jobs
            .as_ref()
            .map_or(0, |jobs| jobs.max_capacity() - jobs.capacity());
        status
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, AuditFault>>) -> Job) -> Result<T, AuditFault> {
        let stopped = || AuditFault::unwritable(&STOPPED);
        let (answer, answered) = oneshot::channel();
        let jobs = self.inner.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(job(answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It ends by itself once the queue is closed and empty. If it panicked, that was reported when it did.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
