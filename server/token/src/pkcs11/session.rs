//! [`ModuleSession`] over `cryptoki`'s session.

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::RawAuthPin;
use strongroom_base::{KeyMaterialId, KeySpec, MacAlgorithm};
use strongroom_material::{Mac, Material, Message, Pin, Plaintext, SharedSecret};

use super::faults::fault;
use super::{derivation, mechanisms, objects, templates};
use crate::key::{NONCE_BYTES, Nonce, TAG_BYTES};
use crate::message_key::FixedInput;
use crate::module::{
    Attributes, Function, KeyPair, KeyTemplate, ML_KEM_SECRET_BYTES, MessageKeyUse, ModuleFault, ModuleSession,
    PublicHalf, RsaPadding, SignMechanism,
};

/// A session of a real module; closed when dropped.
pub(crate) struct Pkcs11Session(pub(super) Session);

impl Pkcs11Session {
    pub(super) fn new(session: Session) -> Self {
        Self(session)
    }
}

/// Bits of the tag, as the mechanism's parameters want it.
const TAG_BITS: u64 = TAG_BYTES as u64 * 8;

/// Calls `work` with the AES-GCM mechanism. `cryptoki` sets ulIvBits too, which Luna needs; the module may write to the
/// nonce's buffer (CloudHSM does), so it gets one of its own.
fn with_gcm<R>(
    function: Function,
    nonce: Nonce,
    aad: &[u8],
    work: impl FnOnce(&Mechanism<'_>) -> cryptoki::error::Result<R>,
) -> Result<R, ModuleFault> {
    let mut iv: [u8; NONCE_BYTES] = *nonce.as_bytes();
    let params = GcmParams::new(&mut iv, aad, TAG_BITS.into()).map_err(|error| fault(function, &error))?;
    work(&Mechanism::AesGcm(params)).map_err(|error| fault(function, &error))
}

impl ModuleSession for Pkcs11Session {
    type Handle = ObjectHandle;

    fn login(&self, pin: &Material<Pin>) -> Result<(), ModuleFault> {
        let pin = pin.reveal_to_token(|pin| RawAuthPin::new(Box::new(pin.to_vec())));
        self.0
            .login_with_raw(UserType::User, &pin)
            .map_err(|error| fault(Function::Login, &error))
    }

    fn random(&self, target: &mut [u8]) -> Result<(), ModuleFault> {
        self.0
            .generate_random_slice(target)
            .map_err(|error| fault(Function::GenerateRandom, &error))
    }

    fn encrypt(&self, key: ObjectHandle, nonce: Nonce, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, ModuleFault> {
        with_gcm(Function::Encrypt, nonce, aad, |mechanism| {
            self.0.encrypt(mechanism, key, plaintext)
        })
    }

    fn decrypt(
        &self,
        key: ObjectHandle,
        nonce: Nonce,
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault> {
        let opened = with_gcm(Function::Decrypt, nonce, aad, |mechanism| {
            self.0.decrypt(mechanism, key, ciphertext)
        });
        opened.map(Material::take)
    }

    fn generate_key(&self, template: &KeyTemplate<'_>) -> Result<ObjectHandle, ModuleFault> {
        let (mechanism, attributes) = templates::secret(template)?;
        let key = self.0.generate_key(&mechanism, &attributes);
        key.map_err(|error| fault(Function::GenerateKey, &error))
    }

    fn generate_session_base_key(&self) -> Result<ObjectHandle, ModuleFault> {
        let key = self
            .0
            .generate_key(&Mechanism::GenericSecretKeyGen, &templates::session_base_key());
        key.map_err(|error| fault(Function::GenerateKey, &error))
    }

    fn derive_message_key(
        &self,
        base: ObjectHandle,
        input: &FixedInput,
        usage: MessageKeyUse,
    ) -> Result<ObjectHandle, ModuleFault> {
        derivation::message_key(&self.0, base, input, usage)
    }

    fn generate_key_pair(&self, template: &KeyTemplate<'_>) -> Result<KeyPair<ObjectHandle>, ModuleFault> {
        let (mechanism, public, private) = templates::pair(template)?;
        let pair = self.0.generate_key_pair(&mechanism, &public, &private);
        let (public, private) = pair.map_err(|error| fault(Function::GenerateKeyPair, &error))?;
        Ok(KeyPair { private, public })
    }

    fn public_half(&self, public: ObjectHandle, spec: KeySpec) -> Result<PublicHalf, ModuleFault> {
        objects::public_half(&self.0, public, spec)
    }

    fn sign(
        &self,
        key: ObjectHandle,
        mechanism: SignMechanism,
        input: &Material<Message>,
    ) -> Result<Vec<u8>, ModuleFault> {
        input
            .reveal_to_token(|input| self.0.sign(&mechanisms::signing(mechanism), key, input))
            .map_err(|error| fault(Function::Sign, &error))
    }

    fn mac(
        &self,
        key: ObjectHandle,
        algorithm: MacAlgorithm,
        message: &Material<Message>,
    ) -> Result<Material<Mac>, ModuleFault> {
        message
            .reveal_to_token(|message| self.0.sign(&mechanisms::hmac(algorithm), key, message))
            .map(Material::take)
            .map_err(|error| fault(Function::Sign, &error))
    }

    fn decrypt_rsa(
        &self,
        key: ObjectHandle,
        padding: RsaPadding,
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault> {
        let opened = self.0.decrypt(&mechanisms::rsa_decryption(padding), key, ciphertext);
        opened
            .map(Material::take)
            .map_err(|error| fault(Function::Decrypt, &error))
    }

    fn derive(&self, key: ObjectHandle, peer: &[u8], length: u64) -> Result<ObjectHandle, ModuleFault> {
        let mechanism = Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), peer));
        self.0
            .derive_key(&mechanism, key, &templates::derived(length))
            .map_err(|error| fault(Function::DeriveKey, &error))
    }

    fn decapsulate(&self, key: ObjectHandle, ciphertext: &[u8]) -> Result<ObjectHandle, ModuleFault> {
        let template = templates::derived(ML_KEM_SECRET_BYTES);
        self.0
            .decapsulate_key(&Mechanism::MlKem, key, &template, ciphertext)
            .map_err(|error| fault(Function::DecapsulateKey, &error))
    }

    fn value(&self, secret: ObjectHandle) -> Result<Material<SharedSecret>, ModuleFault> {
        objects::value(&self.0, secret)
    }

    fn copy_object(&self, object: ObjectHandle) -> Result<ObjectHandle, ModuleFault> {
        let changes = [Attribute::Token(false), Attribute::Modifiable(false)];
        self.0
            .copy_object(object, &changes)
            .map_err(|error| fault(Function::CopyObject, &error))
    }

    fn destroy(&self, object: ObjectHandle) -> Result<(), ModuleFault> {
        self.0
            .destroy_object(object)
            .map_err(|error| fault(Function::DestroyObject, &error))
    }

    fn find(&self, id: Option<&KeyMaterialId>) -> Result<Vec<ObjectHandle>, ModuleFault> {
        let mut template = vec![Attribute::Token(true)];
        template.extend(id.map(|id| Attribute::Id(id.as_bytes().to_vec())));
        self.0
            .find_objects(&template)
            .map_err(|error| fault(Function::FindObjects, &error))
    }

    fn attributes(&self, object: ObjectHandle) -> Result<Attributes, ModuleFault> {
        objects::attributes(&self.0, object)
    }

    fn identity(&self, object: ObjectHandle) -> Result<Attributes, ModuleFault> {
        objects::identity(&self.0, object)
    }
}
