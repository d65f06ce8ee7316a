//! [`Pieces`]: a stream cut into pieces of one size, each with the knowledge whether it is the last.

use tokio::io::{AsyncRead, AsyncReadExt as _};
use zeroize::Zeroizing;

use super::fault::StreamFault;

/// Reads one piece ahead: only then is it known that a piece is the last. The buffers are wiped when dropped, since
/// they hold plaintext on the sealing side.
pub(super) struct Pieces<R> {
    source: R,
    current: Zeroizing<Vec<u8>>,
    ahead: Zeroizing<Vec<u8>>,
    ahead_length: usize,
    state: State,
}

enum State {
    Begin,
    Within,
    Ended,
}

pub(super) struct Piece<'a> {
    pub(super) bytes: &'a mut [u8],
    pub(super) is_last: bool,
}

impl<R: AsyncRead + Unpin> Pieces<R> {
    pub(super) fn new(source: R, piece_bytes: usize) -> Self {
        Self {
            source,
            current: Zeroizing::new(vec![0; piece_bytes]),
            ahead: Zeroizing::new(vec![0; piece_bytes]),
            ahead_length: 0,
            state: State::Begin,
        }
    }

    /// The next piece; after the last one `None`. A stream without bytes has one piece without bytes. All but the
    /// last are full, and only that of an empty stream is empty.
    pub(super) async fn next(&mut self) -> Result<Option<Piece<'_>>, StreamFault> {
        match self.state {
            State::Begin => self.ahead_length = fill(&mut self.source, &mut self.ahead).await?,
            State::Within => {}
            State::Ended => return Ok(None),
        }
        std::mem::swap(&mut self.current, &mut self.ahead);
        let length = self.ahead_length;
        self.ahead_length = if length == self.current.len() {
            fill(&mut self.source, &mut self.ahead).await?
        } else {
            0
        };
        let is_last = self.ahead_length == 0;
        self.state = if is_last { State::Ended } else { State::Within };
        let bytes = self.current.get_mut(..length).unwrap_or_default();
        Ok(Some(Piece { bytes, is_last }))
    }
}

/// Reads until the buffer is full or the source has ended.
async fn fill(source: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> Result<usize, StreamFault> {
    let mut length = 0;
    while let Some(space) = buffer.get_mut(length..).filter(|space| !space.is_empty()) {
        match source.read(space).await.map_err(StreamFault::Read)? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}
