//! [`ModuleSession`] over the fake token.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce as AeadNonce, UnboundKey};
use aws_lc_rs::rand;
use strongroom_base::{KeyMaterialId, KeySpec, MacAlgorithm};
use strongroom_material::{Mac, Material, Message, Pin, Plaintext, SharedSecret};

use super::derivation;
use super::keys::{self, Answer, FakeKey};
use super::module::enter;
use super::world::{FakeHandle, FakeObject, Unreadable, World, generated};
use crate::board::lock;
use crate::key::Nonce;
use crate::message_key::FixedInput;
use crate::module::{
    Attributes, Function, KeyPair, KeyTemplate, MessageKeyUse, ModuleFault, ModuleSession, PublicHalf, ReturnValue,
    RsaPadding, SignMechanism,
};

/// A session of the fake module; closed when dropped.
pub(crate) struct FakeSession {
    world: Arc<Mutex<World>>,
    pub(super) number: u64,
}

impl FakeSession {
    pub(super) fn new(world: Arc<Mutex<World>>, number: u64) -> Self {
        Self { world, number }
    }

    pub(super) fn enter(&self, function: Function) -> Result<MutexGuard<'_, World>, ModuleFault> {
        let world = enter(&self.world, function)?;
        if world.sessions.contains_key(&self.number) {
            Ok(world)
        } else {
            Err(ModuleFault {
                function,
                value: ReturnValue::SessionHandleInvalid,
            })
        }
    }

    /// C_EncryptInit and the like, answering the key.
    fn begin(
        &self,
        function: Function,
        handle: FakeHandle,
        flag: fn(&Attributes) -> Option<bool>,
    ) -> Result<FakeKey, ModuleFault> {
        let mut world = self.enter(function)?;
        let object = world.object(self.number, handle, function)?;
        if flag(&object.attributes) == Some(true) {
            Ok(object.key.clone())
        } else {
            Err(ModuleFault {
                function,
                value: ReturnValue::KeyFunctionNotPermitted,
            })
        }
    }

    fn begin_aes(
        &self,
        function: Function,
        handle: FakeHandle,
        flag: fn(&Attributes) -> Option<bool>,
    ) -> Result<LessSafeKey, ModuleFault> {
        let wrong = |value| ModuleFault { function, value };
        let FakeKey::Secret(bytes) = self.begin(function, handle, flag)? else {
            return Err(wrong(ReturnValue::KeyTypeInconsistent));
        };
        let key = UnboundKey::new(&AES_256_GCM, &bytes);
        key.map(LessSafeKey::new).map_err(|_| wrong(ReturnValue::KeySizeRange))
    }

    /// What makes a token object answers if it may not.
    pub(super) fn enter_creation(&self, function: Function) -> Result<MutexGuard<'_, World>, ModuleFault> {
        let mut world = self.enter(function)?;
        let refuse = |value| Err(ModuleFault { function, value });
        if world.is_broken() {
            refuse(ReturnValue::GeneralError)
        } else if world.full {
            refuse(ReturnValue::FunctionFailed)
        } else {
            Ok(world)
        }
    }

    fn keep(&self, world: &mut World, template: &KeyTemplate<'_>, key: FakeKey) -> FakeHandle {
        let number = world.next_number();
        let mut attributes = generated(&template.id, template.label.as_str(), template.kind, template.copyable);
        attributes.extractable = Some(world.careless);
        world.objects.insert(number, FakeObject { attributes, key });
        FakeHandle {
            epoch: world.epoch,
            number,
        }
    }

    /// An object of this session.
    pub(super) fn keep_here(&self, world: &mut World, object: FakeObject) -> FakeHandle {
        let number = world.next_number();
        if let Some(session) = world.sessions.get_mut(&self.number) {
            session.copies.insert(number, object);
        }
        FakeHandle {
            epoch: world.epoch,
            number,
        }
    }

    /// A secret that can be read.
    fn keep_secret(&self, function: Function, secret: Answer<Vec<u8>>) -> Result<FakeHandle, ModuleFault> {
        let secret = secret.map_err(|value| ModuleFault { function, value })?;
        let object = FakeObject {
            attributes: Attributes::default(),
            key: FakeKey::Secret(secret),
        };
        Ok(self.keep_here(&mut *self.enter(function)?, object))
    }
}

impl Drop for FakeSession {
    fn drop(&mut self) {
        let mut world = lock(&self.world);
        let _ = world.call(Function::CloseSession);
        world.sessions.remove(&self.number);
    }
}

impl ModuleSession for FakeSession {
    type Handle = FakeHandle;

    fn login(&self, pin: &Material<Pin>) -> Result<(), ModuleFault> {
        let function = Function::Login;
        let mut world = self.enter(function)?;
        let refuse = |value| Err(ModuleFault { function, value });
        if world.is_broken() {
            refuse(ReturnValue::GeneralError)
        } else if world.logged_in {
            refuse(ReturnValue::UserAlreadyLoggedIn)
        } else if pin.reveal_to_token(|pin| pin != world.pin.as_bytes()) {
            refuse(ReturnValue::PinIncorrect)
        } else {
            world.logged_in = true;
            Ok(())
        }
    }

