//! [`Engine`]: what the lanes of one module share.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crossbeam_channel::Sender;
use strongroom_base::KeyMaterialId;

use crate::board::{Board, Lanes, lock};
use crate::control::ControlMessage;
use crate::disposition::Trouble;
use crate::fault::TokenFault;
use crate::keymap::KeyMap;
use crate::lane::Lane;
use crate::module::{Module, ModuleFault};
use crate::settings::TokenSettings;

/// What the lanes of one module share.
pub(crate) struct Engine<M: Module> {
    pub(crate) module: M,
    pub(crate) settings: TokenSettings,
    pub(crate) board: Arc<Board>,
    /// The data lanes, and after them the asymmetric ones.
    pub(crate) lanes: Vec<Lane<M::Session>>,
    pub(crate) control: Sender<ControlMessage>,
    keys: RwLock<KeyMap<M::Handle>>,
    /// The first answer that made a lane doubt the token, until the control lane has looked into it.
    suspicion: Mutex<Option<ModuleFault>>,
}

impl<M: Module> Engine<M> {
    pub(crate) fn new(module: M, settings: TokenSettings, board: Arc<Board>, control: Sender<ControlMessage>) -> Self {
        let count = settings.profile.data_lanes + settings.profile.asymmetric_lanes;
        let lanes = (0..count).map(|_| Lane::new()).collect();
        let (keys, suspicion) = (RwLock::new(KeyMap::new()), Mutex::new(None));
        Self {
            module,
            settings,
            board,
            lanes,
            control,
            keys,
            suspicion,
        }
    }

    pub(crate) fn keys(&self) -> RwLockReadGuard<'_, KeyMap<M::Handle>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn keys_mut(&self) -> RwLockWriteGuard<'_, KeyMap<M::Handle>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lanes make session copies of the keys they use.
    pub(crate) fn copies(&self) -> bool {
        self.settings.profile.session_copies
    }

    /// Asks the control lane to look into an answer of the token.
    pub(crate) fn suspect(&self, fault: ModuleFault) {
        let first = lock(&self.suspicion).replace(fault).is_none();
        if first {
            // If the queue is full the control lane is awake, and looks after its present job.
            let _ = self.control.try_send(ControlMessage::Wake);
        }
    }

    pub(crate) fn take_suspicion(&self) -> Option<ModuleFault> {
        lock(&self.suspicion).take()
    }

    /// What to answer when calling again cannot help. `id` is the key that was in use, if any.
    pub(crate) fn permanent(&self, trouble: Trouble, fault: ModuleFault, id: Option<KeyMaterialId>) -> TokenFault {
        let cause = fault.to_string();
        match (trouble, id) {
            (Trouble::Key, Some(id)) => self.alarm(TokenFault::KeyDamaged { id, what: cause }),
            (Trouble::Storage, _) => TokenFault::StorageFull { cause },
            (Trouble::Request, _) => {
                tracing::error!(%fault, "the token refused a request of ours as malformed");
                TokenFault::Defect {
                    what: "the token refused the request as malformed",
                }
            }
            (
                Trouble::Key
                | Trouble::CiphertextOrToken
                | Trouble::PinRefused
                | Trouble::PinLocked
                | Trouble::PinUnusable
                | Trouble::Mechanism
                | Trouble::Forbidden,
                _,
            ) => {
                self.suspect(fault);
                TokenFault::Unavailable { cause }
            }
        }
    }

    /// Counts and logs what an operator must see, and hands the fault on.
    pub(crate) fn alarm(&self, fault: TokenFault) -> TokenFault {
        self.board.counters.alarms.count();
        tracing::error!(%fault, "a key object needs an operator");
        fault
    }
}

impl<M: Module> Lanes for Engine<M> {
    fn forget(&self, id: KeyMaterialId) {
        for lane in &self.lanes {
            lane.forget(id);
        }
    }
}
