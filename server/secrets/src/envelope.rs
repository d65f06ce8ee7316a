//! The envelope: how a version's value is sealed under its data key.
//!
//! ```text
//! sealed value = nonce (12 bytes, random) | ciphertext (as long as the value) | tag (16 bytes)
//! cipher       = AES-256-GCM under the version's data key, which seals this one message and nothing else
//! AAD          = "strongroom/secret-value" 00 | format (1 byte, 01) | kind (1 byte, 01 text, 02 bytes)
//!                | length of ARN (4 bytes, most significant first) | ARN | length of version id (4 bytes) | version id
//! ```
//!
//! The AAD binds a value to its place: a ciphertext that is copied to another secret or version does not open there,
//! nor does one whose kind was changed. The data key's own encryption context {SecretARN, SecretVersionId} binds it too.
//! The golden vector is in `envelope/tests.rs`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use strongroom_base::{Arn, Code, Fault};
use strongroom_material::{DataKey, FillFault, Material, Sealed, SecretValue};

use crate::random;
use crate::value::{Value, ValueKind};
use crate::version_id::VersionId;

const DOMAIN: &[u8] = b"strongroom/secret-value\0";
const FORMAT: u8 = 1;

/// Where a value belongs.
pub(crate) struct Place<'p> {
    pub(crate) arn: &'p Arn,
    pub(crate) version: &'p VersionId,
}

impl Place<'_> {
    fn authenticated_data(&self, kind: ValueKind) -> Vec<u8> {
        let kind = match kind {
            ValueKind::String => 1,
            ValueKind::Binary => 2,
        };
        let mut data = [DOMAIN, &[FORMAT, kind]].concat();
        for text in [self.arn.as_str(), self.version.as_str()] {
            // Both are bounded far below 4 GiB.
            data.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend(text.as_bytes());
        }
        data
    }
}

/// Seals a value under a fresh data key, which is wiped when this returns.
pub(crate) fn seal(data_key: Material<DataKey>, place: &Place<'_>, value: &Value) -> Result<Sealed, Fault> {
    let mut nonce = [0; NONCE_LEN];
    random::fill(&mut nonce)?;
    seal_with(&data_key, nonce, place, value)
}

/// The same with a given nonce: the seam for the golden vector.
fn seal_with(
    data_key: &Material<DataKey>,
    nonce: [u8; NONCE_LEN],
    place: &Place<'_>,
    value: &Value,
) -> Result<Sealed, Fault> {
    let key = cipher(data_key)?;
    let data = place.authenticated_data(value.kind());
    let mut tag = None;
    // The value is encrypted where it was copied to, in an allocation that is wiped should the cipher fail.
    let in_place = Material::<SecretValue>::fill(value.bytes().len(), |buffer| {
        value.bytes().reveal_to_cipher(|bytes| buffer.copy_from_slice(bytes));
        let made = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&data), buffer);
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
/// DecryptionFailure when anything is not as it was sealed; it never says what.
pub(crate) fn open(
    data_key: Material<DataKey>,
    place: &Place<'_>,
    kind: ValueKind,
    sealed: &Sealed,
) -> Result<Value, Fault> {
    let key = cipher(&data_key)?;
    let data = place.authenticated_data(kind);
    let (nonce, rest) = sealed.as_bytes().split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
    let length = rest.len().checked_sub(MAX_TAG_LEN).ok_or_else(damaged)?;
    let (ciphertext, tag) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let opened = Material::fill(length, |value| {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        key.open_separate_gather(nonce, Aad::from(&data), ciphertext, tag, value)
            .map_err(|_| damaged())
    });
    let bytes = opened.map_err(|fault| match fault {
        FillFault::Empty => damaged(),
        FillFault::Source(fault) => fault,
    })?;
    Ok(Value::opened(kind, bytes))
}

fn cipher(data_key: &Material<DataKey>) -> Result<LessSafeKey, Fault> {
    let key = data_key.reveal_to_cipher(|bytes| UnboundKey::new(&AES_256_GCM, bytes));
    key.map(LessSafeKey::new).map_err(|_| damaged())
}

fn damaged() -> Fault {
    Fault::new(
        Code::DecryptionFailure,
        "Secrets Manager can't decrypt the secret value: it is not as it was stored.",
    )
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
