//! Which faults of an operation on keys are about the key, for services that use keys on a caller's behalf.

use strongroom_base::{Code, Fault};

/// Whether a fault says that the key, or what was encrypted under it, is not as it must be. Such faults the service that asked
/// calls by a name of its own. Refusals of the caller, and faults that pass by themselves, stay what they are: their retry
/// advice must not be lost.
#[must_use]
#[rustfmt::skip] // A table: one code a line would make it longer than a function may be.
pub fn is_about_key(fault: &Fault) -> bool {
    match fault.code() {
        Code::NotFound | Code::InvalidArn | Code::Disabled | Code::InvalidCiphertext | Code::IncorrectKey
        | Code::InvalidKeyUsage | Code::KmsInvalidState | Code::LimitExceeded | Code::UnsupportedOperation
        | Code::Validation => true,
        Code::AccessDenied | Code::UnrecognizedClient | Code::KeyUnavailable | Code::AlreadyExists
        | Code::InvalidAliasName | Code::InvalidMarker | Code::Tag | Code::DryRunOperation
        | Code::KmsInvalidSignature | Code::KmsInvalidMac | Code::MalformedPolicyDocument | Code::PublicPolicy
        | Code::InvalidGrantToken | Code::InvalidGrantId | Code::IncorrectKeyMaterial | Code::ExpiredImportToken
        | Code::InvalidImportToken
        | Code::ResourceNotFound | Code::ResourceExists | Code::InvalidParameter | Code::InvalidRequest
        | Code::DecryptionFailure | Code::EncryptionFailure | Code::InvalidNextToken | Code::InvalidKeyId
        | Code::ParameterNotFound | Code::ParameterVersionNotFound | Code::ParameterAlreadyExists
        | Code::ParameterLimitExceeded | Code::ParameterMaxVersionLimitExceeded
        | Code::ParameterVersionLabelLimitExceeded | Code::ParameterPatternMismatch
        | Code::HierarchyLevelLimitExceeded | Code::HierarchyTypeMismatch | Code::InvalidAllowedPattern
        | Code::UnsupportedParameterType | Code::PoliciesLimitExceeded | Code::InvalidPolicyType
        | Code::InvalidPolicyAttribute | Code::IncompatiblePolicy | Code::TooManyUpdates | Code::InvalidFilterKey
        | Code::InvalidFilterOption | Code::InvalidFilterValue | Code::InvalidPageToken | Code::InvalidResourceType
        | Code::InvalidResourceId | Code::TooManyTags | Code::TrimmedData | Code::Conflict | Code::Throttling | Code::DependencyTimeout
        | Code::Unavailable | Code::StorageFull | Code::RecordDamaged | Code::Internal => false,
    }
}
