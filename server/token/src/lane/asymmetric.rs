//! What private keys do, and message authentication codes: the C calls of one try.

use strongroom_base::{KeyMaterialId, KeySpec, MacAlgorithm};
use strongroom_material::{Mac, Material, Message, Plaintext, SharedSecret};

use super::LaneState;
use super::serve::{Stumble, keyless, open_fault, session};
use crate::engine::Engine;
use crate::job::RsaOpening;
use crate::module::{Function, ML_KEM_SECRET_BYTES, Module, ModuleFault, ModuleSession, ReturnValue, SignMechanism};
use crate::{rsa, signing};

pub(super) fn sign<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: KeyMaterialId,
    spec: KeySpec,
    mechanism: SignMechanism,
    input: &Material<Message>,
) -> Result<Box<[u8]>, Stumble> {
    let key = state.key(engine, key)?;
    let signature = session(engine, state)?.sign(key.handle, mechanism, input);
    let signature = signature.map_err(|fault| Stumble::of(fault, key))?;
    signing::finish(spec, mechanism, signature).ok_or_else(|| Stumble::of(malformed(Function::Sign), key))
}

/// A code of another length than its algorithm's is none: it would verify here and nowhere else.
pub(super) fn mac<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: KeyMaterialId,
    algorithm: MacAlgorithm,
    message: &Material<Message>,
) -> Result<Material<Mac>, Stumble> {
    let key = state.key(engine, key)?;
    let mac = session(engine, state)?.mac(key.handle, algorithm, message);
    let mac = mac.map_err(|fault| Stumble::of(fault, key))?;
    if mac.len() == algorithm.bytes() {
        Ok(mac)
    } else {
        Err(Stumble::of(malformed(Function::Sign), key))
    }
}

pub(super) fn decrypt_rsa<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    opening: &RsaOpening,
) -> Result<Material<Plaintext>, Stumble> {
    let decoding = engine.board.offer().map_err(Stumble::Refused)?.oaep_sha_256();
    let key = state.key(engine, opening.key)?;
    let opened = rsa::open(session(engine, state)?, key.handle, decoding, opening);
    opened.map_err(|fault| open_fault(engine, state, key, fault))
}

/// Diffie-Hellman; the peer's point was checked by whoever made the job.
pub(super) fn derive<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: KeyMaterialId,
    peer: &[u8],
    length: u64,
) -> Result<Material<SharedSecret>, Stumble> {
    let key = state.key(engine, key)?;
    let secret = session(engine, state)?.derive(key.handle, peer, length);
    let secret = secret.map_err(|fault| Stumble::of(fault, key))?;
    take_out(engine, state, secret, length)
}

/// ML-KEM; the ciphertext's length was checked by whoever made the job.
pub(super) fn decapsulate<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: KeyMaterialId,
    ciphertext: &[u8],
) -> Result<Material<SharedSecret>, Stumble> {
    let key = state.key(engine, key)?;
    let secret = session(engine, state)?.decapsulate(key.handle, ciphertext);
    let secret = secret.map_err(|fault| Stumble::of(fault, key))?;
    take_out(engine, state, secret, ML_KEM_SECRET_BYTES)
}

/// Reads the one kind of object that can be read, and destroys it whether or not that succeeded.
fn take_out<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    secret: M::Handle,
    length: u64,
) -> Result<Material<SharedSecret>, Stumble> {
    let session = session(engine, state)?;
    let value = session.value(secret);
    if let Err(fault) = session.destroy(secret) {
        // Closing the session destroys all its objects; the next job opens another.
        tracing::warn!(%fault, "a shared secret could not be destroyed; its session is closed instead");
        state.detach();
    }
    let value = value.map_err(keyless)?;
    if value.len() as u64 == length {
        Ok(value)
    } else {
        Err(keyless(malformed(Function::GetAttributeValue)))
    }
}

fn malformed(function: Function) -> ModuleFault {
    ModuleFault {
        function,
        value: ReturnValue::Malformed,
    }
}
