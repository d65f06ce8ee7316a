use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use super::{Gathered, WAITING_BYTES_MAX};

/// Notes each write by its bytes, takes at most `room` of one, and never has anything to read.
#[derive(Default)]
struct Socket {
    writes: Vec<Vec<u8>>,
    room: Option<usize>,
    fault: Option<io::ErrorKind>,
    shut: bool,
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(fault) = self.fault {
            return Poll::Ready(Err(fault.into()));
        }
        let count = bytes.len().min(self.room.unwrap_or(usize::MAX));
        if count == 0 {
            return Poll::Pending;
        }
        self.room = self.room.map(|room| room - count);
        self.writes.push(bytes[..count].to_vec());
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shut = true;
        Poll::Ready(Ok(()))
    }
}

/// Counts how often a task would have been woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Turn {
    wakes: Arc<Wakes>,
    waker: Waker,
}

impl Turn {
    fn new() -> Self {
        let wakes = Arc::new(Wakes::default());
        Self {
            waker: Arc::clone(&wakes).into(),
            wakes,
        }
    }

    fn write(&self, stream: &mut Gathered<Socket>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(stream).poll_write(&mut Context::from_waker(&self.waker), bytes)
    }

    fn flush(&self, stream: &mut Gathered<Socket>) -> Poll<io::Result<()>> {
        Pin::new(stream).poll_flush(&mut Context::from_waker(&self.waker))
    }

    /// What a connection does first in each turn.
    fn read(&self, stream: &mut Gathered<Socket>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 8];
        Pin::new(stream).poll_read(&mut Context::from_waker(&self.waker), &mut ReadBuf::new(&mut bytes))
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

fn written(bytes: usize) -> Option<usize> {
    Some(bytes)
}

fn taken(outcome: Poll<io::Result<usize>>) -> Option<usize> {
    match outcome {
        Poll::Ready(Ok(count)) => Some(count),
        Poll::Ready(Err(_)) | Poll::Pending => None,
    }
}

#[test]
fn what_is_flushed_within_a_turn_leaves_in_one_write_at_the_next() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    for answer in [&b"first "[..], b"second ", b"third"] {
        assert_eq!(taken(turn.write(&mut stream, answer)), written(answer.len()));
        assert!(matches!(turn.flush(&mut stream), Poll::Ready(Ok(()))));
    }
    assert!(stream.stream.writes.is_empty());
    assert!(turn.wakes() > 0, "a flush asks for the next turn");
    assert!(turn.read(&mut stream).is_pending());
    assert_eq!(stream.stream.writes, [b"first second third"]);
    assert!(turn.read(&mut stream).is_pending());
    assert_eq!(stream.stream.writes.len(), 1);
}

#[test]
fn slices_are_taken_in_their_order() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    let slices = [IoSlice::new(b"head"), IoSlice::new(b""), IoSlice::new(b"body")];
    let outcome = Pin::new(&mut stream).poll_write_vectored(&mut Context::from_waker(&turn.waker), &slices);
    assert_eq!(taken(outcome), written(8));
    assert!(turn.read(&mut stream).is_pending());
    assert_eq!(stream.stream.writes, [b"headbody"]);
}

#[test]
fn a_full_buffer_is_written_before_more_is_taken() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    let large = vec![7; WAITING_BYTES_MAX + 1];
    assert_eq!(taken(turn.write(&mut stream, &large)), written(WAITING_BYTES_MAX));
    assert!(stream.stream.writes.is_empty());
    assert_eq!(taken(turn.write(&mut stream, &large[WAITING_BYTES_MAX..])), written(1));
    assert_eq!(stream.stream.writes.len(), 1);
    assert_eq!(stream.stream.writes[0].len(), WAITING_BYTES_MAX);
}

#[test]
fn a_blocked_stream_holds_flushes_up_and_goes_on_where_it_stopped() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    stream.stream.room = Some(4);
    assert_eq!(taken(turn.write(&mut stream, b"12345678")), written(8));
    assert!(turn.read(&mut stream).is_pending());
    assert!(turn.flush(&mut stream).is_pending());
    assert_eq!(stream.stream.writes, [b"1234"]);
    stream.stream.room = None;
    assert!(matches!(turn.flush(&mut stream), Poll::Ready(Ok(()))));
    assert_eq!(stream.stream.writes, [b"1234", b"5678"]);
}

#[test]
fn a_failed_write_is_told_at_the_next_read() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    stream.stream.fault = Some(io::ErrorKind::BrokenPipe);
    assert_eq!(taken(turn.write(&mut stream, b"answer")), written(6));
    let Poll::Ready(Err(fault)) = turn.read(&mut stream) else {
        panic!("the write must fail");
    };
    assert_eq!(fault.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_shutdown_writes_first() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    assert_eq!(taken(turn.write(&mut stream, b"goodbye")), written(7));
    let mut context = Context::from_waker(&turn.waker);
    assert!(matches!(
        Pin::new(&mut stream).poll_shutdown(&mut context),
        Poll::Ready(Ok(()))
    ));
    assert_eq!(stream.stream.writes, [b"goodbye"]);
    assert!(stream.stream.shut);
}

#[test]
fn what_was_written_is_wiped() {
    let (turn, mut stream) = (Turn::new(), Gathered::new(Socket::default()));
    assert_eq!(taken(turn.write(&mut stream, b"secret")), written(6));
    assert_eq!(stream.buffer[..6], *b"secret");
    assert!(turn.read(&mut stream).is_pending());
    assert_eq!(stream.stream.writes, [b"secret"]);
    assert!(stream.buffer.iter().all(|byte| *byte == 0));
}

#[tokio::test]
async fn bytes_pass_unchanged_both_ways() {
    let (near, mut far) = tokio::io::duplex(1_000);
    let sent: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let expected = sent.clone();
    let reader = tokio::spawn(async move {
        far.write_all(b"request").await.unwrap();
        let mut received = vec![0; expected.len()];
        far.read_exact(&mut received).await.unwrap();
        assert_eq!(received, expected);
        far
    });
    let mut stream = Gathered::new(near);
    let mut request = [0; 7];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(&request, b"request");
    stream.write_all(&sent).await.unwrap();
    stream.flush().await.unwrap();
    // A turn begins with a read, as HTTP/2 does it.
    let mut rest = [0; 1];
    poll_fn(|context| {
        let mut buffer = ReadBuf::new(&mut rest);
        let _ = Pin::new(&mut stream).poll_read(context, &mut buffer);
        if stream.waiting.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    drop(reader.await.unwrap());
}
