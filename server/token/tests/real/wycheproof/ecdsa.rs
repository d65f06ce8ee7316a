//! ECDSA over a digest, with signatures as PKCS#11 has them: both numbers side by side (IEEE P1363).

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::Session;

use super::rsa::digested;
use super::vectors::{Group, Test, hexadecimal};
use super::{Outcome, is_lacking, value, with_key};

pub(super) fn check(session: &Session, group: &Group, test: &Test) -> Outcome {
    let curve = group.part("publicKey", "curve");
    let template = [
        Attribute::Class(ObjectClass::PUBLIC_KEY),
        Attribute::KeyType(KeyType::EC),
        Attribute::Token(false),
        Attribute::Verify(true),
        Attribute::EcParams(parameters(curve).to_vec()),
        Attribute::EcPoint(octet_string(&hexadecimal(group.part("publicKey", "uncompressed")))),
    ];
    with_key(session, &template, |key| {
        match session.verify(&Mechanism::Ecdsa, key, &digested(group, test), &test.bytes("sig")) {
            Err(error) if is_lacking(&error) => Outcome::left_out(format!("{curve}: {}", value(&error))),
            answer => Outcome::of(test, answer.is_ok()),
        }
    })
}

/// The curve's object identifier in DER.
fn parameters(curve: &str) -> &'static [u8] {
    match curve {
        "secp256r1" => b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
        "secp384r1" => b"\x06\x05\x2b\x81\x04\x00\x22",
        "secp521r1" => b"\x06\x05\x2b\x81\x04\x00\x23",
        "secp256k1" => b"\x06\x05\x2b\x81\x04\x00\x0a",
        other => panic!("{other}"),
    }
}

/// A point's DER encoding, which is shorter than 256 bytes.
fn octet_string(point: &[u8]) -> Vec<u8> {
    let length = u8::try_from(point.len()).unwrap();
    let head = if length < 128 {
        vec![4, length]
    } else {
        vec![4, 0x81, length]
    };
    [head, point.to_vec()].concat()
}
