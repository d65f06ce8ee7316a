//! The control lane: one thread that connects, probes, makes, finds and destroys objects, one thing at a time.
//!
//! Creation in parallel fails at random in SoftHSM, and a probe must not wait behind data; so everything that is not the
//! use of a key happens here, on a session of its own. A probe may wait for a key pair to be made: an RSA key of 4,096 bits
//! takes SoftHSM seconds. What lanes do meanwhile they find out about the token by themselves.

mod attest;
mod backoff;
mod connect;
mod create;
mod destroy;
mod find;
mod import;
mod probe;
mod proof;

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use strongroom_base::KeyMaterialId;

use self::backoff::Backoff;
use crate::connection::{Connection, away};
use crate::disposition::Disposition;
use crate::engine::Engine;
use crate::fault::TokenFault;
use crate::job::{ControlAnswer, ControlJob, QueuedControl, QueuedData};
use crate::lane::Queues;
use crate::module::{Function, Module, ModuleFault};

/// What the control lane's queue carries.
pub(crate) enum ControlMessage {
    Job(QueuedControl),
    /// A data job whose key must be found first.
    FindAgain(Errand),
    /// Look at the suspicion, or whether to stop.
    Wake,
}

/// A data job that waits for its key.
pub(crate) struct Errand {
    pub(crate) data: Box<QueuedData>,
    pub(crate) id: KeyMaterialId,
    /// The entry of the key map that did not hold any more; `None` if there was none.
    pub(crate) sequence: Option<u64>,
}

/// The control lane's own state.
pub(crate) struct Control<M: Module> {
    engine: Arc<Engine<M>>,
    inbox: Receiver<ControlMessage>,
    /// Where found jobs go back to.
    queues: Queues,
    connection: Option<Connection<M::Session>>,
    initialised: bool,
    /// The serial number at the first connection.
    serial: Option<String>,
    /// When to probe, or to try to connect.
    due: Instant,
    backoff: Backoff,
    connected_at: Option<Instant>,
    /// Keys whose attributes are still to be looked at in this round.
    round: Vec<KeyMaterialId>,
    /// Ids whose creation failed on this connection: an object may have been made all the same.
    uncertain: HashSet<KeyMaterialId>,
    /// Whether an object of this lane's session could not be destroyed.
    littered: Cell<bool>,
    stopped: bool,
}

/// The control lane's thread.
pub(crate) fn run<M: Module>(engine: Arc<Engine<M>>, inbox: Receiver<ControlMessage>, queues: Queues) {
    let mut control = Control {
        engine,
        inbox,
        queues,
        connection: None,
        initialised: false,
        serial: None,
        due: Instant::now(),
        backoff: Backoff::new(),
        connected_at: None,
        round: Vec::new(),
        uncertain: HashSet::new(),
        littered: Cell::new(false),
        stopped: false,
    };
    control.first_contact();
    while !control.stopped && !control.engine.board.stopping.load(Ordering::Acquire) {
        match control.inbox.recv_deadline(control.due) {
            Ok(message) => control.handle(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        control.attend();
    }
    control.shut_down();
}

impl<M: Module> Control<M> {
    fn handle(&mut self, message: ControlMessage) {
        match message {
            ControlMessage::Job(queued) => self.serve(queued),
            ControlMessage::FindAgain(errand) => self.find_for(errand),
            ControlMessage::Wake => {}
        }
    }

    /// What is due, whatever the queue holds.
    fn attend(&mut self) {
        if self.stopped {
            return;
        }
        if self.littered.take() {
            self.renew_session();
        }
        let suspicion = self.engine.take_suspicion();
        if self.connection.is_none() {
            if self.due <= Instant::now() {
                self.try_to_connect();
            }
        } else if let Some(fault) = suspicion {
            self.investigate(fault);
        } else if self.due <= Instant::now() {
            self.probe_in_turn();
        }
    }

    fn serve(&mut self, queued: QueuedControl) {
        let counters = &self.engine.board.counters;
        counters.jobs.count();
        if !matches!(queued.job, ControlJob::Stop) && (queued.deadline.has_passed() || queued.reply.is_closed()) {
            counters.expired.count();
            return queued.answer(Err(TokenFault::DeadlineExceeded));
        }
        let answer = match &queued.job {
            ControlJob::Create { id, label, kind } => self.create(*id, label, *kind).map(ControlAnswer::Created),
            ControlJob::Destroy { id, label } => self.destroy(*id, label).map(ControlAnswer::Destroyed),
            ControlJob::Objects => self.objects().map(ControlAnswer::Objects),
            ControlJob::Inspect { id } => self.inspect(*id).map(ControlAnswer::Provenance),
            ControlJob::Attest { keys } => self.attest(keys, queued.deadline).map(ControlAnswer::Attested),
            ControlJob::MakeWrappingKey { id, label, spec } => self
                .make_wrapping_key(*id, label, *spec)
                .map(ControlAnswer::WrappingKey),
            ControlJob::Recognise { material, known } => self.recognise(material, known).map(ControlAnswer::Recognised),
            ControlJob::Import {
                id,
                label,
                material,
                expected,
            } => self
                .import(*id, label, material, expected.as_ref())
                .map(ControlAnswer::Created),
            ControlJob::Stop => {
                self.shut_down();
                Ok(ControlAnswer::Done)
            }
        };
        queued.answer(answer);
    }

    /// The connection, or why there is none.
    fn connected(&self) -> Result<&Connection<M::Session>, TokenFault> {
        self.connection.as_ref().ok_or_else(|| self.engine.board.unavailable())
    }

    /// Another session in the place of this lane's own: what could not be destroyed in that goes with it, be it an unwrapped
    /// key, a message key or a shared secret. The handles of the token's objects hold in every session.
    fn renew_session(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        match self.engine.module.open_session(connection.slot) {
            Ok(session) => connection.session = session,
            Err(fault) => {
                self.disconnect(away(fault));
                self.finalize();
                self.try_to_connect();
            }
        }
    }

    /// Remembers what a call may have left in the session.
    fn note_litter(&self, fault: ModuleFault) {
        if fault.function == Function::DestroyObject {
            self.littered.set(true);
        }
    }

    /// What to answer when a call of this lane failed.
    fn failed(&self, fault: ModuleFault, id: KeyMaterialId) -> TokenFault {
        self.note_litter(fault);
        match fault.disposition() {
            Disposition::Permanent(trouble) => self.engine.permanent(trouble, fault, Some(id)),
            Disposition::RetryHere
            | Disposition::NewSession
            | Disposition::LogIn
            | Disposition::FindAgain
            | Disposition::Reinitialise
            | Disposition::ReplaceWorker => {
                self.engine.suspect(fault);
                TokenFault::Unavailable {
                    cause: fault.to_string(),
                }
            }
        }
    }
}
