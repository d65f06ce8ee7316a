//! What an imported key must say of itself: others have had it, so it is neither local nor has it always been secret.

use super::{Provenance, differing, told};
use crate::kind::KeyKind;
use crate::module::Attributes;

impl Provenance {
    /// What an AES-256 key that was unwrapped into the token must say. `copyable` as the profile's `session_copies`.
    #[must_use]
    pub fn of_imported(copyable: bool) -> Self {
        Self {
            key_gen_mechanism: String::new(),
            local: false,
            always_sensitive: false,
            never_extractable: false,
            ..Self::of_generated(KeyKind::SYMMETRIC, copyable)
        }
    }
}

/// Whether an object says that it was not made in the token.
pub(crate) fn is_one(attributes: &Attributes) -> bool {
    attributes.local == Some(false)
}

/// Reads an imported object's provenance, as [`super::checked`] does a generated one's. SoftHSM 2.6.1 says of what it has
/// unwrapped that it has 0 bytes; how many it has must then be found out in another way.
pub(crate) fn checked(attributes: &Attributes, copyable: Option<bool>) -> Result<Provenance, String> {
    let attributes = Attributes {
        // No mechanism made it: CK_UNAVAILABLE_INFORMATION.
        key_gen_mechanism: Some(attributes.key_gen_mechanism.clone().unwrap_or_default()),
        value_len: length(attributes),
        // What a token does not promise it does not have to say: Kryoptic tells neither of what it has unwrapped.
        always_sensitive: attributes.always_sensitive.or(Some(false)),
        never_extractable: attributes.never_extractable.or(Some(false)),
        ..attributes.clone()
    };
    let provenance = told(&attributes).map_err(|name| format!("the token does not tell its {name}"))?;
    let mut expected = Provenance::of_imported(copyable.unwrap_or(provenance.copyable));
    if provenance.value_len.is_none() {
        expected.value_len = None;
    }
    let differences = provenance.differences(&expected);
    if differences.is_empty() {
        Ok(provenance)
    } else {
        Err(differing(&differences))
    }
}

/// Bytes of the key, if the token tells them.
pub(crate) fn length(attributes: &Attributes) -> Option<u64> {
    attributes.value_len.filter(|length| *length > 0)
}
