//! The key of a secret: how requests name it, and what its faults are called here.

use strongroom_base::{Arn, Code, Fault, Scope};
use strongroom_kms::{KeyReference, is_about_key};

/// Reads a KmsKeyId; `None` stands for the service's own key, which an empty text and its alias name.
pub(crate) fn parse_key(text: &str, scope: &Scope) -> Result<Option<KeyReference>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let reference = KeyReference::parse(text, scope).map_err(|fault| {
        let why = fault.message().to_owned();
        Fault::new(
            Code::InvalidParameter,
            format!("The KmsKeyId names no KMS key of this account and region: {why}"),
        )
    })?;
    Ok((reference != KeyReference::of_secrets()).then_some(reference))
}

/// The key as it is stored and shown: the ARN of what was named. An alias stays an alias, so that the secret follows it.
pub(crate) fn key_arn(reference: &KeyReference, scope: &Scope) -> Arn {
    reference.arn(scope)
}

/// What a caller is told when the key service would not encrypt.
///
/// A key that does not exist is an EncryptionFailure too, not a ResourceNotFoundException: the latter is about secrets,
/// and AWS answers `Secrets Manager can't encrypt the secret value: Key '...' does not exist (Service: AWSKMS; ...)`.
pub(crate) fn encryption_fault(fault: Fault) -> Fault {
    renamed(fault, Code::EncryptionFailure, "encrypt")
}

/// What a caller is told when the key service would not decrypt.
pub(crate) fn decryption_fault(fault: Fault) -> Fault {
    renamed(fault, Code::DecryptionFailure, "decrypt")
}

/// Faults of the key become those of the secrets service and keep the key service's words; faults that pass by themselves
/// stay what they are: their retry advice must not be lost. Who is refused the key hears AWS's words for that: which key it
/// is, and what its policy says, is not for everybody who may ask for the secret. The trail says it.
fn renamed(fault: Fault, code: Code, verb: &str) -> Fault {
    if fault.code() == Code::AccessDenied {
        return Fault::new(Code::AccessDenied, "Access to KMS is not allowed").because(fault);
    }
    if !is_about_key(&fault) {
        return fault;
    }
    let (why, exception) = (fault.message(), fault.code().row().exception);
    let message =
        format!("Secrets Manager can't {verb} the secret value: {why} (Service: AWSKMS; Error Code: {exception})");
    Fault::new(code, message).because(fault)
}

#[cfg(test)]
mod tests;
