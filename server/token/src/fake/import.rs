//! [`ImportSession`] over the fake token: the cryptography is real, and the answers are those of SoftHSM 2.6.1.

use aws_lc_rs::digest::{SHA256, digest};
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
use crate::{offer, spki};

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
        let key = match template.lifetime {
            Lifetime::Session(Purpose::Try(kind)) | Lifetime::Token { kind, .. } if kind.spec().is_asymmetric() => {
                keys::private_key(value)
            }
            Lifetime::Session(_) | Lifetime::Token { .. } => Some(FakeKey::Secret(value)),
        };
        // SoftHSM 2.6.1 says no more of bytes that are no PKCS #8 than of a full disk.
        let key = key
            .filter(|_| !full)
            .ok_or_else(|| refuse(ReturnValue::FunctionFailed))?;
        let attributes = unwrapped(template, &key, world.careless);
        let object = FakeObject { attributes, key };
        if matches!(template.lifetime, Lifetime::Session(_)) {
            return Ok(self.keep_here(&mut world, object));
        }
        let (number, epoch) = (world.next_number(), world.epoch);
        world.objects.insert(number, object);
        Ok(FakeHandle { epoch, number })
    }

    fn digest_key(&self, key: FakeHandle, suffix: &[u8]) -> Result<Vec<u8>, ModuleFault> {
        let function = Function::DigestKey;
        let mut world = self.enter(function)?;
        let FakeKey::Secret(bytes) = &world.object(self.number, key, function)?.key else {
            let value = ReturnValue::KeyIndigestible;
            return Err(ModuleFault { function, value });
        };
        Ok(digest(&SHA256, &[bytes, suffix].concat()).as_ref().to_vec())
    }
}

fn open(unwrapping: Unwrapping, key: &FakeKey, wrapped: &[u8]) -> Option<Vec<u8>> {
    match (unwrapping, key) {
        (Unwrapping::Oaep(OaepHash::Sha1), _) => keys::decrypt_rsa(key, RsaPadding::OaepSha1, wrapped).ok(),
        (Unwrapping::Oaep(OaepHash::Sha256), _) => keys::decrypt_rsa(key, RsaPadding::OaepSha256, wrapped).ok(),
        (Unwrapping::AesKeyWrapPad | Unwrapping::AesKeyWrapKwp, FakeKey::Secret(bytes)) => {
            let mut space = vec![0; wrapped.len()];
            let key = AesKek::new(&AES_256, bytes).ok()?;
            Some(key.unwrap_with_padding(wrapped, &mut space).ok()?.to_vec())
        }
        (Unwrapping::AesKeyWrapPad | Unwrapping::AesKeyWrapKwp, _) => None,
    }
}

/// As SoftHSM does it: the length of a secret is not told, and of a private key what its PKCS #8 says.
fn unwrapped(template: &UnwrapTemplate<'_>, key: &FakeKey, careless: bool) -> Attributes {
    let lifetime = template.lifetime;
    let of_ours = match lifetime {
        Lifetime::Session(_) => Attributes::default(),
        Lifetime::Token {
            id,
            label,
            kind,
            copyable,
        } => generated(&id, label.as_str(), kind, copyable),
    };
    let uses = lifetime.uses();
    let (value_len, spec) = match key {
        FakeKey::Private { spec, .. } => (None, Some(*spec)),
        FakeKey::Secret(_) | FakeKey::Public(_) => (Some(0), None),
    };
    Attributes {
        value_len,
        modulus_bits: spec.and_then(spki::modulus_bits),
        curve: spec.and_then(offer::curve).map(|curve| curve.as_str().to_owned()),
        key_gen_mechanism: None,
        token: Some(matches!(lifetime, Lifetime::Token { .. })),
        local: Some(false),
        always_sensitive: Some(false),
        never_extractable: Some(false),
        extractable: Some(careless),
        encrypt: Some(uses.encrypt),
        decrypt: Some(uses.decrypt),
        sign: Some(uses.sign),
        verify: Some(uses.verify),
        unwrap: Some(uses.unwrap),
        derive: Some(uses.derive),
        ..of_ours
    }
}
