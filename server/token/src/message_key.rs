//! A key for each message, derived inside the token and gone when the message is encrypted.
//!
//! AWS KMS does the same. With a GCM key for each message, the 2^32 encryptions that one key may make with random nonces
//! never bind. The key never leaves the token: it is a session object, sensitive and not extractable, destroyed in the same
//! job. SP 800-108 in counter mode with HMAC-SHA-256 makes 256 bits in one step:
//!
//! `HMAC-SHA-256(base key, 00000001 ‖ label ‖ 00 ‖ salt ‖ key material id ‖ 00000100)`

use strongroom_base::KeyMaterialId;
use strongroom_material::{Material, Plaintext};

use crate::aead;
use crate::disposition::Disposition;
use crate::key::{Fresh, Nonce};
use crate::module::{Function, MessageKeyUse, ModuleFault, ModuleSession, ReturnValue};

/// Bytes of a salt: 128 bits, random, from the token.
pub(crate) const SALT_BYTES: usize = 16;
/// What makes a message's key another one than all others of its base key. Not secret.
pub(crate) type Salt = [u8; SALT_BYTES];
/// What every derivation is for, with the zero byte that ends a label (SP 800-108 section 4.1).
const LABEL: &[u8] = b"strongroom/message-key/1\0";
/// Bytes of [`FixedInput`] between the counter and the length.
pub(crate) const CONTEXT_BYTES: usize = LABEL.len() + SALT_BYTES + KeyMaterialId::BYTES;

/// What a message key is bound to: label, salt and key material id. The token adds the counter before it and the key's
/// length in bits behind it, 32 bits each, the most significant first.
pub(crate) struct FixedInput([u8; CONTEXT_BYTES]);

impl FixedInput {
    pub(crate) fn new(salt: &Salt, id: &KeyMaterialId) -> Self {
        let mut bytes = [0; CONTEXT_BYTES];
        let parts = LABEL.iter().chain(salt).chain(id.as_bytes());
        for (place, byte) in bytes.iter_mut().zip(parts) {
            *place = *byte;
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Encrypts one message: salt, then ciphertext and tag.
pub(crate) fn encrypt<S: ModuleSession>(
    session: &S,
    base: S::Handle,
    id: &KeyMaterialId,
    fresh: Fresh,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, ModuleFault> {
    let input = FixedInput::new(&fresh.salt, id);
    let encrypted = with_key(session, base, &input, MessageKeyUse::Encrypt, |key| {
        session.encrypt(key, fresh.nonce, aad, plaintext)
    })?;
    Ok([fresh.salt.as_slice(), &encrypted].concat())
}

/// Opens what [`encrypt`] made. What is shorter than a salt is answered as a wrong tag is.
pub(crate) fn decrypt<S: ModuleSession>(
    session: &S,
    base: S::Handle,
    id: &KeyMaterialId,
    nonce: Nonce,
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Material<Plaintext>, ModuleFault> {
    let (salt, ciphertext) = ciphertext.split_first_chunk().ok_or(ModuleFault {
        function: Function::Decrypt,
        value: ReturnValue::EncryptedDataLenRange,
    })?;
    let input = FixedInput::new(salt, id);
    with_key(session, base, &input, MessageKeyUse::Decrypt, |key| {
        session.decrypt(key, nonce, aad, ciphertext)
    })
}

/// Derives a key, uses it and destroys it, however its use ended. One that cannot be destroyed fails the job, and its fault
/// is the one that is told: the key is in the session until that is closed, and nobody must take it for normal.
fn with_key<S: ModuleSession, R>(
    session: &S,
    base: S::Handle,
    input: &FixedInput,
    usage: MessageKeyUse,
    work: impl FnOnce(S::Handle) -> Result<R, ModuleFault>,
) -> Result<R, ModuleFault> {
    let key = session.derive_message_key(base, input, usage)?;
    let answer = work(key);
    let destroyed = session.destroy(key);
    // Whatever became of the message: what must be done about a key that stays is more.
    destroyed.and(answer)
}

/// What a probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probed {
    /// The token does all of it, and comes to the same key twice.
    Works,
    /// It does not, and trying again will not help.
    Refused(ModuleFault),
    /// It derives, but what was encrypted did not come out again.
    Differs,
}

/// Whether the token really does it: a mechanism list promises less. A session object is the base key, and what one
/// derivation encrypts another must open.
pub(crate) fn probe<S: ModuleSession>(session: &S) -> Result<Probed, ModuleFault> {
    let base = match session.generate_session_base_key() {
        Ok(base) => base,
        Err(fault) => return refusal(fault),
    };
    let outcome = round_trip(session, base);
    session.destroy(base)?;
    outcome
}

fn round_trip<S: ModuleSession>(session: &S, base: S::Handle) -> Result<Probed, ModuleFault> {
    let fresh = aead::fresh(session)?;
    let id = KeyMaterialId::from_bytes([0; KeyMaterialId::BYTES]);
    let encrypted = match encrypt(session, base, &id, fresh, LABEL, LABEL) {
        Ok(encrypted) => encrypted,
        Err(fault) => return refusal(fault),
    };
    match decrypt(session, base, &id, fresh.nonce, LABEL, &encrypted) {
        Ok(opened) if bool::from(opened.ct_eq(&Material::take(LABEL.to_vec()))) => Ok(Probed::Works),
        Ok(_) => Ok(Probed::Differs),
        Err(fault) => refusal(fault),
    }
}

/// A token that refuses is one that cannot; one that is away is asked again at the next connection.
fn refusal(fault: ModuleFault) -> Result<Probed, ModuleFault> {
    match fault.disposition() {
        Disposition::Permanent(_) => Ok(Probed::Refused(fault)),
        Disposition::RetryHere
        | Disposition::NewSession
        | Disposition::LogIn
        | Disposition::FindAgain
        | Disposition::Reinitialise
        | Disposition::ReplaceWorker => Err(fault),
    }
}

#[cfg(test)]
mod tests;
