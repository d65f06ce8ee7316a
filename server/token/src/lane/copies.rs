//! Session copies: twice as fast as token objects in SoftHSM, and proof of nothing about the token.

use std::collections::HashMap;

use strongroom_base::{KeyMaterialId, limits};

use super::LaneState;
use super::serve::Stumble;
use crate::engine::Engine;
use crate::fault::TokenFault;
use crate::keymap::{self, State};
use crate::module::{Module, ModuleFault, ModuleSession, SlotNumber};

/// A key as a job uses it.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyInUse<H> {
    pub(super) id: KeyMaterialId,
    pub(super) handle: H,
    /// Which entry of the key map the handle is from; `None` for a session copy.
    pub(super) sequence: Option<u64>,
}

impl<S: ModuleSession> LaneState<S> {
    pub(super) fn session(&self) -> Option<&S> {
        self.session.as_ref()
    }

    /// Starts work after a connection.
    pub(crate) fn attach(&mut self, session: S, slot: SlotNumber) {
        self.copies = HashMap::new();
        self.session = Some(session);
        self.slot = slot;
    }

    /// Stops work: the session is closed, and its copies with it.
    pub(crate) fn detach(&mut self) {
        self.copies = HashMap::new();
        self.session = None;
    }

    /// Destroys the copy of one key. The original may be gone already: its copy does not notice.
    pub(crate) fn drop_copy(&mut self, id: &KeyMaterialId) {
        let Some(copy) = self.copies.remove(id) else { return };
        let Some(session) = &self.session else { return };
        if let Err(fault) = session.destroy(copy) {
            // Closing the session destroys all its copies; the next job opens another.
            tracing::warn!(%fault, "a session copy could not be destroyed; its session is closed instead");
            self.detach();
        }
    }

    /// Forgets a copy whose handle the token does not know any more.
    pub(super) fn copy_is_lost(&mut self, id: &KeyMaterialId) {
        self.copies.remove(id);
    }

    /// Replaces a spoilt session. The one place where a lane opens one itself: it cannot work without.
    pub(super) fn renew<M: Module<Session = S>>(&mut self, module: &M) -> Result<(), ModuleFault> {
        self.detach();
        self.session = Some(module.open_session(self.slot)?);
        Ok(())
    }

    /// The handle to use for a key: the lane's copy, made now if there is none, else the token object itself.
    pub(super) fn key<M>(&mut self, engine: &Engine<M>, id: KeyMaterialId) -> Result<KeyInUse<S::Handle>, Stumble>
    where
        M: Module<Session = S, Handle = S::Handle>,
    {
        if let Some(copy) = self.copies.get(&id) {
            return Ok(KeyInUse {
                id,
                handle: *copy,
                sequence: None,
            });
        }
        let key = look_up(engine, id)?;
        if !engine.copies() || self.copies.len() >= limits::TOKEN_SESSION_COPIES_MAX {
            return Ok(key);
        }
        match self.copy(engine, key)? {
            Some(copy) => Ok(KeyInUse {
                id,
                handle: copy,
                sequence: None,
            }),
            None => Ok(key),
        }
    }

    /// Makes a copy, after one more look at the original's attributes. `None` where the token does not copy it.
    fn copy<M>(&mut self, engine: &Engine<M>, key: KeyInUse<S::Handle>) -> Result<Option<S::Handle>, Stumble>
    where
        M: Module<Session = S, Handle = S::Handle>,
    {
        let session = self
            .session
            .as_ref()
            .ok_or_else(|| Stumble::Refused(engine.board.unavailable()))?;
        let attributes = session
            .attributes(key.handle)
            .map_err(|fault| Stumble::of(fault, key))?;
        if let State::Damaged(what) = keymap::state(&attributes) {
            engine.keys_mut().set_state(&key.id, State::Damaged(what.clone()));
            return Err(Stumble::Refused(
                engine.alarm(TokenFault::KeyDamaged { id: key.id, what }),
            ));
        }
        match session.copy_object(key.handle) {
            Ok(copy) => {
                engine.board.counters.copies.count();
                self.copies.insert(key.id, copy);
                Ok(Some(copy))
            }
            Err(fault) if fault.disposition().is_permanent() => {
                tracing::debug!(%fault, id = %key.id, "no session copy; the token object is used");
                Ok(None)
            }
            Err(fault) => Err(Stumble::of(fault, key)),
        }
    }
}

/// The token object of a key, as the map has it.
fn look_up<M: Module>(engine: &Engine<M>, id: KeyMaterialId) -> Result<KeyInUse<M::Handle>, Stumble> {
    let keys = engine.keys();
    match keys.entry(&id) {
        Some(entry) => match &entry.state {
            State::Usable(provenance) if !provenance.local && !engine.board.is_imported(&id) => {
                let what = "it was not made in the token, and not imported either".to_owned();
                Err(Stumble::Refused(TokenFault::KeyDamaged { id, what }))
            }
            State::Usable(_) => Ok(KeyInUse {
                id,
                handle: entry.handle,
                sequence: Some(entry.sequence),
            }),
            State::Wrapping => Err(Stumble::Refused(TokenFault::KeyDamaged {
                id,
                what: keymap::WRAPPING.to_owned(),
            })),
            State::Condemned => Err(Stumble::Refused(TokenFault::KeyMissing { id })),
            State::Damaged(what) => Err(Stumble::Refused(TokenFault::KeyDamaged { id, what: what.clone() })),
        },
        None if keys.is_missing(&id) => Err(Stumble::Refused(TokenFault::KeyMissing { id })),
        None => Err(Stumble::Lost { id, sequence: None }),
    }
}
