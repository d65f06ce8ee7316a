//! A fault as a gRPC status: code, message, google.rpc.ErrorInfo, RequestInfo, and RetryInfo where it helps.

use std::collections::HashMap;

use strongroom_base::limits::STATUS_MESSAGE_BYTES_MAX;
use strongroom_base::{Code, Fault, RequestId};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of `ErrorInfo`: reasons are unique within it (google.aip.dev/193).
const DOMAIN: &str = "strongroom";
/// What AWS answers to the name of an operation that a service does not have. No operation can fail with it, so the
/// error table does not list it.
const UNKNOWN_OPERATION: &str = "UnknownOperationException";
/// With it the gRPC library refuses a compression, and says which it knows.
const ACCEPTED_ENCODINGS: &str = "grpc-accept-encoding";

/// The status that the caller gets. The cause stays here.
pub(crate) fn status_of(fault: &Fault, request: RequestId) -> Status {
    let row = fault.code().row();
    let mut details = details(row.exception, request);
    if let Some(delay) = fault.retry_delay() {
        details.set_retry_info(Some(delay));
    }
    let message = clipped(fault.message());
    Status::with_error_details(tonic::Code::from_i32(row.grpc as i32), message, details)
}

/// As much of a message as clients take. Some repeat what the caller sent; that of a policy document begins with the place
/// of its fault.
fn clipped(message: &str) -> &str {
    message
        .get(..message.floor_char_boundary(STATUS_MESSAGE_BYTES_MAX))
        .unwrap_or_default()
}

/// A refusal by the gRPC library, or by its health service, as one of ours.
pub(crate) fn completed(bare: Status, request: RequestId) -> Status {
    let fault = |code| Fault::new(code, bare.message().to_owned());
    let mut status = match bare.code() {
        // The library blames the service for what it cannot decode, and these come before any handler has run.
        tonic::Code::Internal | tonic::Code::OutOfRange => status_of(&fault(Code::Validation), request),
        tonic::Code::Unimplemented if bare.metadata().contains_key(ACCEPTED_ENCODINGS) => {
            status_of(&fault(Code::UnsupportedOperation), request)
        }
        tonic::Code::Unimplemented => unknown_operation(request),
        tonic::Code::NotFound => status_of(&fault(Code::NotFound), request),
        _ => status_of(&fault(Code::Internal), request),
    };
    *status.metadata_mut() = bare.metadata().clone();
    status
}

fn unknown_operation(request: RequestId) -> Status {
    Status::with_error_details(
        tonic::Code::Unimplemented,
        "This service has no such method; the reflection service lists those that it has.",
        details(UNKNOWN_OPERATION, request),
    )
}

fn details(exception: &str, request: RequestId) -> ErrorDetails {
    let mut details = ErrorDetails::new();
    details.set_error_info(exception, DOMAIN, HashMap::new());
    details.set_request_info(request.to_string(), "");
    details
}

#[cfg(test)]
mod tests;
