use std::time::Duration;

use tonic::codegen::tokio_stream::StreamExt as _;
use tonic_types::StatusExt as _;

use super::*;

/// Tokens that follow each other, as fast as they are taken; a refusal after so many, if it is to come.
struct Counter {
    told: u64,
    refused_after: Option<u64>,
}

impl Counter {
    fn new() -> Self {
        Self {
            told: 0,
            refused_after: None,
        }
    }
}

impl Source for Counter {
    async fn next(&mut self) -> Result<Told, Fault> {
        if self.refused_after == Some(self.told) {
            return Err(Fault::new(Code::AccessDenied, "no more"));
        }
        self.told += 1;
        Ok(Told {
            token: self.token(),
            event: None,
        })
    }

    fn token(&self) -> ResumeToken {
        token(self.told)
    }
}

fn token(number: u64) -> ResumeToken {
    let mut bytes = [0; 27];
    bytes[0] = 1;
    bytes[1..9].copy_from_slice(&number.to_be_bytes());
    data_encoding(&bytes).parse().unwrap()
}

/// Base64 for URLs, without a dependency for one test.
fn data_encoding(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |at: usize| {
        let bit = |offset: usize| usize::from(bytes[(at * 6 + offset) / 8] >> (7 - (at * 6 + offset) % 8) & 1);
        char::from(DIGITS[(0..6).fold(0, |value, offset| value << 1 | bit(offset))])
    };
    (0..bytes.len() * 8 / 6).map(digit).collect()
}

fn ends() -> Ends {
    Ends {
        deadline: None,
        connection: None,
        stop: CancellationToken::new(),
    }
}

/// Reads until the stream ends: the tokens, and what came last.
async fn drain(stream: &mut EventStream) -> (Vec<String>, Result<v1::WatchEnd, Status>) {
    let mut tokens = Vec::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(message) if message.end() == v1::WatchEnd::Unspecified => tokens.push(message.resume_token),
            Ok(message) => {
                assert_eq!(
                    message.resume_token,
                    *tokens.last().unwrap(),
                    "it resumes after what was sent"
                );
                assert!(stream.next().await.is_none(), "nothing follows the end");
                return (tokens, Ok(message.end()));
            }
            Err(status) => return (tokens, Err(status)),
        }
    }
    panic!("the stream broke off without a word");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_does_not_read_is_cut_off_and_can_resume() {
    let mut stream = stream_of(Counter::new(), ends());
    tokio::time::sleep(WATCH_UNREAD_TIME_MAX * 2).await;
    let (tokens, end) = drain(&mut stream).await;
    let waited: Vec<String> = (1..=WATCH_MESSAGES_WAITING_MAX as u64)
        .map(|number| token(number).to_string())
        .collect();
    assert_eq!(tokens, waited, "what waited is not lost, and no more was held");
    let status = end.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    assert_eq!(status.get_details_error_info().unwrap().reason, "ThrottlingException");
    assert_eq!(
        status.message(),
        "The stream was ended because its messages were not read for 20 seconds; resume it with the last resume token that \
         was read."
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_reads_slowly_goes_on() {
    let mut stream = stream_of(Counter::new(), ends());
    for number in 1..50_u64 {
        tokio::time::sleep(WATCH_UNREAD_TIME_MAX / 2).await;
        let message = stream.next().await.unwrap().unwrap();
        assert_eq!(message.resume_token, token(number).to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_age_and_shutdown_end_a_stream_with_a_token() {
    let soon = || Some(Instant::now() + Duration::from_secs(5));
    let stopped = ends();
    stopped.stop.cancel();
    let deadline = || Ends {
        deadline: soon(),
        ..ends()
    };
    let connection = || Ends {
        connection: soon(),
        ..ends()
    };
    let cases: [(&dyn Fn() -> Ends, v1::WatchEnd); 2] = [
        (&deadline, v1::WatchEnd::Deadline),
        (&connection, v1::WatchEnd::ConnectionAge),
    ];
    for (ends, expected) in cases {
        let mut stream = stream_of(Counter::new(), ends());
        tokio::time::sleep(Duration::from_secs(6)).await;
        let (tokens, end) = drain(&mut stream).await;
        assert_eq!(tokens.len(), WATCH_MESSAGES_WAITING_MAX);
        assert_eq!(end.unwrap(), expected);
    }
    let mut stream = stream_of(Counter::new(), stopped);
    let last = stream.next().await.unwrap().unwrap();
    assert_eq!(last.end(), v1::WatchEnd::Shutdown);
    assert_eq!(last.resume_token, token(0).to_string(), "where it began");
}

#[tokio::test]
async fn a_refusal_is_the_last_word() {
    let source = Counter {
        refused_after: Some(3),
        ..Counter::new()
    };
    let (tokens, end) = drain(&mut stream_of(source, ends())).await;
    assert_eq!(tokens.len(), 3);
    let status = end.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (tonic::Code::PermissionDenied, "no more")
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_leaves_nothing_behind() {
    struct Silent(Option<oneshot::Sender<()>>);
    impl Source for Silent {
        async fn next(&mut self) -> Result<Told, Fault> {
            std::future::pending().await
        }
        fn token(&self) -> ResumeToken {
            token(0)
        }
    }
    impl Drop for Silent {
        fn drop(&mut self) {
            self.0.take().unwrap().send(()).unwrap();
        }
    }
    let (gone, seen) = oneshot::channel();
    drop(stream_of(Silent(Some(gone)), ends()));
    seen.await.expect("the source was dropped");
}

#[test]
fn every_kind_has_a_type_of_its_own() {
    let types: std::collections::BTreeSet<i32> = EventKind::ALL.iter().map(|kind| type_of(*kind).into()).collect();
    assert_eq!(types.len(), EventKind::ALL.len());
    for kind in EventKind::ALL.iter().filter(|kind| **kind != EventKind::LogBegan) {
        assert_eq!(kind_of(type_of(*kind).into()).unwrap(), *kind);
    }
    for number in [0, -1, 99] {
        assert_eq!(
            kind_of(number).unwrap_err().message(),
            format!(
                "1 validation error detected: Value at 'types' failed to satisfy constraint: {number} is not an event type"
            )
        );
    }
}
