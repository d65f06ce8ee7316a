use strongroom_base::KeySpec;

use super::{is_of, is_one};
use crate::module::Attributes;

fn wrapping_key() -> Attributes {
    Attributes {
        class: Some("CKO_PRIVATE_KEY".to_owned()),
        key_type: Some("CKK_RSA".to_owned()),
        modulus_bits: Some(3_072),
        key_gen_mechanism: Some("CKM_RSA_PKCS_KEY_PAIR_GEN".to_owned()),
        token: Some(true),
        private: Some(true),
        local: Some(true),
        always_sensitive: Some(true),
        never_extractable: Some(true),
        sensitive: Some(true),
        extractable: Some(false),
        decrypt: Some(false),
        sign: Some(false),
        sign_recover: Some(false),
        unwrap: Some(true),
        derive: Some(false),
        modifiable: Some(false),
        copyable: Some(false),
        ..Attributes::default()
    }
}

#[test]
fn a_wrapping_key_has_the_size_that_was_asked_for() {
    assert!(is_one(&wrapping_key()));
    assert!(is_of(&wrapping_key(), KeySpec::Rsa3072));
    assert!(!is_of(&wrapping_key(), KeySpec::Rsa2048));
    assert!(!is_of(&wrapping_key(), KeySpec::EccNistP256));
}

/// One difference, or one thing that the token does not tell, is enough.
#[test]
fn what_does_more_or_comes_from_elsewhere_is_no_wrapping_key() {
    let changes: [fn(&mut Attributes); 17] = [
        |key| key.class = Some("CKO_SECRET_KEY".to_owned()),
        |key| key.key_type = Some("CKK_EC".to_owned()),
        |key| key.modulus_bits = Some(1_024),
        |key| key.modulus_bits = None,
        |key| key.key_gen_mechanism = Some("CKM_RSA_X9_31_KEY_PAIR_GEN".to_owned()),
        |key| key.key_gen_mechanism = None,
        |key| key.local = Some(false),
        |key| key.always_sensitive = Some(false),
        |key| key.never_extractable = None,
        |key| key.extractable = Some(true),
        |key| key.decrypt = Some(true),
        |key| key.sign = Some(true),
        |key| key.sign_recover = Some(true),
        |key| key.unwrap = Some(false),
        |key| key.derive = Some(true),
        |key| key.modifiable = Some(true),
        |key| key.copyable = Some(true),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut key = wrapping_key();
        change(&mut key);
        assert!(!is_one(&key), "change {number}");
    }
}
