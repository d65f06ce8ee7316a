//! One job in a data lane: the C calls, and what is done when one of them fails.

use strongroom_base::KeyMaterialId;
use strongroom_material::{DataKey, Material, Plaintext};

use super::copies::KeyInUse;
use super::held::Held;
use super::{DataMessage, LaneState, Queues, asymmetric};
use crate::aead;
use crate::blame::OpenFault;
use crate::control::{ControlMessage, Errand};
use crate::disposition::Disposition;
use crate::engine::Engine;
use crate::fault::TokenFault;
use crate::job::{DataAnswer, DataJob, Opening, QueuedData};
use crate::key::{Encrypted, GeneratedDataKey, INVOCATIONS_PER_REQUEST_MAX};
use crate::module::{Function, Module, ModuleFault};
use crate::suite::{Cipher, CipherKey};

/// Why a try did not come to an answer.
#[derive(Debug)]
pub(super) enum Stumble {
    /// This is the answer; no other try.
    Refused(TokenFault),
    /// A call failed.
    Failed { fault: ModuleFault, key: Option<FailedKey> },
    /// The key's object must be looked for; `sequence` is the map's entry that does not hold any more.
    Lost { id: KeyMaterialId, sequence: Option<u64> },
}

/// The key in use when a call failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct FailedKey {
    id: KeyMaterialId,
    sequence: Option<u64>,
}

impl Stumble {
    pub(super) fn of<H>(fault: ModuleFault, key: KeyInUse<H>) -> Self {
        Self::Failed {
            fault,
            key: Some(FailedKey {
                id: key.id,
                sequence: key.sequence,
            }),
        }
    }
}

/// Does one job and answers it, or hands it to the control lane, which looks for its key and sends it back.
pub(super) fn serve<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    mut data: Box<QueuedData>,
    held: &mut Held,
) {
    let counters = &engine.board.counters;
    counters.jobs.count();
    if data.queued.deadline.has_passed() || data.queued.reply.is_closed() {
        counters.expired.count();
        return held.hold(data, Err(TokenFault::DeadlineExceeded));
    }
    let unavailable = |cause: String| Err(TokenFault::Unavailable { cause });
    let answer = match attempt(engine, state, &mut data) {
        Ok(answer) => Ok(answer),
        Err(Stumble::Refused(fault)) => Err(fault),
        Err(Stumble::Failed { fault, .. }) => unavailable(fault.to_string()),
        Err(Stumble::Lost { id, .. }) if data.found_again => unavailable(format!("the object of {id} comes and goes")),
        // Found again, it would be used once more than the caller's budget is charged for.
        Err(Stumble::Lost { id, .. }) if data.invocations >= INVOCATIONS_PER_REQUEST_MAX => unavailable(format!(
            "every try failed, and the object of {id} was lost with the last one"
        )),
        Err(Stumble::Lost { id, sequence }) => {
            data.found_again = true;
            return hand_over(engine, Errand { data, id, sequence });
        }
    };
    held.hold(data, answer);
}

fn hand_over<M: Module>(engine: &Engine<M>, errand: Errand) {
    if let Err(refusal) = engine.control.try_send(ControlMessage::FindAgain(errand)) {
        engine.board.counters.shed.count();
        if let ControlMessage::FindAgain(errand) = refusal.into_inner() {
            shed(*errand.data);
        }
    }
}

/// Answers a job for which a queue has no room: `Overloaded` promises that nothing was done, so that the caller's budget
/// is charged nothing.
fn shed(data: QueuedData) {
    let fault = if data.invocations == 0 {
        TokenFault::Overloaded
    } else {
        TokenFault::Unavailable {
            cause: "the key's object was lost after an encryption, and the queue is full".to_owned(),
        }
    };
    data.queued.answer(Err(fault));
}