    fn random(&self, target: &mut [u8]) -> Result<(), ModuleFault> {
        let function = Function::GenerateRandom;
        drop(self.enter(function)?);
        rand::fill(target).map_err(|_| ModuleFault {
            function,
            value: ReturnValue::RandomNoRng,
        })
    }

    fn encrypt(&self, key: FakeHandle, nonce: Nonce, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, ModuleFault> {
        let key = self.begin_aes(Function::EncryptInit, key, |has| has.encrypt)?;
        let function = Function::Encrypt;
        drop(self.enter(function)?);
        let nonce = AeadNonce::assume_unique_for_key(*nonce.as_bytes());
        let mut bytes = plaintext.to_vec();
        let sealed = key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut bytes);
        sealed.map(|()| bytes).map_err(|_| ModuleFault {
            function,
            value: ReturnValue::GeneralError,
        })
    }

    fn decrypt(
        &self,
        key: FakeHandle,
        nonce: Nonce,
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault> {
        let key = self.begin_aes(Function::DecryptInit, key, |has| has.decrypt)?;
        let function = Function::Decrypt;
        drop(self.enter(function)?);
        let nonce = AeadNonce::assume_unique_for_key(*nonce.as_bytes());
        let mut bytes = ciphertext.to_vec();
        let opened = key
            .open_in_place(nonce, Aad::from(aad), &mut bytes)
            .map(|plaintext| plaintext.len());
        let length = opened.map_err(|_| ModuleFault {
            function,
            value: ReturnValue::GeneralError,
        })?;
        bytes.truncate(length);
        Ok(Material::take(bytes))
    }

    fn generate_key(&self, template: &KeyTemplate<'_>) -> Result<FakeHandle, ModuleFault> {
        let function = Function::GenerateKey;
        let mut world = self.enter_creation(function)?;
        let key = keys::generate(template.kind.spec()).map_err(|value| ModuleFault { function, value })?;
        Ok(self.keep(&mut world, template, key))
    }

    fn generate_session_base_key(&self) -> Result<FakeHandle, ModuleFault> {
        let function = Function::GenerateKey;
        let mut world = self.enter(function)?;
        let object = FakeObject {
            key: keys::generate(KeySpec::SymmetricDefault).map_err(|value| ModuleFault { function, value })?,
            attributes: Attributes {
                derive: Some(true),
                ..Attributes::default()
            },
        };
        Ok(self.keep_here(&mut world, object))
    }

    fn derive_message_key(
        &self,
        base: FakeHandle,
        input: &FixedInput,
        usage: MessageKeyUse,
    ) -> Result<FakeHandle, ModuleFault> {
        let function = Function::DeriveKey;
        let FakeKey::Secret(base) = self.begin(function, base, |has| has.derive)? else {
            return Err(ModuleFault {
                function,
                value: ReturnValue::KeyTypeInconsistent,
            });
        };
        let object = FakeObject {
            key: FakeKey::Secret(derivation::derived(&base, input)),
            attributes: Attributes {
                encrypt: Some(usage == MessageKeyUse::Encrypt),
                decrypt: Some(usage == MessageKeyUse::Decrypt),
                ..Attributes::default()
            },
        };
        let mut world = self.enter(function)?;
        Ok(self.keep_here(&mut world, object))
    }

    fn generate_key_pair(&self, template: &KeyTemplate<'_>) -> Result<KeyPair<FakeHandle>, ModuleFault> {
        let function = Function::GenerateKeyPair;
        let failed = |value| ModuleFault { function, value };
        drop(self.enter_creation(function)?);
        let spec = template.kind.spec();
        let (private, mut public) = keys::generate_pair(spec).map_err(failed)?;
        let mut world = self.enter(function)?;
        if world.confused {
            public = keys::generate_pair(spec).map_err(failed)?.1;
        }
        let private = self.keep(&mut world, template, private);
        let object = FakeObject {
            attributes: Attributes::default(),
            key: FakeKey::Public(public),
        };
        let public = self.keep_here(&mut world, object);
        Ok(KeyPair { private, public })
    }

    fn public_half(&self, public: FakeHandle, _: KeySpec) -> Result<PublicHalf, ModuleFault> {
        let function = Function::GetAttributeValue;
        match &self.enter(function)?.object(self.number, public, function)?.key {
            FakeKey::Public(half) => Ok(half.clone()),
            FakeKey::Private { bytes, .. } => keys::public_half(bytes).map_err(|value| ModuleFault { function, value }),
            FakeKey::Secret(_) => Err(ModuleFault {
                function,
                value: ReturnValue::AttributeTypeInvalid,
            }),
        }
    }

    fn sign(
        &self,
        key: FakeHandle,
        mechanism: SignMechanism,
        input: &Material<Message>,
    ) -> Result<Vec<u8>, ModuleFault> {
        let key = self.begin(Function::SignInit, key, |has| has.sign)?;
        let function = Function::Sign;
        let spoil = self.enter(function)?.spoil_signature;
        let mut signature = input
            .reveal_to_token(|input| keys::sign(&key, mechanism, input))
            .map_err(|value| ModuleFault { function, value })?;
        if let Some(spoil) = spoil {
            spoil(&mut signature);
        }
        Ok(signature)
    }

    fn mac(
        &self,
        key: FakeHandle,
        algorithm: MacAlgorithm,
        message: &Material<Message>,
    ) -> Result<Material<Mac>, ModuleFault> {
        let key = self.begin(Function::SignInit, key, |has| has.sign)?;
        let function = Function::Sign;
        drop(self.enter(function)?);
        message
            .reveal_to_token(|message| keys::mac(&key, algorithm, message))
            .map(Material::take)
            .map_err(|value| ModuleFault { function, value })
    }

    fn decrypt_rsa(
        &self,
        key: FakeHandle,
        padding: RsaPadding,
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault> {
        let key = self.begin(Function::DecryptInit, key, |has| has.decrypt)?;
        let function = Function::Decrypt;
        drop(self.enter(function)?);
        let opened = keys::decrypt_rsa(&key, padding, ciphertext);
        opened
            .map(Material::take)
            .map_err(|value| ModuleFault { function, value })
    }

    fn derive(&self, key: FakeHandle, peer: &[u8], _: u64) -> Result<FakeHandle, ModuleFault> {
        let function = Function::DeriveKey;
        let key = self.begin(function, key, |has| has.derive)?;
        self.keep_secret(function, keys::derive(&key, peer))
    }

    fn decapsulate(&self, key: FakeHandle, ciphertext: &[u8]) -> Result<FakeHandle, ModuleFault> {
        let function = Function::DecapsulateKey;
        let key = self.begin(function, key, |has| has.decapsulate)?;
        self.keep_secret(function, keys::decapsulate(&key, ciphertext))
    }

    fn value(&self, secret: FakeHandle) -> Result<Material<SharedSecret>, ModuleFault> {
        let function = Function::GetAttributeValue;
        match &self.enter(function)?.object(self.number, secret, function)?.key {
            FakeKey::Secret(bytes) => Ok(Material::take(bytes.clone())),
            FakeKey::Private { .. } | FakeKey::Public(_) => Err(ModuleFault {
                function,
                value: ReturnValue::AttributeSensitive,
            }),
        }
    }

    fn copy_object(&self, object: FakeHandle) -> Result<FakeHandle, ModuleFault> {
        let function = Function::CopyObject;
        let mut world = self.enter(function)?;
        let mut copy = world.object(self.number, object, function)?.clone();
        if copy.attributes.copyable != Some(true) {
            return Err(ModuleFault {
                function,
                value: ReturnValue::ActionProhibited,
            });
        }
        copy.attributes.token = Some(false);
        copy.attributes.modifiable = Some(false);
        Ok(self.keep_here(&mut world, copy))
    }

    fn destroy(&self, object: FakeHandle) -> Result<(), ModuleFault> {
        let function = Function::DestroyObject;
        let mut world = self.enter(function)?;
        world.object(self.number, object, function)?;
        let was_copy = world
            .sessions
            .get_mut(&self.number)
            .is_some_and(|open| open.copies.remove(&object.number).is_some());
        if !was_copy {
            world.objects.remove(&object.number);
        }
        Ok(())
    }

    fn find(&self, id: Option<&KeyMaterialId>) -> Result<Vec<FakeHandle>, ModuleFault> {
        let mut world = self.enter(Function::FindObjects)?;
        if world.is_broken() || !world.logged_in {
            return Ok(Vec::new());
        }
        let matches = |object: &FakeObject| id.is_none_or(|id| object.attributes.id.as_deref() == Some(id.as_bytes()));
        let epoch = world.epoch;
        let found = world.objects.iter().filter(|(_, object)| matches(object));
        Ok(found.map(|(number, _)| FakeHandle { epoch, number: *number }).collect())
    }

    fn attributes(&self, object: FakeHandle) -> Result<Attributes, ModuleFault> {
        let function = Function::GetAttributeValue;
        let mut world = self.enter(function)?;
        let attributes = world.object(self.number, object, function)?.attributes.clone();
        match world.is_unreadable(&attributes) {
            Some(_) => Err(ModuleFault {
                function,
                value: ReturnValue::GeneralError,
            }),
            None => Ok(attributes),
        }
    }

    fn identity(&self, object: FakeHandle) -> Result<Attributes, ModuleFault> {
        let function = Function::GetAttributeValue;
        let mut world = self.enter(function)?;
        let attributes = world.object(self.number, object, function)?.attributes.clone();
        match world.is_unreadable(&attributes) {
            Some(Unreadable::Whole) => Err(ModuleFault {
                function,
                value: ReturnValue::GeneralError,
            }),
            Some(Unreadable::ButIdentity) | None => Ok(Attributes {
                id: attributes.id,
                label: attributes.label,
                class: attributes.class,
                key_type: attributes.key_type,
                ..Attributes::default()
            }),
        }
    }
}
