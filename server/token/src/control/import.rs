//! Import: wrapping keys, and material that is unwrapped in the token.
//!
//! Unwrapped objects of the session live as long as one job. A secret is known by a witness that no other has, a private key
//! by its public half, which the token is made to show: so what material it is can be told without anybody seeing it.

mod opening;
mod pair;
mod secret;

use strongroom_base::{KeyMaterialId, KeySpec};

use super::Control;
use crate::fault::TokenFault;
use crate::key::{CreatedKey, Hallmark, Witness};
use crate::keymap::{self, State};
use crate::label::ObjectLabel;
use crate::module::{Attributes, ImportSession, Lifetime, Module, ModuleSession, WrappingTemplate};
use crate::provenance::{Provenance, imported, secret_bytes};
use crate::software_token::SoftwareToken;
use crate::spki;
use crate::wrapping_key::{self, WrappedMaterial};

/// What is told of an imported key.
struct Told {
    witness: Option<Witness>,
    public_key: Option<Box<[u8]>>,
}

impl<M: Module> Control<M> {
    /// Makes a wrapping key. Its public half leaves with this answer, so it is not made twice.
    pub(super) fn make_wrapping_key(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        spec: KeySpec,
    ) -> Result<Vec<u8>, TokenFault> {
        let session = &self.connected()?.session;
        let template = WrappingTemplate { id, label, spec };
        let made = session.generate_wrapping_key(&template);
        let (handle, half) = made.map_err(|fault| self.failed(fault, id))?;
        let attributes = session.attributes(handle).map_err(|fault| self.failed(fault, id))?;
        if !(wrapping_key::is_one(&attributes) && wrapping_key::is_of(&attributes, spec)) {
            self.discard(handle, id);
            let what = "a wrapping key that does more than to unwrap".to_owned();
            return Err(self.engine.alarm(TokenFault::ProvenanceDiffers { what }));
        }
        self.engine
            .keys_mut()
            .insert(id, label.clone(), handle, State::Wrapping);
        SoftwareToken::of(&self.engine.settings).sync()?;
        spki::encode(spec, &half).map(Vec::from).map_err(|what| {
            let what = what.to_owned();
            self.engine.alarm(TokenFault::ProvenanceDiffers { what })
        })
    }

    /// Which of the hallmarks the material has.
    pub(super) fn recognise(
        &mut self,
        material: &WrappedMaterial,
        known: &[(KeyMaterialId, Hallmark)],
    ) -> Result<Option<KeyMaterialId>, TokenFault> {
        if material.kind.spec().is_asymmetric() {
            let found = Hallmark::PublicKey(self.public_key(material)?);
            let same = known.iter().find(|(_, hallmark)| *hallmark == found);
            return Ok(same.map(|(id, _)| *id));
        }
        self.known_secret(material, known)
    }

    /// Unwraps material into the key with this id, or takes the one that an earlier try made of the same material.
    pub(super) fn import(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        material: &WrappedMaterial,
        expected: Option<&Hallmark>,
    ) -> Result<CreatedKey, TokenFault> {
        let (handle, provenance) = match self.left_of_earlier_try(id, label, material, expected)? {
            Some(left) => left,
            None => {
                // Until it is in the map, nobody knows what a failure leaves on the token.
                self.uncertain.insert(id);
                let made = self.unwrap_for_good(id, label, material)?;
                self.uncertain.remove(&id);
                made
            }
        };
        let told = if material.kind.spec().is_asymmetric() {
            self.tell_pair(handle, id, material, expected)
        } else {
            self.tell_secret(handle, id, material, expected)
        };
        let told = match told {
            Ok(told) => told,
            Err(fault) if is_verdict(&fault) => {
                self.destroy(id, label)?;
                return Err(fault);
            }
            // Nothing is known of the material: another try finds the object by its id, or whoever wrote down the intent
            // destroys it.
            Err(fault) => return Err(fault),
        };
        self.engine.board.expect_imported([id]);
        SoftwareToken::of(&self.engine.settings).sync()?;
        Ok(CreatedKey {
            provenance,
            witness: told.witness,
            public_key: told.public_key,
        })
    }

