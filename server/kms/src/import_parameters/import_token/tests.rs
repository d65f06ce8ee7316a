use strongroom_base::{KeyId, KeyMaterialId, Timestamp};

use super::ImportToken;

fn token() -> ImportToken {
    let (key, wrapping) = (KeyId::from_bytes([7; 16]), KeyMaterialId::from_bytes([9; 32]));
    ImportToken::new(key, wrapping, Timestamp(0x0102_0304_0506_0708)).unwrap()
}

#[test]
fn a_token_has_the_documented_form_and_reads_back() {
    let token = token();
    let bytes = token.as_bytes();
    assert_eq!(bytes.len(), 89);
    assert_eq!(bytes[0], 1);
    assert_eq!(bytes[1..17], [7; 16]);
    assert_eq!(bytes[17..49], [9; 32]);
    assert_eq!(bytes[49..57], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_ne!(bytes[57..], [0; 32]);
    let named = ImportToken::from_bytes(bytes.to_vec()).read().unwrap();
    assert_eq!(named.key, KeyId::from_bytes([7; 16]));
    assert_eq!(named.wrapping, KeyMaterialId::from_bytes([9; 32]));
    assert_eq!(named.valid_to, Timestamp(0x0102_0304_0506_0708));
}

#[test]
fn no_two_tokens_are_the_same() {
    assert_ne!(token().digest(), token().digest());
}

#[test]
fn what_is_no_token_is_not_read() {
    let good = token().as_bytes().to_vec();
    let other_format = [&[2][..], &good[1..]].concat();
    for bytes in [vec![], good[..88].to_vec(), [&good[..], &[0]].concat(), other_format] {
        assert!(ImportToken::from_bytes(bytes).read().is_none());
    }
}
