//! Import: wrapping keys, and material that is unwrapped in the token.
//!
//! Unwrapped objects of the session live as long as one job. No witness but its own opens under a key, so what material
//! it is can be told without anybody seeing it.

use std::sync::Arc;

use strongroom_base::{KeyMaterialId, KeySpec};

use super::Control;
use crate::aead;
use crate::blame;
use crate::fault::TokenFault;
use crate::key::{CreatedKey, Witness};
use crate::keymap::State;
use crate::label::ObjectLabel;
use crate::module::{
    Function, ImportSession, Lifetime, Module, ModuleFault, ModuleSession, Purpose, ReturnValue, UnwrapTemplate,
    Unwrapping, WrappingTemplate,
};
use crate::provenance::{Provenance, imported};
use crate::software_token::SoftwareToken;
use crate::spki;
use crate::suite::{Cipher, CipherKey, Suite};
use crate::wrapping_key::{self, KEY_BYTES, Steps, WrappedMaterial};

/// What an unwrapped key is.
enum Verdict {
    /// It opens the witness of this material.
    Known(KeyMaterialId),
    /// It is another key of the right length, which opens this witness.
    Other(Witness),
}

const WRONG_LENGTH: TokenFault = TokenFault::MaterialLength { expected: KEY_BYTES };

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

    /// Which of the witnesses the material opens.
    pub(super) fn recognise(
        &mut self,
        material: &WrappedMaterial,
        witnesses: &[(KeyMaterialId, Arc<Witness>)],
    ) -> Result<Option<KeyMaterialId>, TokenFault> {
        let handle = self.unwrap(material, Lifetime::Session(Purpose::Encrypt))?;
        let verdict = self.verify(handle, material, witnesses);
        self.discard(handle, material.wrapping);
        match verdict? {
            Verdict::Known(id) => Ok(Some(id)),
            Verdict::Other(_) => Ok(None),
        }
    }

    /// Which of the witnesses an unwrapped key opens; if none, whether it is a key of the right length at all. That none
    /// opens counts only if one that is made now does, and then none again: faults come and go.
    fn verify(
        &mut self,
        handle: M::Handle,
        material: &WrappedMaterial,
        witnesses: &[(KeyMaterialId, Arc<Witness>)],
    ) -> Result<Verdict, TokenFault> {
        let cipher = direct(material.wrapping, handle);
        if let Some(id) = self.opened(&cipher, witnesses)? {
            return Ok(Verdict::Known(id));
        }
        let session = &self.connected()?.session;
        let attributes = session
            .attributes(handle)
            .map_err(|fault| self.failed(fault, material.wrapping))?;
        match imported::length(&attributes) {
            Some(KEY_BYTES) => {}
            Some(_) => return Err(WRONG_LENGTH),
            None => self.check_untold_length(material)?,
        }
        let session = &self.connected()?.session;
        let own = aead::make_witness(session, &cipher)
            .and_then(|own| aead::check_witness(session, &cipher, &own).map(|()| own))
            .map_err(|fault| self.unusable(fault, material.wrapping))?;
        Ok(match self.opened(&cipher, witnesses)? {
            Some(id) => Verdict::Known(id),
            None => Verdict::Other(own),
        })
    }

    /// The first of the witnesses that opens. Only doubt about a witness means that it is another key's.
    fn opened(
        &mut self,
        cipher: &Cipher<M::Handle>,
        witnesses: &[(KeyMaterialId, Arc<Witness>)],
    ) -> Result<Option<KeyMaterialId>, TokenFault> {
        for (id, witness) in witnesses {
            match aead::check_witness(&self.connected()?.session, cipher, witness) {
                Ok(()) => return Ok(Some(*id)),
                Err(fault) if blame::is_in_doubt(&fault) => {}
                Err(fault) => return Err(self.unusable(fault, cipher.key.id)),
            }
        }
        Ok(None)
    }

    /// What to answer when an unwrapped key cannot be used: what the token takes for no key of this length is not 32 bytes
    /// long, if the token is well.
    fn unusable(&mut self, fault: ModuleFault, wrapping: KeyMaterialId) -> TokenFault {
        if !doubts_the_length(&fault) {
            return self.failed(fault, wrapping);
        }
        self.probe_now().map_or_else(|fault| fault, |()| WRONG_LENGTH)
    }

    /// For tokens that do not say how long an unwrapped key is (SoftHSM 2.6.1): the material is unwrapped once more, as a
    /// key for HMAC-SHA-256, which takes none of fewer bytes than the hash has. As an AES key it has at most those. On a
    /// token that is less strict nothing is known, which a key that is too short shows.
    fn check_untold_length(&mut self, material: &WrappedMaterial) -> Result<(), TokenFault> {
        let unwrapped = self.unwrap(material, Lifetime::Session(Purpose::Mac))?;
        let answer = self.connected()?.session.try_mac(unwrapped);
        self.discard(unwrapped, material.wrapping);
        if !self.is_strict(material.wrapping)? {
            return Err(TokenFault::Unsupported {
                missing: "CKA_VALUE_LEN of unwrapped keys",
                what: material.algorithm.as_str(),
            });
        }
        answer.map_err(|fault| self.unusable(fault, material.wrapping))
    }

    /// Whether the token refuses a key for HMAC-SHA-256 that is a byte too short.
    fn is_strict(&mut self, wrapping: KeyMaterialId) -> Result<bool, TokenFault> {
        let session = &self.connected()?.session;
        let short = session
            .generate_mac_key(KEY_BYTES - 1)
            .map_err(|fault| self.failed(fault, wrapping))?;
        let answer = session.try_mac(short);
        self.discard(short, wrapping);
        match answer {
            Ok(()) => Ok(false),
            Err(fault) if doubts_the_length(&fault) => Ok(true),
            Err(fault) => Err(self.failed(fault, wrapping)),
        }
    }

    /// Unwraps material into the key with this id, or takes the one that an earlier try made.
    pub(super) fn import(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        material: &WrappedMaterial,
        witness: Option<&Witness>,
    ) -> Result<CreatedKey, TokenFault> {
        self.connected()?;
        if self.uncertain.contains(&id) {
            self.adopt(id)?;
        }
        let known = self.engine.keys().entry(&id).cloned();
        let (handle, provenance) = match known {
            None => {
                // Until it is in the map, nobody knows what a failure leaves on the token.
                self.uncertain.insert(id);
                let made = self.unwrap_for_good(id, label, material)?;
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
                State::Wrapping => {
                    let what = crate::keymap::WRAPPING.to_owned();
                    return Err(TokenFault::KeyDamaged { id, what });
                }
                State::Damaged(what) => return Err(TokenFault::KeyDamaged { id, what }),
            },
        };
        let known = Vec::from_iter(witness.map(|witness| (id, Arc::new(witness.clone()))));
        let witness = match (self.verify(handle, material, &known), witness) {
            (Ok(Verdict::Known(_)), Some(expected)) => expected.clone(),
            (Ok(Verdict::Other(own)), None) => own,
            (Ok(_), _) => {
                self.destroy(id, label)?;
                return Err(TokenFault::OtherMaterial);
            }
            (Err(fault @ (TokenFault::MaterialLength { .. } | TokenFault::Unsupported { .. })), _) => {
                self.destroy(id, label)?;
                return Err(fault);
            }
            // Nothing is known of the material: another try finds the object by its id, or whoever wrote down the intent
            // destroys it.
            (Err(fault), _) => return Err(fault),
        };
        self.engine.board.expect_imported([id]);
        SoftwareToken::of(&self.engine.settings).sync()?;
        Ok(CreatedKey {
            provenance,
            witness: Some(witness),
            public_key: None,
        })
    }

    /// C_UnwrapKey into a token object, and its attributes read back: one that did not come out as it must is destroyed
    /// again.
    fn unwrap_for_good(
        &mut self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        material: &WrappedMaterial,
    ) -> Result<(M::Handle, Provenance), TokenFault> {
        let copyable = self.engine.copies();
        let handle = self.unwrap(material, Lifetime::Token { id, label, copyable })?;
        let session = &self.connected()?.session;
        let attributes = session.attributes(handle).map_err(|fault| self.failed(fault, id))?;
        if imported::length(&attributes).is_some_and(|told| told != KEY_BYTES) {
            self.discard(handle, id);
            return Err(WRONG_LENGTH);
        }
        match imported::checked(&attributes, Some(copyable)) {
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

    /// The steps of the wrapping algorithm, the last into an object of this lifetime.
    fn unwrap(&mut self, material: &WrappedMaterial, lifetime: Lifetime<'_>) -> Result<M::Handle, TokenFault> {
        let Steps { hash, through_aes } = wrapping_key::steps(material.algorithm).ok_or(TokenFault::Defect {
            what: "an import with an algorithm that this service does not have",
        })?;
        let wrapping = self.wrapping_key(material.wrapping)?;
        let (oaep, id) = (Unwrapping::Oaep(hash), material.wrapping);
        if !through_aes {
            return self.unwrap_once(oaep, wrapping, &material.encrypted, lifetime, id);
        }
        // The AES key is wrapped in as many bytes as the modulus has; what follows is the material.
        let modulus_bytes = wrapping_key::modulus_bytes(material.spec)?;
        let (aes, rest) = material
            .encrypted
            .split_at_checked(modulus_bytes)
            .ok_or(TokenFault::InvalidWrappedMaterial)?;
        let aes = self.unwrap_once(oaep, wrapping, aes, Lifetime::Session(Purpose::Unwrap), id)?;
        let answer = self.unwrap_once(Unwrapping::AesKeyWrapPad, aes, rest, lifetime, id);
        self.discard(aes, id);
        answer
    }

    fn wrapping_key(&mut self, id: KeyMaterialId) -> Result<M::Handle, TokenFault> {
        let entry = self.engine.keys().entry(&id).cloned();
        match entry {
            Some(entry) if entry.state == State::Wrapping => Ok(entry.handle),
            Some(_) => Err(TokenFault::KeyDamaged {
                id,
                what: "it is no wrapping key".to_owned(),
            }),
            None => Err(TokenFault::KeyMissing { id }),
        }
    }

    /// C_UnwrapKey. Bytes that do not unwrap are called invalid only if they do not a second time either, on a token that
    /// is well: to a token that is not, too, modules answer in general terms. That second time is always into an object of
    /// the session: what a try for good has left is looked for by its id before there is another.
    fn unwrap_once(
        &mut self,
        unwrapping: Unwrapping,
        key: M::Handle,
        wrapped: &[u8],
        lifetime: Lifetime<'_>,
        id: KeyMaterialId,
    ) -> Result<M::Handle, TokenFault> {
        let session = &self.connected()?.session;
        let fault = match session.unwrap_key(unwrapping, key, wrapped, &UnwrapTemplate { lifetime }) {
            Ok(handle) => return Ok(handle),
            Err(fault) if doubts_the_bytes(&fault) => fault,
            Err(fault) => return Err(self.failed(fault, id)),
        };
        self.probe_now()?;
        let purpose = match lifetime {
            Lifetime::Session(purpose) => purpose,
            Lifetime::Token { .. } => Purpose::Encrypt,
        };
        let trial = UnwrapTemplate {
            lifetime: Lifetime::Session(purpose),
        };
        let session = &self.connected()?.session;
        match session.unwrap_key(unwrapping, key, wrapped, &trial) {
            Ok(handle) if matches!(lifetime, Lifetime::Session(_)) => Ok(handle),
            // The bytes are good; it is the object that the token cannot make.
            Ok(handle) => {
                self.discard(handle, id);
                Err(self.failed(fault, id))
            }
            // Kryoptic takes no AES key of another length than AES has. Of the key in between the length is its own matter.
            Err(again) if doubts_the_length(&again) && purpose != Purpose::Unwrap => Err(WRONG_LENGTH),
            Err(again) if doubts_the_bytes(&again) => Err(TokenFault::InvalidWrappedMaterial),
            Err(again) => Err(self.failed(again, id)),
        }
    }

    /// Destroys an object that is not kept. If that fails the token is looked at: one of the session goes when that is
    /// closed, one of the token is found by its id.
    fn discard(&self, handle: M::Handle, id: KeyMaterialId) {
        let destroyed = self
            .connection
            .as_ref()
            .map(|connection| connection.session.destroy(handle));
        if let Some(Err(fault)) = destroyed {
            tracing::error!(%fault, %id, "an object of an import could not be destroyed");
            self.engine.suspect(fault);
        }
    }
}

/// An unwrapped key encrypts directly: one that only derives could not be told from another, and material that is used
/// elsewhere too is an AES key there. The id counts for the derived suite alone.
fn direct<H>(id: KeyMaterialId, handle: H) -> Cipher<H> {
    Cipher {
        key: CipherKey {
            id,
            suite: Suite::Direct,
        },
        handle,
    }
}

/// Whether C_UnwrapKey may mean the wrapped bytes. Modules say so in general terms: SoftHSM 2.6.1 CKR_GENERAL_ERROR, Kryoptic
/// CKR_DEVICE_ERROR. Whether they do mean them shows when the token, asked otherwise, is well.
fn doubts_the_bytes(fault: &ModuleFault) -> bool {
    fault.function == Function::UnwrapKey
        && matches!(
            fault.value,
            ReturnValue::WrappedKeyInvalid
                | ReturnValue::WrappedKeyLenRange
                | ReturnValue::EncryptedDataInvalid
                | ReturnValue::EncryptedDataLenRange
                | ReturnValue::DataInvalid
                | ReturnValue::DataLenRange
                | ReturnValue::KeySizeRange
                | ReturnValue::UnwrappingKeySizeRange
                | ReturnValue::AttributeValueInvalid
                | ReturnValue::TemplateInconsistent
                | ReturnValue::ArgumentsBad
                | ReturnValue::FunctionFailed
                | ReturnValue::GeneralError
                | ReturnValue::DeviceError
        )
}

/// Whether a call says that a key has not the length that it should have. SoftHSM 2.6.1 says of an AES key of any other
/// length that there is no such mechanism, which it has just had.
fn doubts_the_length(fault: &ModuleFault) -> bool {
    match fault.value {
        ReturnValue::KeySizeRange => true,
        ReturnValue::MechanismInvalid => {
            matches!(fault.function, Function::EncryptInit | Function::DecryptInit)
        }
        _ => false,
    }
}
