//! Templates of the objects that are made: every attribute is there, none is left to the module's defaults.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{
    Attribute, KeyType, MlDsaParameterSetType, MlKemParameterSetType, ObjectClass, ParameterSetType,
};
use strongroom_base::{KeySpec, KeyUsage};

use crate::der;
use crate::module::{Function, KeyTemplate, MessageKeyUse, ModuleFault, ReturnValue};
use crate::provenance::secret_bytes;
use crate::spki;
use crate::suite::Suite;

/// Bytes of a message key, which is an AES-256 key.
const MESSAGE_KEY_BYTES: u64 = 32;

/// What makes a secret key, and its attributes.
pub(super) fn secret(key: &KeyTemplate<'_>) -> Result<(Mechanism<'static>, Vec<Attribute>), ModuleFault> {
    let (spec, usage) = (key.kind.spec(), key.kind.usage());
    let mechanism = match (spec, key.kind.suite()) {
        (KeySpec::SymmetricDefault, Some(Suite::Direct)) => Mechanism::AesKeyGen,
        _ => Mechanism::GenericSecretKeyGen,
    };
    let length = secret_bytes(spec).ok_or_else(|| malformed(Function::GenerateKey))?;
    let encrypts = key.kind.suite() == Some(Suite::Direct);
    let usages = Usages {
        encrypt: encrypts,
        decrypt: encrypts,
        sign: usage == KeyUsage::GenerateVerifyMac,
        derive: key.kind.suite() == Some(Suite::Derived),
    };
    let mut attributes = common(key);
    attributes.push(Attribute::ValueLen(length.into()));
    attributes.extend(usages.attributes());
    Ok((mechanism, attributes))
}

/// What a secret key may be used for; it never wraps.
#[derive(Default)]
struct Usages {
    encrypt: bool,
    decrypt: bool,
    sign: bool,
    derive: bool,
}

impl Usages {
    fn attributes(&self) -> [Attribute; 7] {
        [
            Attribute::Encrypt(self.encrypt),
            Attribute::Decrypt(self.decrypt),
            Attribute::Sign(self.sign),
            Attribute::Verify(self.sign),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
            Attribute::Derive(self.derive),
        ]
    }
}

/// A base key for the probe, which its session takes with it.
pub(super) fn session_base_key() -> Vec<Attribute> {
    let derives = Usages {
        derive: true,
        ..Usages::default()
    };
    session_secret().into_iter().chain(derives.attributes()).collect()
}

/// A message key, which its session takes with it.
pub(super) fn message_key(usage: MessageKeyUse) -> Vec<Attribute> {
    let usages = Usages {
        encrypt: usage == MessageKeyUse::Encrypt,
        decrypt: usage == MessageKeyUse::Decrypt,
        ..Usages::default()
    };
    let kind = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
    ];
    kind.into_iter()
        .chain(session_secret())
        .chain(usages.attributes())
        .collect()
}

/// 256 bits that cannot leave, in one session only.
fn session_secret() -> [Attribute; 7] {
    [
        Attribute::ValueLen(MESSAGE_KEY_BYTES.into()),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Modifiable(false),
        Attribute::Copyable(false),
    ]
}

/// What makes a key pair, and the attributes of its public and of its private half.
pub(super) fn pair(key: &KeyTemplate<'_>) -> Result<(Mechanism<'static>, Vec<Attribute>, Vec<Attribute>), ModuleFault> {
    let mechanism = match key.kind.spec() {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Mechanism::RsaPkcsKeyPairGen,
        KeySpec::EccNistEdwards25519 => Mechanism::EccEdwardsKeyPairGen,
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => Mechanism::MlDsaKeyPairGen,
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Mechanism::MlKemKeyPairGen,
        _ => Mechanism::EccKeyPairGen,
    };
    Ok((mechanism, public(key)?, private(key)))
}

