//! [`Asking`]: fields of a message that are about the request and not about the operation.

use std::mem;

use strongroom_proto::v1;

/// A message that may bring grant tokens, or ask for a dry run.
pub(crate) trait Asking {
    /// The grant tokens that it brings.
    fn take_grant_tokens(&mut self) -> Vec<String>;

    /// Whether everything is to be checked and nothing done.
    fn dry_run(&self) -> bool;
}

/// The messages with both fields, as AWS's model has them.
macro_rules! may_run_dry {
    ($($message:ident)*) => {
        $(impl Asking for v1::$message {
            fn take_grant_tokens(&mut self) -> Vec<String> {
                mem::take(&mut self.grant_tokens)
            }

            fn dry_run(&self) -> bool {
                self.dry_run
            }
        })*
    };
}

/// The messages that may be dry runs and bring no grant tokens.
macro_rules! may_run_dry_without_grants {
    ($($message:ident)*) => {
        $(impl Asking for v1::$message {
            fn take_grant_tokens(&mut self) -> Vec<String> {
                Vec::new()
            }

            fn dry_run(&self) -> bool {
                self.dry_run
            }
        })*
    };
}

/// The messages that bring grant tokens and are never dry runs.
macro_rules! brings_grant_tokens {
    ($($message:ident)*) => {
        $(impl Asking for v1::$message {
            fn take_grant_tokens(&mut self) -> Vec<String> {
                mem::take(&mut self.grant_tokens)
            }

            fn dry_run(&self) -> bool {
                false
            }
        })*
    };
}

may_run_dry! {
    CreateGrantRequest
    DecapsulateRequest
    DecryptRequest
    DeriveSharedSecretRequest
    EncapsulateRequest
    EncryptRequest
    GenerateDataKeyPairRequest
    GenerateDataKeyPairWithoutPlaintextRequest
    GenerateDataKeyRequest
    GenerateDataKeyWithoutPlaintextRequest
    GenerateMacRequest
    ReEncryptRequest
    SignRequest
    VerifyMacRequest
    VerifyRequest
}

may_run_dry_without_grants! {
    RetireGrantRequest
    RevokeGrantRequest
}

brings_grant_tokens! {
    DescribeKeyRequest
    GetPublicKeyRequest
}
