//! Objects that say of themselves what they should, and are other keys.
//!
//! Whoever has the PIN can destroy an object and make another with the same id, label and attributes. A symmetric key's
//! witness opens under that key alone.

use strongroom_base::limits::TOKEN_KEYS_ATTESTED_AT_ONCE_MAX;
use strongroom_base::{Fault, KeyMaterialId};
use strongroom_token::TokenFault;

use super::Reconciled;
use crate::key::{KeyRecord, KeyVersion};
use crate::kms::Kms;

/// A key and one of its materials.
type Attested<'a> = (&'a KeyRecord, &'a KeyVersion);

/// Finds those of the materials whose objects are not the keys that were made. A token that is too slow for some is not
/// asked about the others this time, so that the service does not wait for it.
pub(super) async fn attest(kms: &Kms, materials: Vec<Attested<'_>>, found: &mut Reconciled) -> Result<(), Fault> {
    // What is being removed may go at any moment.
    let present: Vec<_> = materials
        .into_iter()
        .filter(|(_, version)| version.is_present())
        .collect();
    let mut chunks = present.chunks(TOKEN_KEYS_ATTESTED_AT_ONCE_MAX);
    for some in chunks.by_ref() {
        let named: Result<Vec<_>, Fault> = some.iter().map(|(key, version)| key.token_key(version)).collect();
        match kms.token.attest(&named?, Kms::change_deadline()).await {
            Ok(wrong) => note(some, wrong, found),
            Err(late @ TokenFault::DeadlineExceeded) => {
                let left = some.iter().chain(chunks.flatten());
                let unattested = left.map(|(key, version)| (key.id, version.material, late.to_string()));
                found.unattested.extend(unattested);
                break;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(())
}

fn note(some: &[Attested<'_>], wrong: Vec<(KeyMaterialId, TokenFault)>, found: &mut Reconciled) {
    for (material, fault) in wrong {
        let of = some.iter().find(|(_, version)| version.material == material);
        let Some((key, _)) = of else { continue };
        match fault {
            TokenFault::KeyDamaged { .. } => {
                tracing::error!(key = %key.id, %fault, "a key is taken out of use");
                found.drifted.push((key.id, material));
            }
            // It was there before: it was destroyed with its key, or is reported the next time.
            TokenFault::KeyMissing { .. } => {}
            other => found.unattested.push((key.id, material, other.to_string())),
        }
    }
}
