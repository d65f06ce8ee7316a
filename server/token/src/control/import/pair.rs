//! Imported private keys: what their public halves are, and whether they are what they must be.

use strongroom_base::{KeyMaterialId, KeySpec, KeyUsage};

use super::{Control, Told, mismatch, other_kind};
use crate::control::proof::{Proof, ProofFault, take_out};
use crate::fault::TokenFault;
use crate::key::Hallmark;
use crate::kind::KeyKind;
use crate::module::{Function, Lifetime, Module, ModuleFault, ModuleSession, PublicHalf, Purpose, ReturnValue};
use crate::offer::OaepDecoding;
use crate::wrapping_key::WrappedMaterial;
use crate::{point, spki};

/// Why a trial does not tell a public half.
enum TrialFault {
    /// The material is not what it should be, or perhaps not.
    Doubt(&'static str),
    /// Something else is wrong.
    Token(TokenFault),
}

impl<M: Module> Control<M> {
    /// The public half of wrapped material: SubjectPublicKeyInfo, proved by a signature. What is no such key is called so only
    /// if it is none a second time either, on a token that is well.
    pub(super) fn public_key(&mut self, material: &WrappedMaterial) -> Result<Box<[u8]>, TokenFault> {
        match self.try_private_key(material) {
            Ok(public_key) => return Ok(public_key),
            Err(TrialFault::Token(fault)) => return Err(fault),
            Err(TrialFault::Doubt(what)) => tracing::debug!(what, "material of an import is in doubt"),
        }
        self.probe_now()?;
        match self.try_private_key(material) {
            Ok(public_key) => Ok(public_key),
            Err(TrialFault::Token(fault)) => Err(fault),
            Err(TrialFault::Doubt(what)) => {
                tracing::info!(what, "material of an import is not what it should be");
                Err(other_kind(material))
            }
        }
    }

    /// Whether a new object is the expected private key, does what it is for, and belongs to its public half.
    pub(super) fn tell_pair(
        &mut self,
        handle: M::Handle,
        id: KeyMaterialId,
        material: &WrappedMaterial,
        expected: Option<&Hallmark>,
    ) -> Result<Told, TokenFault> {
        let public_key = self.public_key(material)?;
        let found = Hallmark::PublicKey(public_key.clone());
        if expected.is_some_and(|expected| *expected != found) {
            return Err(TokenFault::OtherMaterial);
        }
        let proof = Proof {
            session: &self.connected()?.session,
            handle,
            kind: material.kind,
            public_key: &public_key,
            decoding: self.engine.board.offer()?.oaep_sha_256(),
        };
        let witness = proof.run().map_err(|fault| match fault {
            ProofFault::Module(fault) => self.failed(fault, id),
            ProofFault::Differs(what) => {
                let what = what.to_owned();
                self.engine.alarm(TokenFault::ProvenanceDiffers { what })
            }
        })?;
        Ok(Told {
            witness,
            public_key: Some(public_key),
        })
    }

    /// Unwraps the material into an object of the session, which signs whatever the key is for, and is gone afterwards.
    fn try_private_key(&mut self, material: &WrappedMaterial) -> Result<Box<[u8]>, TrialFault> {
        let lifetime = Lifetime::Session(Purpose::Try(material.kind));
        let handle = self.unwrap(material, lifetime).map_err(TrialFault::Token)?;
        let answer = self.look_at(handle, material);
        self.discard(handle, material.wrapping);
        answer
    }

    fn look_at(&self, handle: M::Handle, material: &WrappedMaterial) -> Result<Box<[u8]>, TrialFault> {
        let session = &self.connected().map_err(TrialFault::Token)?.session;
        let failed = |fault: ModuleFault| match doubts_the_key(&fault) {
            true => TrialFault::Doubt("the token cannot use it"),
            false => TrialFault::Token(self.failed(fault, material.wrapping)),
        };
        let attributes = session.attributes(handle).map_err(failed)?;
        if mismatch(&attributes, material).is_some() {
            return Err(TrialFault::Doubt("it has another size, or is on another curve"));
        }
        for half in public_halves(session, handle, material.kind.spec()).map_err(failed)? {
            let public_key = spki::encode(material.kind.spec(), &half).map_err(TrialFault::Doubt)?;
            match signs(session, handle, material.kind, &public_key) {
                Ok(()) => return Ok(public_key),
                Err(ProofFault::Differs(_)) => {}
                Err(ProofFault::Module(fault)) => return Err(failed(fault)),
            }
        }
        Err(TrialFault::Doubt("it does not sign as its public half verifies"))
    }
}

/// What the public half may be: an RSA key says it, and one on a curve agrees with the generator to its x-coordinate.
fn public_halves<S: ModuleSession>(
    session: &S,
    handle: S::Handle,
    spec: KeySpec,
) -> Result<Vec<PublicHalf>, ModuleFault> {
    let (Some(generator), Some(bytes)) = (point::generator(spec), point::coordinate_bytes(spec)) else {
        return Ok(vec![session.public_half(handle, spec)?]);
    };
    let secret = session.derive(handle, &generator, bytes as u64)?;
    let coordinate = take_out(session, secret)?;
    let points = coordinate.reveal_to_cipher(|coordinate| point::with_coordinate(spec, coordinate));
    Ok(points.into_iter().flatten().map(PublicHalf::Point).collect())
}

/// Whether the private key signs as this public one verifies.
fn signs<S: ModuleSession>(session: &S, handle: S::Handle, kind: KeyKind, public_key: &[u8]) -> Result<(), ProofFault> {
    let kind = KeyKind::new(kind.spec(), KeyUsage::SignVerify);
    let proof = Proof {
        session,
        handle,
        kind: kind.ok_or(ProofFault::Differs("a key that cannot sign"))?,
        public_key,
        // Nothing is decrypted.
        decoding: OaepDecoding::InToken,
    };
    proof.run().map(drop)
}

/// Whether a call may mean that the key is not one: modules look at a private key when it is used.
fn doubts_the_key(fault: &ModuleFault) -> bool {
    let uses_it = matches!(
        fault.function,
        Function::Sign | Function::SignInit | Function::DeriveKey
    );
    uses_it
        && matches!(
            fault.value,
            ReturnValue::GeneralError
                | ReturnValue::DeviceError
                | ReturnValue::FunctionFailed
                | ReturnValue::ArgumentsBad
                | ReturnValue::KeySizeRange
                | ReturnValue::KeyTypeInconsistent
                | ReturnValue::DataLenRange
                | ReturnValue::DomainParamsInvalid
                | ReturnValue::CurveNotSupported
        )
}
