//! A fault as a gRPC status: code, message, google.rpc.ErrorInfo, RequestInfo, and RetryInfo where it helps.

use std::collections::HashMap;

use strongroom_base::{Fault, RequestId};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of `ErrorInfo`: reasons are unique within it (google.aip.dev/193).
const DOMAIN: &str = "strongroom";

/// The status that the caller gets. The cause stays here.
pub(crate) fn status_of(fault: &Fault, request: RequestId) -> Status {
    let row = fault.code().row();
    let mut details = ErrorDetails::new();
    details.set_error_info(row.exception, DOMAIN, HashMap::new());
    details.set_request_info(request.to_string(), "");
    if let Some(delay) = fault.retry_delay() {
        details.set_retry_info(Some(delay));
    }
    Status::with_error_details(Code::from_i32(row.grpc as i32), fault.message(), details)
}

#[cfg(test)]
mod tests;
