use std::io;
use std::time::Duration;

use strongroom::{ClientFault, Refusal};
use tonic::Code;

use super::CommandFault;

fn refused(exception: &str, retry: bool) -> CommandFault {
    let refusal = Refusal {
        exception: exception.to_owned(),
        code: Code::Internal,
        message: "Because.".to_owned(),
        retry_delay: retry.then_some(Duration::from_secs(1)),
        request_id: None,
    };
    CommandFault::Client(ClientFault::Refused(Box::new(refusal)))
}

#[test]
fn exit_statuses_are_those_of_the_help_text() {
    assert_eq!(refused("AccessDeniedException", false).exit_status(), 3);
    assert_eq!(refused("UnrecognizedClientException", false).exit_status(), 3);
    assert_eq!(refused("NotFoundException", false).exit_status(), 4);
    assert_eq!(refused("ResourceNotFoundException", false).exit_status(), 4);
    assert_eq!(refused("ThrottlingException", true).exit_status(), 5);
    assert_eq!(refused("ValidationException", false).exit_status(), 1);
    assert_eq!(
        CommandFault::Client(ClientFault::DeadlinePassed(Duration::ZERO)).exit_status(),
        5
    );
    assert_eq!(CommandFault::Usage(String::new()).exit_status(), 2);
    assert_eq!(
        CommandFault::stdout(io::ErrorKind::BrokenPipe.into()).exit_status(),
        141
    );
    assert_eq!(CommandFault::stdout(io::ErrorKind::StorageFull.into()).exit_status(), 1);
}
