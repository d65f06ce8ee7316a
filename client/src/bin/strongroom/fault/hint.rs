//! What to do next after a failure, often a command.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use strongroom::{ClientFault, Refusal, StreamFault, v1};

use super::CommandFault;
use crate::message::TO_SIGN;

const IDENTITY: &str = "`strongroom identity` shows who the service takes you for";

impl CommandFault {
    /// What helps to go on, in one line.
    pub(super) fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Client(ClientFault::Refused(refusal))
            | Self::SecretUnread {
                cause: ClientFault::Refused(refusal),
                ..
            } => of_refusal(refusal).map(Cow::Borrowed),
            Self::Client(ClientFault::Stream(StreamFault::NotSealed)) => Some(Cow::Borrowed(
                "an encrypted data key is decrypted by `strongroom data-key decrypt`",
            )),
            Self::Hinted { hint, .. } => Some(Cow::Owned(hint.clone())),
            Self::TooLong { what: TO_SIGN, .. } => Some(Cow::Borrowed("sign its digest: --message-type DIGEST")),
            Self::Input { cause, .. } => of_input(cause).map(Cow::Borrowed),
            Self::Output { name, cause } => of_output(name, cause),
            Self::AliasTaken { alias, .. } => Some(Cow::Owned(format!(
                "choose another name, or make the key without --alias, then `strongroom alias update {alias} KEY`"
            ))),
            Self::AliasMissing { key_id, alias, cause } => Some(Cow::Owned(of_alias(key_id, alias, cause))),
            Self::ImportStopped { .. } => Some(Cow::Borrowed(
                "the same command goes on: secrets that have their value already are left alone",
            )),
            Self::EditOvertaken { secret, version_id } => Some(Cow::Owned(format!(
                "`strongroom secret get {secret} --version-id {version_id}` shows your text; edit the secret again"
            ))),
            Self::Unread(errors) => of_batch(errors).map(Cow::Owned),
            _ => None,
        }
    }
}

fn of_refusal(refusal: &Refusal) -> Option<&'static str> {
    if refusal.is_of_managed_key() {
        return Some("`strongroom key create` makes a key of your own");
    }
    of_exception(&refusal.exception, &refusal.message)
}

/// The message tells apart what has one exception: AWS's exceptions are few.
fn of_exception(exception: &str, message: &str) -> Option<&'static str> {
    Some(match exception {
        "AccessDeniedException" => IDENTITY,
        "NotFoundException" if message.starts_with("Grant ID ") => "`strongroom grant list KEY` shows a key's grants",
        "NotFoundException" => "`strongroom key list` and `strongroom alias list` show what there is",
        "ResourceNotFoundException" => "`strongroom secret list` shows what there is",
        "DisabledException" => "`strongroom key enable KEY` enables a key",
        "KMSInvalidStateException" if message.contains(" is pending deletion") => {
            "`strongroom key cancel-deletion KEY` takes a key back that waits for its deletion"
        }
        "KMSInvalidStateException" => "`strongroom key describe KEY` shows the key's state",
        "InvalidRequestException" if is_of_deleted_secret(message) => {
            "`strongroom secret restore SECRET` takes a secret back that waits for its deletion"
        }
        "InvalidCiphertextException" => "give the same --context NAME=VALUE options as when encrypting",
        "ServiceUnavailableException" => "`strongroom token` shows how the token is",
        _ => return None,
    })
}

fn is_of_deleted_secret(message: &str) -> bool {
    ["marked for deletion", "scheduled for deletion"]
        .iter()
        .any(|words| message.contains(words))
}

/// Each hint once, for as many kinds of failures as a batch has.
fn of_batch(errors: &[v1::ApiError]) -> Option<String> {
    let mut hints: Vec<&str> = Vec::new();
    for error in errors {
        if let Some(hint) = of_exception(&error.error_code, &error.message)
            && !hints.contains(&hint)
        {
            hints.push(hint);
        }
    }
    Some(hints.join("; ")).filter(|text| !text.is_empty())
}

fn of_input(cause: &io::Error) -> Option<&'static str> {
    match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::IsADirectory => Some("name a file that exists, or - for stdin"),
        _ => None,
    }
}

fn of_output(name: &str, cause: &io::Error) -> Option<Cow<'static, str>> {
    match cause.kind() {
        io::ErrorKind::NotFound => {
            let folder = Path::new(name).parent()?;
            Some(Cow::Owned(format!("make the directory {} first", folder.display())))
        }
        io::ErrorKind::IsADirectory => Some(Cow::Borrowed("name a file in that directory")),
        _ => None,
    }
}

/// The same command again only where it may succeed.
fn of_alias(key_id: &str, alias: &str, cause: &ClientFault) -> String {
    let exception = cause.refusal().map_or("", |refusal| refusal.exception.as_str());
    match exception {
        "AlreadyExistsException" | "InvalidAliasNameException" | "ValidationException" => {
            format!("`strongroom alias create alias/ANOTHER-NAME {key_id}` gives it another name")
        }
        "AccessDeniedException" => format!(
            "use the key by its id, or ask for kms:CreateAlias and run `strongroom alias create {alias} {key_id}`; \
             `strongroom key schedule-deletion {key_id}` gives the key up"
        ),
        "ThrottlingException" | "ConflictException" | "ServiceUnavailableException" | "KMSInternalException" => {
            format!("later, `strongroom alias create {alias} {key_id}` names it")
        }
        _ => format!(
            "`strongroom alias list --key {key_id}` shows whether it was named after all; if not, `strongroom alias \
             create {alias} {key_id}` names it"
        ),
    }
}
