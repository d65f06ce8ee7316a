//! [`Places`]: how many requests may be under way, from their first byte until the last byte of their answer has been
//! handed to the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use strongroom_base::limits::REQUESTS_IN_FLIGHT_MAX;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::codegen::Bytes;

/// The places of the whole process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Places(Arc<Semaphore>);

/// A request's place. Given back when the last clone is dropped: the caller may have gone while a change goes on, and the
/// change may have ended while its answer waits for the caller to read it.
#[derive(Debug, Clone)]
pub(crate) struct Place(#[expect(dead_code, reason = "kept for its destructor")] Arc<OwnedSemaphorePermit>);

impl Default for Places {
    /// [`REQUESTS_IN_FLIGHT_MAX`] places.
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(REQUESTS_IN_FLIGHT_MAX)))
    }
}

impl Places {
    pub(crate) fn take(&self) -> Option<Place> {
        let permit = Arc::clone(&self.0).try_acquire_owned();
        permit.ok().map(|permit| Place(Arc::new(permit)))
    }
}

/// The answers that wait for one connection's other end to read them.
#[derive(Debug, Default)]
pub struct Answers {
    unread: AtomicUsize,
    taken: AtomicU64,
}

impl Answers {
    /// How many wait now.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread.load(Ordering::Relaxed)
    }

    /// How many do not wait any more, since the connection began: a number that moves as long as somebody reads.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Marks the answer of a stream that may last for hours: it does not keep the place of its request. How many of these there
/// may be is bounded by whoever answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LongLived;

/// What the bytes of an answer keep until they are with the connection, or dropped with it.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// The request's place, if it needed one.
    pub(crate) place: Option<Place>,
    /// Where the connection's unread answers are counted.
    pub(crate) answers: Arc<Answers>,
}

/// Bytes of an answer that wait.
pub(crate) fn held(data: Bytes, waiting: Waiting) -> Bytes {
    waiting.answers.unread.fetch_add(1, Ordering::Relaxed);
    Bytes::from_owner(Held { data, waiting })
}

struct Held {
    data: Bytes,
    waiting: Waiting,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let answers = &self.waiting.answers;
        answers.unread.fetch_sub(1, Ordering::Relaxed);
        answers.taken.fetch_add(1, Ordering::Relaxed);
    }
}
