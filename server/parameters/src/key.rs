//! The key of a secure parameter: how requests name it, and what its faults are called here.

use strongroom_base::limits::PARAMETER_KEY_LENGTH_MAX;
use strongroom_base::{Code, Fault, Scope};
use strongroom_kms::{KeyReference, ManagedKey, is_about_key};

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
    if !is_about_key(&fault) {
        return fault;
    }
    let (why, exception) = (fault.message(), fault.code().row().exception);
    let message = format!("{why} (Service: AWSKMS; Error Code: {exception})");
    Fault::new(Code::InvalidKeyId, message).because(fault)
}
