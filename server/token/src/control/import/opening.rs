//! Opening what material is wrapped in, inside the token.

use strongroom_base::KeyMaterialId;

use super::Control;
use crate::fault::TokenFault;
use crate::keymap::State;
use crate::module::{
    Function, ImportSession, Lifetime, Module, ModuleFault, Purpose, ReturnValue, UnwrapTemplate, Unwrapping,
};
use crate::provenance::secret_bytes;
use crate::wrapping_key::{self, Steps, WrappedMaterial};

impl<M: Module> Control<M> {
    /// The steps of the wrapping algorithm, the last into an object of this lifetime.
    pub(super) fn unwrap(
        &mut self,
        material: &WrappedMaterial,
        lifetime: Lifetime<'_>,
    ) -> Result<M::Handle, TokenFault> {
        let Steps { hash, through_aes } = wrapping_key::steps(material.algorithm).ok_or(TokenFault::Defect {
            what: "an import with an algorithm that this service does not have",
        })?;
        let wrapping = self.wrapping_key(material.wrapping)?;
        let (oaep, id) = (Unwrapping::Oaep(hash), material.wrapping);
        if !through_aes {
            return self.unwrap_once(oaep, wrapping, &material.encrypted, lifetime, id);
        }
        let key_wrap = self.engine.board.offer()?.key_wrap().ok_or(TokenFault::Defect {
            what: "an import with an algorithm that the token does not have",
        })?;
        // The AES key is wrapped in as many bytes as the modulus has; what follows is the material.
        let modulus_bytes = wrapping_key::modulus_bytes(material.spec)?;
        let (aes, rest) = material
            .encrypted
            .split_at_checked(modulus_bytes)
            .ok_or(TokenFault::InvalidWrappedMaterial)?;
        let aes = self.unwrap_once(oaep, wrapping, aes, Lifetime::Session(Purpose::Unwrap), id)?;
        let answer = self.unwrap_once(key_wrap, aes, rest, lifetime, id);
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
            Lifetime::Token { kind, .. } => Purpose::Try(kind),
        };
        let session = &self.connected()?.session;
        match session.unwrap_key(unwrapping, key, wrapped, &of_session(purpose)) {
            Ok(handle) if matches!(lifetime, Lifetime::Session(_)) => Ok(handle),
            // The bytes are good; it is the object that the token cannot make.
            Ok(handle) => {
                self.discard(handle, id);
                Err(self.failed(fault, id))
            }
            Err(again) => Err(self.refused(again, unwrapping, key, wrapped, purpose, id)),
        }
    }

    /// What to say of bytes that did not unwrap twice. Kryoptic takes no AES key of another length than AES has; of the key in
    /// between the length is its own matter. And a private key may be none although its wrapping opens, which shows as soon
    /// as any bytes would do.
    fn refused(
        &self,
        again: ModuleFault,
        unwrapping: Unwrapping,
        key: M::Handle,
        wrapped: &[u8],
        purpose: Purpose,
        id: KeyMaterialId,
    ) -> TokenFault {
        let invalid = TokenFault::InvalidWrappedMaterial;
        let (kind, expected) = match purpose {
            Purpose::Try(kind) => (kind, secret_bytes(kind.spec())),
            Purpose::Unwrap | Purpose::Open if doubts_the_bytes(&again) => return invalid,
            Purpose::Unwrap | Purpose::Open => return self.failed(again, id),
        };
        match expected {
            Some(expected) if again.value == ReturnValue::KeySizeRange => TokenFault::MaterialLength { expected },
            _ if !doubts_the_bytes(&again) => self.failed(again, id),
            Some(_) => invalid,
            None => match self.opens(unwrapping, key, wrapped, id) {
                Ok(true) => TokenFault::MaterialKind {
                    spec: kind.spec().as_str(),
                },
                Ok(false) => invalid,
                Err(fault) => fault,
            },
        }
    }

    /// Whether the wrapping opens, whatever is in it.
    fn opens(
        &self,
        unwrapping: Unwrapping,
        key: M::Handle,
        wrapped: &[u8],
        id: KeyMaterialId,
    ) -> Result<bool, TokenFault> {
        let session = &self.connected()?.session;
        match session.unwrap_key(unwrapping, key, wrapped, &of_session(Purpose::Open)) {
            Ok(handle) => {
                self.discard(handle, id);
                Ok(true)
            }
            Err(fault) if doubts_the_bytes(&fault) => Ok(false),
            Err(fault) => Err(self.failed(fault, id)),
        }
    }
}

fn of_session(purpose: Purpose) -> UnwrapTemplate<'static> {
    UnwrapTemplate {
        lifetime: Lifetime::Session(purpose),
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
