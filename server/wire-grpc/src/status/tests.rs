use std::time::Duration;

use strongroom_base::limits::STATUS_MESSAGE_BYTES_MAX;
use strongroom_base::{Code, Fault, RequestId};
use tonic::Status;
use tonic_types::StatusExt as _;

use super::{completed, status_of};

#[test]
fn a_fault_carries_its_exception_name_and_request() {
    let request = RequestId::random();
    let fault = Fault::new(Code::Disabled, "the key is disabled.").because("a cause that is nobody's business");
    let status = status_of(&fault, request);
    assert_eq!(status.code(), tonic::Code::FailedPrecondition);
    assert_eq!(status.message(), "the key is disabled.");
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "DisabledException");
    assert_eq!(details.request_info().unwrap().request_id, request.to_string());
    assert!(details.retry_info().is_none());
    assert!(!format!("{status:?}").contains("nobody's business"));
}

#[test]
fn a_fault_that_may_pass_says_when_to_try_again() {
    let status = status_of(&Fault::new(Code::Unavailable, "away"), RequestId::random());
    assert_eq!(status.code(), tonic::Code::Unavailable);
    assert_eq!(
        status.get_error_details().retry_info().unwrap().retry_delay,
        Some(Duration::from_secs(1))
    );
}

/// It is in the headers twice, and clients take 16 KiB of them: of a longer message they would see nothing at all.
#[test]
fn a_message_is_cut_off_where_clients_would_not_take_it() {
    for text in ["é", "\"", "a"] {
        let fault = Fault::new(Code::MalformedPolicyDocument, text.repeat(64 << 10));
        let status = status_of(&fault, RequestId::random());
        assert_eq!(
            status.message(),
            text.repeat(STATUS_MESSAGE_BYTES_MAX / text.len()),
            "as much as fits"
        );
        let reason = status.get_error_details().error_info().unwrap().reason.clone();
        assert_eq!(reason, "MalformedPolicyDocumentException");
        let answer = status.into_http::<()>();
        // As HTTP/2 counts them (RFC 9113, section 6.5.2).
        let sizes = answer
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 32);
        let whole: usize = sizes.sum();
        assert!(whole < 16 << 10, "{whole} bytes for {text:?}");
    }
    let status = status_of(&Fault::new(Code::Disabled, "short"), RequestId::random());
    assert_eq!(status.message(), "short");
}

#[test]
fn every_code_becomes_a_status_of_the_same_number() {
    for code in Code::ALL {
        let status = status_of(&Fault::new(*code, "text"), RequestId::random());
        assert_eq!(status.code() as i32, code.row().grpc as i32, "{code:?}");
    }
}

#[test]
fn refusals_of_the_library_get_a_name_and_a_request() {
    let request = RequestId::random();
    let mut compressed = Status::unimplemented("Content is compressed with `gzip` which isn't supported");
    compressed
        .metadata_mut()
        .insert("grpc-accept-encoding", "identity".parse().unwrap());
    for (bare, code, reason, message) in [
        (
            Status::out_of_range("too long"),
            tonic::Code::InvalidArgument,
            "ValidationException",
            "too long",
        ),
        (
            Status::internal("no protobuf"),
            tonic::Code::InvalidArgument,
            "ValidationException",
            "no protobuf",
        ),
        (
            Status::unimplemented(""),
            tonic::Code::Unimplemented,
            "UnknownOperationException",
            "This service has no such method; the reflection service lists those that it has.",
        ),
        (
            compressed.clone(),
            tonic::Code::Unimplemented,
            "UnsupportedOperationException",
            "Content is compressed with `gzip` which isn't supported",
        ),
        (
            Status::not_found("service not registered"),
            tonic::Code::NotFound,
            "NotFoundException",
            "service not registered",
        ),
        (Status::unknown("?"), tonic::Code::Internal, "InternalFailure", "?"),
    ] {
        let status = completed(bare, request);
        let details = status.get_error_details();
        assert_eq!((status.code(), status.message()), (code, message));
        assert_eq!(details.error_info().unwrap().reason, reason);
        assert_eq!(details.error_info().unwrap().domain, "strongroom");
        assert_eq!(details.request_info().unwrap().request_id, request.to_string());
    }
    let accepted = completed(compressed, request);
    assert_eq!(accepted.metadata().get("grpc-accept-encoding").unwrap(), "identity");
}
