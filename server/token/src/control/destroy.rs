//! Destroying a key for ever. The caller has written down its intent; what is lost here nobody brings back.

use std::sync::atomic::Ordering;

use strongroom_base::KeyMaterialId;

use super::Control;
use super::find::Object;
use crate::fault::TokenFault;
use crate::key::Destroyed;
use crate::keymap::{self, Owner, State};
use crate::label::ObjectLabel;
use crate::module::{Attributes, Module, ModuleSession};
use crate::software_token::SoftwareToken;

impl<M: Module> Control<M> {
    /// Lanes drop the key; then its object is found, compared, destroyed and looked for again. A copy would outlive its
    /// original, and SoftHSM forgets a handle before it deletes the file: after a failure the object comes back.
    pub(super) fn destroy(&mut self, id: KeyMaterialId, label: &ObjectLabel) -> Result<Destroyed, TokenFault> {
        self.connected()?;
        if self.engine.board.sentinel().is_some_and(|sentinel| sentinel.id == id) {
            return Err(TokenFault::Defect {
                what: "the destruction of the key that the service depends on",
            });
        }
        let before = self.engine.keys().entry(&id).map(|entry| entry.state.clone());
        self.engine.keys_mut().set_state(&id, State::Condemned);
        self.withdraw(id);
        let answer = self.destroy_object(id, label);
        let mut keys = self.engine.keys_mut();
        match (&answer, before) {
            (Ok(_), _) => {
                keys.lose(id);
                self.engine.board.expect_no_import(&id);
            }
            (Err(_), Some(state)) => keys.set_state(&id, state),
            (Err(_), None) => {}
        }
        self.engine.board.keys.store(keys.len(), Ordering::Relaxed);
        answer
    }

    fn destroy_object(&mut self, id: KeyMaterialId, label: &ObjectLabel) -> Result<Destroyed, TokenFault> {
        let Some(Object { handle, attributes }) = self.object(id)? else {
            self.probe_now()?;
            return Ok(Destroyed::WasAbsent);
        };
        self.compare(id, label, &attributes)?;
        let session = &self.connected()?.session;
        session.destroy(handle).map_err(|fault| self.failed(fault, id))?;
        if self.object(id)?.is_some() {
            return Err(TokenFault::Unavailable {
                cause: format!("the object of {id} is still there"),
            });
        }
        SoftwareToken::of(&self.engine.settings).sync()?;
        self.probe_now()?;
        Ok(Destroyed::Done)
    }

    /// Whether the object is the one that is meant: CKA_ID, label and class. (Finding asked for the class.)
    fn compare(&self, id: KeyMaterialId, label: &ObjectLabel, attributes: &Attributes) -> Result<(), TokenFault> {
        let found = match keymap::owner(attributes, self.engine.settings.installation) {
            Owner::Ours(found, has) if found == id && has == *label => return Ok(()),
            Owner::Ours(_, has) | Owner::OursWithoutId(has) => has.to_string(),
            Owner::Foreign(installation) => format!("strongroom/{installation}/..."),
            Owner::Other => "a label that is none of ours".to_owned(),
        };
        Err(self.engine.alarm(TokenFault::LabelDiffers {
            id,
            expected: label.to_string(),
            found,
        }))
    }
}
