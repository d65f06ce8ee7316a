//! AES-256-GCM in the token: a fresh 96-bit nonce from the token for each encryption, a 128-bit tag.

use strongroom_material::{FillFault, Kind, Material, Plaintext};

use crate::blame::{self, OpenFault};
use crate::job::Opening;
use crate::key::{Fresh, Nonce, Witness};
use crate::module::{Function, ModuleFault, ModuleSession, ReturnValue};
use crate::suite::Cipher;

/// What every witness is bound to: no caller's AAD begins so.
const WITNESS_AAD: &[u8] = b"strongroom/witness/1";
/// Random bytes in a witness. Nobody looks at them; they are there because an empty plaintext is a special case.
const WITNESS_BYTES: usize = 16;

/// What an encryption draws, from the token.
pub(crate) fn fresh<S: ModuleSession>(session: &S) -> Result<Fresh, ModuleFault> {
    let mut drawn = [0; Fresh::BYTES];
    session.random(&mut drawn)?;
    let (fresh, _) = Fresh::split(&drawn).ok_or(IMPOSSIBLE)?;
    Ok(fresh)
}

/// `length` random bytes, at least 1.
pub(crate) fn random<S: ModuleSession, K: Kind>(session: &S, length: usize) -> Result<Material<K>, ModuleFault> {
    Material::fill(length, |bytes| session.random(bytes)).map_err(source)
}

/// `length` random bytes, at least 1, and what their encryption draws, from one call: a call costs more than the bytes.
pub(crate) fn random_and_fresh<S: ModuleSession, K: Kind>(
    session: &S,
    length: usize,
) -> Result<(Material<K>, Fresh), ModuleFault> {
    let drawn: Material<K> = random(session, length + Fresh::BYTES)?;
    drawn.reveal_to_token(|drawn| {
        let (fresh, key) = Fresh::split(drawn).ok_or(IMPOSSIBLE)?;
        let copy = |bytes: &mut [u8]| {
            bytes.copy_from_slice(key);
            Ok(())
        };
        Ok((Material::fill(key.len(), copy).map_err(source)?, fresh))
    })
}

/// Encrypts. `aad` is not empty.
pub(crate) fn seal<S: ModuleSession, K: Kind>(
    session: &S,
    cipher: &Cipher<S::Handle>,
    fresh: Fresh,
    aad: &[u8],
    plaintext: &Material<K>,
) -> Result<Box<[u8]>, ModuleFault> {
    plaintext
        .reveal_to_token(|plaintext| cipher.encrypt(session, fresh, aad, plaintext))
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
    let (plaintext, fresh): (Material<Plaintext>, _) = random_and_fresh(session, WITNESS_BYTES)?;
    let ciphertext = seal(session, cipher, fresh, WITNESS_AAD, &plaintext)?;
    Ok(Witness::from_bytes([fresh.nonce.as_bytes(), &*ciphertext].concat()))
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
