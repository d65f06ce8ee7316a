//! Attributes of key objects.

use cryptoki::error::Error;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use data_encoding::HEXLOWER;
use strongroom_base::KeySpec;
use strongroom_material::{Material, SharedSecret};

use super::faults::fault;
use super::mechanisms::name_of;
use crate::module::{Attributes, Function, ModuleFault, PublicHalf, ReturnValue};
use crate::provenance::EDWARDS25519;
use crate::{der, offer, spki};

/// What says whose object it is.
const IDENTITY: &[AttributeType] = &[
    AttributeType::Id,
    AttributeType::Label,
    AttributeType::Class,
    AttributeType::KeyType,
];

/// What says where it comes from and what may be done with it.
const PROVENANCE: &[AttributeType] = &[
    AttributeType::Token,
    AttributeType::Private,
    AttributeType::Local,
    AttributeType::AlwaysSensitive,
    AttributeType::NeverExtractable,
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::Decrypt,
    AttributeType::Sign,
    AttributeType::Unwrap,
    AttributeType::Derive,
    AttributeType::Modifiable,
    AttributeType::Copyable,
];

/// What secret keys have beyond that.
const SECRET: &[AttributeType] = &[
    AttributeType::ValueLen,
    AttributeType::Encrypt,
    AttributeType::Verify,
    AttributeType::Wrap,
];

/// What private keys have beyond that: of each attribute that a type of key has not, the token tells nothing.
const PRIVATE: &[AttributeType] = &[
    AttributeType::SignRecover,
    AttributeType::Modulus,
    AttributeType::EcParams,
    AttributeType::ParameterSet,
    AttributeType::Decapsulate,
];

/// Reads an object's attributes in a few calls: what there is to ask depends on the class; and of an object that somebody
/// else imported, the mechanism that made it is "unavailable", which `cryptoki` takes for an error of the whole call.
pub(super) fn attributes(session: &Session, object: ObjectHandle) -> Result<Attributes, ModuleFault> {
    let mut attributes = identity(session, object)?;
    let own = match attributes.class.as_deref() {
        Some("CKO_PRIVATE_KEY") => PRIVATE,
        Some(_) | None => SECRET,
    };
    for wanted in [PROVENANCE, own, &[AttributeType::KeyGenMechanism]] {
        read(session, object, wanted, &mut attributes)?;
    }
    Ok(attributes)
}

/// Reads what says whose object it is.
pub(super) fn identity(session: &Session, object: ObjectHandle) -> Result<Attributes, ModuleFault> {
    let mut attributes = Attributes::default();
    read(session, object, IDENTITY, &mut attributes)?;
    Ok(attributes)
}

fn read(
    session: &Session,
    object: ObjectHandle,
    wanted: &[AttributeType],
    attributes: &mut Attributes,
) -> Result<(), ModuleFault> {
    match session.get_attributes(object, wanted) {
        Ok(found) => found.into_iter().for_each(|attribute| take(attributes, attribute)),
        Err(error @ Error::Pkcs11(..)) => return Err(fault(Function::GetAttributeValue, &error)),
        // An answer that cannot be understood: these attributes stay unknown, and the key is not used.
        Err(error) => tracing::debug!(%error, %object, "attributes that make no sense"),
    }
    Ok(())
}