    /// What an earlier try made under this id, or somebody else with the PIN. It is taken only where it is of this kind and
    /// can be held against the hallmark that is expected. Of new material nothing is known: what is there is destroyed, and
    /// the material unwrapped once more, so that nobody's key is taken for it.
    fn left_of_earlier_try(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        material: &WrappedMaterial,
        expected: Option<&Hallmark>,
    ) -> Result<Option<(M::Handle, Provenance)>, TokenFault> {
        self.connected()?;
        if self.uncertain.contains(&id) {
            self.adopt(id)?;
        }
        let known = self.engine.keys().entry(&id).cloned();
        let Some(entry) = known else { return Ok(None) };
        if entry.label != *label {
            let (expected, found) = (label.to_string(), entry.label.to_string());
            return Err(TokenFault::LabelDiffers { id, expected, found });
        }
        match entry.state {
            State::Usable(provenance) if expected.is_some() && imported::is_of_kind(&provenance, material.kind) => {
                Ok(Some((entry.handle, provenance)))
            }
            State::Usable(_) => self.destroy(id, label).map(|_| None),
            State::Condemned => Err(TokenFault::KeyMissing { id }),
            State::Wrapping => {
                let what = keymap::WRAPPING.to_owned();
                Err(TokenFault::KeyDamaged { id, what })
            }
            State::Damaged(what) => Err(TokenFault::KeyDamaged { id, what }),
        }
    }

    /// C_UnwrapKey into a token object, and its attributes read back: one that did not come out as it must is destroyed
    /// again.
    fn unwrap_for_good(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        material: &WrappedMaterial,
    ) -> Result<(M::Handle, Provenance), TokenFault> {
        let (kind, copyable) = (material.kind, self.engine.copies());
        let lifetime = Lifetime::Token {
            id,
            label,
            kind,
            copyable,
        };
        let handle = self.unwrap(material, lifetime)?;
        let session = &self.connected()?.session;
        let attributes = session.attributes(handle).map_err(|fault| self.failed(fault, id))?;
        if let Some(fault) = mismatch(&attributes, material) {
            self.discard(handle, id);
            return Err(fault);
        }
        match imported::checked(&attributes, Some(kind), Some(copyable)) {
            Ok(provenance) => {
                let state = State::Usable(provenance.clone());
                self.engine.keys_mut().insert(id, label.clone(), handle, state);
                Ok((handle, provenance))
            }
            Err(what) => {
                self.discard(handle, id);
                Err(self.engine.alarm(TokenFault::ProvenanceDiffers { what }))
            }
        }
    }

    /// Destroys an object that is not kept. If that fails the token is looked at: one of the session goes with that after this
    /// job, one of the token is found by its id.
    fn discard(&self, handle: M::Handle, id: KeyMaterialId) {
        let destroyed = self
            .connection
            .as_ref()
            .map(|connection| connection.session.destroy(handle));
        if let Some(Err(fault)) = destroyed {
            tracing::error!(%fault, %id, "an object of an import could not be destroyed");
            self.note_litter(fault);
            self.engine.suspect(fault);
        }
    }
}

/// What the material itself is not as it must be, as far as an unwrapped object tells.
fn mismatch(attributes: &Attributes, material: &WrappedMaterial) -> Option<TokenFault> {
    let expected = secret_bytes(material.kind.spec());
    match (expected, imported::length(attributes)) {
        (Some(expected), Some(told)) if told != expected => Some(TokenFault::MaterialLength { expected }),
        _ if imported::is_of(attributes, material.kind) => None,
        _ => Some(other_kind(material)),
    }
}

fn other_kind(material: &WrappedMaterial) -> TokenFault {
    TokenFault::MaterialKind {
        spec: material.kind.spec().as_str(),
    }
}

/// Whether a fault says something of the material, or of what was made of it, so that it is not kept.
fn is_verdict(fault: &TokenFault) -> bool {
    matches!(
        fault,
        TokenFault::MaterialLength { .. }
            | TokenFault::MaterialKind { .. }
            | TokenFault::OtherMaterial
            | TokenFault::ProvenanceDiffers { .. }
            | TokenFault::Unsupported { .. }
    )
}
