//! Connecting, losing the connection, and connecting again.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Instant;

use strongroom_base::limits;

use super::Control;
use super::backoff::Backoff;
use crate::connection::{self, away};
use crate::disposition::{Disposition, Trouble};
use crate::fault::TokenFault;
use crate::keymap::KeyMap;
use crate::lane::LaneState;
use crate::module::{Module, ModuleFault};
use crate::software_token::SoftwareToken;

impl<M: Module> Control<M> {
    /// The first attempt; [`crate::Token::first_contact`] tells how it ended.
    pub(super) fn first_contact(&mut self) {
        if let Err(fault) = SoftwareToken::of(&self.engine.settings).sweep() {
            tracing::warn!(%fault, "empty object files cannot be swept");
        }
        self.try_to_connect();
        let contact = match &self.connection {
            Some(_) => Ok(()),
            None => Err(self.engine.board.unavailable()),
        };
        self.engine.board.first_contact.send_replace(Some(contact));
    }

    /// Tries to connect; if that fails, again after a delay that grows.
    pub(super) fn try_to_connect(&mut self) {
        match self.connect() {
            Ok(()) => {
                let keys = self.engine.keys().len();
                tracing::info!(label = self.engine.settings.label, keys, "the token is usable");
                self.backoff = Backoff::new();
                self.due = Instant::now() + self.engine.settings.profile.probe_interval();
            }
            Err(fault) => {
                tracing::warn!(%fault, "the token is not usable");
                self.disconnect(fault);
                self.finalize();
                self.due = Instant::now() + self.backoff.after_failure();
            }
        }
    }

    /// Stops all lanes' work: jobs that wait, and new ones, are refused at once.
    pub(super) fn disconnect(&mut self, fault: TokenFault) {
        self.engine.board.set_unusable(fault);
        self.leave();
    }

    /// Looks into an answer that a lane could not explain. A probe decides; but what fails in spite of a good probe is
    /// not left so for ever: at most one reconnection in [`limits::TOKEN_RECONNECT_DELAY_MAX`].
    pub(super) fn investigate(&mut self, fault: ModuleFault) {
        tracing::warn!(%fault, "a lane doubts the token");
        if self.probe_now().is_err() {
            return;
        }
        let recent = self
            .connected_at
            .is_some_and(|at| at.elapsed() < limits::TOKEN_RECONNECT_DELAY_MAX);
        match fault.disposition() {
            Disposition::LogIn => self.disconnect(away(fault)),
            Disposition::Reinitialise
            | Disposition::ReplaceWorker
            | Disposition::NewSession
            | Disposition::Permanent(Trouble::CiphertextOrToken)
                if !recent =>
            {
                self.disconnect(away(fault));
                self.finalize();
            }
            Disposition::RetryHere
            | Disposition::NewSession
            | Disposition::FindAgain
            | Disposition::Reinitialise
            | Disposition::ReplaceWorker
            | Disposition::Permanent(_) => return,
        }
        self.try_to_connect();
    }

    /// Closes everything.
    pub(super) fn shut_down(&mut self) {
        self.stopped = true;
        self.disconnect(TokenFault::Unavailable {
            cause: "the service is stopping".to_owned(),
        });
        self.finalize();
    }

    /// C_Finalize, after which nothing of the module is left. SoftHSM needs it after its directory was away.
    pub(super) fn finalize(&mut self) {
        if std::mem::take(&mut self.initialised)
            && let Err(fault) = self.engine.module.finalize()
        {
            tracing::warn!(%fault, "the module was not finalized cleanly");
        }
    }

    fn leave(&mut self) {
        for lane in &self.engine.lanes {
            lane.visit(LaneState::detach);
        }
        *self.engine.keys_mut() = KeyMap::new();
        self.engine.board.keys.store(0, Ordering::Relaxed);
        self.connection = None;
        self.round = Vec::new();
        // The next connection reads all objects.
        self.uncertain = HashSet::new();
    }

    fn connect(&mut self) -> Result<(), TokenFault> {
        let engine = &self.engine;
        if !self.initialised {
            engine.module.initialize().map_err(away)?;
            self.initialised = true;
        }
        let (connection, keys) = connection::establish(&engine.module, &engine.settings, &engine.board)?;
        let expected = self.serial.get_or_insert_with(|| connection.serial.clone());
        if *expected != connection.serial {
            let (expected, found) = (expected.clone(), connection.serial);
            return Err(TokenFault::TokenReplaced { expected, found });
        }
        self.engine.board.keys.store(keys.len(), Ordering::Relaxed);
        *self.engine.keys_mut() = keys;
        self.connection = Some(connection);
        self.probe()?;
        self.attach_lanes()?;
        self.connected_at = Some(Instant::now());
        self.engine.board.counters.connections.count();
        self.engine.take_suspicion();
        self.engine.board.set_usable();
        Ok(())
    }

    /// Gives each lane its session, for as long as the connection holds.
    fn attach_lanes(&self) -> Result<(), TokenFault> {
        let slot = self.connected()?.slot;
        for lane in &self.engine.lanes {
            let session = self.engine.module.open_session(slot).map_err(away)?;
            lane.visit(|state| state.attach(session, slot));
        }
        Ok(())
    }
}
