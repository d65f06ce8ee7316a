//! Templates and attributes of key objects.

use cryptoki::error::Error;
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;

use super::faults::fault;
use crate::module::{Attributes, Function, KeyTemplate, ModuleFault};
use crate::provenance::KEY_BYTES;

/// All attributes of a key that is made: none is left to the module's defaults.
pub(super) fn template(key: &KeyTemplate<'_>) -> Vec<Attribute> {
    vec![
        Attribute::Id(key.id.as_bytes().to_vec()),
        Attribute::Label(key.label.as_str().as_bytes().to_vec()),
        Attribute::ValueLen(KEY_BYTES.into()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Sign(false),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
        Attribute::Modifiable(key.copyable),
        Attribute::Copyable(key.copyable),
    ]
}

/// What says whose object it is.
const IDENTITY: &[AttributeType] = &[
    AttributeType::Id,
    AttributeType::Label,
    AttributeType::Class,
    AttributeType::KeyType,
];

/// What says where it comes from and what may be done with it.
const PROVENANCE: &[AttributeType] = &[
    AttributeType::ValueLen,
    AttributeType::Token,
    AttributeType::Private,
    AttributeType::Local,
    AttributeType::AlwaysSensitive,
    AttributeType::NeverExtractable,
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::Encrypt,
    AttributeType::Decrypt,
    AttributeType::Sign,
    AttributeType::Verify,
    AttributeType::Wrap,
    AttributeType::Unwrap,
    AttributeType::Derive,
    AttributeType::Modifiable,
    AttributeType::Copyable,
];

/// Reads an object's attributes in three calls: of an object that somebody else imported, the mechanism that made it
/// is "unavailable", which `cryptoki` takes for an error of the whole call.
pub(super) fn attributes(session: &Session, object: ObjectHandle) -> Result<Attributes, ModuleFault> {
    let mut attributes = Attributes::default();
    for wanted in [IDENTITY, PROVENANCE, &[AttributeType::KeyGenMechanism]] {
        match session.get_attributes(object, wanted) {
            Ok(found) => found.into_iter().for_each(|attribute| take(&mut attributes, attribute)),
            Err(error @ Error::Pkcs11(..)) => return Err(fault(Function::GetAttributeValue, &error)),
            // An answer that cannot be understood: these attributes stay unknown, and the key is not used.
            Err(error) => tracing::debug!(%error, %object, "attributes that make no sense"),
        }
    }
    Ok(attributes)
}

fn take(attributes: &mut Attributes, attribute: Attribute) {
    match attribute {
        Attribute::Id(id) => attributes.id = Some(id),
        Attribute::Label(label) => attributes.label = Some(label),
        Attribute::Class(class) => attributes.class = Some(class.to_string()),
        Attribute::KeyType(key_type) => attributes.key_type = Some(key_type.to_string()),
        Attribute::ValueLen(length) => attributes.value_len = Some(*length),
        Attribute::KeyGenMechanism(MechanismType::AES_KEY_GEN) => {
            attributes.key_gen_mechanism = Some("CKM_AES_KEY_GEN".to_owned());
        }
        Attribute::KeyGenMechanism(other) => attributes.key_gen_mechanism = Some(other.to_string()),
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
        Attribute::Verify(is) => attributes.verify = Some(is),
        Attribute::Wrap(is) => attributes.wrap = Some(is),
        Attribute::Unwrap(is) => attributes.unwrap = Some(is),
        Attribute::Derive(is) => attributes.derive = Some(is),
        Attribute::Modifiable(is) => attributes.modifiable = Some(is),
        Attribute::Copyable(is) => attributes.copyable = Some(is),
        _ => {}
    }
}
