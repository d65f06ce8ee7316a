//! [`ModuleSession`] over the fake token.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce as AeadNonce, UnboundKey};
use aws_lc_rs::rand;
use strongroom_base::KeyMaterialId;
use strongroom_material::{Material, Pin, Plaintext};

use super::module::enter;
use super::world::{FakeHandle, FakeObject, World, generated};
use crate::board::lock;
use crate::key::Nonce;
use crate::module::{Attributes, Function, KeyTemplate, ModuleFault, ModuleSession, ReturnValue};

/// A session of the fake module; closed when dropped.
pub(crate) struct FakeSession {
    world: Arc<Mutex<World>>,
    number: u64,
}

impl FakeSession {
    pub(super) fn new(world: Arc<Mutex<World>>, number: u64) -> Self {
        Self { world, number }
    }

    fn enter(&self, function: Function) -> Result<MutexGuard<'_, World>, ModuleFault> {
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

    /// C_EncryptInit or C_DecryptInit, answering the key.
    fn begin(&self, function: Function, handle: FakeHandle) -> Result<LessSafeKey, ModuleFault> {
        let mut world = self.enter(function)?;
        let object = world.object(self.number, handle, function)?;
        let attributes = &object.attributes;
        let allowed = if function == Function::EncryptInit {
            attributes.encrypt
        } else {
            attributes.decrypt
        };
        if allowed != Some(true) {
            return Err(ModuleFault {
                function,
                value: ReturnValue::KeyFunctionNotPermitted,
            });
        }
        let key = UnboundKey::new(&AES_256_GCM, &object.key);
        key.map(LessSafeKey::new).map_err(|_| ModuleFault {
            function,
            value: ReturnValue::KeySizeRange,
        })
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
        let key = self.begin(Function::EncryptInit, key)?;
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
        let key = self.begin(Function::DecryptInit, key)?;
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
        let mut world = self.enter(function)?;
        let refuse = |value| ModuleFault { function, value };
        if world.is_broken() {
            return Err(refuse(ReturnValue::GeneralError));
        }
        if world.full {
            return Err(refuse(ReturnValue::FunctionFailed));
        }
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| refuse(ReturnValue::RandomNoRng))?;
        let number = world.next_number();
        let mut attributes = generated(&template.id, template.label.as_str(), template.copyable);
        attributes.extractable = Some(world.careless);
        world.objects.insert(number, FakeObject { attributes, key });
        Ok(FakeHandle {
            epoch: world.epoch,
            number,
        })
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
        let number = world.next_number();
        if let Some(session) = world.sessions.get_mut(&self.number) {
            session.copies.insert(number, copy);
        }
        Ok(FakeHandle {
            epoch: world.epoch,
            number,
        })
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
        Ok(self
            .enter(function)?
            .object(self.number, object, function)?
            .attributes
            .clone())
    }
}
