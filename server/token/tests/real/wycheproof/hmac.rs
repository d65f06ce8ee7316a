//! HMAC: what C_Sign makes is compared with the vector's tag, which may be a part of it.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::Session;

use super::vectors::{Group, Test};
use super::{Outcome, is_lacking, value, with_key};

pub(super) fn check(session: &Session, group: &Group, test: &Test) -> Outcome {
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Verify(true),
        Attribute::Value(test.bytes("key")),
    ];
    with_key(session, &template, |key| {
        let (mechanism, message, tag) = (mechanism(group), test.bytes("msg"), test.bytes("tag"));
        let made = match session.sign(&mechanism, key, &message) {
            Ok(made) => made,
            Err(error) if is_lacking(&error) => {
                let bits = group.number("keySize");
                return Outcome::left_out(format!("a key of {bits} bits: {}", value(&error)));
            }
            Err(error) => panic!("{error}"),
        };
        let matches = made.starts_with(&tag);
        // A whole tag is the token's to verify, too.
        if tag.len() == made.len() {
            let verified = session.verify(&mechanism, key, &message, &tag).is_ok();
            assert_eq!(verified, matches, "C_Verify and C_Sign differ at {}", test.number());
        }
        Outcome::of(test, matches)
    })
}

fn mechanism(group: &Group) -> Mechanism<'static> {
    match group.file() {
        "hmac_sha224" => Mechanism::Sha224Hmac,
        "hmac_sha256" => Mechanism::Sha256Hmac,
        "hmac_sha384" => Mechanism::Sha384Hmac,
        "hmac_sha512" => Mechanism::Sha512Hmac,
        other => panic!("{other}"),
    }
}
