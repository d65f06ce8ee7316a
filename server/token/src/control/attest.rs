//! Is the object under an id the key that was made under it? Its attributes say what it may do; its witness says which key it
//! is: whoever has the PIN can put another object with the same attributes in its place, and no other opens that.

use std::sync::Arc;

use strongroom_base::{Deadline, KeyMaterialId};

use super::Control;
use super::find::Found;
use crate::aead;
use crate::blame;
use crate::connection::away;
use crate::disposition::Disposition;
use crate::fault::TokenFault;
use crate::key::Witness;
use crate::keymap::{self, State};
use crate::module::{Module, ModuleFault};
use crate::suite::{Cipher, CipherKey};

/// Why an object is not taken for the key whose id it has.
const OTHER_KEY: &str = "it does not open the witness of the key that was made under this id: another object may have been put \
                         in its place";

impl<M: Module> Control<M> {
    /// What is wrong with those of these keys that do not open their witnesses, or what hindered that. What hinders one key
    /// on a token that is well is that key's alone; each such key costs a probe, so the deadline is looked at before each.
    pub(super) fn attest(
        &mut self,
        keys: &[(CipherKey, Arc<Witness>)],
        deadline: Deadline,
    ) -> Result<Vec<(KeyMaterialId, TokenFault)>, TokenFault> {
        let mut wrong = Vec::new();
        for (key, witness) in keys {
            if deadline.has_passed() {
                return Err(TokenFault::DeadlineExceeded);
            }
            match self.attest_one(*key, witness) {
                Ok(()) => {}
                Err(fault @ (TokenFault::KeyMissing { .. } | TokenFault::KeyDamaged { .. })) => {
                    wrong.push((key.id, fault));
                }
                Err(fault) => {
                    self.probe_now()?;
                    wrong.push((key.id, fault));
                }
            }
        }
        Ok(wrong)
    }

    fn attest_one(&mut self, key: CipherKey, witness: &Witness) -> Result<(), TokenFault> {
        match self.open_witness(key, witness)? {
            Ok(()) => Ok(()),
            // The object that the map knows is gone. Is there another?
            Err(_) => match self.find_again(key.id)? {
                Found::Missing => Err(TokenFault::KeyMissing { id: key.id }),
                Found::Damaged(what) => Err(TokenFault::KeyDamaged { id: key.id, what }),
                Found::Usable => self.open_witness(key, witness)?.map_err(away),
            },
        }
    }

    /// Opens a witness under the handle that the map has; the inner fault says that this does not hold any more. That a
    /// witness does not open counts only if it does not a second time, with a token that is well after each.
    fn open_witness(&mut self, key: CipherKey, witness: &Witness) -> Result<Result<(), ModuleFault>, TokenFault> {
        let cipher = Cipher {
            key,
            handle: self.usable_handle(key.id)?,
        };
        for _ in 0..2 {
            match aead::check_witness(&self.connected()?.session, &cipher, witness) {
                Ok(()) => return Ok(Ok(())),
                Err(fault) if blame::is_in_doubt(&fault) => self.probe_now()?,
                Err(fault) if fault.disposition() == Disposition::FindAgain => return Ok(Err(fault)),
                // It says nothing of the key; whoever asked probes the token.
                Err(fault) => {
                    self.note_litter(fault);
                    return Err(away(fault));
                }
            }
        }
        // Copies of it do what it did: no lane keeps one.
        self.withdraw(key.id);
        let what = OTHER_KEY.to_owned();
        Err(self.engine.alarm(TokenFault::KeyDamaged { id: key.id, what }))
    }

    /// The handle of a key that lanes may use. One that the map does not know, or knows as damaged, is looked for; that
    /// there is none is no alarm: whoever asks knows whether there should be.
    fn usable_handle(&mut self, id: KeyMaterialId) -> Result<M::Handle, TokenFault> {
        self.connected()?;
        let known = self.engine.keys().entry(&id).map(|entry| entry.state.clone());
        if matches!(known, None | Some(State::Damaged(_))) {
            self.adopt(id)?;
        }
        let entry = self.engine.keys().entry(&id).cloned();
        let what = match entry.map(|entry| (entry.state, entry.handle)) {
            Some((State::Usable(_), handle)) => return Ok(handle),
            Some((State::Wrapping, _)) => keymap::WRAPPING.to_owned(),
            Some((State::Damaged(what), _)) => what,
            Some((State::Condemned, _)) => return Err(TokenFault::KeyMissing { id }),
            None => {
                self.probe_now()?;
                return Err(TokenFault::KeyMissing { id });
            }
        };
        Err(TokenFault::KeyDamaged { id, what })
    }
}
