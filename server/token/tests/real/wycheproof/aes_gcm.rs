//! AES-GCM as the service uses it: 96-bit nonces, 128-bit tags, additional data that is never empty.

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::Session;

use super::vectors::{Group, Test};
use super::{Outcome, with_key};

pub(super) fn check(session: &Session, group: &Group, test: &Test) -> Outcome {
    assert_eq!(group.number("tagSize"), 128);
    let aad = test.bytes("aad");
    if group.number("ivSize") != 96 {
        return Outcome::left_out("the service's nonces have 96 bits");
    }
    if aad.is_empty() {
        return Outcome::left_out("the service's additional data is never empty");
    }
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(false),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Value(test.bytes("key")),
    ];
    with_key(session, &template, |key| {
        let (mut iv, message) = (test.bytes("iv"), test.bytes("msg"));
        let sealed = [test.bytes("ct"), test.bytes("tag")].concat();
        let gcm = Mechanism::AesGcm(GcmParams::new(&mut iv, &aad, 128.into()).unwrap());
        let made = session.encrypt(&gcm, key, &message).unwrap();
        let opened = session.decrypt(&gcm, key, &sealed);
        Outcome::of(test, made == sealed && opened.is_ok_and(|opened| opened == message))
    })
}
