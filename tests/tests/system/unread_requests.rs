//! Requests that are refused before anybody has read them: each refusal has code, AWS exception name and message too.

use std::time::{Duration, Instant};

use strongroom_tests::installation::EVERYTHING;
use tonic::{Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::raw_call;
use crate::world::{World, told};

const LIST_KEYS: &str = "/strongroom.v1.KeyManagement/ListKeys";
/// The bytes of one request (`REQUEST_BYTES_MAX`).
const LARGEST: usize = 256 << 10;

/// Also checks what every refusal carries beside its reason.
#[track_caller]
fn refused(answer: Result<(), Status>) -> String {
    let status = answer.unwrap_err();
    let details = status.get_error_details();
    let request = details.request_info().unwrap().request_id.clone();
    assert_eq!(request.len(), 36, "a request is named by a UUID: {request:?}");
    assert_eq!(details.error_info().unwrap().domain, "strongroom");
    told::<()>(Err(status))
}

/// A message of so many bytes that holds only a field which this version does not know: field 15, bytes.
fn message_of(bytes: usize) -> Vec<u8> {
    let mut message = vec![15 << 3 | 2];
    prost::encoding::encode_varint((bytes - 4) as u64, &mut message);
    assert_eq!(message.len(), 4);
    message.resize(bytes, 0);
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_more_than_256_kib_is_refused() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    raw_call::unary(&channel, LIST_KEYS, &message_of(LARGEST))
        .await
        .unwrap();
    assert_eq!(
        refused(raw_call::unary(&channel, LIST_KEYS, &message_of(LARGEST + 1)).await),
        "InvalidArgument ValidationException: Error, decoded message length too large: found 262145 bytes, the limit \
         is: 262144 bytes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_grpc_library_refuses_has_a_reason_too() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let unknown = "Unimplemented UnknownOperationException: This service has no such method; the reflection service \
                   lists those that it has.";
    for path in ["/strongroom.v1.KeyManagement/OpenSesame", "/strongroom.v1.Cave/Open"] {
        assert_eq!(refused(raw_call::unary(&channel, path, &[]).await), unknown, "{path}");
    }
    assert_eq!(
        refused(raw_call::unary(&channel, LIST_KEYS, b"\xff\xff").await),
        "InvalidArgument ValidationException: failed to decode Protobuf message: invalid varint"
    );
    assert_eq!(
        refused(raw_call::streamed(&channel, LIST_KEYS, tokio_stream::empty()).await),
        "InvalidArgument ValidationException: Missing request message."
    );
    let mut compressed = Request::new(Vec::new());
    compressed
        .metadata_mut()
        .insert("grpc-encoding", "gzip".parse().unwrap());
    assert_eq!(
        refused(raw_call::unary_with(&channel, LIST_KEYS, compressed).await),
        "Unimplemented UnsupportedOperationException: Content is compressed with `gzip` which isn't supported"
    );
    let service = HealthCheckRequest {
        service: "cave".to_owned(),
    };
    assert_eq!(
        refused(HealthClient::new(channel).check(service).await.map(drop)),
        "NotFound NotFoundException: service not registered"
    );
}

/// The caller sets no deadline, so it waits as long as `REQUEST_DEADLINE_DEFAULT` says.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_is_given_up_after_10_seconds() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let start = Instant::now();
    let answer = raw_call::streamed(&channel, LIST_KEYS, tokio_stream::pending());
    let answer = tokio::time::timeout(Duration::from_secs(30), answer).await.unwrap();
    let details = answer.as_ref().unwrap_err().get_error_details();
    assert!(details.retry_info().is_none(), "a change may have been begun");
    assert_eq!(
        refused(answer),
        "DeadlineExceeded DependencyTimeoutException: The deadline passed before the request had come in full, or \
         before its answer was there. A change that was begun goes on; look whether it was made before repeating it."
    );
    assert!(start.elapsed() >= Duration::from_millis(9_900), "{:?}", start.elapsed());
}
