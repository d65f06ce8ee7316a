//! Another key in the place of one of the token's: what an intruder who has the PIN might do.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use data_encoding::HEXLOWER;

use super::{TokenArguments, module};
use crate::HarnessFault;

/// What a new AES key can be made with, of what the old one says of itself.
const TAKEN_OVER: [AttributeType; 17] = [
    AttributeType::Id,
    AttributeType::Label,
    AttributeType::Token,
    AttributeType::Private,
    AttributeType::ValueLen,
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::Encrypt,
    AttributeType::Decrypt,
    AttributeType::Sign,
    AttributeType::Verify,
    AttributeType::Wrap,
    AttributeType::Unwrap,
    AttributeType::Derive,
    AttributeType::WrapWithTrusted,
    AttributeType::Modifiable,
    AttributeType::Copyable,
];

/// Destroys the AES key with this id and makes another that says the same of itself.
pub(super) fn run(token: &TokenArguments, id: &str) -> Result<(), HarnessFault> {
    let pkcs11 = module::load(&token.library)?;
    let session = module::log_in(&pkcs11, token)?;
    let old = find(&session, id)?;
    let template = session.get_attributes(old, &TAKEN_OVER)?;
    session.destroy_object(old)?;
    session.generate_key(&Mechanism::AesKeyGen, &template)?;
    Ok(())
}

fn find(session: &Session, id: &str) -> Result<ObjectHandle, HarnessFault> {
    let bytes = HEXLOWER
        .decode(id.as_bytes())
        .map_err(|error| HarnessFault::refused(error.to_string(), "give the id in hexadecimal digits"))?;
    let found = session.find_objects(&[Attribute::Id(bytes)])?;
    let [object] = found[..] else {
        let what = format!("the token has {} objects with the id {id}", found.len());
        return Err(HarnessFault::refused(what, "give the id of one AES key"));
    };
    Ok(object)
}
