//! RSA: OAEP with private keys that enter the token, PSS and PKCS #1 v1.5 with public ones.

use aws_lc_rs::digest;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::Session;
use strongroom_material::Material;
use strongroom_token::fake::decode_oaep;

use super::vectors::{Group, Test};
use super::{Outcome, is_lacking, value, with_key};

/// Decryption. Labels are left out: the service has none.
pub(super) fn check_oaep(session: &Session, group: &Group, test: &Test) -> Outcome {
    if !test.bytes("label").is_empty() {
        return Outcome::left_out("the service has no labels");
    }
    with_key(session, &private_key(group), |key| {
        let (hash, mgf) = hash(group.text("mgfSha"));
        let parameters = PkcsOaepParams::new(hash, mgf, PkcsOaepSource::empty());
        match session.decrypt(&Mechanism::RsaPkcsOaep(parameters), key, &test.bytes("ct")) {
            Ok(message) => Outcome::of(test, message == test.bytes("msg")),
            Err(error) if is_lacking(&error) => lacking(group, &error),
            Err(_) => Outcome::of(test, false),
        }
    })
}

/// The same as the service does it where the token cannot: RSA without padding in the token, and the service's own decoding.
pub(super) fn check_oaep_outside(session: &Session, group: &Group, test: &Test) -> Outcome {
    if !test.bytes("label").is_empty() {
        return Outcome::left_out("the service has no labels");
    }
    with_key(session, &private_key(group), |key| {
        let ciphertext = test.bytes("ct");
        let encoded = match session.decrypt(&Mechanism::RsaX509, key, &ciphertext) {
            Ok(encoded) => encoded,
            Err(Error::Pkcs11(RvError::MechanismInvalid, _)) => {
                return Outcome::left_out("the token has no CKM_RSA_X_509");
            }
            Err(_) => return Outcome::of(test, false),
        };
        let opened = (encoded.len() == ciphertext.len()).then(|| decode_oaep(&Material::take(encoded)));
        let expected = Material::take(test.bytes("msg"));
        Outcome::of(
            test,
            opened.flatten().is_some_and(|message| message.ct_eq(&expected).into()),
        )
    })
}

/// Verification of a digest's signature, as the service has digests signed.
pub(super) fn check_pss(session: &Session, group: &Group, test: &Test) -> Outcome {
    with_key(session, &public_key(group), |key| {
        let (hash_alg, mgf) = hash(group.text("sha"));
        let parameters = PkcsPssParams {
            hash_alg,
            mgf,
            s_len: group.number("sLen").into(),
        };
        let digest = digested(group, test);
        match session.verify(&Mechanism::RsaPkcsPss(parameters), key, &digest, &test.bytes("sig")) {
            Err(error) if is_lacking(&error) => lacking(group, &error),
            answer => Outcome::of(test, answer.is_ok()),
        }
    })
}

/// Verification of a DigestInfo's signature, as the service has DigestInfos signed.
pub(super) fn check_pkcs1(session: &Session, group: &Group, test: &Test) -> Outcome {
    with_key(session, &public_key(group), |key| {
        let info = [digest_info(group.text("sha")), &digested(group, test)].concat();
        match session.verify(&Mechanism::RsaPkcs, key, &info, &test.bytes("sig")) {
            Err(error) if is_lacking(&error) => lacking(group, &error),
            answer => Outcome::of(test, answer.is_ok()),
        }
    })
}

fn lacking(group: &Group, error: &Error) -> Outcome {
    Outcome::left_out(format!("{}: {}", group.text("sha"), value(error)))
}

fn private_key(group: &Group) -> Vec<Attribute> {
    let part = |name| group.integer("privateKey", name);
    vec![
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::RSA),
        Attribute::Token(false),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Decrypt(true),
        Attribute::Modulus(part("modulus")),
        Attribute::PublicExponent(part("publicExponent")),
        Attribute::PrivateExponent(part("privateExponent")),
        Attribute::Prime1(part("prime1")),
        Attribute::Prime2(part("prime2")),
        Attribute::Exponent1(part("exponent1")),
        Attribute::Exponent2(part("exponent2")),
        Attribute::Coefficient(part("coefficient")),
    ]
}

fn public_key(group: &Group) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::PUBLIC_KEY),
        Attribute::KeyType(KeyType::RSA),
        Attribute::Token(false),
        Attribute::Verify(true),
        Attribute::Modulus(group.integer("publicKey", "modulus")),
        Attribute::PublicExponent(group.integer("publicKey", "publicExponent")),
    ]
}

fn hash(name: &str) -> (MechanismType, PkcsMgfType) {
    match name {
        "SHA-1" => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        "SHA-256" => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        "SHA-384" => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        "SHA-512" => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
        other => panic!("{other}"),
    }
}

pub(super) fn digested(group: &Group, test: &Test) -> Vec<u8> {
    let algorithm = match group.text("sha") {
        "SHA-256" => &digest::SHA256,
        "SHA-384" => &digest::SHA384,
        "SHA-512" => &digest::SHA512,
        other => panic!("{other}"),
    };
    digest::digest(algorithm, &test.bytes("msg")).as_ref().to_vec()
}

/// What stands before a digest in PKCS #1 v1.5 (RFC 8017 section 9.2, note 1).
fn digest_info(name: &str) -> &'static [u8] {
    match name {
        "SHA-256" => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        "SHA-384" => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        "SHA-512" => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
        other => panic!("{other}"),
    }
}