fn take(attributes: &mut Attributes, attribute: Attribute) {
    match attribute {
        Attribute::Id(id) => attributes.id = Some(id),
        Attribute::Label(label) => attributes.label = Some(label),
        Attribute::Class(class) => attributes.class = Some(class.to_string()),
        Attribute::KeyType(key_type) => attributes.key_type = Some(key_type.to_string()),
        Attribute::ValueLen(length) => attributes.value_len = Some(*length),
        Attribute::Modulus(modulus) => attributes.modulus_bits = Some(spki::bits(&modulus)),
        Attribute::EcParams(parameters) => attributes.curve = Some(curve_name(&parameters)),
        Attribute::ParameterSet(set) => attributes.parameter_set = Some(**set),
        Attribute::KeyGenMechanism(mechanism) => attributes.key_gen_mechanism = Some(name_of(mechanism)),
        Attribute::Token(is) => attributes.token = Some(is),
        Attribute::Private(is) => attributes.private = Some(is),
        Attribute::Local(is) => attributes.local = Some(is),
        Attribute::AlwaysSensitive(is) => attributes.always_sensitive = Some(is),
        Attribute::NeverExtractable(is) => attributes.never_extractable = Some(is),
        Attribute::Sensitive(is) => attributes.sensitive = Some(is),
        Attribute::Extractable(is) => attributes.extractable = Some(is),
        Attribute::Encrypt(is) => attributes.encrypt = Some(is),
        Attribute::Decrypt(is) => attributes.decrypt = Some(is),
        Attribute::Sign(is) => attributes.sign = Some(is),
        Attribute::SignRecover(is) => attributes.sign_recover = Some(is),
        Attribute::Verify(is) => attributes.verify = Some(is),
        Attribute::Wrap(is) => attributes.wrap = Some(is),
        Attribute::Unwrap(is) => attributes.unwrap = Some(is),
        Attribute::Derive(is) => attributes.derive = Some(is),
        Attribute::Decapsulate(is) => attributes.decapsulate = Some(is),
        Attribute::Modifiable(is) => attributes.modifiable = Some(is),
        Attribute::Copyable(is) => attributes.copyable = Some(is),
        _ => {}
    }
}

/// The curve in CKA_EC_PARAMS by its name, or the parameters themselves. PKCS#11 3.0 writes Edwards25519 as a printable
/// string; SoftHSM answers so for private keys whichever way it was asked.
fn curve_name(parameters: &[u8]) -> String {
    if parameters == [&[0x13, EDWARDS25519.len() as u8], EDWARDS25519.as_bytes()].concat() {
        return EDWARDS25519.to_owned();
    }
    let is_of = |spec: &&KeySpec| {
        spki::curve_identifier(**spec).is_some_and(|content| der::object_identifier(content) == parameters)
    };
    let found = KeySpec::ALL.iter().find(is_of);
    let name = found.map(|spec| offer::curve(*spec).map_or(EDWARDS25519, |curve| curve.as_str()));
    name.map_or_else(|| HEXLOWER.encode(parameters), str::to_owned)
}

/// What the token tells of a public key.
pub(super) fn public_half(session: &Session, object: ObjectHandle, spec: KeySpec) -> Result<PublicHalf, ModuleFault> {
    let function = Function::GetAttributeValue;
    let wanted: &[AttributeType] = match spki::modulus_bits(spec) {
        Some(_) => &[AttributeType::Modulus, AttributeType::PublicExponent],
        None if spki::curve_identifier(spec).is_some() => &[AttributeType::EcPoint],
        None => &[AttributeType::Value],
    };
    let found = session.get_attributes(object, wanted);
    let found = found.map_err(|error| fault(function, &error))?;
    match <[Attribute; 2]>::try_from(found) {
        Ok([Attribute::Modulus(modulus), Attribute::PublicExponent(exponent)]) => {
            Ok(PublicHalf::Rsa { modulus, exponent })
        }
        Ok(_) => Err(malformed(function)),
        Err(found) => match found.into_iter().next() {
            Some(Attribute::EcPoint(point)) => Ok(PublicHalf::Point(point)),
            Some(Attribute::Value(bytes)) => Ok(PublicHalf::Bytes(bytes)),
            Some(_) | None => Err(malformed(function)),
        },
    }
}

/// The value of a secret that is the caller's.
pub(super) fn value(session: &Session, object: ObjectHandle) -> Result<Material<SharedSecret>, ModuleFault> {
    let function = Function::GetAttributeValue;
    let found = session.get_attributes(object, &[AttributeType::Value]);
    match found.map_err(|error| fault(function, &error))?.pop() {
        Some(Attribute::Value(value)) => Ok(Material::take(value)),
        Some(_) | None => Err(malformed(function)),
    }
}

fn malformed(function: Function) -> ModuleFault {
    ModuleFault {
        function,
        value: ReturnValue::Malformed,
    }
}
