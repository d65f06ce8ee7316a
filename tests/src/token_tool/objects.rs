//! What is really in the token, read beside the service: for tests that trust nothing it says.

use cryptoki::object::{Attribute, AttributeInfo, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::{TokenArguments, module};
use crate::{HarnessFault, console};

/// One token object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenObject {
    /// CKA_CLASS, such as `CKO_SECRET_KEY`.
    pub class: String,
    /// CKA_ID in hexadecimal digits.
    pub id: String,
    /// CKA_LABEL.
    pub label: String,
    /// CKA_SENSITIVE; `None` where the class has none.
    pub sensitive: Option<bool>,
    /// CKA_EXTRACTABLE; `None` where the class has none.
    pub extractable: Option<bool>,
    /// What reading CKA_VALUE answered: `readable`, `none` (the class has none), or the name of the CKR_* value.
    pub value: String,
}

pub(super) fn run(token: &TokenArguments) -> Result<(), HarnessFault> {
    let pkcs11 = module::load(&token.library)?;
    let session = module::log_in(&pkcs11, token)?;
    let mut objects = Vec::new();
    for handle in session.find_objects(&[Attribute::Token(true)])? {
        objects.push(read(&session, handle)?);
    }
    console::say_json(&objects)
}

/// Changes what an object says of itself.
pub(super) fn allow_derivation(token: &TokenArguments, id: &str, allowed: bool) -> Result<(), HarnessFault> {
    let pkcs11 = module::load(&token.library)?;
    let session = module::log_in(&pkcs11, token)?;
    let id = HEXLOWER
        .decode(id.as_bytes())
        .map_err(|error| HarnessFault::refused(error.to_string(), "give the id in hexadecimal digits"))?;
    for handle in session.find_objects(&[Attribute::Id(id)])? {
        session.update_attributes(handle, &[Attribute::Derive(allowed)])?;
    }
    Ok(())
}

fn read(session: &Session, handle: ObjectHandle) -> Result<TokenObject, HarnessFault> {
    let wanted = [
        AttributeType::Class,
        AttributeType::Id,
        AttributeType::Label,
        AttributeType::Sensitive,
        AttributeType::Extractable,
    ];
    let mut object = TokenObject {
        class: String::new(),
        id: String::new(),
        label: String::new(),
        sensitive: None,
        extractable: None,
        value: value_answer(session, handle)?,
    };
    for attribute in session.get_attributes(handle, &wanted)? {
        match attribute {
            Attribute::Class(class) => object.class = class.to_string(),
            Attribute::Id(id) => object.id = HEXLOWER.encode(&id),
            Attribute::Label(label) => object.label = String::from_utf8_lossy(&label).into_owned(),
            Attribute::Sensitive(sensitive) => object.sensitive = Some(sensitive),
            Attribute::Extractable(extractable) => object.extractable = Some(extractable),
            _ => {}
        }
    }
    Ok(object)
}

fn value_answer(session: &Session, handle: ObjectHandle) -> Result<String, HarnessFault> {
    let info = session.get_attribute_info(handle, &[AttributeType::Value])?;
    Ok(match info.first() {
        Some(AttributeInfo::Available(_)) => "readable".to_owned(),
        Some(AttributeInfo::Sensitive) => "CKR_ATTRIBUTE_SENSITIVE".to_owned(),
        Some(AttributeInfo::TypeInvalid | AttributeInfo::Unavailable) | None => "none".to_owned(),
    })
}
