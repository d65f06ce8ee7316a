//! Objects that say of themselves what they should, and are other keys.
//!
//! Whoever has the PIN can destroy an object and make another with the same id, label and attributes. No other secret key has
//! a key's witness, and no other private key belongs to its public half.

use std::sync::PoisonError;

use strongroom_base::limits::{TOKEN_KEYS_ATTESTED_AT_ONCE_MAX, TOKEN_PAIRS_ATTESTED_MAX};
use strongroom_base::{Code, Fault, KeyMaterialId};
use strongroom_token::TokenFault;

use super::{Reconciled, why};
use crate::key::{KeyRecord, KeyVersion};
use crate::kms::Kms;

/// A key and one of its materials.
type Attested<'a> = (&'a KeyRecord, &'a KeyVersion);

/// Finds those of the materials whose objects are not the keys that were made. A token that is too slow for some is not
/// asked about the others this time, so that the service does not wait for it.
pub(super) async fn attest(kms: &Kms, materials: Vec<Attested<'_>>, found: &mut Reconciled) -> Result<(), Fault> {
    // What is being removed may go at any moment.
    let present = materials.into_iter().filter(|(_, version)| version.is_present());
    let (pairs, secrets): (Vec<_>, Vec<_>) = present.partition(|(key, _)| key.spec.is_asymmetric());
    let pairs = whose_turn_it_is(kms, pairs, found);
    let mut some = secrets.chunks(TOKEN_KEYS_ATTESTED_AT_ONCE_MAX).chain(pairs.chunks(1));
    while let Some(asked) = some.next() {
        match kms.attest(asked, Kms::change_deadline()).await {
            Ok(wrong) => note(asked, wrong, found),
            Err(late) if late.code() == Code::DependencyTimeout => {
                let left = asked.iter().chain(some.flatten());
                let unattested = left.map(|(key, version)| (key.id, version.material, why(&late)));
                found.unattested.extend(unattested);
                break;
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// What a private key does takes up to hundreds of times as long as to open a witness, so some of the pairs are tried each
/// time, in turns. One that is out of use is tried every time: it is put back when it is as it was.
fn whose_turn_it_is<'a>(kms: &Kms, mut pairs: Vec<Attested<'a>>, found: &mut Reconciled) -> Vec<Attested<'a>> {
    let mut last = kms.attested_last.lock().unwrap_or_else(PoisonError::into_inner);
    pairs.sort_unstable_by_key(|(key, _)| key.id);
    let begin = pairs.partition_point(|(key, _)| Some(key.id) <= *last);
    pairs.rotate_left(begin);
    pairs.sort_by_key(|(key, _)| key.drifted.is_none());
    let later = pairs.split_off(pairs.len().min(TOKEN_PAIRS_ATTESTED_MAX));
    *last = pairs.last().map(|(key, _)| key.id);
    let still_drifted = later.iter().filter(|(key, _)| key.drifted.is_some());
    let unattested = still_drifted.map(|(key, version)| (key.id, version.material, "its turn comes later".to_owned()));
    found.unattested.extend(unattested);
    pairs
}

fn note(asked: &[Attested<'_>], wrong: Vec<(KeyMaterialId, TokenFault)>, found: &mut Reconciled) {
    for (material, fault) in wrong {
        let of = asked.iter().find(|(_, version)| version.material == material);
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
