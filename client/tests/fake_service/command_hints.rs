//! What the program says to do next, in the service's own words where these decide.

use tonic::{Code, Status};

use crate::answers::KEY_ID;
use crate::program::fail;
use crate::service::{Fake, refusal, refusal_saying};

/// The whole of stderr after this refusal.
fn said(arguments: &[&str], status: Status, exit_status: i32) -> String {
    let fake = Fake::start();
    fake.fail(status);
    fail(&fake, arguments, b"hunter2", exit_status)
}

#[test]
fn a_secret_that_waits_for_its_deletion_can_be_restored() {
    let marked = "You can't perform this operation on the secret because it was marked for deletion.";
    let scheduled = "You can't create this secret because a secret with this name is already scheduled for deletion.";
    for (verb, message) in [("get", marked), ("put", marked), ("create", scheduled)] {
        let status = refusal_saying(Code::FailedPrecondition, "InvalidRequestException", message, None);
        assert_eq!(
            said(&["secret", verb, "demo"], status, 1),
            format!(
                "error: InvalidRequestException: {} (request request-1)\n\
                 hint: `strongroom secret restore SECRET` takes a secret back that waits for its deletion\n",
                message.trim_end_matches('.')
            )
        );
    }
}

#[test]
fn a_secret_that_is_not_there_is_made_by_another_command() {
    let status = refusal(Code::NotFound, "ResourceNotFoundException", None);
    assert_eq!(
        said(&["secret", "put", "demo"], status, 4),
        "error: ResourceNotFoundException: ResourceNotFoundException for a test; check the name, id or ARN against a \
         list (request request-1)\nhint: `strongroom secret create demo` makes it\n"
    );
}

#[test]
fn a_key_that_waits_for_its_deletion_can_be_taken_back() {
    let say = |message: &str| {
        let status = refusal_saying(Code::FailedPrecondition, "KMSInvalidStateException", message, None);
        said(&["key", "enable", KEY_ID], status, 1)
    };
    assert_eq!(
        say("ARN is pending deletion."),
        "error: KMSInvalidStateException: ARN is pending deletion; describe the key to see its state (request \
         request-1)\nhint: `strongroom key cancel-deletion KEY` takes a key back that waits for its deletion\n"
    );
    assert_eq!(
        say("ARN is not pending deletion."),
        "error: KMSInvalidStateException: ARN is not pending deletion; describe the key to see its state (request \
         request-1)\nhint: `strongroom key describe KEY` shows the key's state\n"
    );
}

#[test]
fn a_managed_key_is_nobody_elses_to_change() {
    let message = "User: U is not authorized to perform: kms:DisableKey on resource: R because only the service that \
                   manages this key may use it";
    let status = refusal_saying(Code::PermissionDenied, "AccessDeniedException", message, None);
    assert_eq!(
        said(&["key", "disable", KEY_ID], status, 3),
        format!(
            "error: AccessDeniedException: {message}; no policy can allow it: use a key of your own (request \
             request-1)\nhint: `strongroom key create` makes a key of your own\n"
        )
    );
}

#[test]
fn an_outage_is_not_explained_twice() {
    let message = "The HSM is not available at the moment; try again.";
    let status = refusal_saying(Code::Unavailable, "ServiceUnavailableException", message, Some(30_000));
    assert_eq!(
        said(&["key", "enable", KEY_ID], status, 5),
        "error: ServiceUnavailableException: The HSM is not available at the moment; try again; the service's health \
         check says whether it works (request request-1)\nhint: `strongroom token` shows how the token is\n"
    );
}

#[test]
fn a_grant_that_is_not_there_is_looked_for_among_the_keys_grants() {
    let status = refusal_saying(Code::NotFound, "NotFoundException", "Grant ID abc not found", None);
    assert_eq!(
        said(&["grant", "revoke", KEY_ID, "abc"], status, 4),
        "error: NotFoundException: Grant ID abc not found; check the name, id or ARN against a list (request request-1)\n\
         hint: `strongroom grant list KEY` shows a key's grants\n"
    );
}

#[test]
fn a_key_pair_encrypts_by_itself() {
    let message = "You cannot generate a data key with an asymmetric CMK";
    let status = refusal_saying(Code::FailedPrecondition, "InvalidKeyUsageException", message, None);
    assert_eq!(
        said(&["encrypt", "--key", "alias/pair"], status, 1),
        "error: InvalidKeyUsageException: You cannot generate a data key with an asymmetric CMK (request request-1)\n\
         hint: a key pair makes no data key: with --algorithm it encrypts a short input itself; `strongroom key describe \
         KEY` shows its algorithms\n"
    );
}
