//! Is the token well? Asked of the token itself: a session copy goes on working when its token is gone.

use std::time::Instant;

use strongroom_base::{KeyMaterialId, limits};

use super::Control;
use super::find::Found;
use crate::aead;
use crate::connection::{Connection, away};
use crate::fault::TokenFault;
use crate::keymap::{self, State};
use crate::module::{Module, ModuleFault, ModuleSession, ReturnValue};
use crate::suite::{Cipher, CipherKey};

impl<M: Module> Control<M> {
    /// C_GetTokenInfo, and the sentinel's witness through its token handle. SoftHSM's C_FindObjects answers CKR_OK with
    /// no objects while its directory is away, and C_GenerateRandom goes on: neither proves anything.
    pub(super) fn probe(&self) -> Result<(), TokenFault> {
        let engine = &self.engine;
        let connection = self.connected()?;
        let token = engine.module.token_info(connection.slot).map_err(away)?;
        if token.serial != connection.serial {
            let (expected, found) = (connection.serial.clone(), token.serial);
            return Err(TokenFault::TokenReplaced { expected, found });
        }
        let Some(sentinel) = engine.board.sentinel() else {
            return self.probe_any_key(connection);
        };
        let id = sentinel.id;
        let handle = engine
            .keys()
            .entry(&id)
            .map(|entry| entry.handle)
            .ok_or(TokenFault::KeyMissing { id })?;
        match &sentinel.witness {
            Some(witness) => {
                let suite = sentinel.kind.suite().unwrap_or_default();
                let key = CipherKey { id, suite };
                let cipher = Cipher { key, handle };
                aead::check_witness(&connection.session, &cipher, witness).map_err(away)
            }
            None => connection.session.attributes(handle).map(drop).map_err(away),
        }
    }

    /// Before the sentinel is known: does the token still know any one of its handles? After a logout by somebody else
    /// no object can be seen, and C_GetTokenInfo does not tell.
    fn probe_any_key(&self, connection: &Connection<M::Session>) -> Result<(), TokenFault> {
        let any = self.engine.keys().any_handle();
        any.map_or(Ok(()), |handle| {
            connection.session.attributes(handle).map(drop).map_err(away)
        })
    }

    /// Probes, and draws the consequence if it fails.
    pub(super) fn probe_now(&mut self) -> Result<(), TokenFault> {
        let board = &self.engine.board;
        if self.connection.is_none() {
            return Err(board.unavailable());
        }
        board.counters.probes.count();
        self.due = Instant::now() + self.engine.settings.profile.probe_interval();
        match self.probe() {
            Ok(()) => {
                self.engine.keys_mut().forget_missing();
                Ok(())
            }
            Err(fault) => {
                board.counters.probe_failures.count();
                tracing::warn!(%fault, "the health probe failed");
                self.disconnect(fault.clone());
                self.finalize();
                self.try_to_connect();
                Err(fault)
            }
        }
    }

    /// The probe of each interval, and a look at some keys.
    pub(super) fn probe_in_turn(&mut self) {
        if self.probe_now().is_ok() {
            self.look_at_keys();
        }
    }

    /// Reads the attributes of a few keys in turn: somebody else may have destroyed an object whose copies go on
    /// working, or given a modifiable one another usage.
    fn look_at_keys(&mut self) {
        if self.round.is_empty() {
            self.round = self.engine.keys().ids().collect();
        }
        for _ in 0..limits::TOKEN_KEYS_CHECKED_PER_PROBE_MAX {
            let Some(id) = self.round.pop() else { return };
            if self.connection.is_none() {
                return;
            }
            self.look_at_key(id);
        }
    }

    fn look_at_key(&mut self, id: KeyMaterialId) {
        let Some(entry) = self.engine.keys().entry(&id).cloned() else {
            return;
        };
        let Ok(connection) = self.connected() else { return };
        match connection.session.attributes(entry.handle) {
            Ok(attributes) => {
                let state = keymap::state(&attributes);
                if let (State::Usable(_) | State::Wrapping, State::Damaged(what)) = (&entry.state, &state) {
                    self.engine.keys_mut().set_state(&id, state.clone());
                    self.withdraw(id);
                    self.engine.alarm(TokenFault::KeyDamaged { id, what: what.clone() });
                } else if let (State::Damaged(_), State::Usable(_) | State::Wrapping) = (&entry.state, &state) {
                    // Somebody has put it right. Only a search tells whether it is the only one with this id.
                    if let Err(fault) = self.find_again(id) {
                        tracing::warn!(%fault, %id, "a key cannot be looked at");
                    }
                }
            }
            Err(ModuleFault {
                value: ReturnValue::ObjectHandleInvalid | ReturnValue::KeyHandleInvalid,
                ..
            }) => match self.find_again(id) {
                Ok(Found::Usable | Found::Missing | Found::Damaged(_)) => self.withdraw(id),
                Err(fault) => tracing::warn!(%fault, %id, "a key cannot be looked at"),
            },
            Err(fault) if self.is_unreadable(entry.handle) => {
                if let State::Usable(_) | State::Wrapping = entry.state {
                    let what = keymap::unreadable(fault);
                    self.engine.keys_mut().set_state(&id, State::Damaged(what.clone()));
                    self.withdraw(id);
                    self.engine.alarm(TokenFault::KeyDamaged { id, what });
                }
            }
            Err(fault) => self.engine.suspect(fault),
        }
    }

    /// Makes all lanes drop their copies of a key; they have when this returns.
    pub(super) fn withdraw(&self, id: KeyMaterialId) {
        for lane in &self.engine.lanes {
            lane.visit(|state| state.drop_copy(&id));
        }
    }
}
