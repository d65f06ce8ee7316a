//! What an imported key must say of itself: others have had it, so it is neither local nor has it always been secret.

use super::{Provenance, differing, told};
use crate::kind::KeyKind;
use crate::module::Attributes;

impl Provenance {
    /// What a key of this kind that was unwrapped into the token must say. `copyable` as the profile's `session_copies`.
    #[must_use]
    pub fn of_imported(kind: KeyKind, copyable: bool) -> Self {
        Self {
            key_gen_mechanism: String::new(),
            local: false,
            always_sensitive: false,
            never_extractable: false,
            ..Self::of_generated(kind, copyable)
        }
    }
}

/// Whether an object says that it was not made in the token.
pub(crate) fn is_one(attributes: &Attributes) -> bool {
    attributes.local == Some(false)
}

/// What an imported object says of itself, as [`super::told`] has it of a generated one. SoftHSM 2.6.1 says of a secret that
/// it has unwrapped that it has 0 bytes; how many it has must then be found out in another way.
pub(crate) fn told_of_imported(attributes: &Attributes) -> Result<Provenance, &'static str> {
    told(&Attributes {
        // No mechanism made it: CK_UNAVAILABLE_INFORMATION.
        key_gen_mechanism: Some(attributes.key_gen_mechanism.clone().unwrap_or_default()),
        value_len: length(attributes),
        // What a token does not promise it does not have to say: Kryoptic tells neither of what it has unwrapped.
        always_sensitive: attributes.always_sensitive.or(Some(false)),
        never_extractable: attributes.never_extractable.or(Some(false)),
        ..attributes.clone()
    })
}

/// Reads an imported object's provenance, as [`super::checked`] does a generated one's.
pub(crate) fn checked(
    attributes: &Attributes,
    kind: Option<KeyKind>,
    copyable: Option<bool>,
) -> Result<Provenance, String> {
    let provenance = told_of_imported(attributes).map_err(|name| format!("the token does not tell its {name}"))?;
    let copyable = copyable.unwrap_or(provenance.copyable);
    let differences = match kind {
        Some(kind) => provenance.differences(&expected(&provenance, kind, copyable)),
        None => provenance.least_differences(|kind| expected(&provenance, kind, copyable)),
    };
    if differences.is_empty() {
        Ok(provenance)
    } else {
        Err(differing(&differences))
    }
}

/// What an imported key of this kind must say, where the token tells its length or not.
fn expected(told: &Provenance, kind: KeyKind, copyable: bool) -> Provenance {
    let all = Provenance::of_imported(kind, copyable);
    let value_len = all.value_len.filter(|_| told.value_len.is_some());
    Provenance { value_len, ..all }
}

/// Whether an object that was looked at already is an imported key of this kind and no other.
pub(crate) fn is_of_kind(told: &Provenance, kind: KeyKind) -> bool {
    *told == expected(told, kind, told.copyable)
}

/// Bytes of the key, if the token tells them.
pub(crate) fn length(attributes: &Attributes) -> Option<u64> {
    attributes.value_len.filter(|length| *length > 0)
}

/// Whether an unwrapped private key has the size, or is on the curve, of this kind: that is the material's to say.
pub(crate) fn is_of(attributes: &Attributes, kind: KeyKind) -> bool {
    let expected = Provenance::of_imported(kind, true);
    attributes.modulus_bits == expected.modulus_bits && attributes.curve == expected.curve
}
