//! Do the halves of a new key pair belong together, and does the private one do what it is for?
//!
//! What the token tells of the public half is all that anybody will ever have of it. A module that mixed it up would be
//! noticed by the first signature that does not verify, or by data that nobody can open any more: so it is tried before
//! anybody is told of the key, with another library in the other role.

use aws_lc_rs::agreement::{PrivateKey, agree};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::kem::{EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    ML_DSA_44, ML_DSA_65, ML_DSA_87, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use strongroom_base::{KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_material::{Material, SharedSecret};

use crate::agreement;
use crate::fault::TokenFault;
use crate::key::{SigningInput, Witness};
use crate::kind::KeyKind;
use crate::module::{ModuleFault, ModuleSession};
use crate::offer::OaepDecoding;
use crate::{rsa, signing, spki};

/// What is signed. No message of a caller is like it, and it is worth nothing to anybody.
const MESSAGE: &[u8] = b"strongroom/proof/1";
/// Random bytes in a witness. Nobody looks at them.
const WITNESS_BYTES: usize = 16;

/// A new key pair.
pub(super) struct Proof<'a, S: ModuleSession> {
    pub(super) session: &'a S,
    pub(super) handle: S::Handle,
    pub(super) kind: KeyKind,
    /// SubjectPublicKeyInfo.
    pub(super) public_key: &'a [u8],
    pub(super) decoding: OaepDecoding,
}

/// Why there is no proof.
#[derive(Debug)]
pub(super) enum ProofFault {
    /// A call failed.
    Module(ModuleFault),
    /// The halves do not belong together.
    Differs(&'static str),
}

impl From<ModuleFault> for ProofFault {
    fn from(fault: ModuleFault) -> Self {
        Self::Module(fault)
    }
}

impl<S: ModuleSession> Proof<'_, S> {
    /// Tries the key for what it is for, and answers the witness of one that decrypts.
    pub(super) fn run(&self) -> Result<Option<Witness>, ProofFault> {
        match self.kind.usage() {
            KeyUsage::SignVerify => self.sign().map(|()| None),
            KeyUsage::EncryptDecrypt => self.decrypt().map(Some),
            KeyUsage::KeyAgreement => self.agree().map(|()| None),
            KeyUsage::EncapsulateDecapsulate => self.decapsulate().map(|()| None),
            // Not a key pair.
            KeyUsage::GenerateVerifyMac => Ok(None),
        }
    }

    fn sign(&self) -> Result<(), ProofFault> {
        let (algorithm, verification) = verification(self.kind.spec()).ok_or(UNKNOWN)?;
        let message = SigningInput::Message(Material::take(MESSAGE.to_vec()));
        let (mechanism, input) = signing::prepare(self.kind, algorithm, message).map_err(|_: TokenFault| UNKNOWN)?;
        let signature = self.session.sign(self.handle, mechanism, &input)?;
        let signature = signing::finish(self.kind.spec(), mechanism, signature)
            .ok_or(ProofFault::Differs("a signature that is none"))?;
        UnparsedPublicKey::new(verification, self.public_key)
            .verify(MESSAGE, &signature)
            .map_err(|_| ProofFault::Differs("its signature does not verify with its public key"))
    }

    /// The ciphertext stays: it is the key's witness.
    fn decrypt(&self) -> Result<Witness, ProofFault> {
        let unusable = |_| ProofFault::Differs("its public key is none");
        let public = PublicEncryptingKey::from_der(self.public_key).map_err(|_| UNKNOWN)?;
        let public = OaepPublicEncryptingKey::new(public).map_err(unusable)?;
        let mut plaintext = [0; WITNESS_BYTES];
        rand::fill(&mut plaintext).map_err(unusable)?;
        let mut ciphertext = vec![0; public.ciphertext_size()];
        public
            .encrypt(&OAEP_SHA256_MGF1SHA256, &plaintext, &mut ciphertext, None)
            .map_err(unusable)?;
        let witness = Witness::from_bytes(ciphertext);
        match rsa::check_witness(self.session, self.handle, self.decoding, &witness) {
            Ok(()) => Ok(witness),
            Err(fault) if fault.disposition().is_permanent() => {
                Err(ProofFault::Differs("it does not open what its public key encrypted"))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    fn agree(&self) -> Result<(), ProofFault> {
        let spec = self.kind.spec();
        let algorithm = agreement::algorithm(spec).ok_or(UNKNOWN)?;
        let length = agreement::secret_bytes(spec).ok_or(UNKNOWN)?;
        let other = PrivateKey::generate(algorithm).map_err(|_| UNKNOWN)?;
        let peer = other.compute_public_key().map_err(|_| UNKNOWN)?;
        let peer = peer.as_der().map_err(|_| UNKNOWN)?;
        let peer = agreement::peer_point(spec, peer.as_ref()).map_err(|_: TokenFault| UNKNOWN)?;
        let secret = self.session.derive(self.handle, &peer, length)?;
        let here = take_out(self.session, secret)?;
        let own = aws_lc_rs::agreement::UnparsedPublicKey::new(algorithm, self.public_key);
        agree(&other, own, DIFFERENT_SECRET, |there| is_same(&here, there))
    }

    fn decapsulate(&self) -> Result<(), ProofFault> {
        let algorithm = match self.kind.spec() {
            KeySpec::MlKem512 => &ML_KEM_512,
            KeySpec::MlKem768 => &ML_KEM_768,
            KeySpec::MlKem1024 => &ML_KEM_1024,
            _ => return Err(UNKNOWN),
        };
        let bytes = spki::public_bytes(self.kind.spec()).ok_or(UNKNOWN)?;
        let bytes = self
            .public_key
            .len()
            .checked_sub(bytes)
            .and_then(|begin| self.public_key.get(begin..));
        let key = EncapsulationKey::new(algorithm, bytes.ok_or(UNKNOWN)?).map_err(|_| DIFFERENT_SECRET)?;
        let (ciphertext, there) = key.encapsulate().map_err(|_| DIFFERENT_SECRET)?;
        let secret = self.session.decapsulate(self.handle, ciphertext.as_ref())?;
        is_same(&take_out(self.session, secret)?, there.as_ref())
    }
}

/// The value of a secret that nobody uses, which is destroyed: an object of this session, that goes with it if it stays.
pub(super) fn take_out<S: ModuleSession>(
    session: &S,
    secret: S::Handle,
) -> Result<Material<SharedSecret>, ModuleFault> {
    let value = session.value(secret);
    let destroyed = session.destroy(secret);
    let value = value?;
    destroyed?;
    Ok(value)
}

const UNKNOWN: ProofFault = ProofFault::Differs("nobody knows how to try it");
const DIFFERENT_SECRET: ProofFault = ProofFault::Differs("it comes to another secret than its public key");

fn is_same(here: &Material<SharedSecret>, there: &[u8]) -> Result<(), ProofFault> {
    here.reveal_to_cipher(|here| verify_slices_are_equal(here, there))
        .map_err(|_| DIFFERENT_SECRET)
}

/// The algorithm that a key is tried with, here and there: the first of its spec, without which the token is not asked for
/// such a key.
fn verification(spec: KeySpec) -> Option<(SigningAlgorithm, &'static dyn VerificationAlgorithm)> {
    match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => {
            Some((SigningAlgorithm::RsassaPkcs1V15Sha256, &RSA_PKCS1_2048_8192_SHA256))
        }
        KeySpec::EccNistP256 => Some((SigningAlgorithm::EcdsaSha256, &ECDSA_P256_SHA256_ASN1)),
        KeySpec::EccNistP384 => Some((SigningAlgorithm::EcdsaSha384, &ECDSA_P384_SHA384_ASN1)),
        KeySpec::EccNistP521 => Some((SigningAlgorithm::EcdsaSha512, &ECDSA_P521_SHA512_ASN1)),
        KeySpec::EccSecgP256K1 => Some((SigningAlgorithm::EcdsaSha256, &ECDSA_P256K1_SHA256_ASN1)),
        KeySpec::EccNistEdwards25519 => Some((SigningAlgorithm::Ed25519Sha512, &ED25519)),
        KeySpec::MlDsa44 => Some((SigningAlgorithm::MlDsaShake256, &ML_DSA_44)),
        KeySpec::MlDsa65 => Some((SigningAlgorithm::MlDsaShake256, &ML_DSA_65)),
        KeySpec::MlDsa87 => Some((SigningAlgorithm::MlDsaShake256, &ML_DSA_87)),
        _ => None,
    }
}
