//! [`Pieces`]: the body of an answer, given to the connection piece by piece.
//!
//! A connection is watched by what its client takes (`UNREAD_TIME_MAX`); a client that takes a large answer slowly must
//! be seen to take it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body as HttpBody, Frame};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

use crate::places::{Waiting, held};

/// Bytes of a piece: the largest frame that HTTP/2 sends unless it is told otherwise (RFC 9113, 6.5.2).
const PIECE_BYTES_MAX: usize = 16 << 10;

/// A body whose bytes keep the place of their request until they are with the connection.
pub(crate) struct Pieces {
    body: Body,
    /// What the body has given and the connection has not taken yet.
    rest: Bytes,
    waiting: Waiting,
}

impl Pieces {
    pub(crate) fn new(body: Body, waiting: Waiting) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            waiting,
        }
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        while this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE_BYTES_MAX));
        Poll::Ready(Some(Ok(Frame::data(held(piece, this.waiting.clone())))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests;
