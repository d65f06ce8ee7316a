//! Making a key: one object, checked, with its witness, on disk before anyone hears of it.

use std::sync::atomic::Ordering;

use strongroom_base::KeyMaterialId;

use super::Control;
use super::find::Object;
use crate::aead;
use crate::fault::TokenFault;
use crate::key::CreatedKey;
use crate::keymap::{self, Owner, State};
use crate::kind::KeyKind;
use crate::label::ObjectLabel;
use crate::module::{KeyTemplate, Module, ModuleSession};
use crate::provenance::{self, Provenance};
use crate::software_token::SoftwareToken;

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
        if kind != KeyKind::SYMMETRIC {
            return Err(TokenFault::Unsupported {
                missing: "keys of this kind",
                what: kind.spec().as_str(),
            });
        }
        if label.installation() != self.engine.settings.installation {
            return Err(TokenFault::Defect {
                what: "a key labelled for another installation",
            });
        }
        if self.uncertain.contains(&id) {
            self.adopt(id)?;
        }
        let known = self.engine.keys().entry(&id).cloned();
        let (handle, provenance) = match known {
            None => {
                // Until it is in the map, nobody knows what a failure leaves on the token.
                self.uncertain.insert(id);
                let made = self.generate(id, label)?;
                self.uncertain.remove(&id);
                made
            }
            Some(entry) if entry.label != *label => {
                let (expected, found) = (label.to_string(), entry.label.to_string());
                return Err(TokenFault::LabelDiffers { id, expected, found });
            }
            Some(entry) => match entry.state {
                State::Usable(provenance) => (entry.handle, provenance),
                State::Condemned => return Err(TokenFault::KeyMissing { id }),
                State::Damaged(what) => return Err(TokenFault::KeyDamaged { id, what }),
            },
        };
        let session = &self.connected()?.session;
        let witness = aead::make_witness(session, handle).map_err(|fault| self.failed(fault, id))?;
        SoftwareToken::of(&self.engine.settings).sync()?;
        Ok(CreatedKey {
            provenance,
            witness: Some(witness),
            public_key: None,
        })
    }

    /// Looks for what an earlier try that failed may have left, so that there are never two objects with one id.
    fn adopt(&mut self, id: KeyMaterialId) -> Result<(), TokenFault> {
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

    /// C_GenerateKey, and its attributes read back: a key that did not come out as it must is destroyed again.
    fn generate(&self, id: KeyMaterialId, label: &ObjectLabel) -> Result<(M::Handle, Provenance), TokenFault> {
        let engine = &self.engine;
        let session = &self.connected()?.session;
        let template = KeyTemplate {
            id,
            label,
            copyable: engine.copies(),
        };
        let handle = session
            .generate_key(&template)
            .map_err(|fault| self.failed(fault, id))?;
        let attributes = session.attributes(handle).map_err(|fault| self.failed(fault, id))?;
        match provenance::checked(&attributes, Some(engine.copies())) {
            Ok(provenance) => {
                let mut keys = engine.keys_mut();
                keys.insert(id, label.clone(), handle, State::Usable(provenance.clone()));
                engine.board.keys.store(keys.len(), Ordering::Relaxed);
                Ok((handle, provenance))
            }
            Err(what) => {
                if let Err(fault) = session.destroy(handle) {
                    tracing::error!(%fault, %id, "a key that is not as asked for could not be destroyed");
                }
                Err(engine.alarm(TokenFault::ProvenanceDiffers { what }))
            }
        }
    }
}
