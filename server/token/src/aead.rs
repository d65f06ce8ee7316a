//! AES-256-GCM in the token: a fresh 96-bit nonce from the token for each encryption, a 128-bit tag.

use strongroom_material::{FillFault, Kind, Material, Plaintext};

use crate::blame::{self, OpenFault};
use crate::job::Opening;
use crate::key::{NONCE_BYTES, Nonce, Witness};
use crate::module::{Function, ModuleFault, ModuleSession, ReturnValue};
use crate::suite::Cipher;

/// What every witness is bound to: no caller's AAD begins so.
const WITNESS_AAD: &[u8] = b"strongroom/witness/1";
/// Random bytes in a witness. Nobody looks at them; they are there because an empty plaintext is a special case.
const WITNESS_BYTES: usize = 16;

/// A nonce from the token.
pub(crate) fn nonce<S: ModuleSession>(session: &S) -> Result<Nonce, ModuleFault> {
    let mut bytes = [0; NONCE_BYTES];
    session.random(&mut bytes)?;
    Ok(Nonce::from_bytes(bytes))
}

/// `length` random bytes, at least 1.
pub(crate) fn random<S: ModuleSession, K: Kind>(session: &S, length: usize) -> Result<Material<K>, ModuleFault> {
    Material::fill(length, |bytes| session.random(bytes)).map_err(source)
}

/// `length` random bytes, at least 1, and a nonce, from one call: a call costs more than the bytes.
pub(crate) fn random_and_nonce<S: ModuleSession, K: Kind>(
    session: &S,
    length: usize,
) -> Result<(Material<K>, Nonce), ModuleFault> {
    let drawn: Material<K> = random(session, length + NONCE_BYTES)?;
    drawn.reveal_to_token(|drawn| {
        let (nonce, key) = drawn.split_first_chunk().ok_or(IMPOSSIBLE)?;
        let copy = |bytes: &mut [u8]| {
            bytes.copy_from_slice(key);
            Ok(())
        };
        Ok((
            Material::fill(key.len(), copy).map_err(source)?,
            Nonce::from_bytes(*nonce),
        ))
    })
}

/// Encrypts. The nonce must be fresh; `aad` is not empty.
pub(crate) fn seal<S: ModuleSession, K: Kind>(
    session: &S,
    cipher: &Cipher<S::Handle>,
    nonce: Nonce,
    aad: &[u8],
    plaintext: &Material<K>,
) -> Result<Box<[u8]>, ModuleFault> {
    plaintext
        .reveal_to_token(|plaintext| cipher.encrypt(session, nonce, aad, plaintext))
        .map(Vec::into_boxed_slice)
}

/// Opens, and finds out what is wrong if it does not.
pub(crate) fn open<S: ModuleSession>(
    session: &S,
    cipher: &Cipher<S::Handle>,
    opening: &Opening,
) -> Result<Material<Plaintext>, OpenFault> {
    blame::open(
        || cipher.decrypt(session, opening.nonce, &opening.aad, &opening.ciphertext),
        || check_witness(session, cipher, &opening.witness),
    )
}

/// Makes a key's witness.
pub(crate) fn make_witness<S: ModuleSession>(session: &S, cipher: &Cipher<S::Handle>) -> Result<Witness, ModuleFault> {
    let (plaintext, nonce): (Material<Plaintext>, _) = random_and_nonce(session, WITNESS_BYTES)?;
    let ciphertext = seal(session, cipher, nonce, WITNESS_AAD, &plaintext)?;
    Ok(Witness::from_bytes([nonce.as_bytes(), &*ciphertext].concat()))
}

/// Opens a key's witness. What it holds is wiped unseen.
pub(crate) fn check_witness<S: ModuleSession>(
    session: &S,
    cipher: &Cipher<S::Handle>,
    witness: &Witness,
) -> Result<(), ModuleFault> {
    let (nonce, ciphertext) = witness.as_bytes().split_first_chunk().ok_or(IMPOSSIBLE)?;
    cipher
        .decrypt(session, Nonce::from_bytes(*nonce), WITNESS_AAD, ciphertext)
        .map(drop)
}

/// Lengths are checked where a job is made, so an empty fill does not happen.
fn source(fault: FillFault<ModuleFault>) -> ModuleFault {
    match fault {
        FillFault::Source(fault) => fault,
        FillFault::Empty => IMPOSSIBLE,
    }
}

const IMPOSSIBLE: ModuleFault = ModuleFault {
    function: Function::GenerateRandom,
    value: ReturnValue::Malformed,
};
