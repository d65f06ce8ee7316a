//! `strongroom key create --alias`: no key is made in vain, and one without its alias is not lost.

use tonic::{Code, Status};

use crate::answers::KEY_ID;
use crate::program::{fail, succeed};
use crate::service::{Fake, refusal};

fn create(fake: &Fake, alias: &str, status: i32) -> String {
    fail(fake, &["key", "create", "--alias", alias], b"", status)
}

#[test]
fn a_name_that_no_alias_may_have_makes_no_key() {
    let fake = Fake::start();
    let long = format!("alias/{}", "x".repeat(251));
    for (alias, expected) in [
        (
            "first",
            "write it as alias/NAME; a name has letters, digits and / _ - : only",
        ),
        (
            "alias/",
            "write it as alias/NAME; a name has letters, digits and / _ - : only",
        ),
        (
            "alias/a b",
            "write it as alias/NAME; a name has letters, digits and / _ - : only",
        ),
        (&long, "it has 257 characters, more than 256"),
        (
            "alias/aws/mine",
            "names that begin with alias/aws/ are reserved for keys that services manage; choose another",
        ),
    ] {
        assert_eq!(
            create(&fake, alias, 2),
            format!(
                "error: invalid value '{alias}' for '--alias <ALIAS>': {expected}\n\nFor more information, try '--help'.\n"
            )
        );
    }
    assert_eq!(fake.methods(), [""; 0]);
    succeed(&fake, &["key", "create", "--alias", "alias/new"], b"");
}

#[test]
fn an_alias_that_exists_makes_no_key() {
    let fake = Fake::start();
    assert_eq!(
        create(&fake, "alias/demo", 1),
        format!(
            "error: alias/demo exists: it names the key {KEY_ID}; no key was made\n\
             hint: choose another name, or make the key without --alias, then `strongroom alias update alias/demo KEY`\n"
        )
    );
    assert_eq!(fake.methods(), ["describe_key"]);
}

#[test]
fn no_key_is_made_while_nobody_can_tell_whether_the_alias_exists() {
    let fake = Fake::start();
    fake.fail(refusal(Code::Internal, "InternalFailure", None));
    let text = create(&fake, "alias/new", 1);
    assert!(text.starts_with("error: InternalFailure: "), "{text}");
    assert_eq!(fake.methods(), ["describe_key"]);
}

/// DescribeKey is a permission of its own.
#[test]
fn who_may_not_look_may_still_create() {
    let fake = Fake::start();
    succeed(&fake, &["key", "create", "--alias", "alias/forbidden"], b"");
    assert_eq!(fake.methods(), ["describe_key", "create_key", "create_alias"]);
}

/// What stands after the words that are the same whatever the cause.
fn advice(status: Status, exit_status: i32) -> String {
    let fake = Fake::start();
    fake.refuse("create_alias", status);
    let text = create(&fake, "alias/new", exit_status);
    let start = format!("error: the key {KEY_ID} was made, but not its alias: ");
    text.strip_prefix(&start).unwrap().to_owned()
}

#[test]
fn what_to_do_about_a_key_without_its_alias_follows_from_the_cause() {
    assert_eq!(
        advice(refusal(Code::AlreadyExists, "AlreadyExistsException", None), 1),
        format!(
            "AlreadyExistsException: AlreadyExistsException for a test; choose another name, or change what exists \
             (request request-1)\nhint: `strongroom alias create alias/ANOTHER-NAME {KEY_ID}` gives it another name\n"
        )
    );
    assert_eq!(
        advice(refusal(Code::PermissionDenied, "AccessDeniedException", None), 3),
        format!(
            "AccessDeniedException: AccessDeniedException for a test; ask those who keep the policies to allow this \
             action to your principal (request request-1)\nhint: use the key by its id, or ask for kms:CreateAlias and \
             run `strongroom alias create alias/new {KEY_ID}`; `strongroom key schedule-deletion {KEY_ID}` gives the \
             key up\n"
        )
    );
    assert_eq!(
        advice(refusal(Code::Unavailable, "ServiceUnavailableException", Some(1)), 5),
        format!(
            "ServiceUnavailableException: ServiceUnavailableException for a test; try again later; the service's health \
             check says whether it works (request request-1)\n\
             hint: later, `strongroom alias create alias/new {KEY_ID}` names it\n"
        )
    );
    assert_eq!(
        advice(
            refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1)),
            5
        ),
        format!(
            "DependencyTimeoutException: DependencyTimeoutException for a test; look whether it was done before you \
             repeat it (request request-1)\nhint: `strongroom alias list --key {KEY_ID}` shows whether it was named \
             after all; if not, `strongroom alias create alias/new {KEY_ID}` names it\n"
        )
    );
}
