//! Making a key: one object, checked, proven to do what it is for, on disk before anyone hears of it.

use std::sync::atomic::Ordering;

use strongroom_base::KeyMaterialId;

use super::Control;
use super::find::Object;
use super::proof::{Proof, ProofFault};
use crate::aead;
use crate::fault::TokenFault;
use crate::key::{CreatedKey, Witness};
use crate::keymap::{self, Owner, State};
use crate::kind::{Capability, KeyKind};
use crate::label::ObjectLabel;
use crate::mac_witness;
use crate::module::{KeyTemplate, Module, ModuleSession};
use crate::provenance::{self, Provenance};
use crate::software_token::SoftwareToken;
use crate::spki;
use crate::suite::{Cipher, CipherKey};

/// A key that has just been made.
struct Made<H> {
    handle: H,
    provenance: Provenance,
    /// The public half of a key pair, and the private one's witness if it decrypts.
    pair: Option<(Box<[u8]>, Option<Witness>)>,
}

impl<M: Module> Control<M> {
    /// Makes the key with this id, or takes the one that an earlier try made: the map holds every object of ours, since
    /// one process works with the token and reads it all at each connection.
    pub(super) fn create(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        kind: KeyKind,
    ) -> Result<CreatedKey, TokenFault> {
        self.connected()?;
        self.engine.board.offer()?.check(Capability::Key(kind))?;
        if label.installation() != self.engine.settings.installation {
            return Err(TokenFault::Defect {
                what: "a key labelled for another installation",
            });
        }
        if self.uncertain.contains(&id) {
            self.adopt(id)?;
        }
        let known = self.engine.keys().entry(&id).cloned();
        let made = match known {
            None => {
                // Until it is in the map, nobody knows what a failure leaves on the token.
                self.uncertain.insert(id);
                let made = self.generate(id, label, kind)?;
                self.uncertain.remove(&id);
                made
            }
            Some(entry) if entry.label != *label => {
                let (expected, found) = (label.to_string(), entry.label.to_string());
                return Err(TokenFault::LabelDiffers { id, expected, found });
            }
            Some(entry) => match entry.state {
                State::Usable(provenance) => self.known(id, kind, entry.handle, provenance)?,
                State::Wrapping => {
                    let what = keymap::WRAPPING.to_owned();
                    return Err(TokenFault::KeyDamaged { id, what });
                }
                State::Condemned => return Err(TokenFault::KeyMissing { id }),
                State::Damaged(what) => return Err(TokenFault::KeyDamaged { id, what }),
            },
        };
        let (public_key, witness) = match made.pair {
            Some((public_key, witness)) => (Some(public_key), witness),
            None => (None, self.witness(id, kind, made.handle)?),
        };
        SoftwareToken::of(&self.engine.settings).sync()?;
        Ok(CreatedKey {
            provenance: made.provenance,
            witness,
            public_key,
        })
    }

    /// Of a secret key.
    fn witness(&self, id: KeyMaterialId, kind: KeyKind, handle: M::Handle) -> Result<Option<Witness>, TokenFault> {
        let session = &self.connected()?.session;
        let witness = match (kind.suite(), kind.spec().mac_algorithm()) {
            (Some(suite), _) => {
                let key = CipherKey { id, suite };
                aead::make_witness(session, &Cipher { key, handle })
            }
            (None, Some(algorithm)) => mac_witness::make(session, handle, algorithm),
            (None, None) => return Ok(None),
        };
        witness.map(Some).map_err(|fault| self.failed(fault, id))
    }

