//! [`ImportSession`] over the fake token: the cryptography is real, and the answers are those of SoftHSM 2.6.1.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use strongroom_base::KeyUsage;

use super::keys::{self, FakeKey};
use super::session::FakeSession;
use super::world::{FakeHandle, FakeObject, generated};
use crate::kind::KeyKind;
use crate::module::{
    Attributes, Function, ImportSession, Lifetime, ModuleFault, PublicHalf, Purpose, ReturnValue, RsaPadding,
    UnwrapTemplate, Unwrapping, WrappingTemplate,
};
use crate::rsa::OaepHash;

impl ImportSession for FakeSession {
    fn generate_wrapping_key(&self, template: &WrappingTemplate<'_>) -> Result<(FakeHandle, PublicHalf), ModuleFault> {
        let function = Function::GenerateKeyPair;
        drop(self.enter_creation(function)?);
        let (key, half) = keys::generate_pair(template.spec).map_err(|value| ModuleFault { function, value })?;
        let mut world = self.enter(function)?;
        let kind = KeyKind::new(template.spec, KeyUsage::EncryptDecrypt).ok_or(ModuleFault {
            function,
            value: ReturnValue::AttributeValueInvalid,
        })?;
        let attributes = Attributes {
            decrypt: Some(world.careless),
            // What SoftHSM 2.6.1 does if nobody says otherwise.
            sign_recover: Some(world.careless),
            unwrap: Some(true),
            ..generated(&template.id, template.label.as_str(), kind, false)
        };
        let (number, epoch) = (world.next_number(), world.epoch);
        world.objects.insert(number, FakeObject { attributes, key });
        Ok((FakeHandle { epoch, number }, half))
    }

    fn unwrap_key(
        &self,
        unwrapping: Unwrapping,
        key: FakeHandle,
        wrapped: &[u8],
        template: &UnwrapTemplate<'_>,
    ) -> Result<FakeHandle, ModuleFault> {
        let function = Function::UnwrapKey;
        let mut world = self.enter(function)?;
        let refuse = |value| ModuleFault { function, value };
        let full = world.full && matches!(template.lifetime, Lifetime::Token { .. });
        let object = world.object(self.number, key, function)?;
        if object.attributes.unwrap != Some(true) {
            return Err(refuse(ReturnValue::KeyFunctionNotPermitted));
        }
        let value = open(unwrapping, &object.key, wrapped).ok_or_else(|| refuse(ReturnValue::GeneralError))?;
        if full {
            return Err(refuse(ReturnValue::FunctionFailed));
        }
        let object = FakeObject {
            attributes: unwrapped(template, world.careless),
            key: FakeKey::Secret(value),
        };
        if matches!(template.lifetime, Lifetime::Session(_)) {
            return Ok(self.keep_here(&mut world, object));
        }
        let (number, epoch) = (world.next_number(), world.epoch);
        world.objects.insert(number, object);
        Ok(FakeHandle { epoch, number })
    }

    fn generate_mac_key(&self, bytes: u64) -> Result<FakeHandle, ModuleFault> {
        let mut world = self.enter(Function::GenerateKey)?;
        let object = FakeObject {
            attributes: unwrapped(
                &UnwrapTemplate {
                    lifetime: Lifetime::Session(Purpose::Mac),
                },
                false,
            ),
            key: FakeKey::Secret(vec![0x5a; bytes as usize]),
        };
        Ok(self.keep_here(&mut world, object))
    }

    fn try_mac(&self, key: FakeHandle) -> Result<(), ModuleFault> {
        let function = Function::SignInit;
        let mut world = self.enter(function)?;
        let object = world.object(self.number, key, function)?;
        let value = match (object.attributes.sign, &object.key) {
            (Some(true), FakeKey::Secret(bytes)) if bytes.len() >= 32 => return Ok(()),
            (Some(true), FakeKey::Secret(_)) => ReturnValue::KeySizeRange,
            _ => ReturnValue::KeyFunctionNotPermitted,
        };
        Err(ModuleFault { function, value })
    }
}

fn open(unwrapping: Unwrapping, key: &FakeKey, wrapped: &[u8]) -> Option<Vec<u8>> {
    match (unwrapping, key) {
        (Unwrapping::Oaep(OaepHash::Sha1), _) => keys::decrypt_rsa(key, RsaPadding::OaepSha1, wrapped).ok(),
        (Unwrapping::Oaep(OaepHash::Sha256), _) => keys::decrypt_rsa(key, RsaPadding::OaepSha256, wrapped).ok(),
        (Unwrapping::AesKeyWrapPad, FakeKey::Secret(bytes)) => {
            let mut space = vec![0; wrapped.len()];
            let key = AesKek::new(&AES_256, bytes).ok()?;
            Some(key.unwrap_with_padding(wrapped, &mut space).ok()?.to_vec())
        }
        (Unwrapping::AesKeyWrapPad, _) => None,
    }
}

/// As SoftHSM does it: the length is not told.
fn unwrapped(template: &UnwrapTemplate<'_>, careless: bool) -> Attributes {
    let (identity, purpose, copyable) = match template.lifetime {
        Lifetime::Session(purpose) => (None, purpose, true),
        Lifetime::Token { id, label, copyable } => (Some((id, label)), Purpose::Encrypt, copyable),
    };
    let of_ours = identity.map(|(id, label)| generated(&id, label.as_str(), KeyKind::SYMMETRIC, copyable));
    Attributes {
        value_len: Some(0),
        key_gen_mechanism: None,
        token: Some(identity.is_some()),
        local: Some(false),
        always_sensitive: Some(false),
        never_extractable: Some(false),
        extractable: Some(careless),
        encrypt: Some(purpose == Purpose::Encrypt),
        decrypt: Some(purpose == Purpose::Encrypt),
        sign: Some(purpose == Purpose::Mac),
        unwrap: Some(purpose == Purpose::Unwrap),
        ..of_ours.unwrap_or_default()
    }
}
