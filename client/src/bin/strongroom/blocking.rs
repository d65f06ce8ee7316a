//! [`Blocking`]: a file, pipe or terminal read and written by the main thread.
//!
//! tokio's own files copy every byte through a buffer of another thread, which nobody wipes. The command line does one
//! thing at a time, so it may block.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::progress::Progress;

/// Reads and writes at once, and moves the progress bar by what it reads.
pub(crate) struct Blocking<'a> {
    file: &'a File,
    progress: Progress,
}

impl<'a> Blocking<'a> {
    pub(crate) fn new(file: &'a File, progress: Progress) -> Self {
        Self { file, progress }
    }
}

impl AsyncRead for Blocking<'_> {
    fn poll_read(self: Pin<&mut Self>, _context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = without_interruption(|| this.file.read(buffer.initialize_unfilled()));
        Poll::Ready(outcome.map(|count| {
            buffer.advance(count);
            this.progress.advance(count);
        }))
    }
}

impl AsyncWrite for Blocking<'_> {
    fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        Poll::Ready(without_interruption(|| this.file.write(bytes)))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A signal that is handled elsewhere ends a read or write early; it is then done again.
fn without_interruption<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match attempt() {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
