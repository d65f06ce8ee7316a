use std::sync::Arc;

use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use tonic::body::Body;
use tonic::codegen::Bytes;

use super::{PIECE_BYTES_MAX, Pieces};
use crate::places::{Answers, Waiting};

#[tokio::test]
async fn a_large_answer_is_taken_piece_by_piece() {
    let answers = Arc::new(Answers::default());
    let waiting = Waiting {
        place: None,
        answers: Arc::clone(&answers),
    };
    let sent: Vec<u8> = (0..40_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let mut pieces = Pieces::new(Body::new(Full::new(Bytes::from(sent.clone()))), waiting);
    let mut received = Vec::new();
    let mut sizes = Vec::new();
    while let Some(frame) = pieces.frame().await {
        let piece = frame.unwrap().into_data().unwrap();
        assert_eq!(answers.unread(), 1);
        assert_eq!(answers.taken(), sizes.len() as u64);
        sizes.push(piece.len());
        received.extend_from_slice(&piece);
    }
    assert_eq!(sizes, [PIECE_BYTES_MAX, PIECE_BYTES_MAX, 40_000 - 2 * PIECE_BYTES_MAX]);
    assert_eq!(received, sent);
    assert!(pieces.is_end_stream());
    assert_eq!((answers.unread(), answers.taken()), (0, 3));
}
