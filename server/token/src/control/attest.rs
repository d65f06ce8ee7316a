//! Is the object under an id the key that was made under it? Its attributes say what it may do; its hallmark says which key it
//! is: whoever has the PIN can put another object with the same attributes in its place, and no other opens the witness of a
//! secret key or belongs to the public half of a pair.

use strongroom_base::{Deadline, KeyMaterialId};

use super::Control;
use super::find::Found;
use super::proof::{Proof, ProofFault};
use crate::aead;
use crate::blame;
use crate::connection::away;
use crate::disposition::Disposition;
use crate::fault::TokenFault;
use crate::job::Attestable;
use crate::key::Hallmark;
use crate::keymap::{self, State};
use crate::mac_witness;
use crate::module::{Module, ModuleFault};
use crate::offer::OaepDecoding;
use crate::suite::{Cipher, CipherKey};

/// Why an object is not taken for the key whose id it has.
const OTHER_KEY: &str = "it does not open the witness of the key that was made under this id: another object may have been put \
                         in its place";
/// The same of a key pair.
const OTHER_PAIR: &str = "it is not the private key to the public key of the pair that was made under this id: another object \
                          may have been put in its place";

impl<M: Module> Control<M> {
    /// What is wrong with those of these keys that do not open their witnesses, or what hindered that. What hinders one key
    /// on a token that is well is that key's alone; each such key costs a probe, so the deadline is looked at before each.
    pub(super) fn attest(
        &mut self,
        keys: &[Attestable],
        deadline: Deadline,
    ) -> Result<Vec<(KeyMaterialId, TokenFault)>, TokenFault> {
        let mut wrong = Vec::new();
        for key in keys {
            if deadline.has_passed() {
                return Err(TokenFault::DeadlineExceeded);
            }
            match self.attest_one(key) {
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

    fn attest_one(&mut self, key: &Attestable) -> Result<(), TokenFault> {
        match self.try_hallmark(key)? {
            Ok(()) => Ok(()),
            // The object that the map knows is gone. Is there another?
            Err(_) => match self.find_again(key.id)? {
                Found::Missing => Err(TokenFault::KeyMissing { id: key.id }),
                Found::Damaged(what) => Err(TokenFault::KeyDamaged { id: key.id, what }),
                Found::Usable => self.try_hallmark(key)?.map_err(away),
            },
        }
    }

    /// Tries the object whose handle the map has; the inner fault says that this does not hold any more. That it has not the
    /// hallmark counts only if it has not a second time, with a token that is well after each.
    fn try_hallmark(&mut self, key: &Attestable) -> Result<Result<(), ModuleFault>, TokenFault> {
        let handle = self.usable_handle(key.id)?;
        for _ in 0..2 {
            match self.has_hallmark(key, handle) {
                Ok(true) => return Ok(Ok(())),
                Ok(false) => self.probe_now()?,
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
        let what = match key.hallmark {
            Hallmark::Witness(_) => OTHER_KEY,
            Hallmark::PublicKey(_) => OTHER_PAIR,
        };
        let (id, what) = (key.id, what.to_owned());
        Err(self.engine.alarm(TokenFault::KeyDamaged { id, what }))
    }

    /// Whether an object can do what only this key can.
    fn has_hallmark(&self, key: &Attestable, handle: M::Handle) -> Result<bool, ModuleFault> {
        let Some(session) = self.connection.as_ref().map(|connection| &connection.session) else {
            return Ok(false);
        };
        match (&key.hallmark, key.kind.suite(), key.kind.spec().mac_algorithm()) {
            (Hallmark::Witness(witness), Some(suite), _) => {
                let key = CipherKey { id: key.id, suite };
                match aead::check_witness(session, &Cipher { key, handle }, witness) {
                    Ok(()) => Ok(true),
                    Err(fault) if blame::is_in_doubt(&fault) => Ok(false),
                    Err(fault) => Err(fault),
                }
            }
            (Hallmark::Witness(witness), None, Some(algorithm)) => {
                mac_witness::is_of(session, handle, algorithm, witness)
            }
            (Hallmark::Witness(_), None, None) => Ok(false),
            (Hallmark::PublicKey(public_key), ..) => {
                let decoding = self.engine.board.offer().map(|offer| offer.oaep_sha_256());
                let proof = Proof {
                    session,
                    handle,
                    kind: key.kind,
                    public_key,
                    decoding: decoding.unwrap_or(OaepDecoding::InToken),
                };
                match proof.run() {
                    Ok(_) => Ok(true),
                    Err(ProofFault::Differs(_)) => Ok(false),
                    Err(ProofFault::Module(fault)) => Err(fault),
                }
            }
        }
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
