//! The key of a secure parameter: how requests name it, and what its faults are called here.

use strongroom_base::limits::PARAMETER_KEY_LENGTH_MAX;
use strongroom_base::{Code, Fault, Scope};
use strongroom_kms::{KeyReference, ManagedKey};

use crate::constraint;

/// A key as a request named it, which is how the parameter goes on naming it: an alias stays an alias.
#[derive(Debug, Clone)]
pub(crate) struct NamedKey {
    pub(crate) text: String,
    pub(crate) reference: KeyReference,
}

impl NamedKey {
    /// Reads a KeyId: key id, key ARN, alias or alias ARN.
    ///
    /// # Errors
    /// ValidationException for a text of another length or with other characters than the model allows, InvalidKeyId for one
    /// that can name no key.
    pub(crate) fn parse(text: &str, scope: &Scope) -> Result<Self, Fault> {
        constraint::length("keyId", text.chars().count(), 1, PARAMETER_KEY_LENGTH_MAX)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte);
        if !text.bytes().all(allowed) {
            let rule = "Member must satisfy regular expression pattern: ^([a-zA-Z0-9:/_-]+)$";
            return Err(constraint::broken("keyId", rule));
        }
        Ok(Self {
            reference: KeyReference::parse(text, scope).map_err(key_fault)?,
            text: text.to_owned(),
        })
    }

    /// The service's own key.
    pub(crate) fn own() -> Self {
        let reference = ManagedKey::OfParameters.reference();
        Self {
            text: reference.to_string(),
            reference,
        }
    }

    /// Whether it is the service's own key, by its alias.
    pub(crate) fn is_own(&self) -> bool {
        self.reference == ManagedKey::OfParameters.reference()
    }
}

/// What a caller is told when the key service would not do its part: faults of the key become InvalidKeyId and keep the key
/// service's words. Refusals of the caller, and faults that pass by themselves, stay what they are.
pub(crate) fn key_fault(fault: Fault) -> Fault {
    match fault.code() {
        Code::NotFound
        | Code::InvalidArn
        | Code::Disabled
        | Code::InvalidCiphertext
        | Code::IncorrectKey
        | Code::InvalidKeyUsage
        | Code::KmsInvalidState
        | Code::LimitExceeded
        | Code::UnsupportedOperation
        | Code::Validation => {
            let (why, exception) = (fault.message(), fault.code().row().exception);
            let message = format!("{why} (Service: AWSKMS; Error Code: {exception})");
            Fault::new(Code::InvalidKeyId, message).because(fault)
        }
        Code::AccessDenied
        | Code::UnrecognizedClient
        | Code::KeyUnavailable
        | Code::AlreadyExists
        | Code::InvalidAliasName
        | Code::InvalidMarker
        | Code::Tag
        | Code::DryRunOperation
        | Code::KmsInvalidSignature
        | Code::KmsInvalidMac
        | Code::MalformedPolicyDocument
        | Code::InvalidGrantToken
        | Code::InvalidGrantId
        | Code::IncorrectKeyMaterial
        | Code::ExpiredImportToken
        | Code::InvalidImportToken
        | Code::ResourceNotFound
        | Code::ResourceExists
        | Code::InvalidParameter
        | Code::InvalidRequest
        | Code::DecryptionFailure
        | Code::EncryptionFailure
        | Code::InvalidNextToken
        | Code::InvalidKeyId
        | Code::ParameterNotFound
        | Code::ParameterVersionNotFound
        | Code::ParameterAlreadyExists
        | Code::ParameterLimitExceeded
        | Code::ParameterMaxVersionLimitExceeded
        | Code::ParameterVersionLabelLimitExceeded
        | Code::ParameterPatternMismatch
        | Code::HierarchyLevelLimitExceeded
        | Code::HierarchyTypeMismatch
        | Code::InvalidAllowedPattern
        | Code::UnsupportedParameterType
        | Code::PoliciesLimitExceeded
        | Code::InvalidPolicyType
        | Code::InvalidPolicyAttribute
        | Code::IncompatiblePolicy
        | Code::TooManyUpdates
        | Code::InvalidFilterKey
        | Code::InvalidFilterOption
        | Code::InvalidFilterValue
        | Code::InvalidPageToken
        | Code::InvalidResourceType
        | Code::InvalidResourceId
        | Code::TooManyTags
        | Code::Conflict
        | Code::Throttling
        | Code::DependencyTimeout
        | Code::Unavailable
        | Code::StorageFull
        | Code::RecordDamaged
        | Code::Internal => fault,
    }
}
