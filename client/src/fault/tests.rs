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

fn said(exception: &str, message: &str) -> String {
    let details = ErrorDetails::with_error_info(exception, "strongroom", []);
    read(&Status::with_error_details(Code::Unavailable, message, details)).to_string()
}

#[test]
fn advice_that_the_message_gives_is_not_given_twice() {
    assert_eq!(
        said(
            "ThrottlingException",
            "Too many requests wait for the HSM; try again later."
        ),
        "ThrottlingException: Too many requests wait for the HSM; try again later"
    );
    assert_eq!(
        said(
            "ServiceUnavailableException",
            "The HSM is not available at the moment; try again."
        ),
        "ServiceUnavailableException: The HSM is not available at the moment; try again; the service's health check says \
         whether it works"
    );
    assert_eq!(
        said("ConflictException", "Another request changed it."),
        "ConflictException: Another request changed it; try again later"
    );
}

/// Whoever keeps the policies could not help.
#[test]
fn nobody_is_asked_for_a_policy_that_cannot_be() {
    let who = "User: U is not authorized to perform: kms:DisableKey on resource: R";
    assert_eq!(
        said(
            "AccessDeniedException",
            &format!("{who} because only the service that manages this key may use it")
        ),
        format!(
            "AccessDeniedException: {who} because only the service that manages this key may use it; no policy can \
             allow it: use a key of your own"
        )
    );
    assert_eq!(
        said(
            "AccessDeniedException",
            &format!("{who} because no identity-based policy allows the kms:Decrypt action")
        ),
        format!(
            "AccessDeniedException: {who} because no identity-based policy allows the kms:Decrypt action; ask those who keep the policies to \
             allow this action to your principal"
        )
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
