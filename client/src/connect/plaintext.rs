//! [`Plaintext`]: HTTP/2 without TLS, whose first words are exchanged before it is used.
//!
//! What expects TLS answers with a TLS alert and hangs up. HTTP/2 would take the alert for a broken frame, or, if it is
//! still writing by then, see a broken pipe only: neither says what is wrong.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{FIRST_WORD_BYTES, FIRST_WORD_WAIT, silence};

/// What every HTTP/2 client says first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The type of a TLS record with an alert. No frame of HTTP/2 begins so unless it is longer than is allowed at first.
const TLS_ALERT: u8 = 0x15;
/// What the failure to connect says; [`crate::ClientFault`] knows it again by these words.
pub(crate) const TLS_EXPECTED: &str = "the service expects TLS";

/// A connection whose preface is said already: the one that HTTP/2 writes is dropped.
pub(super) struct Plaintext {
    stream: BufReader<TcpStream>,
    said: usize,
}

impl Plaintext {
    /// Says the preface and hears the answer, if there is one soon.
    pub(super) async fn open(mut tcp: TcpStream) -> io::Result<Self> {
        tcp.write_all(PREFACE).await?;
        let mut stream = BufReader::with_capacity(FIRST_WORD_BYTES, tcp);
        match timeout(FIRST_WORD_WAIT, stream.fill_buf()).await {
            Ok(Ok([])) => return Err(silence()),
            Ok(Ok([TLS_ALERT, ..])) => return Err(io::Error::other(TLS_EXPECTED)),
            Ok(Err(cause)) => return Err(cause),
            Ok(Ok(_)) | Err(_) => {}
        }
        Ok(Self {
            stream,
            said: PREFACE.len(),
        })
    }
}

impl AsyncRead for Plaintext {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Plaintext {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.said == 0 {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        let dropped = self.said.min(bytes.len());
        self.said -= dropped;
        Poll::Ready(Ok(dropped))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