fn private(key: &KeyTemplate<'_>) -> Vec<Attribute> {
    let usage = key.kind.usage();
    let mut attributes = common(key);
    attributes.extend([
        Attribute::Decrypt(usage == KeyUsage::EncryptDecrypt),
        Attribute::Sign(usage == KeyUsage::SignVerify),
        Attribute::SignRecover(false),
        Attribute::Unwrap(false),
        Attribute::Derive(usage == KeyUsage::KeyAgreement),
    ]);
    // PKCS#11 3.2: tokens that do not know ML-KEM refuse the attribute.
    if usage == KeyUsage::EncapsulateDecapsulate {
        attributes.push(Attribute::Decapsulate(true));
    }
    attributes
}

/// The public half is an object of the session alone: the key service keeps the SubjectPublicKeyInfo in its record, and
/// what needs the public key alone needs no token. So a key pair is one object on the token, as every other key is: one to
/// count, to compare, to find again and to destroy, and no second one that could be left over or exchanged.
fn public(key: &KeyTemplate<'_>) -> Result<Vec<Attribute>, ModuleFault> {
    let (spec, usage) = (key.kind.spec(), key.kind.usage());
    let mut attributes = vec![
        Attribute::Token(false),
        Attribute::Private(false),
        Attribute::Encrypt(usage == KeyUsage::EncryptDecrypt),
        Attribute::Verify(usage == KeyUsage::SignVerify),
        Attribute::VerifyRecover(false),
        Attribute::Wrap(false),
        // Some modules want both halves of a key agreement to say so; this half is gone before anybody could use it.
        Attribute::Derive(usage == KeyUsage::KeyAgreement),
        Attribute::Modifiable(false),
        Attribute::Copyable(false),
    ];
    if usage == KeyUsage::EncapsulateDecapsulate {
        attributes.push(Attribute::Encapsulate(true));
    }
    if let Some(bits) = spki::modulus_bits(spec) {
        attributes.push(Attribute::ModulusBits(bits.into()));
        attributes.push(Attribute::PublicExponent(spki::PUBLIC_EXPONENT.to_vec()));
    } else if let Some(curve) = spki::curve_identifier(spec) {
        attributes.push(Attribute::EcParams(der::object_identifier(curve)));
    } else {
        let set = parameter_set(spec).ok_or_else(|| malformed(Function::GenerateKeyPair))?;
        attributes.push(Attribute::ParameterSet(set));
    }
    Ok(attributes)
}

fn parameter_set(spec: KeySpec) -> Option<ParameterSetType> {
    match spec {
        KeySpec::MlDsa44 => Some(MlDsaParameterSetType::ML_DSA_44.into()),
        KeySpec::MlDsa65 => Some(MlDsaParameterSetType::ML_DSA_65.into()),
        KeySpec::MlDsa87 => Some(MlDsaParameterSetType::ML_DSA_87.into()),
        KeySpec::MlKem512 => Some(MlKemParameterSetType::ML_KEM_512.into()),
        KeySpec::MlKem768 => Some(MlKemParameterSetType::ML_KEM_768.into()),
        KeySpec::MlKem1024 => Some(MlKemParameterSetType::ML_KEM_1024.into()),
        _ => None,
    }
}

/// What every key of ours has.
fn common(key: &KeyTemplate<'_>) -> Vec<Attribute> {
    vec![
        Attribute::Id(key.id.as_bytes().to_vec()),
        Attribute::Label(key.label.as_str().as_bytes().to_vec()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Modifiable(key.copyable),
        Attribute::Copyable(key.copyable),
    ]
}

/// A secret that the caller of the service gets: readable, and in this session only. That it is not modifiable is said last:
/// SoftHSM 2.6.1 takes no attribute of a derived object after that (CKR_ATTRIBUTE_READ_ONLY).
pub(super) fn derived(length: u64) -> [Attribute; 16] {
    [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::ValueLen(length.into()),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
        Attribute::Encrypt(false),
        Attribute::Decrypt(false),
        Attribute::Sign(false),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
        Attribute::Copyable(false),
        Attribute::Modifiable(false),
    ]
}

/// A kind of key that [`crate::offer::Offer`] lets nobody ask for.
fn malformed(function: Function) -> ModuleFault {
    ModuleFault {
        function,
        value: ReturnValue::Malformed,
    }
}

#[cfg(test)]
mod tests;
