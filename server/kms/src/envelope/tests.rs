//! The envelope: its golden vector, and that every damage is found. What values are bound to is tested where they are kept.

use data_encoding::HEXLOWER;
use strongroom_material::SecretValue;

use super::*;

/// Made by Python's `cryptography` (OpenSSL): the vector of the secrets service, `docs/formats.md`.
const DATA: &[u8] = b"strongroom/secret-value\0\x01\x01\0\0\0\x4barn:aws:secretsmanager:local-1:000000000000:secret:\
    database/password-AbCdEf\0\0\0\x246d5e4f3c-2b1a-4098-8765-43210fedcba9";
const SEALED: &str =
    "0707070707070707070707076c05d42e0a6ca3d4aef261f3e57196fad528e801f1d7f26d9fcb329f292754e0e5a4244a30c8ee63d636c6ff";

fn data_key() -> Material<DataKey> {
    Material::take((0..32).collect())
}

fn value() -> Material<SecretValue> {
    Material::take(b"correct horse battery staple".to_vec())
}

#[test]
fn the_golden_vector_holds() {
    let sealed = seal_with(&data_key(), [7; NONCE_LEN], DATA, &value()).unwrap();
    assert_eq!(HEXLOWER.encode(sealed.as_bytes()), SEALED);
    let opened = open::<SecretValue>(data_key(), DATA, &sealed).unwrap();
    assert!(bool::from(opened.ct_eq(&value())));
}

#[test]
fn every_damage_is_found() {
    let sealed = seal(data_key(), DATA, &value()).unwrap();
    for place in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[place] ^= 1;
        let flipped = open::<SecretValue>(data_key(), DATA, &Sealed::from_cipher(bytes));
        assert_eq!(flipped.err(), Some(Damaged));
        let cut = Sealed::from_cipher(&sealed.as_bytes()[..place]);
        assert_eq!(open::<SecretValue>(data_key(), DATA, &cut).err(), Some(Damaged));
    }
    let short = Material::take(vec![7; 31]);
    assert_eq!(open::<SecretValue>(short, DATA, &sealed).err(), Some(Damaged));
}

#[test]
fn two_seals_of_one_value_differ() {
    let seals = [(); 2].map(|()| seal(data_key(), DATA, &value()).unwrap());
    assert_ne!(seals[0], seals[1]);
}
