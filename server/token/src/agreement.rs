//! The other party's public key in a key agreement.

use aws_lc_rs::agreement::{Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, UnparsedPublicKey};
use strongroom_base::KeySpec;

use crate::fault::TokenFault;
use crate::module::PublicHalf;
use crate::spki;

/// The point in a peer's SubjectPublicKeyInfo, which must be in uncompressed form and on the key's own curve.
///
/// A point that is on another curve gives bits of the private key away (Biehl, Meyer and Mueller, CRYPTO 2000). Tokens
/// check that, but not all, and not all versions: so it is checked here too, by aws-lc-rs.
///
/// # Errors
/// [`TokenFault::InvalidPublicKey`], whatever is wrong.
pub(crate) fn peer_point(spec: KeySpec, peer: &[u8]) -> Result<Box<[u8]>, TokenFault> {
    let point = point_at_end(spec, peer).ok_or(TokenFault::InvalidPublicKey)?;
    let encoded = spki::encode(spec, &PublicHalf::Point(point.to_vec()));
    let algorithm = algorithm(spec).ok_or(TokenFault::InvalidPublicKey)?;
    // There is one encoding of this point on this curve; anything else is something else.
    if encoded.is_ok_and(|encoded| *encoded == *peer)
        && ParsedPublicKey::try_from(UnparsedPublicKey::new(algorithm, point)).is_ok()
    {
        Ok(point.into())
    } else {
        Err(TokenFault::InvalidPublicKey)
    }
}

fn point_at_end(spec: KeySpec, peer: &[u8]) -> Option<&[u8]> {
    let begin = peer.len().checked_sub(spki::public_bytes(spec)?)?;
    peer.get(begin..)
}

/// Diffie-Hellman on a key's curve.
pub(crate) fn algorithm(spec: KeySpec) -> Option<&'static Algorithm> {
    match spec {
        KeySpec::EccNistP256 => Some(&ECDH_P256),
        KeySpec::EccNistP384 => Some(&ECDH_P384),
        KeySpec::EccNistP521 => Some(&ECDH_P521),
        _ => None,
    }
}

/// Bytes of the x-coordinate that an agreement comes to.
pub(crate) fn secret_bytes(spec: KeySpec) -> Option<u64> {
    match spec {
        KeySpec::EccNistP256 => Some(32),
        KeySpec::EccNistP384 => Some(48),
        KeySpec::EccNistP521 => Some(66),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
