use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::ClientFault;

fn read(status: &Status) -> ClientFault {
    ClientFault::from_status(status, &Arc::from("https://kms.example:7443"), Duration::from_secs(10))
}

#[test]
fn what_the_service_says_is_kept_and_explained() {
    let mut details = ErrorDetails::new();
    details
        .set_error_info("ThrottlingException", "strongroom", [])
        .set_retry_info(Some(Duration::from_millis(100)))
        .set_request_info("0e37df36-f698-11e6-8dd4-cb9ced3df976", "");
    let status = Status::with_error_details(Code::ResourceExhausted, "Rate exceeded.", details);
    let fault = read(&status);
    let refusal = fault.refusal().unwrap();
    assert_eq!(refusal.exception, "ThrottlingException");
    assert_eq!(refusal.code, Code::ResourceExhausted);
    assert_eq!(refusal.message, "Rate exceeded.");
    assert_eq!(refusal.retry_delay, Some(Duration::from_millis(100)));
    assert_eq!(
        fault.to_string(),
        "ThrottlingException: Rate exceeded; try again later (request 0e37df36-f698-11e6-8dd4-cb9ced3df976)"
    );
}

#[test]
fn an_unknown_exception_is_shown_as_it_is() {
    let status = Status::with_error_details(
        Code::Aborted,
        "Because.",
        ErrorDetails::with_error_info("NewException", "x", []),
    );
    assert_eq!(read(&status).to_string(), "NewException: Because");
}

#[test]
fn a_status_of_the_transport_is_not_the_services() {
    let fault = read(&Status::unavailable("tcp connect error"));
    assert_eq!(
        fault.to_string(),
        "cannot reach the service at https://kms.example:7443: tcp connect error; check that it runs there and trusts \
         this certificate"
    );
    assert!(matches!(
        read(&Status::cancelled("Timeout expired")),
        ClientFault::DeadlinePassed(_)
    ));
    assert!(matches!(
        read(&Status::deadline_exceeded("")),
        ClientFault::DeadlinePassed(_)
    ));
    let fault = read(&Status::unimplemented("unknown method"));
    assert_eq!(fault.to_string(), "Unimplemented: unknown method");
}
