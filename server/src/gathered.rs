//! [`Gathered`]: what a connection writes within one turn of the scheduler leaves in one system call.
//!
//! HTTP/2 flushes after every data frame of more than 256 bytes (h2's `FramedWrite`), so that nearly each answer made a
//! system call of its own: a sixth of the service's time. Answers come in groups, because a group of audit records is
//! synced at once, so a turn brings many.

use std::io::{self, Write as _};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use zeroize::Zeroize as _;

use crate::watchdog::Progress;

/// Bytes that wait at most: a TLS record.
const WAITING_BYTES_MAX: usize = 16 << 10;

/// A stream whose writes wait until its task's next turn, which a flush asks for.
///
/// It relies on its user to read at the start of every turn, as HTTP/2 does: that is when what waits is written. A flush
/// that says it is done therefore promises the next turn, unless the stream is blocked; a shutdown writes first.
pub(crate) struct Gathered<S> {
    stream: S,
    /// Answers on their way, plaintext data keys and secrets among them: wiped as soon as they are written. Of
    /// [`WAITING_BYTES_MAX`] from the first write on; it never grows, which would leave a copy behind.
    buffer: Vec<u8>,
    /// Where in `buffer` the bytes are that are not written yet.
    waiting: Range<usize>,
    /// Whether the stream has taken less than it was given: flushes wait, so that nothing piles up.
    blocked: bool,
    /// Whether the stream has taken all and holds some of it back: TLS does, when its socket is full.
    flushing: bool,
    /// Bytes that the stream has taken so far.
    taken: u64,
}

impl<S> Gathered<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            waiting: 0..0,
            blocked: false,
            flushing: false,
            taken: 0,
        }
    }

    /// How far the writing has come.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            blocked: self.blocked || self.flushing,
            written: self.taken,
        }
    }

    /// Takes as much of `bytes` as there is room for.
    fn take(&mut self, bytes: &[u8]) -> usize {
        if self.buffer.is_empty() {
            self.buffer = vec![0; WAITING_BYTES_MAX];
        }
        let mut room = self.buffer.get_mut(self.waiting.end..).unwrap_or_default();
        // Writing to a slice cannot fail: it takes what there is room for.
        let count = room.write(bytes).unwrap_or_default();
        self.waiting.end += count;
        count
    }

    fn is_full(&self) -> bool {
        self.waiting.end >= WAITING_BYTES_MAX
    }

    fn wipe(&mut self) {
        if let Some(used) = self.buffer.get_mut(..self.waiting.end) {
            used.zeroize();
        }
        self.waiting = 0..0;
    }
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            self.blocked = true;
            let rest = self.buffer.get(self.waiting.clone()).unwrap_or_default();
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => {
                    self.waiting.start += count;
                    self.taken += count as u64;
                }
            }
        }
        self.blocked = false;
        self.wipe();
        self.poll_flush_stream(context)
    }

    fn poll_flush_stream(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.flushing = flushed.is_pending();
        flushed
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.waiting.is_empty()
            && let Poll::Ready(drained) = this.poll_drain(context)
        {
            drained?;
        }
        Pin::new(&mut this.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_full() {
            ready!(this.poll_drain(context))?;
        }
        Poll::Ready(Ok(this.take(bytes)))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_full() {
            ready!(this.poll_drain(context))?;
        }
        Poll::Ready(Ok(slices.iter().map(|slice| this.take(slice)).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.blocked {
            return this.poll_drain(context);
        }
        if this.waiting.is_empty() {
            return this.poll_flush_stream(context);
        }
        context.waker().wake_by_ref();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_drain(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

impl<S> Drop for Gathered<S> {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests;
