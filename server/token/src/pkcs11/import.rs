//! [`ImportSession`] over `cryptoki`'s session.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};

use super::faults::fault;
use super::session::Pkcs11Session;
use super::{mechanisms, objects};
use crate::module::{
    Function, ImportSession, Lifetime, ModuleFault, ModuleSession, PublicHalf, Purpose, ReturnValue, RsaPadding,
    UnwrapTemplate, Unwrapping, WrappingTemplate,
};
use crate::rsa::OaepHash;
use crate::spki;

impl ImportSession for Pkcs11Session {
    fn generate_wrapping_key(
        &self,
        template: &WrappingTemplate<'_>,
    ) -> Result<(ObjectHandle, PublicHalf), ModuleFault> {
        let function = Function::GenerateKeyPair;
        let bits = spki::modulus_bits(template.spec).ok_or_else(|| malformed(function))?;
        let (public, private) = (public_template(bits), private_template(template));
        let made = self
            .0
            .generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &public, &private);
        let (public, private) = made.map_err(|error| fault(function, &error))?;
        let half = objects::public_half(&self.0, public, template.spec);
        // The session would end it too; what it held is given out.
        if let Err(fault) = self.destroy(public) {
            tracing::debug!(%fault, "the public half of a wrapping key stays until the session ends");
        }
        Ok((private, half?))
    }

    fn unwrap_key(
        &self,
        unwrapping: Unwrapping,
        key: ObjectHandle,
        wrapped: &[u8],
        template: &UnwrapTemplate<'_>,
    ) -> Result<ObjectHandle, ModuleFault> {
        let unwrapped = self
            .0
            .unwrap_key(&mechanism(unwrapping), key, wrapped, &unwrap_template(template));
        unwrapped.map_err(|error| fault(Function::UnwrapKey, &error))
    }

    fn generate_mac_key(&self, bytes: u64) -> Result<ObjectHandle, ModuleFault> {
        let function = Function::GenerateKey;
        let key = self
            .0
            .generate_key(&Mechanism::GenericSecretKeyGen, &mac_template(bytes));
        key.map_err(|error| fault(function, &error))
    }

    fn try_mac(&self, key: ObjectHandle) -> Result<(), ModuleFault> {
        let mut message = [0; 16];
        self.random(&mut message)?;
        let code = self.0.sign(&Mechanism::Sha256Hmac, key, &message);
        code.map(drop).map_err(|error| fault(Function::Sign, &error))
    }
}

fn malformed(function: Function) -> ModuleFault {
    ModuleFault {
        function,
        value: ReturnValue::Malformed,
    }
}

/// The public half wraps outside of the token; this object is gone before anybody could use it.
pub(super) fn public_template(bits: u64) -> [Attribute; 11] {
    [
        Attribute::Token(false),
        Attribute::Private(false),
        Attribute::ModulusBits(bits.into()),
        Attribute::PublicExponent(spki::PUBLIC_EXPONENT.to_vec()),
        Attribute::Wrap(true),
        Attribute::Encrypt(false),
        Attribute::Verify(false),
        Attribute::VerifyRecover(false),
        Attribute::Derive(false),
        Attribute::Modifiable(false),
        Attribute::Copyable(false),
    ]
}

/// All attributes: none is left to the module's defaults. SoftHSM 2.6.1 would let the key sign with message recovery, which
/// is the private operation as such.
pub(super) fn private_template(template: &WrappingTemplate<'_>) -> Vec<Attribute> {
    vec![
        Attribute::Id(template.id.as_bytes().to_vec()),
        Attribute::Label(template.label.as_str().as_bytes().to_vec()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Decrypt(false),
        Attribute::Sign(false),
        Attribute::SignRecover(false),
        Attribute::Unwrap(true),
        Attribute::Derive(false),
        Attribute::Modifiable(false),
        Attribute::Copyable(false),
    ]
}

/// A secret of the session that makes message authentication codes.
pub(super) fn mac_template(bytes: u64) -> [Attribute; 14] {
    [
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::ValueLen(bytes.into()),
        Attribute::Encrypt(false),
        Attribute::Decrypt(false),
        Attribute::Sign(true),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
        Attribute::Modifiable(false),
        Attribute::Copyable(false),
    ]
}

/// The length is the wrapped key's own; it is looked at afterwards. Objects of the session are modifiable because SoftHSM
/// 2.6.1 refuses to unwrap others (CKR_ATTRIBUTE_READ_ONLY).
pub(super) fn unwrap_template(template: &UnwrapTemplate<'_>) -> Vec<Attribute> {
    let (purpose, copyable) = match template.lifetime {
        Lifetime::Session(purpose) => (purpose, true),
        Lifetime::Token { copyable, .. } => (Purpose::Encrypt, copyable),
    };
    let mut attributes = vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(match purpose {
            Purpose::Encrypt | Purpose::Unwrap => KeyType::AES,
            Purpose::Mac => KeyType::GENERIC_SECRET,
        }),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(purpose == Purpose::Encrypt),
        Attribute::Decrypt(purpose == Purpose::Encrypt),
        Attribute::Sign(purpose == Purpose::Mac),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(purpose == Purpose::Unwrap),
        Attribute::Derive(false),
        Attribute::Modifiable(copyable),
        Attribute::Copyable(copyable),
    ];
    match template.lifetime {
        Lifetime::Session(_) => attributes.push(Attribute::Token(false)),
        Lifetime::Token { id, label, .. } => attributes.extend([
            Attribute::Token(true),
            Attribute::Id(id.as_bytes().to_vec()),
            Attribute::Label(label.as_str().as_bytes().to_vec()),
        ]),
    }
    attributes
}

fn mechanism(unwrapping: Unwrapping) -> Mechanism<'static> {
    match unwrapping {
        Unwrapping::Oaep(OaepHash::Sha1) => mechanisms::rsa_decryption(RsaPadding::OaepSha1),
        Unwrapping::Oaep(OaepHash::Sha256) => mechanisms::rsa_decryption(RsaPadding::OaepSha256),
        Unwrapping::AesKeyWrapPad => Mechanism::AesKeyWrapPad,
    }
}