/// Tries a job up to [`INVOCATIONS_PER_REQUEST_MAX`] times, doing what the disposition table says in between.
fn attempt<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    data: &mut QueuedData,
) -> Result<DataAnswer, Stumble> {
    let mut tries = 0;
    loop {
        tries += 1;
        let stumble = match perform(engine, state, &data.queued.job, &mut data.invocations) {
            Ok(answer) => return Ok(answer),
            Err(stumble) => stumble,
        };
        match remedy(engine, state, stumble) {
            None if tries.max(data.invocations) < INVOCATIONS_PER_REQUEST_MAX => engine.board.counters.retries.count(),
            None => {
                return Err(Stumble::Refused(TokenFault::Unavailable {
                    cause: "every try failed".to_owned(),
                }));
            }
            Some(final_stumble) => return Err(final_stumble),
        }
    }
}

/// Does what the table says. `None`: try again.
fn remedy<M: Module>(engine: &Engine<M>, state: &mut LaneState<M::Session>, stumble: Stumble) -> Option<Stumble> {
    let Stumble::Failed { fault, key } = stumble else {
        return Some(stumble);
    };
    let disposition = match fault.function {
        // A message key that cannot be destroyed goes with its session, which is closed instead.
        Function::DestroyObject => Disposition::NewSession,
        _ => fault.disposition(),
    };
    match disposition {
        Disposition::RetryHere => None,
        Disposition::NewSession => match state.renew(&engine.module) {
            Ok(()) => None,
            Err(worse) => {
                engine.suspect(worse);
                Some(Stumble::Failed { fault: worse, key })
            }
        },
        Disposition::FindAgain => match key {
            Some(FailedKey {
                id,
                sequence: Some(sequence),
            }) => Some(Stumble::Lost {
                id,
                sequence: Some(sequence),
            }),
            Some(FailedKey { id, sequence: None }) => {
                state.copy_is_lost(&id);
                None
            }
            None => {
                engine.suspect(fault);
                Some(Stumble::Failed { fault, key })
            }
        },
        Disposition::LogIn | Disposition::Reinitialise | Disposition::ReplaceWorker => {
            engine.suspect(fault);
            Some(Stumble::Failed { fault, key })
        }
        Disposition::Permanent(trouble) => Some(Stumble::Refused(engine.permanent(
            trouble,
            fault,
            key.map(|key| key.id),
        ))),
    }
}

/// The C calls of one try.
fn perform<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    job: &DataJob,
    invocations: &mut u32,
) -> Result<DataAnswer, Stumble> {
    if state.session().is_none() && engine.board.is_usable() {
        state.renew(&engine.module).map_err(keyless)?;
    }
    session(engine, state)?;
    match job {
        DataJob::Random { length } => {
            let bytes = aead::random(session(engine, state)?, *length).map_err(keyless)?;
            Ok(DataAnswer::Random(bytes))
        }
        DataJob::Encrypt { key, aad, plaintext } => {
            seal(engine, state, *key, aad, plaintext, invocations).map(DataAnswer::Encrypted)
        }
        DataJob::Decrypt { opening } => open(engine, state, opening).map(DataAnswer::Decrypted),
        DataJob::GenerateDataKey { key, aad, length } => {
            generate_data_key(engine, state, *key, aad, *length, invocations).map(DataAnswer::DataKey)
        }
        DataJob::ReEncrypt { opening, key, aad } => {
            let plaintext = open(engine, state, opening)?;
            seal(engine, state, *key, aad, &plaintext, invocations).map(DataAnswer::Encrypted)
        }
        DataJob::Mac {
            key,
            algorithm,
            message,
        } => asymmetric::mac(engine, state, *key, *algorithm, message).map(DataAnswer::Mac),
        DataJob::Sign {
            key,
            spec,
            mechanism,
            input,
        } => asymmetric::sign(engine, state, *key, *spec, *mechanism, input).map(DataAnswer::Signed),
        DataJob::DecryptRsa { opening } => asymmetric::decrypt_rsa(engine, state, opening).map(DataAnswer::Decrypted),
        DataJob::Derive { key, peer, length } => {
            asymmetric::derive(engine, state, *key, peer, *length).map(DataAnswer::SharedSecret)
        }
        DataJob::Decapsulate { key, ciphertext } => {
            asymmetric::decapsulate(engine, state, *key, ciphertext).map(DataAnswer::SharedSecret)
        }
    }
}

