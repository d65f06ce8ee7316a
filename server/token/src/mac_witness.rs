//! The witness of a key for message authentication codes: by it its object is told from others, and imported material is known
//! when it comes again.
//!
//! It is a code of the key over a message that begins with random bytes. HMAC is a pseudo-random function: a code says
//! nothing of the key, or of any other code, unless the key can be guessed. And it is nobody's: the message is longer than
//! any that a caller may have authenticated or verified.

use strongroom_base::{MacAlgorithm, limits};
use strongroom_material::{Mac, Material, Message};

use crate::key::Witness;
use crate::module::{ModuleFault, ModuleSession};

/// What every such message begins with.
const LABEL: &[u8] = b"strongroom/witness/1/mac";
/// Random bytes in it.
const NONCE_BYTES: usize = 32;
/// Bytes of the message: one more than a caller's may have.
const MESSAGE_BYTES: usize = limits::MESSAGE_BYTES_MAX + 1;

/// Makes a key's witness.
pub(crate) fn make<S: ModuleSession>(
    session: &S,
    key: S::Handle,
    algorithm: MacAlgorithm,
) -> Result<Witness, ModuleFault> {
    let mut nonce = [0; NONCE_BYTES];
    session.random(&mut nonce)?;
    let code = session.mac(key, algorithm, &message(&nonce))?;
    let bytes = code.reveal_to_cipher(|code| [nonce.as_slice(), code].concat());
    Ok(Witness::from_bytes(bytes))
}

/// Whether a witness is this key's.
pub(crate) fn is_of<S: ModuleSession>(
    session: &S,
    key: S::Handle,
    algorithm: MacAlgorithm,
    witness: &Witness,
) -> Result<bool, ModuleFault> {
    let Some((nonce, expected)) = witness.as_bytes().split_first_chunk() else {
        return Ok(false);
    };
    let expected: Material<Mac> = Material::take(expected.to_vec());
    let code = session.mac(key, algorithm, &message(nonce))?;
    Ok(code.ct_eq(&expected).into())
}

fn message(nonce: &[u8; NONCE_BYTES]) -> Material<Message> {
    let mut message = [LABEL, nonce].concat();
    message.resize(MESSAGE_BYTES, 0);
    Material::take(message)
}

#[cfg(test)]
mod tests;
