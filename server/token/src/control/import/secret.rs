//! Imported secrets: AES keys, and keys for message authentication codes.

use std::sync::Arc;

use strongroom_base::{KeyMaterialId, MacAlgorithm};

use super::{Control, Told};
use crate::aead;
use crate::blame;
use crate::fault::TokenFault;
use crate::key::{Hallmark, Witness};
use crate::length;
use crate::mac_witness;
use crate::module::{ImportSession, Lifetime, Module, ModuleFault, ModuleSession, Purpose, ReturnValue};
use crate::provenance::{imported, secret_bytes};
use crate::suite::{Cipher, CipherKey, Suite};
use crate::wrapping_key::WrappedMaterial;

/// What an unwrapped secret is.
enum Verdict {
    /// The witness of this material is its own.
    Known(KeyMaterialId),
    /// It is another one of the right length, with this witness.
    Other(Witness),
}

/// How a secret is tried.
enum Trial<H> {
    /// It encrypts directly: one that only derives could not be told from another, and material that is used elsewhere too
    /// is an AES key there. The id counts for the derived suite alone.
    Cipher(Cipher<H>),
    Mac(H, MacAlgorithm),
}

impl<M: Module> Control<M> {
    /// Which of the witnesses is that of wrapped material.
    pub(super) fn known_secret(
        &mut self,
        material: &WrappedMaterial,
        known: &[(KeyMaterialId, Hallmark)],
    ) -> Result<Option<KeyMaterialId>, TokenFault> {
        let handle = self.unwrap(material, Lifetime::Session(Purpose::Try(material.kind)))?;
        let verdict = self.verdict(handle, material, known);
        self.discard(handle, material.wrapping);
        match verdict? {
            Verdict::Known(id) => Ok(Some(id)),
            Verdict::Other(_) => Ok(None),
        }
    }

    /// Whether a new object is the expected secret; without one, its own witness.
    pub(super) fn tell_secret(
        &mut self,
        handle: M::Handle,
        id: KeyMaterialId,
        material: &WrappedMaterial,
        expected: Option<&Hallmark>,
    ) -> Result<Told, TokenFault> {
        let known: Vec<_> = expected.map(|hallmark| (id, hallmark.clone())).into_iter().collect();
        let witness = match (self.verdict(handle, material, &known)?, expected) {
            (Verdict::Known(_), Some(Hallmark::Witness(expected))) => Witness::clone(expected),
            (Verdict::Other(own), None) => own,
            (Verdict::Known(_) | Verdict::Other(_), _) => return Err(TokenFault::OtherMaterial),
        };
        Ok(Told {
            witness: Some(witness),
            public_key: None,
        })
    }

    /// Whether an unwrapped key has the right length, and whose witness it has. That it has none of them counts only if one
    /// that is made now is its own, and then again none of them: faults come and go.
    fn verdict(
        &mut self,
        handle: M::Handle,
        material: &WrappedMaterial,
        known: &[(KeyMaterialId, Hallmark)],
    ) -> Result<Verdict, TokenFault> {
        self.check_length(handle, material)?;
        let trial = match material.kind.spec().mac_algorithm() {
            Some(algorithm) => Trial::Mac(handle, algorithm),
            None => Trial::Cipher(direct(material.wrapping, handle)),
        };
        if let Some(id) = self.owner(&trial, material, known)? {
            return Ok(Verdict::Known(id));
        }
        let session = &self.connected()?.session;
        let own = trial.make_witness(session);
        let own = own.map_err(|fault| self.failed(fault, material.wrapping))?;
        Ok(match self.owner(&trial, material, known)? {
            Some(id) => Verdict::Known(id),
            None => Verdict::Other(own),
        })
    }

    /// The material whose witness is that of the secret.
    fn owner(
        &self,
        trial: &Trial<M::Handle>,
        material: &WrappedMaterial,
        known: &[(KeyMaterialId, Hallmark)],
    ) -> Result<Option<KeyMaterialId>, TokenFault> {
        let session = &self.connected()?.session;
        for (id, hallmark) in known {
            let Hallmark::Witness(witness) = hallmark else { continue };
            match trial.has(session, witness) {
                Ok(true) => return Ok(Some(*id)),
                Ok(false) => {}
                Err(fault) => return Err(self.failed(fault, material.wrapping)),
            }
        }
        Ok(None)
    }

    fn check_length(&self, handle: M::Handle, material: &WrappedMaterial) -> Result<(), TokenFault> {
        let expected = secret_bytes(material.kind.spec()).ok_or(TokenFault::Defect {
            what: "an import of a secret that is none",
        })?;
        let session = &self.connected()?.session;
        let attributes = session.attributes(handle);
        let attributes = attributes.map_err(|fault| self.failed(fault, material.wrapping))?;
        let is_as_expected = match imported::length(&attributes) {
            Some(told) => told == expected,
            None => self.has_length(handle, expected, material)?,
        };
        if is_as_expected {
            Ok(())
        } else {
            Err(TokenFault::MaterialLength { expected })
        }
    }

    /// For tokens that do not say how long an unwrapped key is: see [`length`].
    fn has_length(&self, handle: M::Handle, bytes: u64, material: &WrappedMaterial) -> Result<bool, TokenFault> {
        let session = &self.connected()?.session;
        let digests = session.digest_key(handle, &[]).and_then(|digest| {
            let padded = session.digest_key(handle, &length::padding(bytes))?;
            Ok((digest, padded))
        });
        match digests {
            Ok((digest, padded)) => Ok(length::is(bytes, &digest, &padded)),
            Err(fault) if is_refusal(&fault) => Err(TokenFault::Unsupported {
                missing: "CKA_VALUE_LEN of unwrapped keys",
                what: material.kind.spec().as_str(),
            }),
            Err(fault) => Err(self.failed(fault, material.wrapping)),
        }
    }
}

impl<H: Copy> Trial<H> {
    /// Makes a witness, and looks whether it is one.
    fn make_witness<S: ModuleSession<Handle = H>>(&self, session: &S) -> Result<Witness, ModuleFault> {
        match self {
            Self::Cipher(cipher) => {
                let own = aead::make_witness(session, cipher)?;
                aead::check_witness(session, cipher, &own)?;
                Ok(own)
            }
            Self::Mac(handle, algorithm) => mac_witness::make(session, *handle, *algorithm),
        }
    }

    /// Whether it has this witness. Only doubt about a ciphertext means that it is another key's.
    fn has<S: ModuleSession<Handle = H>>(&self, session: &S, witness: &Arc<Witness>) -> Result<bool, ModuleFault> {
        match self {
            Self::Cipher(cipher) => match aead::check_witness(session, cipher, witness) {
                Ok(()) => Ok(true),
                Err(fault) if blame::is_in_doubt(&fault) => Ok(false),
                Err(fault) => Err(fault),
            },
            Self::Mac(handle, algorithm) => mac_witness::is_of(session, *handle, *algorithm, witness),
        }
    }
}

fn direct<H>(id: KeyMaterialId, handle: H) -> Cipher<H> {
    Cipher {
        key: CipherKey {
            id,
            suite: Suite::Direct,
        },
        handle,
    }
}

/// Whether a token does not digest keys, or not this one.
fn is_refusal(fault: &ModuleFault) -> bool {
    matches!(
        fault.value,
        ReturnValue::KeyIndigestible
            | ReturnValue::KeyFunctionNotPermitted
            | ReturnValue::KeyTypeInconsistent
            | ReturnValue::KeyUnextractable
            | ReturnValue::FunctionNotSupported
            | ReturnValue::MechanismInvalid
    )
}