    /// A key that an earlier try made. Of a key pair nothing is left to tell its public half by: not every token tells it
    /// of the private one. Nobody has been told of this pair, so whoever asked destroys it and asks for another.
    fn known(
        &self,
        id: KeyMaterialId,
        kind: KeyKind,
        handle: M::Handle,
        provenance: Provenance,
    ) -> Result<Made<M::Handle>, TokenFault> {
        let damaged = |what: &str| TokenFault::KeyDamaged {
            id,
            what: what.to_owned(),
        };
        if provenance != Provenance::of_generated(kind, provenance.copyable) {
            return Err(damaged("it was made as another kind of key"));
        }
        if kind.spec().is_asymmetric() {
            return Err(damaged("its public half was told when it was made, and is not kept"));
        }
        Ok(Made {
            handle,
            provenance,
            pair: None,
        })
    }

    /// Looks for what an earlier try that failed may have left, so that there are never two objects with one id.
    pub(super) fn adopt(&mut self, id: KeyMaterialId) -> Result<(), TokenFault> {
        if let Some(Object { handle, attributes }) = self.object(id)?
            && let Owner::Ours(found, label) = keymap::owner(&attributes, self.engine.settings.installation)
            && found == id
        {
            self.engine
                .keys_mut()
                .insert(id, label, handle, keymap::state(&attributes));
        }
        self.uncertain.remove(&id);
        Ok(())
    }

    /// C_GenerateKey or C_GenerateKeyPair, and what came out looked at: a key that is not as it must be is destroyed again.
    fn generate(&self, id: KeyMaterialId, label: &ObjectLabel, kind: KeyKind) -> Result<Made<M::Handle>, TokenFault> {
        let engine = &self.engine;
        let session = &self.connected()?.session;
        let template = KeyTemplate {
            id,
            label,
            kind,
            copyable: engine.copies(),
        };
        let failed = |fault| self.failed(fault, id);
        let (handle, public) = if kind.spec().is_asymmetric() {
            let pair = session.generate_key_pair(&template).map_err(failed)?;
            let half = session.public_half(pair.public, kind.spec());
            if let Err(fault) = session.destroy(pair.public) {
                // An object of this session, readable by anyone: it goes with the session, which another replaces.
                self.note_litter(fault);
                tracing::warn!(%fault, %id, "the public half of a new key pair could not be destroyed");
            }
            (pair.private, Some(half.map_err(failed)?))
        } else {
            (session.generate_key(&template).map_err(failed)?, None)
        };
        let attributes = session.attributes(handle).map_err(failed)?;
        let provenance = provenance::checked(&attributes, Some(kind), Some(engine.copies()))
            .map_err(|what| self.refuse(session, id, handle, what))?;
        let pair = match public {
            None => None,
            Some(half) => {
                let public_key = spki::encode(kind.spec(), &half)
                    .map_err(|what| self.refuse(session, id, handle, what.to_owned()))?;
                let witness = self.prove(session, id, handle, kind, &public_key)?;
                Some((public_key, witness))
            }
        };
        let mut keys = engine.keys_mut();
        keys.insert(id, label.clone(), handle, State::Usable(provenance.clone()));
        engine.board.keys.store(keys.len(), Ordering::Relaxed);
        Ok(Made {
            handle,
            provenance,
            pair,
        })
    }

    /// Whether the halves belong together.
    fn prove(
        &self,
        session: &M::Session,
        id: KeyMaterialId,
        handle: M::Handle,
        kind: KeyKind,
        public_key: &[u8],
    ) -> Result<Option<Witness>, TokenFault> {
        let proof = Proof {
            session,
            handle,
            kind,
            public_key,
            decoding: self.engine.board.offer()?.oaep_sha_256(),
        };
        proof.run().map_err(|fault| match fault {
            ProofFault::Module(fault) => self.failed(fault, id),
            ProofFault::Differs(what) => self.refuse(session, id, handle, what.to_owned()),
        })
    }

    /// Destroys a key that is not as it must be.
    fn refuse(&self, session: &M::Session, id: KeyMaterialId, handle: M::Handle, what: String) -> TokenFault {
        if let Err(fault) = session.destroy(handle) {
            tracing::error!(%fault, %id, "a key that is not as asked for could not be destroyed");
        }
        self.engine.alarm(TokenFault::ProvenanceDiffers { what })
    }
}
