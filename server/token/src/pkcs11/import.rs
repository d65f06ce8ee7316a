//! [`ImportSession`] over `cryptoki`'s session.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use strongroom_base::KeySpec;

use super::faults::fault;
use super::session::Pkcs11Session;
use super::{key_wrap, mechanisms, objects};
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

    fn digest_key(&self, key: ObjectHandle, suffix: &[u8]) -> Result<Vec<u8>, ModuleFault> {
        let digest = || {
            self.0.digest_init(&Mechanism::Sha256)?;
            self.0.digest_key(key)?;
            if !suffix.is_empty() {
                self.0.digest_update(suffix)?;
            }
            self.0.digest_final()
        };
        digest().map_err(|error| fault(Function::DigestKey, &error))
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

/// The length of a secret, and the size or the curve of a private key, are the wrapped key's own; they are looked at
/// afterwards. Objects of the session are modifiable because SoftHSM 2.6.1 refuses to unwrap others
/// (CKR_ATTRIBUTE_READ_ONLY).
pub(super) fn unwrap_template(template: &UnwrapTemplate<'_>) -> Vec<Attribute> {
    let lifetime = &template.lifetime;
    let (class, key_type) = class_and_type(lifetime);
    let uses = lifetime.uses();
    let copyable = match lifetime {
        Lifetime::Session(_) => true,
        Lifetime::Token { copyable, .. } => *copyable,
    };
    let mut attributes = vec![
        Attribute::Class(class),
        Attribute::KeyType(key_type),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Decrypt(uses.decrypt),
        Attribute::Sign(uses.sign),
        Attribute::Unwrap(uses.unwrap),
        Attribute::Derive(uses.derive),
        Attribute::Modifiable(copyable),
        Attribute::Copyable(copyable),
    ];
    if class == ObjectClass::PRIVATE_KEY {
        attributes.push(Attribute::SignRecover(false));
    } else {
        attributes.extend([
            Attribute::Encrypt(uses.encrypt),
            Attribute::Verify(uses.verify),
            Attribute::Wrap(false),
        ]);
    }
    match lifetime {
        Lifetime::Session(_) => attributes.push(Attribute::Token(false)),
        Lifetime::Token { id, label, .. } => attributes.extend([
            Attribute::Token(true),
            Attribute::Id(id.as_bytes().to_vec()),
            Attribute::Label(label.as_str().as_bytes().to_vec()),
        ]),
    }
    attributes
}

fn class_and_type(lifetime: &Lifetime<'_>) -> (ObjectClass, KeyType) {
    match lifetime {
        Lifetime::Session(Purpose::Unwrap) => (ObjectClass::SECRET_KEY, KeyType::AES),
        Lifetime::Session(Purpose::Open) => (ObjectClass::SECRET_KEY, KeyType::GENERIC_SECRET),
        Lifetime::Session(Purpose::Try(kind)) | Lifetime::Token { kind, .. } => match kind.spec() {
            KeySpec::SymmetricDefault => (ObjectClass::SECRET_KEY, KeyType::AES),
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => (ObjectClass::PRIVATE_KEY, KeyType::RSA),
            // [`crate::offer::Offer`] lets nobody ask for other private keys.
            spec if spec.is_asymmetric() => (ObjectClass::PRIVATE_KEY, KeyType::EC),
            _ => (ObjectClass::SECRET_KEY, KeyType::GENERIC_SECRET),
        },
    }
}

fn mechanism(unwrapping: Unwrapping) -> Mechanism<'static> {
    match unwrapping {
        Unwrapping::Oaep(OaepHash::Sha1) => mechanisms::rsa_decryption(RsaPadding::OaepSha1),
        Unwrapping::Oaep(OaepHash::Sha256) => mechanisms::rsa_decryption(RsaPadding::OaepSha256),
        Unwrapping::AesKeyWrapPad => Mechanism::AesKeyWrapPad,
        Unwrapping::AesKeyWrapKwp => key_wrap::mechanism(),
    }
}
