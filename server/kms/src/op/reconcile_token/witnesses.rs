//! Objects that say of themselves what they should, and are other keys.
//!
//! Whoever has the PIN can destroy an object and make another with the same id, label and attributes. A symmetric key's
//! witness opens under that key alone.

use strongroom_base::limits::TOKEN_KEYS_ATTESTED_AT_ONCE_MAX;
use strongroom_base::{Fault, KeyId, KeyMaterialId};
use strongroom_token::TokenFault;

use crate::key::{KeyRecord, KeyVersion};
use crate::kms::Kms;

/// Those of the materials whose objects are not the keys that were made.
pub(super) async fn substituted(
    kms: &Kms,
    materials: Vec<(&KeyRecord, &KeyVersion)>,
) -> Result<Vec<(KeyId, KeyMaterialId)>, Fault> {
    let mut other = Vec::new();
    // What is being removed may go at any moment.
    let present: Vec<_> = materials
        .into_iter()
        .filter(|(_, version)| version.is_present())
        .collect();
    for some in present.chunks(TOKEN_KEYS_ATTESTED_AT_ONCE_MAX) {
        let named: Result<Vec<_>, Fault> = some.iter().map(|(key, version)| key.token_key(version)).collect();
        for (material, fault) in kms.token.attest(&named?, Kms::change_deadline()).await? {
            let of = some.iter().find(|(_, version)| version.material == material);
            // One that is missing now was there before: it was destroyed with its key, or is reported the next time.
            if let (Some((key, _)), TokenFault::KeyDamaged { .. }) = (of, &fault) {
                tracing::error!(key = %key.id, %fault, "a key is taken out of use");
                other.push((key.id, material));
            }
        }
    }
    Ok(other)
}
