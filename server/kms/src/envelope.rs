//! The envelope: a value of any length under a data key of its own, for services that keep values.
//!
//! ```text
//! sealed value = nonce (12 bytes, random) | ciphertext (as long as the value) | tag (16 bytes)
//! cipher       = AES-256-GCM under the value's data key, which seals this one message and nothing else
//! ```
//!
//! What a value is bound to is in the additional authenticated data, which the service that keeps it lays out.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use strongroom_base::{Code, Fault};
use strongroom_material::{DataKey, FillFault, Kind, Material, Sealed};

/// Something is not as it was sealed. It never says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

/// Seals a value under a fresh data key, which is wiped when this returns.
///
/// # Errors
/// ServiceUnavailableException when there are no random numbers; InternalFailure when the cipher refuses.
pub fn seal<K: Kind>(data_key: Material<DataKey>, data: &[u8], value: &Material<K>) -> Result<Sealed, Fault> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| Fault::new(Code::Unavailable, "The system has no random numbers to give."))?;
    seal_with(&data_key, nonce, data, value)
}

/// The same with a given nonce: the seam for the golden vector.
fn seal_with<K: Kind>(
    data_key: &Material<DataKey>,
    nonce: [u8; NONCE_LEN],
    data: &[u8],
    value: &Material<K>,
) -> Result<Sealed, Fault> {
    let key = cipher(data_key).map_err(|Damaged| defect("The data key is none."))?;
    let mut tag = None;
    // The value is encrypted where it was copied to, in an allocation that is wiped should the cipher fail.
    let in_place = Material::<K>::fill(value.len(), |buffer| {
        value.reveal_to_cipher(|bytes| buffer.copy_from_slice(bytes));
        let made = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(data), buffer);
        tag = Some(made.map_err(|_| defect("The cipher refused a value."))?);
        Ok(())
    });
    let ciphertext = in_place.map_err(filled)?;
    let tag = tag.ok_or_else(|| defect("The cipher made no tag."))?;
    let sealed = ciphertext.reveal_to_cipher(|ciphertext| [&nonce, ciphertext, tag.as_ref()].concat());
    Ok(Sealed::from_cipher(sealed))
}

/// Opens a value. The data key is wiped when this returns.
///
/// # Errors
/// [`Damaged`] when anything is not as it was sealed.
pub fn open<K: Kind>(data_key: Material<DataKey>, data: &[u8], sealed: &Sealed) -> Result<Material<K>, Damaged> {
    let key = cipher(&data_key)?;
    let (nonce, rest) = sealed.as_bytes().split_first_chunk::<NONCE_LEN>().ok_or(Damaged)?;
    let length = rest.len().checked_sub(MAX_TAG_LEN).ok_or(Damaged)?;
    let (ciphertext, tag) = rest.split_at_checked(length).ok_or(Damaged)?;
    let opened = Material::fill(length, |value| {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        key.open_separate_gather(nonce, Aad::from(data), ciphertext, tag, value)
    });
    opened.map_err(|_| Damaged)
}

fn cipher(data_key: &Material<DataKey>) -> Result<LessSafeKey, Damaged> {
    let key = data_key.reveal_to_cipher(|bytes| UnboundKey::new(&AES_256_GCM, bytes));
    key.map(LessSafeKey::new).map_err(|_| Damaged)
}

fn filled(fault: FillFault<Fault>) -> Fault {
    match fault {
        FillFault::Empty => defect("A value has no bytes."),
        FillFault::Source(fault) => fault,
    }
}

fn defect(what: &'static str) -> Fault {
    Fault::new(Code::Internal, "The value could not be sealed.").because(what)
}

#[cfg(test)]
mod tests;