fn seal<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: CipherKey,
    aad: &[u8],
    plaintext: &Material<Plaintext>,
    invocations: &mut u32,
) -> Result<Encrypted, Stumble> {
    let (key, cipher) = cipher(engine, state, key)?;
    let session = session(engine, state)?;
    let fresh = aead::fresh(session).map_err(keyless)?;
    *invocations += 1;
    let ciphertext = aead::seal(session, &cipher, fresh, aad, plaintext).map_err(|fault| Stumble::of(fault, key))?;
    Ok(Encrypted {
        nonce: fresh.nonce,
        ciphertext,
        invocations: *invocations,
    })
}

fn generate_data_key<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: CipherKey,
    aad: &[u8],
    length: usize,
    invocations: &mut u32,
) -> Result<GeneratedDataKey, Stumble> {
    let (key, cipher) = cipher(engine, state, key)?;
    let session = session(engine, state)?;
    let (plaintext, fresh): (Material<DataKey>, _) = aead::random_and_fresh(session, length).map_err(keyless)?;
    *invocations += 1;
    let ciphertext = aead::seal(session, &cipher, fresh, aad, &plaintext).map_err(|fault| Stumble::of(fault, key))?;
    let encrypted = Encrypted {
        nonce: fresh.nonce,
        ciphertext,
        invocations: *invocations,
    };
    Ok(GeneratedDataKey { plaintext, encrypted })
}

fn open<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    opening: &Opening,
) -> Result<Material<Plaintext>, Stumble> {
    let (key, cipher) = cipher(engine, state, opening.key)?;
    let opened = aead::open(session(engine, state)?, &cipher, opening);
    opened.map_err(|fault| open_fault(engine, state, key, fault))
}

/// What follows from a ciphertext that does not open.
pub(super) fn open_fault<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: KeyInUse<M::Handle>,
    fault: OpenFault,
) -> Stumble {
    match fault {
        OpenFault::Invalid => {
            engine.board.counters.invalid_ciphertexts.count();
            Stumble::Refused(TokenFault::InvalidCiphertext)
        }
        OpenFault::Sick(fault) => {
            // If it is the copy alone that is spoilt, the next job makes another.
            state.drop_copy(&key.id);
            engine.suspect(fault);
            Stumble::Refused(TokenFault::Unavailable {
                cause: format!("{fault}, and to the witness too"),
            })
        }
        OpenFault::Failed(fault) => Stumble::of(fault, key),
    }
}

/// A key for blame, and for encryption.
type InUse<H> = (KeyInUse<H>, Cipher<H>);

/// A symmetric key's object as this lane uses it.
fn cipher<M: Module>(
    engine: &Engine<M>,
    state: &mut LaneState<M::Session>,
    key: CipherKey,
) -> Result<InUse<M::Handle>, Stumble> {
    let used = state.key(engine, key.id)?;
    let handle = used.handle;
    Ok((used, Cipher { key, handle }))
}

/// The lane's session; without one the token is away.
pub(super) fn session<'a, M: Module>(
    engine: &Engine<M>,
    state: &'a LaneState<M::Session>,
) -> Result<&'a M::Session, Stumble> {
    state
        .session()
        .ok_or_else(|| Stumble::Refused(engine.board.unavailable()))
}

/// A call failed that was not about a key.
pub(super) fn keyless(fault: ModuleFault) -> Stumble {
    Stumble::Failed { fault, key: None }
}

/// Sends a job back to its lanes after its key was found.
pub(crate) fn resume(queues: &Queues, job: Box<QueuedData>) {
    if let Err(refusal) = queues.of(job.queued.job.lane()).try_send(DataMessage::Job(job))
        && let DataMessage::Job(job) = refusal.into_inner()
    {
        shed(*job);
    }
}
